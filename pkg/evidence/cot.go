package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sync"

	"cotverify/internal/pyjson"
	"cotverify/internal/scratch"
	"cotverify/pkg/cot"
	"cotverify/pkg/source"
)

// Limits in bytes. A CoT artifact holds a definition and the hashes of what
// the task made; its signature is 64 bytes.
const (
	maxCot       = 64 << 20
	maxSignature = 4 << 10
)

// maxKeptValues is how many values of a CoT artifact are kept once they were
// read. One with more, as nobody makes, is read anew for each who asks.
const maxKeptValues = 30_000

// Cot is a task's CoT artifact and its signature, as they are: whether the one
// made the other, whoever reads them has to see.
type Cot struct {
	// SignedErr and SignatureErr say why the two could not be had. They are as
	// of a [source.Source].
	SignedErr, SignatureErr error
	Signature               []byte
	// SHA256 is the hash of the CoT artifact's bytes in hex, "" where they could
	// not be had.
	SHA256 string

	signed  *scratch.File
	reading gate

	mu       sync.Mutex
	document *pyjson.Document
}

// Cot returns a task's CoT artifact.
func (s *Store) Cot(ctx context.Context, taskID string) *Cot {
	c, err := s.cots.Get(ctx, taskID, func(ctx context.Context) (*Cot, error) {
		c := &Cot{signed: &scratch.File{}, reading: s.reading}
		var fetching sync.WaitGroup
		fetching.Go(func() {
			hash := sha256.New()
			c.SignedErr = s.copyTo(ctx, io.MultiWriter(c.signed, hash), source.Artifact(taskID, cot.Artifact), maxCot)
			if c.SignedErr == nil {
				c.SHA256 = hex.EncodeToString(hash.Sum(nil))
			}
		})
		fetching.Go(func() {
			c.Signature, _, c.SignatureErr = source.ReadAll(ctx, s.source, source.Artifact(taskID, cot.SignatureArtifact), maxSignature)
		})
		fetching.Wait()
		return c, ctx.Err()
	})
	if err != nil {
		return &Cot{SignedErr: err, SignatureErr: err}
	}
	return c
}

// copyTo writes a fact's bytes, of which there may be at most limit. The error
// is as of [source.ReadAll].
func (s *Store) copyTo(ctx context.Context, w io.Writer, f source.Fact, limit int64) error {
	answer, err := s.source.Open(ctx, f)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	n, err := io.Copy(w, io.LimitReader(answer.Body, limit+1))
	switch {
	case err != nil:
		return source.ReadError(ctx, f, err)
	case n > limit:
		return &source.UnavailableError{Fact: f, Reason: fmt.Sprintf("it is larger than %d bytes, which is the limit for it", limit)}
	}
	return nil
}

// Document is a JSON document that was read.
type Document = pyjson.Document

// Read has the bytes looked at by check, and if that finds nothing wrong, reads
// them as JSON. The two errors are check's, and why they are no JSON.
func (c *Cot) Read(ctx context.Context, check func(signed []byte) error) (document *Document, wrong, malformed error) {
	leave, err := c.reading.enter(ctx)
	if err != nil {
		return nil, err, nil
	}
	defer leave()
	signed, err := io.ReadAll(c.signed.Reader())
	if err == nil {
		err = check(signed)
	}
	if err != nil {
		return nil, err, nil
	}
	document, err = c.parse(signed)
	return document, nil, err
}

// parse reads the CoT artifact as JSON, mostly once.
func (c *Cot) parse(signed []byte) (*pyjson.Document, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.document != nil {
		return c.document, nil
	}
	document, err := pyjson.Parse(signed)
	if err == nil && document.Values <= maxKeptValues {
		c.document = document
	}
	return document, err
}
