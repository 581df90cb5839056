package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
)

// Once asks another source for each fact of some kinds at most once, and keeps
// the answers in memory. All others it passes through.
type Once struct {
	source Source
	kinds  []Kind // that are kept
	mu     sync.Mutex
	facts  map[Fact]*kept
	size   int64 // of all that is kept
}

// kept is an answer that is there, or being fetched.
type kept struct {
	done   chan struct{}
	body   []byte
	answer Answer
	err    error
}

// Limits in bytes of what is kept: of one fact, of which pushlogs are the
// largest, and of all. A graph of thousands of tasks has some ten megabytes.
const (
	maxKept    = 64 << 20
	maxAllKept = 256 << 20
)

// NewOnce returns a source that asks s, and keeps facts of these kinds: if none
// is given, all but artifacts, which may be large.
func NewOnce(s Source, kinds ...Kind) *Once {
	if len(kinds) == 0 {
		kinds = []Kind{KindTask, KindArtifacts, KindURL}
	}
	return &Once{source: s, kinds: kinds, facts: map[Fact]*kept{}}
}

// Open implements [Source].
func (o *Once) Open(ctx context.Context, f Fact) (*Answer, error) {
	if !slices.Contains(o.kinds, f.Kind) {
		return o.source.Open(ctx, f)
	}
	o.mu.Lock()
	k, asked := o.facts[f]
	if !asked {
		k = &kept{done: make(chan struct{})}
		o.facts[f] = k
	}
	o.mu.Unlock()
	if !asked {
		o.fetch(ctx, f, k)
	} else if err := k.wait(ctx); err != nil {
		return nil, err
	}
	if k.err != nil {
		return nil, k.err
	}
	a := k.answer
	a.Body = io.NopCloser(bytes.NewReader(k.body))
	return &a, nil
}

// wait waits for an answer that another asked for.
func (k *kept) wait(ctx context.Context) error {
	select {
	case <-k.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fetch asks for a fact that nobody asked for before.
func (o *Once) fetch(ctx context.Context, f Fact, k *kept) {
	defer close(k.done)
	body, answer, err := ReadAll(ctx, o.source, f, maxKept)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.size += int64(len(body))
	switch {
	case err != nil && ctx.Err() != nil:
		k.err = err
		delete(o.facts, f) // who asks next is not told that this one was cut short
	case err != nil:
		k.err = err
	case o.size > maxAllKept:
		k.err = &UnavailableError{Fact: f, Reason: fmt.Sprintf("all that is read has more than %d bytes, which is the limit for it", maxAllKept)}
	default:
		k.body, k.answer = body, *answer
	}
}
