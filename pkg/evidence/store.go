// Package evidence has what is known of tasks: each fact is asked for once,
// however many chains the task stands in, and nothing of it is judged here
// (specification, section 2).
//
// Start with [New], and keep the [Store] as long as facts are to be shared.
//
//	what                    file
//	a task's definition     task.go
//	its CoT artifact        cot.go, clearsigned.go
//	an artifact's digest    artifact.go
//	its task graph          taskgraph.go
//	its state               status.go
package evidence

import (
	"context"
	"runtime"

	"cotverify/internal/memo"
	"cotverify/pkg/graph"
	"cotverify/pkg/source"
)

// How much is done side by side: enough to hide the time that a service takes,
// few enough for the memory that it takes.
const (
	maxFetching = 64 // definitions that are fetched
	maxHashing  = 64 // artifacts that are hashed
)

// Store has the facts of tasks. It is safe for concurrent use.
type Store struct {
	source source.Source // asks for lists and URLs once
	given  *graph.Task   // in place of the source's, or nil

	tasks   memo.Map[string, *graph.Task]
	cots    memo.Map[string, *Cot]
	digests memo.Map[source.Fact, *Digest]
	graphs  memo.Map[string, *TaskGraph]

	clearSigned memo.Map[string, *ClearSigned]

	fetching, hashing gate
	reading           gate // for documents that are held whole in memory
}

// New returns a store of facts that s is asked for. The caller closes it.
func New(s source.Source) *Store {
	return &Store{
		source:   source.NewShared(s, source.KindArtifacts, source.KindURL),
		fetching: make(gate, maxFetching),
		hashing:  make(gate, maxHashing),
		reading:  make(gate, runtime.GOMAXPROCS(0)),
	}
}

// Source returns the source that the store asks for everything else: lists of
// artifacts and URLs, each at most once.
func (s *Store) Source() source.Source { return s.source }

// With returns a store of the same source that answers for one task as it is
// given, and shares nothing else. The caller closes it.
func (s *Store) With(task *graph.Task) *Store {
	with := New(s.source)
	with.given = task
	return with
}

// Close frees what the store keeps on disk. Nobody may use it any more.
func (s *Store) Close() {
	for _, c := range s.cots.Values() {
		c.signed.Close()
	}
	for _, c := range s.clearSigned.Values() {
		c.message.Close()
	}
	for _, d := range s.digests.Values() {
		d.content.Close()
	}
}

// gate lets as many through as it has places.
type gate chan struct{}

// enter waits for a place, and returns what gives it back. The error is the
// context's.
func (g gate) enter(ctx context.Context) (leave func(), err error) {
	select {
	case g <- struct{}{}:
		return func() { <-g }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
