package verify

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"cotverify/internal/pyjson"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
)

// Limits in bytes. A CoT artifact holds a definition and the hashes of what
// the task made; its signature is 64 bytes.
const (
	maxCot       = 64 << 20
	maxSignature = 4 << 10
)

// signedCot is a link's CoT artifact. Everything below signatureError is there
// only if that is nil.
type signedCot struct {
	content                *spool
	signature              []byte
	bytesErr, signatureErr error // why they could not be had

	signatureError error // why the signature does not hold
	key            policy.Key
	cotError       error // why what was signed is no CoT artifact of the link
	document       *value.Object
	repeated       []string // JSON pointers of repeated keys
}

// gatherCot fetches a link's CoT artifact. It is parsed only after its
// signature held.
func (c *chain) gatherCot(ctx context.Context, e *evidence) {
	defer close(e.cotDone)
	if e.link.NotRun {
		return
	}
	var running sync.WaitGroup
	e.cot.content = &spool{}
	defer e.cot.content.remove()
	running.Go(func() { e.cot.bytesErr = c.spoolCot(ctx, e) })
	running.Go(func() {
		e.cot.signature, _, e.cot.signatureErr = source.ReadAll(ctx, c.options.Source, source.Artifact(e.link.TaskID, cot.SignatureArtifact), maxSignature)
	})
	running.Wait()
	if e.cot.bytesErr != nil || e.cot.signatureErr != nil {
		return
	}
	if e.link.Worker == "" {
		e.cot.signatureError = signatureOfUnknown(e.link)
		return
	}
	c.reading <- struct{}{}
	defer func() { <-c.reading }()
	signed, err := io.ReadAll(e.cot.content.reader())
	if err != nil {
		e.cot.bytesErr = err
		return
	}
	keys := c.options.Policy.Keys[e.link.Worker]
	if e.cot.key, e.cot.signatureError = verifySignature(keys, e.link.Worker, signed, e.cot.signature); e.cot.signatureError == nil {
		e.cot.parse(e.link.TaskID, signed)
	}
}

// spoolCot fetches a link's CoT artifact. A large one waits on disk until it is
// its turn to be verified and read.
func (c *chain) spoolCot(ctx context.Context, e *evidence) error {
	fact := source.Artifact(e.link.TaskID, cot.Artifact)
	answer, err := c.options.Source.Open(ctx, fact)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	n, err := io.Copy(e.cot.content, io.LimitReader(answer.Body, maxCot+1))
	switch {
	case err != nil:
		return source.ReadError(ctx, fact, err)
	case n > maxCot:
		return &source.UnavailableError{Fact: fact, Reason: fmt.Sprintf("it is larger than %d bytes, which is the limit for it", maxCot)}
	}
	return nil
}

// signatureOfUnknown returns why no signature of a link can hold whose worker
// implementation is none that is known: no key is trusted for it. Where it is
// not even told, nothing can be said.
func signatureOfUnknown(link *graph.Link) error {
	var worker *graph.WorkerError
	if !asError(link.WorkerError, &worker) || worker.Value == "" {
		return nil
	}
	return &signatureMismatch{worker: worker.Value}
}

// parse reads the signed bytes (specification, section 4, cot).
func (s *signedCot) parse(taskID string, signed []byte) {
	doc, err := pyjson.Parse(signed)
	if err != nil {
		s.cotError = fmt.Errorf("it is no JSON: %w", err)
		return
	}
	claimed, err := value.Lookup(doc.Value, "taskId")
	if err != nil {
		s.cotError = err
		return
	}
	if claimed != taskID {
		s.cotError = &otherTaskError{signed: describe(claimed), expected: taskID}
		return
	}
	s.document = doc.Value.(*value.Object)
	s.repeated = doc.Repeated
}

// verified reports whether the CoT artifact can be relied on.
func (s *signedCot) verified() bool { return s.document != nil }

