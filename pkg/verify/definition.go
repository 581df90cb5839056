package verify

import (
	"slices"

	"cotverify/internal/value"
	"cotverify/pkg/report"
)

// maxUntraced is how many dependencies of a task that lead to none of the chain
// are listed; the rest is counted.
const maxUntraced = 100

var definitionRule = rule{
	check: warnOfDefinition,
	explanations: []report.Explanation{
		{
			Check:   "empty-parent",
			Warning: true,
			Meaning: "A task names the task that created it.",
			Why:     "Where extra.parent is there but empty, the task-graph check passes the task over, so no task graph vouches for it.",
			Fails:   []string{"extra.parent is null, an empty text or another empty value."},
			Do:      "Set extra.parent to the decision or action task, or leave it out: then taskGroupId counts.",
		},
		{
			Check:   "untraced-dependency",
			Warning: true,
			Meaning: "Each task that the target or a link depends on is in the chain too.",
			Why:     "A dependency that is neither an input nor an upstream artifact is not verified. If its output is used all the same, nobody vouches for it.",
			Fails:   []string{"The task downloads from a dependency that it does not list."},
			Do:      "If the task uses the dependency's output, list it in extra.chainOfTrust.inputs. If it only waits for it, all is well.",
		},
	},
}

// warnOfDefinition warns of what the reference lets pass in a definition
// (specification, section 11).
func warnOfDefinition(c *Chain, l *Link) []report.Check {
	task := l.Task
	if task == nil || task.Definition == nil {
		return nil
	}
	var checks []report.Check
	if parent, ok := task.Extra.Get("parent"); ok && !value.Truthy(parent) {
		checks = append(checks, l.warn("empty-parent", "/extra/parent",
			"extra.parent is there but empty, so that no task graph vouches for the task").
			WithHint("name the parent, or leave the key out; --strict refuses such a task"))
	}
	ids, err := dependencies(task.Definition)
	if err != nil || len(task.Problems) > 0 { // by what is malformed the walk could not go on
		return checks
	}
	slices.Sort(ids)
	untraced := slices.DeleteFunc(slices.Compact(ids), c.has)
	for i, id := range untraced {
		if i == maxUntraced {
			checks = append(checks, l.warn("untraced-dependency", "more", "the task depends on %d more of the kind", len(untraced)-i))
			break
		}
		checks = append(checks, l.warn("untraced-dependency", id,
			"the task depends on this one, which neither extra.chainOfTrust.inputs nor upstreamArtifacts leads to, so that nothing of it was verified").
			WithHint("if the task uses anything of it, name it in extra.chainOfTrust.inputs"))
	}
	return checks
}
