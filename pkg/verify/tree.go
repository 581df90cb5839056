package verify

import (
	"fmt"
	"slices"

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
	members := c.members
	if target.Task == nil {
		return nil
	}
	own := c.tree(target)
	if !slices.ContainsFunc(members, func(l *Link) bool { return c.tree(l) != own }) {
		return []report.Check{target.pass(name, "tree")}
	}
	var checks []report.Check
	for _, l := range members {
		if l.Task == nil || l.Task.Definition == nil {
			continue
		}
		from := c.tree(l)
		sibling := l.Task.Group == target.Task.Group
		switch {
		case sibling && from != own:
			checks = append(checks, l.fail(name, "tree", "the task is of the target's group, and of another tree").
				Comparing(own.String(), from.String()).
				Because(report.WrongTree).WithHint("one task group comes from one tree: see who added the task to it"))
		case !sibling && c.scopes.any() && !from.known:
			checks = append(checks, l.fail(name, "tree", "the task comes from no trusted tree, and the target has a restricted scope").
				Comparing("a tree of "+c.product.Name, fmt.Sprintf("%q", sourceOf(l.Task))).
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
