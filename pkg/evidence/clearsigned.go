package evidence

import (
	"context"
	"io"

	"cotverify/internal/pyjson"
	"cotverify/internal/scratch"
	"cotverify/pkg/cot"
	"cotverify/pkg/source"
)

// maxClearSigned is in bytes. Those that workers made have less than 1 MB.
const maxClearSigned = 16 << 20

// ClearSigned is an OpenPGP message with a task's CoT artifact, as it is: whether
// somebody signed it, whoever reads it has to see.
type ClearSigned struct {
	// Err says why it could not be had. It is as of a [source.Source].
	Err error

	message *scratch.File
	beside  *Cot
	reading gate
}

// ClearSigned returns the message that workers of the years before Ed25519 keys
// made of a task's CoT artifact. It is asked for apart from [Store.Cot], since
// no task of today has it.
func (s *Store) ClearSigned(ctx context.Context, taskID string) *ClearSigned {
	c, err := s.clearSigned.Get(ctx, taskID, func(ctx context.Context) (*ClearSigned, error) {
		c := &ClearSigned{message: &scratch.File{}, beside: s.Cot(ctx, taskID), reading: s.reading}
		_, c.Err = source.Copy(ctx, c.message, s.source, source.Artifact(taskID, cot.ClearSignedArtifact), maxClearSigned)
		return c, ctx.Err()
	})
	if err != nil {
		return &ClearSigned{Err: err}
	}
	return c
}

// Read has the message opened, and reads as JSON what open returns of it. The
// other argument of open is the CoT artifact that lies beside the message, nil
// where there is none. The two errors are open's, and why its body is no JSON.
func (c *ClearSigned) Read(ctx context.Context, open func(message, beside []byte) (body []byte, err error)) (document *Document, wrong, malformed error) {
	leave, err := c.reading.enter(ctx)
	if err != nil {
		return nil, err, nil
	}
	defer leave()
	message, err := io.ReadAll(c.message.Reader())
	if err != nil {
		return nil, err, nil
	}
	var beside []byte
	if c.beside.SignedErr == nil {
		if beside, err = io.ReadAll(c.beside.signed.Reader()); err != nil {
			return nil, err, nil
		}
	}
	body, err := open(message, beside)
	if err != nil {
		return nil, err, nil
	}
	document, malformed = pyjson.Parse(body)
	return document, nil, malformed
}
