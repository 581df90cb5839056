package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	document *Document
}

// Cot returns a task's CoT artifact.
func (s *Store) Cot(ctx context.Context, taskID string) *Cot {
	c, err := s.cots.Get(ctx, taskID, func(ctx context.Context) (*Cot, error) {
		c := &Cot{signed: &scratch.File{}, reading: s.reading}
		var fetching sync.WaitGroup
		fetching.Go(func() {
			hash := sha256.New()
			_, c.SignedErr = source.Copy(ctx, io.MultiWriter(c.signed, hash), s.source, source.Artifact(taskID, cot.Artifact), maxCot)
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

// unjudged returns the CoT artifact as JSON, whoever signed it; nil where there is
// none that can be read.
func (c *Cot) unjudged(ctx context.Context) *Document {
	if c.SignedErr != nil {
		return nil
	}
	if document := c.kept(); document != nil {
		return document
	}
	document, _, _ := c.Read(ctx, func([]byte) error { return nil })
	return document
}

// kept returns the CoT artifact as it was read before, or nil.
func (c *Cot) kept() *Document {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.document
}

// parse reads the CoT artifact as JSON, mostly once.
func (c *Cot) parse(signed []byte) (*Document, error) {
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
