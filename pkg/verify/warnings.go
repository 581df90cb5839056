package verify

import (
	"slices"

	"cotverify/internal/value"
	"cotverify/pkg/report"
)

// maxUntraced is how many dependencies of a task that lead to none of the chain
// are listed; the rest is counted.
const maxUntraced = 100

// warnOfDefinition warns of what the reference lets pass in a definition
// (specification, section 11).
func warnOfDefinition(c *Chain, e *Link) []report.Check {
	task := e.Task
	if task == nil || task.Definition == nil {
		return nil
	}
	var checks []report.Check
	if parent, ok := task.Extra.Get("parent"); ok && !value.Truthy(parent) {
		checks = append(checks, e.warn("empty-parent", "/extra/parent",
			"extra.parent is there but empty, so that no task graph vouches for the task").
			WithHint("name the parent, or leave the key out"))
	}
	ids, err := dependencies(task.Definition)
	if err != nil {
		return checks
	}
	slices.Sort(ids)
	untraced := slices.DeleteFunc(slices.Compact(ids), c.has)
	for i, id := range untraced {
		if i == maxUntraced {
			checks = append(checks, e.warn("untraced-dependency", "more", "the task depends on %d more of the kind", len(untraced)-i))
			break
		}
		checks = append(checks, e.warn("untraced-dependency", id,
			"the task depends on this one, which neither extra.chainOfTrust.inputs nor upstreamArtifacts leads to, so that nothing of it was verified").
			WithHint("if the task uses anything of it, name it in extra.chainOfTrust.inputs"))
	}
	return checks
}
