package source

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"cotverify/internal/memo"
)

// Shared asks another source for each fact of some kinds at most once, and keeps
// the answers in memory. All others it passes through.
type Shared struct {
	source Source
	kinds  []Kind // that are kept
	facts  memo.Map[Fact, kept]
	size   atomic.Int64 // of all that is kept
}

// kept is an answer in memory.
type kept struct {
	body        []byte
	contentType string
}

// Limits in bytes of what is kept: of one fact, of which pushlogs are the
// largest, and of all. A graph of thousands of tasks has some ten megabytes.
const (
	maxKept    = 64 << 20
	maxAllKept = 256 << 20
)

// NewShared returns a source that asks s, and keeps facts of these kinds: if none
// is given, all but artifacts, which may be large.
func NewShared(s Source, kinds ...Kind) *Shared {
	if len(kinds) == 0 {
		kinds = []Kind{KindTask, KindArtifacts, KindURL, KindStatus}
	}
	return &Shared{source: s, kinds: kinds}
}

// Open implements [Source].
func (o *Shared) Open(ctx context.Context, f Fact) (*Answer, error) {
	if !slices.Contains(o.kinds, f.Kind) {
		return o.source.Open(ctx, f)
	}
	k, err := o.facts.Get(ctx, f, func(ctx context.Context) (kept, error) { return o.fetch(ctx, f) })
	if err != nil {
		return nil, err
	}
	return &Answer{Body: io.NopCloser(bytes.NewReader(k.body)), ContentType: k.contentType}, nil
}

func (o *Shared) fetch(ctx context.Context, f Fact) (kept, error) {
	body, answer, err := ReadAll(ctx, o.source, f, maxKept)
	if err != nil {
		return kept{}, err
	}
	if o.size.Add(int64(len(body))) > maxAllKept {
		return kept{}, &UnavailableError{Fact: f, Reason: fmt.Sprintf("all that is read has more than %d bytes, which is the limit for it", maxAllKept)}
	}
	return kept{body: body, contentType: answer.ContentType}, nil
}
