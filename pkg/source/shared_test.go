package source_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"cotverify/internal/memsource"
	"cotverify/pkg/source"
)

func TestSharedAsksOnce(t *testing.T) {
	src := memsource.Count(memsource.Texts{source.Task("a"): "task a"})
	once := source.NewShared(src)
	var readers sync.WaitGroup
	for range 20 {
		readers.Go(func() {
			data, answer, err := source.ReadAll(t.Context(), once, source.Task("a"), 100)
			if err != nil || string(data) != "task a" || answer.ContentType != "text/plain" {
				t.Errorf("got %q, %v, %v", data, answer, err)
			}
			if _, _, err := source.ReadAll(t.Context(), once, source.Task("missing"), 100); !source.IsNotFound(err) {
				t.Errorf("missing: %v", err)
			}
		})
	}
	readers.Wait()
	for _, id := range []string{"a", "missing"} {
		if n := src.Asked(source.Task(id)); n != 1 {
			t.Errorf("asked %d times for %s, expected once", n, id)
		}
	}
}

func TestSharedKeepsTheKindsThatItIsGiven(t *testing.T) {
	artifact := source.Artifact("a", "public/x")
	for name, tt := range map[string]struct {
		kinds              []source.Kind
		ofTask, ofArtifact int
	}{
		"all but artifacts, which may be large": {nil, 1, 3},
		"artifacts":                             {[]source.Kind{source.KindArtifact}, 3, 1},
	} {
		src := memsource.Count(memsource.Texts{source.Task("a"): "task a", artifact: "x"})
		once := source.NewShared(src, tt.kinds...)
		for range 3 {
			for _, f := range []source.Fact{source.Task("a"), artifact} {
				if _, _, err := source.ReadAll(t.Context(), once, f, 100); err != nil {
					t.Fatal(err)
				}
			}
		}
		if task, artifact := src.Asked(source.Task("a")), src.Asked(artifact); task != tt.ofTask || artifact != tt.ofArtifact {
			t.Errorf("%s: asked %d times for the task, %d for the artifact; expected %d, %d", name, task, artifact, tt.ofTask, tt.ofArtifact)
		}
	}
}

func TestSharedForgetsWhatWasCutShort(t *testing.T) {
	once := source.NewShared(memsource.Texts{source.Task("a"): "task a"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := once.Open(ctx, source.Task("a")); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, expected the context's error", err)
	}
	if _, _, err := source.ReadAll(t.Context(), once, source.Task("a"), 100); err != nil {
		t.Errorf("asked again: %v", err)
	}
}

// held is a source that answers when it is let.
type held struct {
	source.Source
	asked, let chan struct{}
}

func (h *held) Open(ctx context.Context, f source.Fact) (*source.Answer, error) {
	close(h.asked)
	select {
	case <-h.let:
		return h.Source.Open(ctx, f)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestSharedForWhoStays shows that who asked first and leaves takes the answer
// from nobody else.
func TestSharedForWhoStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &held{memsource.Texts{source.Task("a"): "task a"}, make(chan struct{}), make(chan struct{})}
		once := source.NewShared(src)
		ctx, cancel := context.WithCancel(t.Context())
		var first, second error
		go func() { _, first = once.Open(ctx, source.Task("a")) }()
		<-src.asked
		go func() { _, second = once.Open(t.Context(), source.Task("a")) }()
		synctest.Wait() // until both wait for the answer
		cancel()
		synctest.Wait()
		close(src.let)
		synctest.Wait()
		if !errors.Is(first, context.Canceled) || second != nil {
			t.Errorf("who left: %v; who stayed: %v", first, second)
		}
	})
}
