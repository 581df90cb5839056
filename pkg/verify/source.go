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

var sourceRule = rule{
	check: warnOfSource,
	explanations: []report.Explanation{
		{
			Check:   "odd-repository",
			Warning: true,
			Meaning: "A HEAD_REPOSITORY is a plain URL of a repository, which git and a verifier read alike.",
			Why:     "Of https://github.com/a/b/tree/v1/../../../c/d a verifier may take the first two names, and git clone something else.",
			Fails:   []string{"The URL has dots, empty segments, a query, a user, a port or blanks, or more than owner and name on GitHub."},
			Do:      "Find out who made a definition with such a URL.",
		},
		{
			Check:   "unpinned-revision",
			Warning: true,
			Meaning: "A HEAD_REV is the full hash of a commit, or the tag of a GitHub release.",
			Why:     "What a branch or a short hash names can change after the task was verified.",
			Fails:   []string{"The task was made by hand, or for a branch."},
			Do:      "Have the task name the commit.",
		},
		{
			Check:   "loose-tree",
			Warning: true,
			Meaning: "A trusted pattern takes a source for the tree of its whole repository, and not of one whose name only begins alike.",
			Why:     "In a pattern such as (/|.git|$) the dot stands for any character, so that firefoxXgit is taken for firefox.",
			Fails:   []string{"The source is of a repository whose name goes on where the pattern stops looking."},
			Do:      "Find out who owns that repository, and make the pattern in trusted_repos end where a segment ends.",
		},
	},
}

// warnOfSource warns where what a task says that it was made from is not just
// what was verified (specification, section 11, odd-repository,
// unpinned-revision and loose-tree).
func warnOfSource(c *Chain, l *Link) []report.Check {
	task := l.Task
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
			checks = append(checks, l.warn("odd-repository", value.Pointer("payload", "env", key), "the repository %q %s: git may take it for another place than the one that was verified", repository, odd).
				WithHint("find out who made a definition with such a URL"))
		}
	}
	return slices.Concat(checks, c.warnOfRevision(l), c.warnOfLooseTree(l))
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

func (c *Chain) warnOfRevision(l *Link) []report.Check {
	var checks []report.Check
	for _, prefix := range c.product.SourcePrefixes() {
		key := prefix + "_HEAD_REV"
		revision, _, err := l.Task.EnvText(key)
		if err != nil || revision == "" || forge.IsFullHash(revision) || c.isReleaseTag(l, key, revision) {
			continue
		}
		checks = append(checks, l.warn("unpinned-revision", value.Pointer("payload", "env", key), "%q is no full hash of a commit, so that what it names can change", revision).
			WithHint("have the task name the commit"))
	}
	return checks
}

// isReleaseTag reports whether a revision is the tag of the GitHub release that
// the decision task of the task's group was made for, which was rebuilt as that.
func (c *Chain) isReleaseTag(l *Link, key, revision string) bool {
	decision := c.member(l.Task.Group)
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

func (c *Chain) warnOfLooseTree(l *Link) []report.Check {
	from := c.sourceTree(l.Task)
	if !from.known {
		return nil
	}
	tree := string(from.path)
	repository := c.repositoryPath(l.Task, tree)
	if repository == tree {
		return nil
	}
	return []report.Check{l.warn("loose-tree", "/metadata/source", "the policy takes the source for a tree whose name only begins its repository's").
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
