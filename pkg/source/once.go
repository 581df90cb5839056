package source

import (
	"bytes"
	"context"
	"io"
	"sync"
)

// Once asks another source for each task definition, list and URL at most
// once, and keeps the answers in memory. Artifacts it passes through.
type Once struct {
	source Source
	mu     sync.Mutex
	facts  map[Fact]*kept
}

// kept is an answer that is there, or being fetched.
type kept struct {
	done   chan struct{}
	body   []byte
	answer Answer
	err    error
}

// maxKept limits what is kept of one fact.
const maxKept = 64 << 20

// NewOnce returns a source that asks s.
func NewOnce(s Source) *Once {
	return &Once{source: s, facts: map[Fact]*kept{}}
}

// Open implements [Source].
func (o *Once) Open(ctx context.Context, f Fact) (*Answer, error) {
	if f.Kind == KindArtifact {
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
		k.fetch(ctx, o.source, f)
		if ctx.Err() != nil {
			o.forget(f)
		}
	}
	select {
	case <-k.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if k.err != nil {
		return nil, k.err
	}
	a := k.answer
	a.Body = io.NopCloser(bytes.NewReader(k.body))
	return &a, nil
}

func (k *kept) fetch(ctx context.Context, s Source, f Fact) {
	defer close(k.done)
	body, answer, err := ReadAll(ctx, s, f, maxKept)
	if err != nil {
		k.err = err
		return
	}
	k.body, k.answer = body, *answer
}

// forget drops an answer that was cut short by who asked first, so that who
// asks next is not told of it.
func (o *Once) forget(f Fact) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.facts, f)
}