// artifacts returns the hashes by artifact that the worker signed. The error
// is errNoHashes, or a *value.ShapeError.
func (s *signedCot) artifacts() (*value.Object, error) {
	v, ok := s.document.Get("artifacts")
	if !ok {
		return nil, errNoHashes
	}
	o, ok := v.(*value.Object)
	if !ok {
		return nil, &value.ShapeError{Where: cot.Artifact, Path: "/artifacts", Want: "an object", Got: value.Kind(v)}
	}
	return o, nil
}

// otherTaskError says that a CoT artifact is of another task.
type otherTaskError struct{ signed, expected string }

func (e *otherTaskError) Error() string {
	return "it is signed for another task"
}

// signatureMismatch says that no trusted key made a signature.
type signatureMismatch struct {
	worker string
	keys   int // how many were tried
	length int // of the signature, in bytes
}

func (e *signatureMismatch) Error() string {
	if e.keys == 0 {
		return "no key is trusted for " + e.worker
	}
	if e.length != ed25519.SignatureSize {
		return fmt.Sprintf("the signature has %d bytes, not %d", e.length, ed25519.SignatureSize)
	}
	return "none of the keys trusted for " + e.worker + " made the signature"
}

// badKeyError says that a trusted key is no key.
type badKeyError struct{ reason string }

func (e *badKeyError) Error() string { return "a trusted key " + e.reason }

// verifySignature returns the first of the keys that made a signature
// (specification, section 4, signature). The error is a *signatureMismatch, or
// a *badKeyError for a key that ends the search.
func verifySignature(keys []policy.Key, worker string, message, signature []byte) (policy.Key, error) {
	for _, key := range keys {
		public, err := publicKey(key.Ed25519)
		if err != nil {
			return policy.Key{}, err
		}
		if public != nil && ed25519.Verify(public, message, signature) {
			return key, nil
		}
	}
	return policy.Key{}, &signatureMismatch{worker: worker, keys: len(keys), length: len(signature)}
}

// WhoSigned returns the trusted key that made a signature over a message, and
// the worker implementation that it is trusted for. The error says that there
// is none. Other than in a chain, a key that is none is passed over.
func WhoSigned(keys map[string][]policy.Key, message, signature []byte) (worker string, key policy.Key, err error) {
	tried := 0
	for _, worker := range slices.Sorted(maps.Keys(keys)) {
		for _, key := range keys[worker] {
			public, err := publicKey(key.Ed25519)
			if err != nil || public == nil {
				continue
			}
			if tried++; ed25519.Verify(public, message, signature) {
				return worker, key, nil
			}
		}
	}
	return "", policy.Key{}, &signatureMismatch{worker: "any worker", keys: tried, length: len(signature)}
}

// publicKey decodes a key. Malformed base64 is no key, without an error; one
// that could be tried with other software, but not safely, is an error.
func publicKey(text string) (ed25519.PublicKey, error) {
	raw, ok := decodeBase64(text)
	switch {
	case !isASCII(text):
		return nil, &badKeyError{"has characters that are not ASCII"}
	case !ok:
		return nil, nil
	case len(raw) != ed25519.PublicKeySize:
		return nil, &badKeyError{fmt.Sprintf("has %d bytes, not %d", len(raw), ed25519.PublicKeySize)}
	}
	return raw, nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// decodeBase64 decodes as Python does by default: characters outside the
// alphabet are ignored, and nothing counts after complete padding.
func decodeBase64(s string) ([]byte, bool) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var digits []byte
	pads := 0
	for i := range len(s) {
		quad := len(digits) % 4
		switch c := s[i]; {
		case c == '=' && quad >= 2:
			if pads++; quad+pads >= 4 {
				raw, err := base64.RawStdEncoding.DecodeString(string(digits))
				return raw, err == nil
			}
		case strings.IndexByte(alphabet, c) >= 0:
			digits = append(digits, c)
			pads = 0
		}
	}
	if len(digits)%4 != 0 {
		return nil, false
	}
	raw, err := base64.RawStdEncoding.DecodeString(string(digits))
	return raw, err == nil
}

