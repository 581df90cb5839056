package decision

import (
	"context"
	"math/big"
	"strings"

	"cotverify/internal/value"
	"cotverify/pkg/source"
)

// projects is projects.yml: an object of projects by name, in file order.
type projects struct {
	url  string
	node *value.Node
}

func fetchProjects(ctx context.Context, src source.Source, url string) (projects, error) {
	node, err := fetchYAML(ctx, src, source.URL(url), AboutProjects)
	if err != nil {
		return projects{}, err
	}
	if node.Kind != value.Map {
		return projects{}, &value.ShapeError{Where: url, Want: "an object of projects"}
	}
	return projects{url: url, node: node}, nil
}

// of returns the first project whose repository has the source: it is the
// source, or a prefix of it up to a slash.
func (p projects) of(sourceURL string) (string, error) {
	for _, field := range p.node.Fields {
		repo, ok := scalarText(field.Value.Get("repo"))
		if !ok {
			return "", refuse(AboutProjects, "%s: line %d: the project has no repo", p.url, field.Key.Line)
		}
		if sourceURL == repo || strings.HasPrefix(sourceURL, repo+"/") {
			name, ok := field.Key.Value.(string)
			if !ok {
				return "", refuse(AboutProjects, "%s: line %d: the project's name is no text", p.url, field.Key.Line)
			}
			return name, nil
		}
	}
	return "", refuse(AboutProjects, "%s has no project whose repository holds %s", p.url, sourceURL)
}

// level returns the SCM level of a project, as text (specification, section 7).
func (p projects) level(name string) (string, error) {
	project := p.node.Get(name)
	if project == nil {
		return "", refuse(AboutProjects, "%s has no project %q", p.url, name)
	}
	switch repoType, _ := scalarText(project.Get("repo_type")); repoType {
	case "hg":
		access, ok := scalarText(project.Get("access"))
		if !ok {
			return "", refuse(AboutProjects, "%s: project %q has no access", p.url, name)
		}
		return strings.ReplaceAll(access, "scm_level_", ""), nil
	case "git":
		return p.branchLevel(name, project)
	}
	return "", refuse(AboutProjects, "%s: project %q is of no repo_type that has levels", p.url, name)
}

func (p projects) branchLevel(name string, project *value.Node) (string, error) {
	wanted := "main"
	if node := project.Get("default_branch"); node != nil {
		wanted, _ = scalarText(node)
	}
	branches := project.Get("branches")
	if branches == nil || branches.Kind != value.List {
		return "", refuse(AboutProjects, "%s: project %q has no list of branches", p.url, name)
	}
	for _, branch := range branches.Items {
		branchName := branch.Get("name")
		if branchName == nil {
			return "", refuse(AboutProjects, "%s: line %d: the branch has no name", p.url, branch.Line)
		}
		if s, ok := scalarText(branchName); ok && s == wanted {
			return branchLevelText(p, branch)
		}
	}
	return "", refuse(AboutProjects, "%s: project %q has no branch %q, which has its level", p.url, name, wanted)
}

// branchLevelText returns a branch's level as Python writes it.
func branchLevelText(p projects, branch *value.Node) (string, error) {
	if level := branch.Get("level"); level != nil && level.Kind == value.Scalar {
		switch v := level.Value.(type) {
		case nil:
			return "None", nil
		case bool:
			return map[bool]string{false: "False", true: "True"}[v], nil
		case string:
			return v, nil
		case *big.Int:
			return v.String(), nil
		case float64:
			return value.FormatFloat(v), nil
		}
	}
	return "", refuse(AboutProjects, "%s: line %d: the branch has no level", p.url, branch.Line)
}

func scalarText(n *value.Node) (string, bool) {
	if n == nil || n.Kind != value.Scalar {
		return "", false
	}
	s, ok := n.Value.(string)
	return s, ok
}
