package verify

import (
	"context"
	"strings"

	"cotverify/internal/value"
	"cotverify/pkg/graph"
	"cotverify/pkg/report"
)

// giving returns a verifier for which the definition that the user gave is the
// target's, so that no part of a verification looks at another, and how the
// queue's own differs from it.
func (v *Verifier) giving(ctx context.Context, t Target) (*Verifier, *otherDefinition) {
	given := graph.ReadTask(t.TaskID, t.Definition)
	giving := &Verifier{Store: v.Store.With(given), Policy: v.Policy, Signatures: v.Signatures}
	queued, err := v.Store.Task(ctx, t.TaskID)
	switch {
	case isUnknownTask(err):
		return giving, nil
	case err != nil:
		return giving, &otherDefinition{err: err}
	}
	theirs, ours := queued.Definition, given.Definition
	if theirs == nil || ours == nil {
		if theirs == nil && ours == nil {
			return giving, nil // what was given is no object, which the walk tells
		}
		return giving, &otherDefinition{}
	}
	differences, _ := value.Diff(ours, theirs, value.Equal)
	if len(differences) == 0 {
		return giving, nil
	}
	return giving, &otherDefinition{differences: differences}
}

// otherDefinition is what the queue has in place of the definition that was
// given.
type otherDefinition struct {
	differences []value.Difference
	err         error // why it could not be told whether it has one
}

var givenRule = rule{
	check: checkOther,
}

func checkOther(c *Chain, l *Link) []report.Check { return checkGiven(c.other, l) }

// checkGiven checks that the queue has no other definition than the one that
// was given.
func checkGiven(other *otherDefinition, l *Link) []report.Check {
	const name, subject = "task", "the given definition"
	switch {
	case other == nil:
		return nil
	case other.err != nil:
		return []report.Check{l.problem(name, subject, other.err)}
	}
	const most = 5 // places are named; the rest is counted by none
	var paths []string
	for _, d := range other.differences[:min(most, len(other.differences))] {
		paths = append(paths, value.Pointer(d.Path...))
	}
	check := l.fail(name, subject, "the queue has another definition of this task")
	if len(paths) > 0 {
		check.Message += ", which differs at " + strings.Join(paths, ", ")
	}
	return []report.Check{check.Because(report.Differs).WithHint("verify the queue's own, without the given one; if the task is yet to be made, it needs another taskId")}
}
