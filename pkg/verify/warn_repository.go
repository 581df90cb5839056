package verify

import (
	"slices"
	"strings"
	"unicode"

	"cotverify/internal/pyurl"
	"cotverify/internal/value"
	"cotverify/pkg/forge"
	"cotverify/pkg/graph"
	"cotverify/pkg/report"
)

// warnOfSource warns where what a task says that it was made from is not just
// what was verified (specification, section 11, odd-repository,
// unpinned-revision and loose-tree).
func warnOfSource(c *Chain, e *Link) []report.Check {
	task := e.Task
	if task == nil || task.Definition == nil {
		return nil
	}
	var checks []report.Check
	for _, prefix := range c.product.SourcePrefixes() {
		key := prefix + "_HEAD_REPOSITORY"
		repository, _, err := task.EnvText(key)
		if err != nil {
			continue // which the check repository tells
		}
		if odd := c.oddity(repository); odd != "" {
			checks = append(checks, e.warn("odd-repository", value.Pointer("payload", "env", key), "the repository %q %s: git may take it for another place than the one that was verified", repository, odd).
				WithHint("find out who made a definition with such a URL"))
		}
	}
	return slices.Concat(checks, c.warnOfRevision(e), c.warnOfLooseTree(e))
}

// oddity says what in a repository's URL makes git and a verifier read it as
// different places; "" where there is nothing.
func (c *Chain) oddity(repository string) string {
	if repository == "" {
		return ""
	}
	url := c.gitHub().URL(repository)
	if strings.ContainsFunc(url, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "holds a blank"
	}
	if i := strings.IndexAny(url, `?#;\`); i >= 0 {
		return "holds " + url[i:i+1]
	}
	u, err := pyurl.Parse(url)
	if err != nil {
		return "is no URL"
	}
	if strings.ContainsAny(u.Netloc, "@:") {
		return "names a user or a port"
	}
	segments := strings.Split(strings.TrimSuffix(strings.TrimPrefix(pyurl.Unquote(u.Path), "/"), "/"), "/")
	for _, segment := range segments {
		if segment == "" || segment == "." || segment == ".." {
			return "has empty segments, or ones of dots"
		}
	}
	if u.Host() == c.gitHub().Host() && len(segments) != 2 {
		return "has not just the owner and the name of a repository"
	}
	return ""
}

func (c *Chain) warnOfRevision(e *Link) []report.Check {
	var checks []report.Check
	for _, prefix := range c.product.SourcePrefixes() {
		key := prefix + "_HEAD_REV"
		revision, _, err := e.Task.EnvText(key)
		if err != nil || revision == "" || forge.IsFullHash(revision) || c.isReleaseTag(e, key, revision) {
			continue
		}
		checks = append(checks, e.warn("unpinned-revision", value.Pointer("payload", "env", key), "%q is no full hash of a commit, so that what it names can change", revision).
			WithHint("have the task name the commit"))
	}
	return checks
}

// isReleaseTag reports whether a revision is the tag of the GitHub release that
// the decision task of the task's group was made for, which was rebuilt as that.
func (c *Chain) isReleaseTag(e *Link, key, revision string) bool {
	decision := c.member(e.Task.Group)
	if decision == nil || !c.isParentMember(decision) || decision.Task == nil || !isRelease(decision.Task) {
		return false
	}
	tag, _, err := decision.Task.EnvText(key)
	return err == nil && tag == revision
}

func isRelease(task *graph.Task) bool {
	tasksFor, _ := task.Extra.Get("tasks_for")
	return tasksFor == "github-release"
}

// hgPages are the words that end the repository's path in a URL of hg.
var hgPages = []string{"file", "raw-file", "rev", "raw-rev", "annotate", "log"}

func (c *Chain) warnOfLooseTree(e *Link) []report.Check {
	from := c.sourceTree(e.Task)
	if !from.known {
		return nil
	}
	tree := string(from.path)
	repository := c.repositoryPath(e.Task, tree)
	if repository == tree {
		return nil
	}
	return []report.Check{e.warn("loose-tree", "/metadata/source", "the policy takes the source for a tree whose name only begins its repository's").
		Comparing(tree, repository).
		WithHint("end the pattern in trusted_repos where a segment of the path ends, with a dot that is escaped")}
}

// repositoryPath returns the path of the repository that a source is in: of
// GitHub the owner and the name, of hg what comes before the words of its
// pages. Elsewhere, and in a source that is no page, nothing tells where the
// repository ends but the one that the task was made from. Without that it is
// the tree, to the end of a segment.
func (c *Chain) repositoryPath(task *graph.Task, tree string) string {
	u, err := pyurl.Parse(sourceOf(task))
	if err != nil {
		return tree
	}
	segments := u.Segments()
	page := slices.IndexFunc(segments, func(s string) bool { return slices.Contains(hgPages, s) })
	path := "/" + strings.Join(segments, "/")
	switch {
	case u.Host() == c.gitHub().Host():
		segments = segments[:min(2, len(segments))]
		return strings.TrimSuffix(strings.TrimRight("/"+strings.Join(segments, "/"), "/"), ".git")
	case page >= 0:
		return strings.TrimRight("/"+strings.Join(segments[:page], "/"), "/")
	case !strings.HasPrefix(path, tree):
		return tree
	}
	if made := c.headPath(task); strings.HasPrefix(made, tree) {
		return made
	}
	rest, _, _ := strings.Cut(path[len(tree):], "/")
	return tree + rest
}

// headPath returns the path of the repository that a task says it was made
// from, or "".
func (c *Chain) headPath(task *graph.Task) string {
	for _, prefix := range c.product.SourcePrefixes() {
		repository, _, err := task.EnvText(prefix + "_HEAD_REPOSITORY")
		if err != nil || repository == "" {
			continue
		}
		if u, err := pyurl.Parse(c.gitHub().URL(repository)); err == nil {
			return strings.TrimSuffix(strings.TrimRight(pyurl.Unquote(u.Path), "/"), ".git")
		}
	}
	return ""
}
