package verify

import (
	"fmt"
	"slices"
	"strings"

	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
	"cotverify/pkg/report"
)

var walkRule = rule{
	check: checkWalk,
	explanations: []report.Explanation{
		{
			Check:   "task",
			Meaning: "The queue knows the task, and its definition has the shape that every task's has: a payload, an extra, scopes, a taskGroupId, and objects and lists where they belong.",
			Why:     "All other checks read the definition. One that is malformed could be read in one way here and in another by the worker that ran it.",
			Fails: []string{
				"The queue has no such task: it expired, or the taskId is of another deployment.",
				"A field is absent, null or of the wrong type; the message has its path.",
			},
			Do: "Look at the definition at the path that the message names. Tasks expire: if the queue has forgotten it, only a bundle that was recorded in time can be verified.",
		},
		{
			Check:   "task-type",
			Meaning: "The name that a dependency is listed under, in extra.chainOfTrust.inputs or payload.upstreamArtifacts, is a task type that cotverify knows.",
			Why:     "The task type decides what is verified of a task. Under an unknown one nothing would be.",
			Fails: []string{
				"A key of inputs or a taskType of upstreamArtifacts is misspelt, or of a kind of task that takes no part in a chain of trust.",
				"The bundle's manifest names a type or a product for the target of which less is asked than its definition tells.",
			},
			Do: "Correct the taskType in the transform that makes the dependent task. If the target is meant, find out who made the bundle; --task-type and --product say what is to be asked.",
		},
		{
			Check:   "depth",
			Meaning: "The chain is at most 20 tasks deep below the target.",
			Why:     "A chain without end would keep a verifier busy for ever.",
			Fails:   []string{"Tasks lead to tasks in a long line, which no release does: the longest have about six."},
			Do:      "Find the task in the line that should not have the one below it as an input. cotverify graph draws the chain.",
		},
		{
			Check:   "worker",
			Meaning: "The definition tells which worker implementation ran the task, and all that tells it agrees. Release tasks, such as signing, must have run on scriptworker.",
			Why:     "Each implementation signs with keys of its own. Were it ambiguous, a task could be vouched for by the keys of a worker that people have less control over.",
			Fails: []string{
				"Two clues disagree, such as a payload.image and a scriptworker provisioner.",
				"Nothing tells: there is no image, no mounts, no known provisioner, and no tag worker-implementation.",
				"A signing, balrog or other release task ran on docker-worker or generic-worker.",
			},
			Do: "Set the tag worker-implementation to what ran the task, and remove the clue that contradicts it.",
		},
		{
			Check:   "two-types",
			Warning: true,
			Meaning: "A task is reached as one task type only.",
			Why:     "It is verified as the type of its first reach. As the other, more might be asked of it.",
			Fails:   []string{"Two tasks list it under different names in their inputs or upstreamArtifacts."},
			Do:      "Name it alike in both.",
		},
	},
}

// checkWalk checks what the walk found of a link (specification, section 3).
func checkWalk(c *Chain, e *Link) []report.Check {
	checks := checkTask(c, e)
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
		check := e.problem("depth", "", l.DepthError)
		if next := c.beyond(l); next != "" {
			check = check.Comparing("", next)
		}
		checks = append(checks, check)
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
func checkTask(c *Chain, l *Link) []report.Check {
	const name = "task"
	task := l.Task
	switch {
	case task == nil && l.TaskError != nil && !cot.IsTaskID(l.TaskID):
		return []report.Check{c.badTaskID(l)}
	case task == nil && l.TaskError != nil:
		check := l.problem(name, "", l.TaskError)
		if isUnknownTask(l.TaskError) {
			check.Status = report.Fail
			if by := c.namedBy(l); by != "" {
				check.Message += "; it is named by " + by
			}
		}
		return []report.Check{check}
	case len(task.Problems) > 0:
		var checks []report.Check
		for _, p := range task.Problems {
			checks = append(checks, l.problem(name, p.Path, p))
		}
		return checks
	}
	return []report.Check{l.pass(name, "")}
}

// badTaskID says that another task names this one with what is no taskId.
func (c *Chain) badTaskID(l *Link) report.Check {
	check := l.fail("task", "", "%q is no taskId, which is 22 letters, digits, - and _", l.TaskID).Because(report.BadTaskID)
	if by := c.namedBy(l); by != "" {
		check.Message += "; it is named by " + by
	}
	if strings.Contains(l.TaskID, "/") || strings.Contains(l.TaskID, "..") {
		check.Hint = "it looks like an attempt to leave a folder or to change a URL: find out who created the task that names it"
	}
	return check
}

// namedBy says where the definition of another task names a task, "" where none
// does.
func (c *Chain) namedBy(l *Link) string {
	const most = 3
	var by []string
	for _, r := range c.reached[l.TaskID] {
		if r.from.Task == nil || len(by) == most {
			continue
		}
		by = append(by, fmt.Sprintf("%s of %s (%s)", namedAt(r, l.TaskID), r.from.TaskID, r.from.Task.Label()))
	}
	return list(by, "")
}

// namedAt returns the place of a definition that an edge is by.
func namedAt(r edge, taskID string) string {
	task := r.from.Task
	switch {
	case r.as == report.AsParent && task.Creator == taskID && task.Group != taskID:
		return "extra.parent"
	case r.as == report.AsParent:
		return "taskGroupId"
	case slices.ContainsFunc(task.Inputs, func(in graph.Input) bool { return in.TaskID == taskID && in.TaskType == r.as }):
		return "extra.chainOfTrust.inputs." + r.as
	}
	return "payload.upstreamArtifacts"
}

// beyond names tasks that the walk did not follow a task to.
func (c *Chain) beyond(l *graph.Link) string {
	const most = 3
	var next []string
	for _, d := range l.Dependencies {
		if !c.has(d.TaskID) && len(next) < most {
			next = append(next, d.As+" "+d.TaskID)
		}
	}
	return list(next, "")
}

// maxTypes is how many task types of one task are listed. There are not as many
// that are real.
const maxTypes = 20

// otherTypes warns where links name the task with several task types.
func otherTypes(c *Chain, l *Link) []report.Check {
	if l.Type == "" {
		return nil
	}
	var checks []report.Check
	seen := map[string]bool{l.Type: true}
	for _, r := range c.reached[l.TaskID] {
		if r.as == "parent" && isParent(l) || seen[r.as] || len(checks) == maxTypes {
			continue
		}
		seen[r.as] = true
		checks = append(checks, l.warn("two-types", r.as,
			"%s leads to it as %s; it was verified as %s", r.from.Name, r.as, l.Type).
			WithHint("the rules for "+r.as+" were not applied: make the tasks that name it agree"))
	}
	return checks
}
