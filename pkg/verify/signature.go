package verify

import (
	"cmp"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// Signatures says how signatures count.
type Signatures string

// How signatures count.
const (
	RequireSignatures Signatures = "require" // each must hold, which is what a chain of trust asks for
	ReportSignatures  Signatures = "report"  // one that does not hold is a warning
	IgnoreSignatures  Signatures = "off"     // none is looked at
)

var signatureModes = []Signatures{RequireSignatures, ReportSignatures, IgnoreSignatures}

// signatures returns how signatures count.
func (v *Verifier) signatures() Signatures {
	return cmp.Or(v.Signatures, RequireSignatures)
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

var signatureRule = rule{
	check: checkSignature,
	explanations: []report.Explanation{
		{
			Check:   "signature",
			Meaning: "One of the keys that the policy trusts for the worker implementation signed the exact bytes of public/chain-of-trust.json.",
			Why:     "This is the root of the whole chain: nothing that a task says of itself counts unless a worker with a trusted key says so.",
			Fails: []string{
				"The task ran on a pool whose workers have another key: a test pool, one of another trust level, or one whose key was rotated.",
				"The file was changed after it was signed.",
				"The CoT artifact is not there: the task did not ask for the feature chainOfTrust, did not complete, or a later run hides the one that did.",
			},
			Do: "Look where the task ran. A new key belongs into the policy's keys, with --policy or --keys, once its owner has confirmed it by another way than this artifact. A file that was changed is an incident.",
		},
		{
			Check:   "retired-key",
			Warning: true,
			Meaning: "A signature was made by a key that is still in use.",
			Why:     "A key is retired because it was replaced, or because it may be known to others. New tasks signed by it are suspect.",
			Fails:   []string{"A worker was not updated, or somebody kept the old key."},
			Do:      "If the task ran before the key was retired, all is well. If after, find the worker.",
		},
	},
}

// checkSignature checks that a trusted key signed the CoT artifact.
func checkSignature(c *Chain, l *Link) []report.Check {
	const name = "signature"
	switch {
	case l.NotRun:
		return nil
	case l.cot.signatures == IgnoreSignatures:
		return []report.Check{l.skip(name, cot.SignatureArtifact, "signatures are not looked at")}
	case l.cot.signatureErr != nil:
		return []report.Check{l.doubt(l.problem(name, cot.SignatureArtifact, l.cot.signatureErr))}
	case l.cot.bytesErr != nil:
		return []report.Check{l.skip(name, cot.SignatureArtifact, "what it signs could not be had")}
	case l.cot.signatureError != nil:
		return []report.Check{l.doubt(l.problem(name, cot.SignatureArtifact, l.cot.signatureError))}
	case l.Worker == "":
		return []report.Check{l.skip(name, cot.SignatureArtifact, "it is not known which worker implementation ran the task")}
	}
	checks := []report.Check{l.pass(name, cot.SignatureArtifact)}
	if l.cot.key.Retired != "" {
		checks = append(checks, l.warn("retired-key", l.cot.key.Ed25519,
			"the signature was made by a key that is retired: %s", l.cot.key.Retired).
			WithHint("see when the task ran; have it run again by a worker with a current key"))
	}
	return checks
}

// doubt makes of a signature that does not hold a warning, where that is all it
// is to be.
func (l *Link) doubt(c report.Check) report.Check {
	if l.cot.signatures == ReportSignatures {
		c.Status = report.Warn
	}
	return c
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
