package evidence

import (
	"context"
	"encoding/json"

	"cotverify/pkg/source"
)

// maxStatus is how many bytes a task's status has at most. It has an entry for
// each of a few dozen runs.
const maxStatus = 1 << 20

// Completed is the state of a task, or of a run, that did what it had to.
const Completed = "completed"

// Status is the state of a task at the queue, and of its runs in their order.
type Status struct {
	State string
	Runs  []Run
}

// Run is one run of a task.
type Run struct {
	State          string `json:"state"`
	ReasonResolved string `json:"reasonResolved"`
}

// Status returns the state that a task has now. The error is one of a
// [source.Source].
func (s *Store) Status(ctx context.Context, taskID string) (*Status, error) {
	f := source.Status(taskID)
	data, _, err := source.ReadAll(ctx, s.source, f, maxStatus)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Status Status `json:"status"`
	}
	if json.Unmarshal(data, &answer) != nil || answer.Status.State == "" {
		return nil, &source.UnavailableError{Fact: f, Reason: "what the queue answered is no status"}
	}
	return &answer.Status, nil
}
