package verify

import (
	"context"

	"cotverify/pkg/cot"
	"cotverify/pkg/decision"
	"cotverify/pkg/graph"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
)

// Rebuild is one decision or action task, rebuilt from its source.
type Rebuild struct {
	TaskID string
	// Check is the outcome of the task's decision check.
	Check report.Check
	// Rebuilt and Comparison are nil where the check says why they cannot be
	// made.
	Rebuilt    *decision.Rebuilt
	Comparison *decision.Comparison
}

// RebuildParent rebuilds the definition of a task that creates others, or
// where the task does not, of its parent. Options.TaskType does not count, and
// nothing but what the rebuild needs is verified. Errors are as of [Run].
func RebuildParent(ctx context.Context, o Options) (*Rebuild, error) {
	o.Source = source.NewOnce(o.Source) // what is rebuilt is what was read to choose it
	task, err := readTarget(ctx, o)
	if err != nil {
		return nil, err
	}
	taskType, _ := inferType(task)
	if !cot.IsParentType(taskType) && task.Parent != "" {
		o.TaskID, o.Definition = task.Parent, nil
		data, _, err := source.ReadAll(ctx, o.Source, source.Task(o.TaskID), graph.MaxDefinition)
		if err != nil {
			return nil, err
		}
		task = graph.ReadTask(o.TaskID, data)
	}
	o.TaskType = cot.Decision
	if task.IsAction() {
		o.TaskType = cot.Action
	}
	c, err := collected(ctx, o, (*chain).gather)
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.rebuild()
}

func (c *chain) rebuild() (*Rebuild, error) {
	e := c.members[0]
	checks := checkDecision(c, e)
	if len(checks) == 0 {
		return nil, &UsageError{"task " + e.link.TaskID + " has no definition that could be read"}
	}
	r := &Rebuild{TaskID: e.link.TaskID, Check: checks[0], Rebuilt: e.decision.rebuilt}
	if e.decision.err == nil {
		r.Comparison, _ = r.Rebuilt.Compare()
	}
	return r, nil
}
