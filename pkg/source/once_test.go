package source

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// counted answers each fact with its name, and counts how often it is asked.
type counted struct{ asked atomic.Int64 }

func (c *counted) Open(ctx context.Context, f Fact) (*Answer, error) {
	c.asked.Add(1)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.TaskID == "missing" {
		return nil, &NotFoundError{Fact: f}
	}
	return &Answer{Body: io.NopCloser(strings.NewReader(f.String())), ContentType: "text/plain"}, nil
}

func TestOnceAsksOnce(t *testing.T) {
	src := &counted{}
	once := NewOnce(src)
	var readers sync.WaitGroup
	for range 20 {
		readers.Go(func() {
			data, answer, err := ReadAll(t.Context(), once, Task("a"), 100)
			if err != nil || string(data) != "task a" || answer.ContentType != "text/plain" {
				t.Errorf("got %q, %v, %v", data, answer, err)
			}
			if _, _, err := ReadAll(t.Context(), once, Task("missing"), 100); !IsNotFound(err) {
				t.Errorf("missing: %v", err)
			}
		})
	}
	readers.Wait()
	if n := src.asked.Load(); n != 2 {
		t.Errorf("asked %d times, expected once for each of 2 facts", n)
	}
}

func TestOnceDoesNotKeepArtifacts(t *testing.T) {
	src := &counted{}
	once := NewOnce(src)
	for range 3 {
		if _, _, err := ReadAll(t.Context(), once, Artifact("a", "public/x"), 100); err != nil {
			t.Fatal(err)
		}
	}
	if n := src.asked.Load(); n != 3 {
		t.Errorf("asked %d times, expected 3", n)
	}
}

func TestOnceForgetsWhatWasCutShort(t *testing.T) {
	once := NewOnce(&counted{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := once.Open(ctx, Task("a")); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, expected the context's error", err)
	}
	if _, _, err := ReadAll(t.Context(), once, Task("a"), 100); err != nil {
		t.Errorf("asked again: %v", err)
	}
}
