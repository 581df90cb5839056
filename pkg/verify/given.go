package verify

import (
	"context"
	"strings"

	"cotverify/internal/value"
	"cotverify/pkg/graph"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
)

// give has the definition that the user gave verified, and remembers how the
// queue's own differs from it.
func (o *Options) give(ctx context.Context) *otherDefinition {
	if o.Definition == nil || o.TaskID == "" {
		return nil
	}
	task := source.Task(o.TaskID)
	queue := o.Source
	o.Source = source.Overlay(queue, task, o.Definition) // so that no part looks at another
	data, _, err := source.ReadAll(ctx, queue, task, graph.MaxDefinition)
	switch {
	case isUnknownTask(err):
		return nil
	case err != nil:
		return &otherDefinition{err: err}
	}
	theirs, ours := graph.ReadTask(o.TaskID, data).Definition, graph.ReadTask(o.TaskID, o.Definition).Definition
	if theirs == nil || ours == nil {
		if theirs == nil && ours == nil {
			return nil // what was given is no object, which the walk tells
		}
		return &otherDefinition{}
	}
	differences, _ := value.Diff(ours, theirs, value.Equal)
	if len(differences) == 0 {
		return nil
	}
	return &otherDefinition{differences: differences}
}

// otherDefinition is what the queue has in place of the definition that was
// given.
type otherDefinition struct {
	differences []value.Difference
	err         error // why it could not be told whether it has one
}

func checkOther(c *chain, e *evidence) []report.Check { return checkGiven(c.other, e) }

// checkGiven checks that the queue has no other definition than the one that
// was given.
func checkGiven(other *otherDefinition, e *evidence) []report.Check {
	const name, subject = "task", "the given definition"
	switch {
	case other == nil:
		return nil
	case other.err != nil:
		return []report.Check{e.problem(name, subject, other.err)}
	}
	const most = 5 // places are named; the rest is counted by none
	var paths []string
	for _, d := range other.differences[:min(most, len(other.differences))] {
		paths = append(paths, value.Pointer(d.Path...))
	}
	check := e.fail(name, subject, "the queue has another definition of this task")
	if len(paths) > 0 {
		check.Message += ", which differs at " + strings.Join(paths, ", ")
	}
	return []report.Check{check.Because(report.Differs).WithHint("verify the queue's own, without the given one; if the task is yet to be made, it needs another taskId")}
}
