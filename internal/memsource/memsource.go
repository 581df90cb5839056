// Package memsource is a source of facts in memory, for tests.
package memsource

import (
	"bytes"
	"context"
	"io"
	"maps"
	"strings"
	"sync"

	"cotverify/pkg/source"
)

// Facts is a source of what it has. All else is not there.
type Facts map[source.Fact]Answer

// Answer is what is answered of a fact: a body, or an error.
type Answer struct {
	Body        []byte
	ContentType string
	Err         error
}

// Open implements [source.Source].
func (s Facts) Open(ctx context.Context, f source.Fact) (*source.Answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a, ok := s[f]
	if !ok {
		f.Private = false // who needs no token is answered with one, too
		a, ok = s[f]
	}
	switch {
	case !ok:
		return nil, &source.NotFoundError{Fact: f}
	case a.Err != nil:
		return nil, a.Err
	}
	return &source.Answer{Body: io.NopCloser(bytes.NewReader(a.Body)), ContentType: a.ContentType}, nil
}

// URLs returns a source of nothing but URLs, by what each answers: JSON or YAML,
// and a web page where that is how it begins.
func URLs(bodies map[string]string) Facts {
	facts := Facts{}
	for url, body := range bodies {
		a := Answer{ContentType: "application/json", Body: []byte(body)}
		if strings.HasPrefix(body, "<html") {
			a.ContentType = "Text/HTML; charset=utf-8"
		}
		facts[source.URL(url)] = a
	}
	return facts
}

// Unavailable returns the same facts, but for one that cannot be had.
func (s Facts) Unavailable(f source.Fact) Facts {
	s = maps.Clone(s)
	s[f] = Answer{Err: noNetwork(f)}
	return s
}

func noNetwork(f source.Fact) error {
	return &source.UnavailableError{Fact: f, Reason: "no network"}
}

// Unreachable is a source that can have nothing.
type Unreachable struct{}

// Open implements [source.Source].
func (Unreachable) Open(_ context.Context, f source.Fact) (*source.Answer, error) {
	return nil, noNetwork(f)
}

// Texts is a source of plain texts. All else is not there.
type Texts map[source.Fact]string

// Open implements [source.Source].
func (s Texts) Open(ctx context.Context, f source.Fact) (*source.Answer, error) {
	one := Facts{}
	if text, ok := s[f]; ok {
		one[f] = Answer{Body: []byte(text), ContentType: "text/plain"}
	}
	return one.Open(ctx, f)
}

// Counted counts what another source is asked.
type Counted struct {
	source.Source
	mu    sync.Mutex
	asked map[source.Fact]int
}

// Count returns a source that counts what s is asked.
func Count(s source.Source) *Counted {
	return &Counted{Source: s, asked: map[source.Fact]int{}}
}

// Open implements [source.Source].
func (c *Counted) Open(ctx context.Context, f source.Fact) (*source.Answer, error) {
	c.mu.Lock()
	c.asked[f]++
	c.mu.Unlock()
	return c.Source.Open(ctx, f)
}

// Asked returns how often a fact was asked for.
func (c *Counted) Asked(f source.Fact) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked[f]
}
