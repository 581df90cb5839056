package attest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// BundleType is the media type of sigstore bundles.
const BundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"

// Signed is a statement in an envelope, with its signature.
type Signed struct {
	dsse.Envelope
	// hint names the key in the bundle that it was read from.
	hint string
}

// Sign signs a statement. The same statement has the same signature.
func (k *PrivateKey) Sign(s *Statement) (*Signed, error) {
	payload, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	signer, err := dsse.NewEnvelopeSigner(inEnvelope{k})
	if err != nil {
		return nil, err
	}
	envelope, err := signer.SignPayload(context.Background(), PayloadType, payload)
	if err != nil {
		return nil, err
	}
	return &Signed{Envelope: *envelope}, nil
}

// Line returns the envelope as a line of JSON.
func (s *Signed) Line() ([]byte, error) { return line(s.Envelope) }

// Bundle returns a sigstore bundle of the same envelope, with the same
// signature, as a line of JSON.
func (s *Signed) Bundle() ([]byte, error) {
	b := bundle{MediaType: BundleType, Envelope: &s.Envelope}
	b.Material.Entries = []struct{}{}
	if len(s.Signatures) > 0 {
		b.Material.Key = &keyHint{s.Signatures[0].KeyID}
	}
	return line(b)
}

func line(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	return append(text, '\n'), err
}

// bundle is a sigstore bundle of an envelope that a key signed.
type bundle struct {
	MediaType string `json:"mediaType"`
	Material  struct {
		Key     *keyHint   `json:"publicKey"`
		Entries []struct{} `json:"tlogEntries"`
	} `json:"verificationMaterial"`
	Envelope *dsse.Envelope `json:"dsseEnvelope"`
}

type keyHint struct {
	Hint string `json:"hint"`
}

// The limits of what is read. A statement of a large release has some thousand
// subjects.
const (
	MaxFile       = 64 << 20 // bytes of a file
	maxSigned     = 100_000  // envelopes or bundles in it
	maxSignatures = 16       // of one
)

// UnreadableError says that a file is none of statements, or damaged, so that
// nothing can be told of them.
type UnreadableError struct{ Reason string }

func (e *UnreadableError) Error() string { return e.Reason }

// Read reads the envelopes and bundles of a file, one after the other. Nothing
// of them is looked at. The error is an *UnreadableError, or the reader's.
func Read(from io.Reader) ([]*Signed, error) {
	limited := &io.LimitedReader{R: from, N: MaxFile + 1}
	decoder := json.NewDecoder(limited)
	var all []*Signed
	for {
		var one struct {
			dsse.Envelope
			bundle
		}
		err := decoder.Decode(&one)
		switch {
		case limited.N == 0:
			return nil, &UnreadableError{fmt.Sprintf("it is larger than %d bytes, which is the limit for it", MaxFile)}
		case errors.Is(err, io.EOF) && len(all) == 0:
			return nil, &UnreadableError{"it is empty"}
		case errors.Is(err, io.EOF):
			return all, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, &UnreadableError{"it ends within a statement"}
		case isJSONError(err):
			return nil, &UnreadableError{fmt.Sprintf("it has no envelope or bundle at byte %d: %v", decoder.InputOffset(), err)}
		case err != nil:
			return nil, err
		case len(all) == maxSigned:
			return nil, &UnreadableError{fmt.Sprintf("it has more than %d statements, which is the limit for it", maxSigned)}
		}
		signed, err := one.bundle.signed(one.Envelope)
		if err != nil {
			return nil, err
		}
		all = append(all, signed)
	}
}

func isJSONError(err error) bool {
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	return errors.As(err, &syntax) || errors.As(err, &wrongType)
}

// signed returns the bundle's envelope, or where there is no bundle the one that
// was read instead.
func (b *bundle) signed(plain dsse.Envelope) (*Signed, error) {
	if b.MediaType == "" && b.Envelope == nil {
		if plain.Payload == "" && plain.PayloadType == "" {
			return nil, &UnreadableError{"it has no envelope, and no bundle of one"}
		}
		return &Signed{Envelope: plain}, nil
	}
	switch {
	case b.MediaType != BundleType:
		return nil, &UnreadableError{fmt.Sprintf("its mediaType is %q, expected %q", b.MediaType, BundleType)}
	case b.Envelope == nil:
		return nil, &UnreadableError{"it is a bundle without an envelope"}
	case b.Material.Key == nil:
		return nil, &UnreadableError{"it is a bundle that no plain key signed"}
	}
	return &Signed{Envelope: *b.Envelope, hint: b.Material.Key.Hint}, nil
}

// RefusedError says that a statement is not what the key signed, or is none.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

// Open returns the statement in an envelope that the key signed. The error is a
// *RefusedError.
func (k *PublicKey) Open(s *Signed) (*Statement, error) {
	switch {
	case s.PayloadType != PayloadType:
		return nil, &RefusedError{fmt.Sprintf("its payloadType is %q, expected %q", s.PayloadType, PayloadType)}
	case len(s.Signatures) == 0:
		return nil, &RefusedError{"it is not signed"}
	case len(s.Signatures) > maxSignatures:
		return nil, &RefusedError{fmt.Sprintf("it has %d signatures, at most %d are looked at", len(s.Signatures), maxSignatures)}
	case s.hint != "" && s.hint != k.id:
		return nil, &RefusedError{fmt.Sprintf("the bundle names the key %q, and this is %s", s.hint, k.id)}
	}
	verifier, err := dsse.NewEnvelopeVerifier(k)
	if err != nil {
		return nil, err
	}
	_, payload, err := verifier.VerifyAndDecode(context.Background(), &s.Envelope)
	if err != nil {
		return nil, &RefusedError{"the key " + k.id + " did not sign it"}
	}
	statement := &Statement{}
	if err := json.Unmarshal(payload, statement); err != nil {
		return nil, &RefusedError{"what was signed is no statement: " + err.Error()}
	}
	if err := statement.check(); err != nil {
		return nil, &RefusedError{"what was signed is no statement: " + err.Error()}
	}
	return statement, nil
}
