package verify

import (
	"context"

	"cotverify/pkg/cot"
	"cotverify/pkg/decision"
	"cotverify/pkg/report"
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

// Rebuild rebuilds the definition of a task that creates others, or where the
// task does not, of its parent. Target.TaskType does not count, and nothing but
// what the rebuild needs is verified. Errors are as of [Verifier.Verify].
func (v *Verifier) Rebuild(ctx context.Context, t Target) (*Rebuild, error) {
	task, err := v.readTarget(ctx, t)
	if err != nil {
		return nil, err
	}
	taskType, _ := inferType(task)
	if !cot.IsParentType(taskType) && task.Parent != "" {
		t.TaskID, t.Definition = task.Parent, nil
		if task, err = v.Store.Task(ctx, t.TaskID); err != nil {
			return nil, err
		}
	}
	t.TaskType = cot.Decision
	if task.IsAction() {
		t.TaskType = cot.Action
	}
	c, close, err := v.chain(ctx, t, (*Verifier).gatherAll)
	if err != nil {
		return nil, err
	}
	defer close()
	target := c.members[0]
	checks := checkDecision(c, target)
	if len(checks) == 0 {
		return nil, &UsageError{"task " + target.TaskID + " has no definition that could be read"}
	}
	r := &Rebuild{TaskID: target.TaskID, Check: checks[0], Rebuilt: target.decision.rebuilt}
	if target.decision.err == nil {
		r.Comparison = target.decision.comparison
	}
	return r, nil
}
