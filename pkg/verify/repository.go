package verify

import (
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/pyurl"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/forge"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// restricted is what of a task's scopes the policy restricts.
type restricted struct {
	rules map[string][]string // by scope, the rules that match it
}

// any reports whether a scope of the task is restricted.
func (r restricted) any() bool { return len(r.rules) > 0 }

// restrictedScopes returns which rules of the policy the target's scopes match
// (specification, section 10, scope).
func restrictedScopes(product *policy.Product, target *graph.Task) restricted {
	r := restricted{rules: map[string][]string{}}
	if target == nil {
		return r
	}
	for _, scope := range target.Scopes {
		for rule := range product.RestrictedScopes {
			prefix, isPrefix := strings.CutSuffix(rule, "*")
			if scope == rule && !isPrefix || isPrefix && strings.HasPrefix(scope, strings.TrimRight(prefix, "*")) {
				if !slices.Contains(r.rules[scope], rule) {
					r.rules[scope] = append(r.rules[scope], rule)
				}
			}
		}
		slices.Sort(r.rules[scope])
	}
	return r
}

// checkRepository checks that a task's source lies in the repository that it
// says it was made from (specification, section 10, repository).
func checkRepository(c *Chain, e *Link) []report.Check {
	const name = "repository"
	task := e.Task
	if task == nil || task.Definition == nil {
		return nil
	}
	sourceURL, err := task.Source()
	if err != nil {
		return []report.Check{e.problem(name, "/metadata/source", err)}
	}
	decided := false // by the first variable that is set; the others must be URLs all the same
	for _, prefix := range c.product.SourcePrefixes() {
		key := prefix + "_HEAD_REPOSITORY"
		repository, _, err := task.EnvText(key)
		if err != nil {
			return []report.Check{e.problem(name, value.Pointer("payload", "env", key), err)}
		}
		if repository = strings.TrimRight(repository, "/"); repository == "" {
			continue
		}
		holds, err := contains(repository, sourceURL, c.gitHub())
		if err != nil {
			return []report.Check{e.fail(name, "/metadata/source", "%s or %s: %v", repository, sourceURL, err).Because(report.BadURL)}
		}
		if !holds && !decided {
			return []report.Check{e.fail(name, "/metadata/source", "the source is not in the repository of payload.env.%s", key).
				Comparing("a URL in "+repository, sourceURL).
				Because(report.WrongRepository)}
		}
		decided = true
	}
	if _, err := pyurl.Parse(sourceURL); err != nil {
		return []report.Check{e.fail(name, "/metadata/source", "%q: %v", sourceURL, err).Because(report.BadURL)}
	}
	return []report.Check{e.pass(name, "/metadata/source")}
}

// gitHub returns GitHub as the policy has it.
func (v *Verifier) gitHub() forge.GitHub {
	return forge.GitHub{Source: v.Store.Source(), Services: v.Policy.Services.GitHub}
}

// gitHub returns the names that things have on GitHub: it asks for nothing.
func (c *Chain) gitHub() forge.GitHub {
	return forge.GitHub{Services: c.policy.Services.GitHub}
}

// contains reports whether a source lies in a repository: on the same host,
// and under its path by whole segments.
func contains(repository, sourceURL string, gitHub forge.GitHub) (bool, error) {
	repo, err := pyurl.Parse(strings.TrimSuffix(gitHub.URL(repository), ".git"))
	if err != nil {
		return false, err
	}
	src, err := pyurl.Parse(sourceURL)
	if err != nil {
		return false, err
	}
	segments, prefix := strings.Split(src.Path, "/"), strings.Split(repo.Path, "/")
	return repo.Host() == src.Host() && len(prefix) <= len(segments) && slices.Equal(prefix, segments[:len(prefix)]), nil
}

// tree is the tree that a task comes from. The zero tree is none: no policy can
// list it.
type tree struct {
	path  policy.Tree
	known bool
}

func (t tree) String() string {
	if !t.known {
		return "no trusted tree"
	}
	return string(t.path)
}

// sourceTree returns the tree that the policy makes of a task's source.
func (c *Chain) sourceTree(task *graph.Task) tree {
	if task == nil {
		return tree{}
	}
	sourceURL, err := task.Source()
	if err != nil {
		return tree{}
	}
	path, ok := c.product.TreeOf(sourceURL)
	return tree{path, ok}
}

// tree returns the tree that a member of the chain counts as of: its source's,
// or where that is the git mirror of the parents' tree, the parents' tree. The
// parents themselves must be of it in their own right, since their definitions
// are rebuilt from there (specification, section 10, git mirrors).
func (c *Chain) tree(e *Link) tree {
	own := c.sourceTree(e.Task)
	if !own.known || c.isParentMember(e) || e.Task.Group != c.members[0].Task.Group {
		return own
	}
	if parents := c.parentsTree(); parents.known && c.product.HasMirror(parents.path, own.path) {
		return parents
	}
	return own
}

// parentsTree returns the tree of the decision or action that the target's
// group names, and where none was verified as one, the target's own.
func (c *Chain) parentsTree() tree {
	target := c.members[0]
	if e := c.member(target.Task.Group); e != nil && c.isParentMember(e) {
		return c.sourceTree(e.Task)
	}
	return c.sourceTree(target.Task)
}

// isParentMember reports whether a member is verified as a decision or action.
// A target that the walk reached is that as either.
func (c *Chain) isParentMember(e *Link) bool {
	return isParent(e) || e == c.members[0] && cot.IsParentType(c.target.TaskType)
}

// checkScopes checks that the target's tree may have its restricted scopes.
func checkScopes(c *Chain, e *Link) []report.Check {
	const name = "scope"
	if e.Task == nil {
		return nil
	}
	if !c.scopes.any() {
		return []report.Check{e.result(name, report.Pass, "", "none of its scopes is restricted")}
	}
	tree := c.tree(e)
	var checks []report.Check
	for _, scope := range e.Task.Scopes {
		rules := c.scopes.rules[scope]
		switch {
		case len(rules) > 1:
			checks = append(checks, e.fail(name, scope, "the scope matches several rules of the policy: %s", strings.Join(rules, ", ")).
				Because(report.AmbiguousScope))
		case len(rules) == 1:
			checks = append(checks, e.checkScope(scope, tree, c.product.Trees[c.product.RestrictedScopes[rules[0]]]))
		}
	}
	return checks
}

func (e *Link) checkScope(scope string, from tree, allowed []policy.Tree) report.Check {
	if !from.known || !slices.Contains(allowed, from.path) {
		return e.fail("scope", scope, "the tree that the task comes from may not have the scope").
			Comparing("one of "+joined(allowed), from.String()).
			Because(report.WrongTree)
	}
	return e.pass("scope", scope)
}

func joined(trees []policy.Tree) string {
	texts := make([]string, len(trees))
	for i, tree := range trees {
		texts[i] = string(tree)
	}
	return strings.Join(texts, ", ")
}

// checkTrees checks that the target and what it was made from come from trees
// that go together (specification, section 10, repository).
func checkTrees(c *Chain, target *Link) []report.Check {
	const name = "repository"
	members := c.members
	if target.Task == nil {
		return nil
	}
	own := c.tree(target)
	if !slices.ContainsFunc(members, func(e *Link) bool { return c.tree(e) != own }) {
		return []report.Check{target.pass(name, "tree")}
	}
	var checks []report.Check
	for _, e := range members {
		if e.Task == nil || e.Task.Definition == nil {
			continue
		}
		from := c.tree(e)
		sibling := e.Task.Group == target.Task.Group
		switch {
		case sibling && from != own:
			checks = append(checks, e.fail(name, "tree", "the task is of the target's group, and of another tree").
				Comparing(own.String(), from.String()).
				Because(report.WrongTree).WithHint("one task group comes from one tree: see who added the task to it"))
		case !sibling && c.scopes.any() && !from.known:
			checks = append(checks, e.fail(name, "tree", "the task comes from no trusted tree, and the target has a restricted scope").
				Comparing("a tree of "+c.product.Name, fmt.Sprintf("%q", sourceOf(e.Task))).
				Because(report.WrongTree).WithHint("everything that a release is made from comes from a trusted tree"))
		}
	}
	if len(checks) == 0 {
		checks = append(checks, target.pass(name, "tree"))
	}
	return checks
}

func sourceOf(task *graph.Task) string {
	url, _ := task.Source()
	return url
}
