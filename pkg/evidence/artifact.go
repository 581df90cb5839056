package evidence

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"

	"cotverify/internal/scratch"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/source"
)

// Limits.
const (
	maxArtifact = 64 << 30  // bytes of an artifact
	maxDocument = 4 << 30   // bytes of one that is read after it was hashed
	maxInline   = 256 << 20 // bytes of one that is read into memory
)

// headStart is how large an artifact is of which only those hashes are made that
// the CoT artifact has. For a smaller one it is not worth to wait for that.
const headStart = 128 << 10

// Digest has the hashes of an artifact's bytes.
type Digest struct {
	Size    int64             // in bytes
	sums    map[string]string // lower-case hex, by algorithm
	name    string
	content *scratch.File // of a document; nil of other artifacts
}

// Sum returns the hash of an algorithm in lower-case hex, and whether it is one
// that is trusted.
func (d *Digest) Sum(algorithm string) (string, bool) {
	sum, ok := d.sums[algorithm]
	return sum, ok
}

// Digest hashes an artifact of a task in one pass over its bytes. Of a document
// the bytes are kept. The error is one of a [source.Source].
func (s *Store) Digest(ctx context.Context, taskID, name string) (*Digest, error) {
	fact := source.Artifact(taskID, name)
	return s.digests.Get(ctx, fact, func(ctx context.Context) (*Digest, error) {
		leave, err := s.hashing.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		return s.digest(ctx, fact)
	})
}

func (s *Store) digest(ctx context.Context, fact source.Fact) (*Digest, error) {
	answer, err := s.source.Open(ctx, fact)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body := bufio.NewReaderSize(answer.Body, headStart)
	hashes := map[string]hash.Hash{"sha256": sha256.New(), "sha512": sha512.New()}
	if start, _ := body.Peek(headStart); len(start) == headStart { // an error comes again when the body is read
		s.keepSigned(ctx, fact, hashes)
	}
	d := &Digest{name: fact.Name, sums: map[string]string{}}
	limit := int64(maxArtifact)
	var sinks []io.Writer
	for _, h := range hashes {
		sinks = append(sinks, h)
	}
	if isDocument(fact.Name) {
		d.content = &scratch.File{}
		sinks, limit = append(sinks, d.content), maxDocument
	}
	d.Size, err = io.Copy(io.MultiWriter(sinks...), io.LimitReader(body, limit+1))
	if err == nil && d.Size > limit {
		err = source.TooLarge(fact, limit)
	}
	if err != nil {
		d.content.Close()
		return nil, source.ReadError(ctx, fact, err)
	}
	for algorithm, h := range hashes {
		d.sums[algorithm] = hex.EncodeToString(h.Sum(nil))
	}
	return d, nil
}

// isDocument reports whether an artifact is read after it was hashed.
func isDocument(name string) bool {
	return name == cot.TaskGraphArtifact || name == cot.ActionsArtifact || name == cot.ParametersArtifact
}

// keepSigned drops the hashes that the CoT artifact does not have of an artifact.
// Whether it is to be trusted is not looked at: a hash that was not made is one
// that nobody can rely on.
func (s *Store) keepSigned(ctx context.Context, fact source.Fact, hashes map[string]hash.Hash) {
	document := s.Cot(ctx, fact.TaskID).unjudged(ctx)
	if document == nil {
		return
	}
	entry, err := value.Lookup(document.Value, "artifacts", fact.Name)
	if signed, ok := entry.(*value.Object); ok && err == nil {
		maps.DeleteFunc(hashes, func(algorithm string, _ hash.Hash) bool {
			_, ok := signed.Get(algorithm)
			return !ok
		})
	}
}

// Read returns the bytes of a document.
func (d *Digest) Read() ([]byte, error) {
	if d.Size > maxInline {
		return nil, fmt.Errorf("%s has more than %d bytes, which is the limit for it", d.name, maxInline)
	}
	return io.ReadAll(d.content.Reader())
}
