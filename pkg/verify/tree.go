package verify

import (
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/pyurl"
	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

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
func (c *Chain) tree(l *Link) tree {
	own := c.sourceTree(l.Task)
	if !own.known || c.isParentMember(l) || l.Task.Group != c.members[0].Task.Group {
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
	if l := c.member(target.Task.Group); l != nil && c.isParentMember(l) {
		return c.sourceTree(l.Task)
	}
	return c.sourceTree(target.Task)
}

// isParentMember reports whether a member is verified as a decision or action.
// A target that the walk reached is that as either.
func (c *Chain) isParentMember(l *Link) bool {
	return isParent(l) || l == c.members[0] && cot.IsParentType(c.target.TaskType)
}

var treeRule = rule{
	check: checkTrees,
}

// checkTrees checks that the target and what it was made from come from trees
// that go together (specification, section 10, repository).
func checkTrees(c *Chain, target *Link) []report.Check {
	const name = "repository"
	if target.Task == nil {
		return nil
	}
	checks := c.checkSiblings(target)
	for _, l := range c.members {
		if l.Task == nil || l.Task.Definition == nil || l.Task.Group == target.Task.Group || !c.scopes.any() {
			continue
		}
		if from := c.tree(l); !from.known {
			checks = append(checks, l.fail(name, "tree", "the task comes from no trusted tree, and the target has a restricted scope: %s", c.whyNoTree(l.Task)).
				Comparing("a tree of "+c.product.Name, fmt.Sprintf("%q", sourceOf(l.Task))).
				Because(report.WrongTree).WithHint("everything that a release is made from comes from a trusted tree"))
		}
	}
	if len(checks) == 0 {
		checks = append(checks, target.pass(name, "tree"))
	}
	return checks
}

// checkSiblings checks that the tasks of the target's group come from one tree.
// The odd one out is accused: the target itself, where no other task of the
// group is of its tree. One without a source is accused of that already.
func (c *Chain) checkSiblings(target *Link) []report.Check {
	const name = "repository"
	own := c.tree(target)
	var others, alike []*Link
	for _, l := range c.members[1:] {
		switch {
		case l.Task == nil || l.Task.Definition == nil || l.Task.Group != target.Task.Group:
		case c.tree(l) == own:
			alike = append(alike, l)
		default:
			others = append(others, l)
		}
	}
	switch {
	case len(others) == 0:
		return nil
	case !hasSource(target.Task):
		return []report.Check{target.skip(name, "tree", "without its metadata.source it is of no tree")}
	case len(alike) == 0 && (!own.known || c.areOfOneTree(others)):
		return []report.Check{target.fail(name, "tree", "the target comes from another tree than %s of its group: %s", tasks(len(others)), c.whyOther(target.Task)).
			Comparing("a source in "+c.treesOf(others), fmt.Sprintf("%q", sourceOf(target.Task))).
			Because(report.WrongTree).WithHint("nothing in taskgraph makes such a source: find out who created the target before you do anything else")}
	}
	var checks []report.Check
	for _, l := range others {
		if !hasSource(l.Task) {
			checks = append(checks, l.skip(name, "tree", "without its metadata.source it is of no tree"))
			continue
		}
		checks = append(checks, l.fail(name, "tree", "the task is of the target's group, and of another tree: %s", c.whyOther(l.Task)).
			Comparing("a source in "+own.String(), fmt.Sprintf("%q", sourceOf(l.Task))).
			Because(report.WrongTree).WithHint("one task group comes from one tree: see who added the task to it"))
	}
	return checks
}

// areOfOneTree reports whether several links are of one trusted tree.
func (c *Chain) areOfOneTree(links []*Link) bool {
	first := c.tree(links[0])
	return len(links) > 1 && first.known && !slices.ContainsFunc(links, func(l *Link) bool { return c.tree(l) != first })
}

func tasks(n int) string {
	if n == 1 {
		return "the other task"
	}
	return fmt.Sprintf("the %d other tasks", n)
}

// treesOf lists the trees that links come from.
func (c *Chain) treesOf(links []*Link) string {
	var trees []string
	for _, l := range links {
		trees = append(trees, c.tree(l).String())
	}
	slices.Sort(trees)
	return strings.Join(slices.Compact(trees), " or ")
}

// whyOther says which tree a task comes from, or why it is of none.
func (c *Chain) whyOther(task *graph.Task) string {
	if from := c.sourceTree(task); from.known {
		return "its own is " + from.String()
	}
	return c.whyNoTree(task)
}

// whyNoTree says why the policy makes no tree of a source: because of its host,
// which may look like the right one, or of its repository.
func (c *Chain) whyNoTree(task *graph.Task) string {
	u, err := pyurl.Parse(sourceOf(task))
	if err != nil {
		return "its source is no URL"
	}
	_, hg, _ := strings.Cut(c.policy.Services.Hg, "://")
	if hosts := []string{c.gitHub().Host(), hg}; !slices.Contains(hosts, u.Netloc) {
		return fmt.Sprintf("its source is on the host %q, which is neither %s", u.Netloc, strings.Join(hosts, " nor "))
	}
	return fmt.Sprintf("its source is in no repository that is trusted for %s", c.product.Name)
}

func hasSource(task *graph.Task) bool {
	_, err := task.Source()
	return err == nil
}

func sourceOf(task *graph.Task) string {
	url, _ := task.Source()
	return url
}
