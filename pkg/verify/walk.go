package verify

import (
	"cotverify/pkg/graph"
	"cotverify/pkg/report"
)

// checkWalk checks what the walk found of a link (specification, section 3).
func checkWalk(c *Chain, e *Link) []report.Check {
	checks := checkTask(e)
	l := e.Link
	switch {
	case l.TypeError != nil:
		checks = append(checks, e.problem("task-type", "", l.TypeError))
	case l.Type == "":
		checks = append(checks, e.skip("task-type", "", "whether the parent is a decision or an action, its definition would tell"))
	default:
		checks = append(checks, e.pass("task-type", ""))
	}
	if l.DepthError != nil {
		checks = append(checks, e.problem("depth", "", l.DepthError))
	} else {
		checks = append(checks, e.pass("depth", ""))
	}
	switch {
	case l.WorkerError != nil:
		check := e.problem("worker", "", l.WorkerError)
		if w, ok := l.WorkerError.(*graph.WorkerError); ok && w.Value != "" {
			check = check.Comparing("docker-worker, generic-worker or scriptworker", w.Value)
		}
		checks = append(checks, check)
	case l.Worker == "":
		checks = append(checks, e.skip("worker", "", "there is no definition to tell"))
	default:
		checks = append(checks, e.pass("worker", ""))
	}
	return append(checks, otherTypes(c, e)...)
}

// checkTask checks that the queue knows the task, and that its definition has
// the shape of one.
func checkTask(e *Link) []report.Check {
	const name = "task"
	task := e.Task
	switch {
	case task == nil && e.TaskError != nil:
		check := e.problem(name, "", e.TaskError)
		if isUnknownTask(e.TaskError) {
			check.Status = report.Fail
		}
		return []report.Check{check}
	case len(task.Problems) > 0:
		var checks []report.Check
		for _, p := range task.Problems {
			checks = append(checks, e.problem(name, p.Path, p))
		}
		return checks
	}
	return []report.Check{e.pass(name, "")}
}

// maxTypes is how many task types of one task are listed. There are not as many
// that are real.
const maxTypes = 20

// otherTypes warns where links name the task with several task types.
func otherTypes(c *Chain, e *Link) []report.Check {
	if e.Type == "" {
		return nil
	}
	var checks []report.Check
	seen := map[string]bool{e.Type: true}
	for _, r := range c.reached[e.TaskID] {
		if r.as == "parent" && isParent(e) || seen[r.as] || len(checks) == maxTypes {
			continue
		}
		seen[r.as] = true
		checks = append(checks, e.warn("two-types", r.as,
			"%s leads to it as %s; it was verified as %s", r.from.Name, r.as, e.Type).
			WithHint("the rules for "+r.as+" were not applied: make the tasks that name it agree"))
	}
	return checks
}
