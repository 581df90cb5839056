package evidence

import (
	"context"

	"cotverify/pkg/graph"
	"cotverify/pkg/source"
)

// Task returns a task with its definition, read once, so that all who ask see
// the same answer. The error is one of a [source.Source].
func (s *Store) Task(ctx context.Context, taskID string) (*graph.Task, error) {
	if s.given != nil && s.given.ID == taskID {
		return s.given, nil
	}
	return s.tasks.Get(ctx, taskID, func(ctx context.Context) (*graph.Task, error) {
		leave, err := s.fetching.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		fact := source.Task(taskID)
		definition, _, err := source.ReadAll(ctx, s.source, fact, graph.MaxDefinition)
		if err == nil {
			err = source.RefusePage(fact, definition)
		}
		if err != nil {
			return nil, err
		}
		leaveReading, err := s.reading.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leaveReading()
		return graph.ReadTask(taskID, definition), nil
	})
}