// checkSignature checks that a trusted key signed the CoT artifact.
func checkSignature(c *chain, e *evidence) []report.Check {
	const name = "signature"
	switch {
	case e.link.NotRun:
		return nil
	case e.cot.signatureErr != nil:
		return []report.Check{e.problem(name, cot.SignatureArtifact, e.cot.signatureErr)}
	case e.cot.bytesErr != nil:
		return []report.Check{e.skip(name, cot.SignatureArtifact, "what it signs could not be had")}
	case e.cot.signatureError != nil:
		return []report.Check{e.problem(name, cot.SignatureArtifact, e.cot.signatureError)}
	case e.link.Worker == "":
		return []report.Check{e.skip(name, cot.SignatureArtifact, "it is not known which worker implementation ran the task")}
	}
	checks := []report.Check{e.pass(name, cot.SignatureArtifact)}
	if e.cot.key.Retired != "" {
		checks = append(checks, e.warn("retired-key", e.cot.key.Ed25519,
			"the signature was made by a key that is retired: %s", e.cot.key.Retired).
			WithHint("see when the task ran; have it run again by a worker with a current key"))
	}
	return checks
}

// checkCot checks that what was signed is the CoT artifact of the link.
func checkCot(c *chain, e *evidence) []report.Check {
	const name = "cot"
	switch {
	case e.link.NotRun:
		return nil
	case e.cot.bytesErr != nil:
		return []report.Check{e.problem(name, cot.Artifact, e.cot.bytesErr)}
	case e.cot.verified():
		return append([]report.Check{checkHasHashes(e)}, warnOfCot(e)...)
	case e.cot.cotError != nil:
		check := e.problem(name, cot.Artifact, e.cot.cotError)
		if other, ok := e.cot.cotError.(*otherTaskError); ok {
			check = check.Comparing("taskId "+other.expected, "taskId "+other.signed)
		}
		return []report.Check{check}
	}
	return []report.Check{e.skip(name, cot.Artifact, "it is not read before its signature held")}
}

// checkHasHashes checks that a CoT artifact has hashes, where any are needed.
func checkHasHashes(e *evidence) report.Check {
	required := slices.ContainsFunc(e.needed(), func(a *artifact) bool { return !a.optional })
	if _, err := e.cot.artifacts(); errors.Is(err, errNoHashes) && required {
		return e.fail("cot", cot.Artifact, "/artifacts is absent, and has the hashes that are needed").
			Because(report.NoHashes)
	}
	return e.pass("cot", cot.Artifact)
}

// warnOfCot warns of what the reference lets pass in a CoT artifact
// (specification, section 11).
func warnOfCot(e *evidence) []report.Check {
	var checks []report.Check
	for _, pointer := range e.cot.repeated {
		checks = append(checks, repeatedKey(e, cot.Artifact, pointer))
	}
	embedded, ok := e.cot.document.Get("task")
	if ok && e.link.Task != nil && !value.Equal(embedded, anyObject(e.link.Task.Definition)) {
		differences, _ := value.Diff(embedded, anyObject(e.link.Task.Definition), value.EqualWithin)
		at := "/"
		if len(differences) > 0 {
			at = value.Pointer(differences[0].Path...)
		}
		checks = append(checks, e.warn("embedded-task", cot.Artifact,
			"the definition that the worker signed differs from the queue's, at %s", at).
			WithHint("the queue's answer may have changed since the task ran: compare the two definitions"))
	}
	return checks
}

func repeatedKey(e *evidence, file, pointer string) report.Check {
	return e.warn("duplicate-key", file, "the key at %s is there more than once; the last counts", pointer).
		WithHint("software that reads the first one sees another document: ask who made it")
}

// anyObject returns an object as a value: null where there is none.
func anyObject(o *value.Object) any {
	if o == nil {
		return nil
	}
	return o
}
