package live

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math/rand/v2"
	"time"

	"cotverify/pkg/source"
)

// Limits of the tries for an answer.
const (
	// maxDelay is the longest wait before a further try, but for Retry-After.
	maxDelay = 10 * time.Second
	// maxLookups is how many tries in a row may end in that there is no such
	// host: a network that is just coming up may say so for a second, and a
	// name that was mistyped is none after 45 either.
	maxLookups = 4
)

// body is the answer that a fact's reader gets. Where a try breaks off it
// asks again, passes over what the reader has, and goes on.
type body struct {
	live    *Source
	ctx     context.Context
	ask     ask
	try     *try
	tries   int
	delay   time.Duration // the wait before the next try, but for chance
	lookups int           // tries in a row whose host there was not
	trouble time.Duration // spent on tries and waits since it was last over
	fresh   int           // what the reader got since then
	have    int64         // how much the reader has
	sum     maphash.Hash  // of what the reader has
	last    string        // why the try before this one failed
	broken  *failure      // of the try, to be dealt with at the next Read
	err     error         // of the body, after which there is no more
	closed  bool
}

// open asks for a fact, in one of the slots that requests have.
func (l *Source) open(ctx context.Context, a ask) (*source.Answer, error) {
	if err := l.acquire(ctx); err != nil {
		return nil, err
	}
	b := &body{live: l, ctx: ctx, ask: a, delay: l.options.RetryDelay}
	if err := b.begin(nil); err != nil {
		l.release()
		return nil, err
	}
	return &source.Answer{Body: b, ContentType: b.try.contentType}, nil
}

// begin makes tries until one has what follows what the reader has. The
// failure is of the try before, or nil. The error is as of [source.Source].
func (b *body) begin(fail *failure) error {
	for {
		if fail != nil {
			if err := b.wait(fail); err != nil {
				return err
			}
		}
		b.tries++
		began := time.Now()
		var next *try
		next, fail = b.live.attempt(b.ctx, b.ask)
		b.trouble += time.Since(began)
		if fail == nil {
			if fail = b.pass(next); fail == nil {
				b.try = next
				return nil
			}
			_ = next.Close()
		}
	}
}

// wait waits before a further try, or returns the error if none is made. Tries
// go on, however many they are, until the time for trouble is over: a service
// that hangs is asked twice, one that restarts until it is there again.
func (b *body) wait(fail *failure) error {
	if b.ctx.Err() != nil {
		return b.late(fail)
	}
	left := b.live.options.Trouble - b.trouble
	if b.lookups++; !fail.noHost {
		b.lookups = 0
	}
	lost := b.lookups == maxLookups
	if !fail.retry || left <= 0 || lost {
		if b.tries > 1 && fail.retry {
			fail.reason += fmt.Sprintf(" (asked %d times)", b.tries)
		}
		fail.retry = fail.retry && !lost
		return fail.of(b.ask.fact)
	}
	delay := min(b.delay/2+rand.N(b.delay/2+1), left) // the last try is at the end
	delay = max(fail.after, delay)
	b.delay = min(2*b.delay, maxDelay)
	b.trouble += delay
	if b.live.sleep(b.ctx, delay) != nil {
		return b.late(fail)
	}
	b.last = fail.reason
	return nil
}

// late says of a context's end what the trouble was by then, and before.
func (b *body) late(fail *failure) error {
	reason := fail.reason
	if b.last != "" && b.last != reason {
		reason += "; before, " + b.last
	}
	return &lateError{err: b.ctx.Err(), reason: reason}
}

// lateError is a context's error, with what the trouble was when it ended.
type lateError struct {
	err    error
	reason string
}

func (e *lateError) Error() string { return e.reason }

// Unwrap returns the context's error.
func (e *lateError) Unwrap() error { return e.err }

// pass reads what the reader has, and compares it, so that a body is never
// made of two different answers.
func (b *body) pass(next *try) *failure {
	if b.have == 0 {
		return nil
	}
	var sum maphash.Hash
	sum.SetSeed(b.sum.Seed())
	_, err := io.CopyN(&sum, next, b.have)
	var fail *failure
	switch {
	case errors.As(err, &fail):
		return fail
	case err != nil || sum.Sum64() != b.sum.Sum64():
		return &failure{reason: fmt.Sprintf("%s gave another answer when it was asked again, after its first broke off", next.wire.host)}
	}
	return nil
}

// Read returns io.EOF only where the answer ends. Any other error is as of
// [source.Source].
func (b *body) Read(p []byte) (int, error) {
	for b.err == nil {
		if b.broken != nil {
			fail := b.broken
			b.broken = nil
			if b.err = b.begin(fail); b.err != nil {
				break
			}
		}
		began := time.Now()
		n, err := b.try.Read(p)
		b.trouble += time.Since(began)
		if n > 0 {
			b.have += int64(n)
			_, _ = b.sum.Write(p[:n])
		}
		if b.fresh += n; b.fresh >= slowBytes {
			b.trouble, b.fresh, b.delay = 0, 0, b.live.options.RetryDelay
		}
		if err == io.EOF {
			b.err = err
		} else if err != nil {
			_ = b.try.Close()
			errors.As(err, &b.broken)
		}
		if n > 0 || err == nil {
			return n, nil
		}
	}
	return 0, b.err
}

// Close ends the request, and gives its slot to another.
func (b *body) Close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	if b.err == nil {
		b.err = errors.New("read after Close")
	}
	defer b.live.release()
	return b.try.Close()
}
