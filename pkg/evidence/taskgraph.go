package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"

	"cotverify/internal/pyjson"
	"cotverify/internal/scratch"
	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
)

// TaskGraph is the task graph of a decision or action task. It was read once, to
// find its entries, which are read one by one: all of a large graph's would not
// fit into memory.
type TaskGraph struct {
	Repeated []string // JSON pointers of entries that are there more than once
	entries  map[string]pyjson.Extent
	content  *scratch.File
	reading  gate
}

// MalformedError says that a task graph is no JSON object that can be read.
type MalformedError struct{ Err error }

func (e *MalformedError) Error() string {
	return fmt.Sprintf("it is no JSON object that can be read: %v", e.Err)
}

// TaskGraph returns a task's task graph. The error is a *MalformedError, or one
// of a [source.Source].
func (s *Store) TaskGraph(ctx context.Context, taskID string) (*TaskGraph, error) {
	digest, err := s.Digest(ctx, taskID, cot.TaskGraphArtifact)
	if err != nil {
		return nil, err
	}
	return s.graphs.Get(ctx, taskID, func(ctx context.Context) (*TaskGraph, error) {
		g := &TaskGraph{content: digest.content, reading: s.reading}
		var err error
		g.entries, g.Repeated, err = pyjson.Index(&untilReader{ctx, digest.content.Reader()}, cot.IsTaskID)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, &MalformedError{err}
		}
		return g, nil
	})
}

// ErrNoEntry says that a task graph does not have a task.
var ErrNoEntry = errors.New("the task graph does not have the task")

// maxEntryValues is how many values an entry has at most: one that has more than
// a definition may have equals none.
const maxEntryValues = graph.MaxValues + 10_000

// Entry reads the entry of a task. The error is ErrNoEntry, a
// *pyjson.SyntaxError, or the context's.
func (g *TaskGraph) Entry(ctx context.Context, taskID string) (*Document, error) {
	at, ok := g.entries[taskID]
	if !ok {
		return nil, ErrNoEntry
	}
	leave, err := g.reading.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	text, err := io.ReadAll(g.content.Section(at.Offset, at.Length))
	if err != nil {
		return nil, err
	}
	return pyjson.ParseWithin(text, maxEntryValues)
}

// untilReader ends with the context's error once that ended.
type untilReader struct {
	ctx context.Context
	r   io.Reader
}

func (u *untilReader) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
