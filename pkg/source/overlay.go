package source

import (
	"bytes"
	"context"
	"io"
)

// Overlay returns a source that answers one fact with a body of its own, JSON,
// and asks s for all others.
func Overlay(s Source, f Fact, body []byte) Source {
	return &overlay{Source: s, fact: f, body: body}
}

type overlay struct {
	Source
	fact Fact
	body []byte
}

func (o *overlay) Open(ctx context.Context, f Fact) (*Answer, error) {
	if f != o.fact {
		return o.Source.Open(ctx, f)
	}
	return &Answer{Body: io.NopCloser(bytes.NewReader(o.body)), ContentType: "application/json"}, nil
}
