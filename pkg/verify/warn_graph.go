package verify

import "cotverify/pkg/report"

// warnOfCreator warns where what created a task does not vouch for it, though
// the reference lets it pass (specification, section 11, no-graph and
// foreign-tree).
func warnOfCreator(c *Chain, e *Link) []report.Check {
	task := e.Task
	if task == nil || task.Definition == nil || task.Creator == "" || c.isParentMember(e) && task.Creator == task.ID {
		return nil
	}
	creator := c.member(task.Creator)
	if creator == nil || creator.Task == nil || creator.Task.Definition == nil {
		return nil // that it could not be had is told of the creator
	}
	switch {
	case c.isParentMember(e): // its definition is rebuilt, which vouches for it
	case creator == e:
		return []report.Check{e.warn("no-graph", task.Creator, "the task is its own creator, so that no task graph vouches for it").
			WithHint("find out who created it: tasks of a release are created by a decision or action task")}
	case !c.isParentMember(creator):
		return []report.Check{e.warn("no-graph", task.Creator, "its creator is verified as %s, and is no decision or action, so that no task graph vouches for the task", creator.Type).
			WithHint("find out who created it: tasks of a release are created by a decision or action task")}
	}
	var checks []report.Check
	own, others := c.sourceTree(task), c.sourceTree(creator.Task)
	if own != others && !(own.known && c.product.HasMirror(others.path, own.path)) {
		checks = append(checks, e.warn("foreign-tree", "/metadata/source", "the task says that it is of another tree than %s, which created it", creator.Name).
			Comparing(others.String(), own.String()).
			WithHint("a decision task creates tasks of its own tree: find out why this one names another"))
	}
	if task.Group != creator.TaskID && task.Group != creator.Task.Group {
		checks = append(checks, e.warn("foreign-tree", "/taskGroupId", "the task stands in another task group than %s, which created it", creator.Name).
			Comparing(creator.Task.Group, task.Group).
			WithHint("a decision task creates tasks of its own task group: find out who put this one into another"))
	}
	return checks
}
