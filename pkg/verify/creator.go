package verify

import "cotverify/pkg/report"

var creatorRule = rule{
	check: warnOfCreator,
	explanations: []report.Explanation{
		{
			Check:   "no-graph",
			Warning: true,
			Meaning: "The task that created this one was verified as a decision or action task, so that a task graph vouches for this one.",
			Why:     "A task that names itself, or a build, as its parent stands in no task graph: nothing that was reviewed made its definition.",
			Fails:   []string{"extra.parent names the task itself, or one that is no decision or action."},
			Do:      "Find out who created the task. Tasks that a tree makes have their decision or action as parent.",
		},
		{
			Check:   "foreign-tree",
			Warning: true,
			Meaning: "A task is of the tree and of the task group of the decision or action that created it.",
			Why:     "Else the decision of one tree could make tasks that claim the rights of another.",
			Fails:   []string{"metadata.source names another tree than the creator's.", "taskGroupId is neither the creator's group nor the creator."},
			Do:      "Find out who created the task, and why its source or its group is another.",
		},
	},
}

// warnOfCreator warns where what created a task does not vouch for it, though
// the reference lets it pass (specification, section 11, no-graph and
// foreign-tree).
func warnOfCreator(c *Chain, l *Link) []report.Check {
	task := l.Task
	if task == nil || task.Definition == nil || task.Creator == "" || c.isParentMember(l) && task.Creator == task.ID {
		return nil
	}
	creator := c.member(task.Creator)
	if creator == nil || creator.Task == nil || creator.Task.Definition == nil {
		return nil // that it could not be had is told of the creator
	}
	switch {
	case c.isParentMember(l): // its definition is rebuilt, which vouches for it
	case creator == l:
		return []report.Check{l.warn("no-graph", task.Creator, "the task is its own creator, so that no task graph vouches for it").
			WithHint("find out who created it: tasks of a release are created by a decision or action task")}
	case !c.isParentMember(creator):
		return []report.Check{l.warn("no-graph", task.Creator, "its creator is verified as %s, and is no decision or action, so that no task graph vouches for the task", creator.Type).
			WithHint("find out who created it: tasks of a release are created by a decision or action task")}
	}
	var checks []report.Check
	own, others := c.sourceTree(task), c.sourceTree(creator.Task)
	if own != others && !(own.known && c.product.HasMirror(others.path, own.path)) && !c.isToldByTrees(l, creator) {
		checks = append(checks, l.warn("foreign-tree", "/metadata/source", "the task says that it is of another tree than %s, which created it", creator.Name).
			Comparing(others.String(), own.String()).
			WithHint("a decision task creates tasks of its own tree: find out why this one names another"))
	}
	if task.Group != creator.TaskID && task.Group != creator.Task.Group {
		checks = append(checks, l.warn("foreign-tree", "/taskGroupId", "the task stands in another task group than %s, which created it", creator.Name).
			Comparing(creator.Task.Group, task.Group).
			WithHint("a decision task creates tasks of its own task group: find out who put this one into another"))
	}
	return checks
}

// isToldByTrees reports whether a link and its creator are of different trees in
// the target's group, one of which fails for that.
func (c *Chain) isToldByTrees(l, creator *Link) bool {
	group := c.members[0].Task
	return group != nil && l.Task.Group == group.Group && creator.Task.Group == group.Group && c.tree(l) != c.tree(creator)
}
