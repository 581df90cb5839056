// Package memo computes each value once for all who ask for it.
package memo

import (
	"context"
	"sync"
)

// Map has a value by key, each computed when it is asked for first. The zero
// map is empty. It is safe for concurrent use.
type Map[K comparable, V any] struct {
	mu    sync.Mutex
	calls map[K]*call[V]
}

// call is a computation, or what it came to.
type call[V any] struct {
	done    chan struct{}
	value   V
	err     error
	waiting int
	ctx     *shared
}

// shared is the context of a computation. It ends when the last who waited
// leaves, with what ended his.
type shared struct {
	context.Context
	done chan struct{}
	err  error // once done is closed
}

// Done implements [context.Context].
func (s *shared) Done() <-chan struct{} { return s.done }

// Err implements [context.Context].
func (s *shared) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Get returns the value of a key, which compute makes unless it is there or
// being made. A computation lives while anybody waits for it: who leaves before
// others gets his own context's error, who leaves last that with which the
// computation then ends. What it ends with otherwise is kept, errors too.
func (m *Map[K, V]) Get(ctx context.Context, key K, compute func(context.Context) (V, error)) (V, error) {
	c := m.join(ctx, key, compute)
	select {
	case <-c.done:
	case <-ctx.Done():
		if !m.leave(ctx, key, c) {
			var none V
			return none, ctx.Err()
		}
		<-c.done
	}
	return c.value, c.err
}

// join returns the computation of a key, and counts who asks among those that
// wait for it.
func (m *Map[K, V]) join(ctx context.Context, key K, compute func(context.Context) (V, error)) *call[V] {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.calls[key]
	if !ok {
		c = &call[V]{done: make(chan struct{}), ctx: &shared{Context: context.WithoutCancel(ctx), done: make(chan struct{})}}
		if m.calls == nil {
			m.calls = map[K]*call[V]{}
		}
		m.calls[key] = c
		go func() {
			c.value, c.err = compute(c.ctx)
			close(c.done)
		}()
	}
	c.waiting++
	return c
}

// leave reports whether who leaves is the last that waited. The computation is
// then ended, and forgotten.
func (m *Map[K, V]) leave(ctx context.Context, key K, c *call[V]) (last bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.waiting--; c.waiting > 0 {
		return false
	}
	select {
	case <-c.done: // it was done in time all the same
	default:
		c.ctx.err = ctx.Err()
		close(c.ctx.done)
		if m.calls[key] == c {
			delete(m.calls, key)
		}
	}
	return true
}

// Peek returns the value of a key if it was computed, without an error.
func (m *Map[K, V]) Peek(key K) (V, bool) {
	m.mu.Lock()
	c, ok := m.calls[key]
	m.mu.Unlock()
	var none V
	if !ok {
		return none, false
	}
	select {
	case <-c.done:
		return c.value, c.err == nil
	default:
		return none, false
	}
}

// Values returns all values that were computed without an error.
func (m *Map[K, V]) Values() []V {
	m.mu.Lock()
	defer m.mu.Unlock()
	var values []V
	for _, c := range m.calls {
		select {
		case <-c.done:
			if c.err == nil {
				values = append(values, c.value)
			}
		default:
		}
	}
	return values
}

// Forget drops the value of a key, and returns it if it was computed.
func (m *Map[K, V]) Forget(key K) (V, bool) {
	value, ok := m.Peek(key)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.calls, key)
	return value, ok
}
