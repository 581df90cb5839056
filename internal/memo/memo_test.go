package memo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestComputedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Map[string, int]
		computed := 0
		release := make(chan struct{})
		var asking sync.WaitGroup
		for range 10 {
			asking.Go(func() {
				got, err := m.Get(t.Context(), "a", func(context.Context) (int, error) {
					computed++
					<-release
					return 7, nil
				})
				if got != 7 || err != nil {
					t.Errorf("got %d, %v", got, err)
				}
			})
		}
		synctest.Wait()
		if _, ok := m.Peek("a"); ok {
			t.Error("there before it was computed")
		}
		close(release)
		asking.Wait()
		if computed != 1 {
			t.Errorf("computed %d times", computed)
		}
		if got, ok := m.Peek("a"); got != 7 || !ok {
			t.Errorf("peeked %d, %v", got, ok)
		}
		if got, ok := m.Forget("a"); got != 7 || !ok {
			t.Errorf("forgot %d, %v", got, ok)
		}
		if _, err := m.Get(t.Context(), "a", func(context.Context) (int, error) { computed++; return 0, nil }); err != nil || computed != 2 {
			t.Errorf("what was forgotten was computed %d times, %v", computed, err)
		}
	})
}

func TestErrorsAreKept(t *testing.T) {
	var m Map[string, int]
	wrong := errors.New("wrong")
	for _, compute := range []func(context.Context) (int, error){
		func(context.Context) (int, error) { return 0, wrong },
		func(context.Context) (int, error) { return 7, nil }, // is not asked
	} {
		if got, err := m.Get(t.Context(), "a", compute); got != 0 || err != wrong {
			t.Errorf("got %d, %v", got, err)
		}
	}
	if _, ok := m.Peek("a"); ok || len(m.Values()) != 0 {
		t.Error("an error counts as a value")
	}
}

// Who leaves early gets his own context's error. The computation goes on for
// the others, and ends with the last, who gets what it ends with.
func TestLeaving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Map[string, int]
		var ended atomic.Int32
		compute := func(ctx context.Context) (int, error) {
			<-ctx.Done()
			ended.Add(1)
			return 0, fmt.Errorf("it took too long: %w", ctx.Err())
		}
		first, leaveFirst := context.WithCancel(t.Context())
		second, leaveSecond := context.WithTimeout(t.Context(), time.Minute)
		defer leaveSecond()
		var asking sync.WaitGroup
		for ctx, want := range map[context.Context]string{first: "context canceled", second: "it took too long: context deadline exceeded"} {
			asking.Go(func() {
				if _, err := m.Get(ctx, "a", compute); err == nil || err.Error() != want {
					t.Errorf("got %v, want %s", err, want)
				}
			})
		}
		synctest.Wait()
		leaveFirst()
		synctest.Wait()
		if ended.Load() != 0 {
			t.Error("the computation ended while somebody waited")
		}
		asking.Wait()
		if ended.Load() != 1 {
			t.Error("the computation goes on for nobody")
		}
		if got, err := m.Get(t.Context(), "a", func(context.Context) (int, error) { return 7, nil }); got != 7 || err != nil {
			t.Errorf("who asks anew got %d, %v", got, err)
		}
	})
}
