package verify

import (
	"cmp"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cotverify/internal/pyjson"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
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

	// signer is the other worker implementation that the key which did make it
	// is trusted for, "" where there is none.
	signer string
	key    policy.Key
	claims claims
}

// claims are what a CoT artifact says of where it was made. Nothing vouches for
// them where its signature does not hold.
type claims struct{ worker, group, pool, created string }

// maxClaims is how large a CoT artifact may be that is read for its claims.
const maxClaims = 4 << 20

// claimsOf reads what it can.
func claimsOf(signed []byte) claims {
	var c claims
	if len(signed) > maxClaims {
		return c
	}
	document, err := pyjson.ParseWithin(signed, maxClaimed)
	if err != nil {
		return c
	}
	c.worker, _ = value.LookupText(document.Value, "workerId")
	c.group, _ = value.LookupText(document.Value, "workerGroup")
	c.created, _ = value.LookupText(document.Value, "task", "created")
	if provisioner, err := value.LookupText(document.Value, "task", "provisionerId"); err == nil {
		workerType, _ := value.LookupText(document.Value, "task", "workerType")
		c.pool = provisioner + "/" + workerType
	}
	return c
}

// maxClaimed is how many values it may have.
const maxClaimed = 100_000

func (c claims) String() string {
	var told []string
	for _, claim := range []struct{ of, text string }{
		{"worker ", c.worker}, {"in ", c.group}, {"of pool ", c.pool}, {"for a task of ", c.created},
	} {
		if claim.text != "" {
			told = append(told, claim.of+claim.text)
		}
	}
	if len(told) == 0 {
		return ""
	}
	return strings.Join(told, " ") + ", as the CoT artifact says, which nothing vouches for"
}

func (e *signatureMismatch) Error() string {
	if e.keys == 0 {
		return "no key is trusted for " + e.worker
	}
	if e.length != ed25519.SignatureSize {
		return fmt.Sprintf("the signature has %d bytes, not %d", e.length, ed25519.SignatureSize)
	}
	if e.signer != "" {
		return fmt.Sprintf("made by a key that is trusted, but for %s and not for %s", e.signer, e.worker)
	}
	return "none of the keys trusted for " + e.worker + " made the signature"
}

// describe finds out whose the signature is, and what was signed says of itself.
func (e *signatureMismatch) describe(keys map[string][]policy.Key, signed, signature []byte) {
	e.claims = claimsOf(signed)
	if worker, key, err := WhoSigned(keys, signed, signature); err == nil {
		e.signer, e.key = worker, key
	}
}

func (e *signatureMismatch) reason() report.Reason {
	switch {
	case e.keys == 0:
		return report.NoKeys
	case e.length != ed25519.SignatureSize:
		return report.BadSignature
	case e.signer != "":
		return report.OtherWorkersKey
	}
	return report.NoTrustedKey
}

// badKeyError says that a trusted key is no key.
type badKeyError struct {
	key    policy.Key
	reason string
}

func (e *badKeyError) Error() string { return "a trusted key " + e.reason }

// verifySignature returns the first of the keys that made a signature
// (specification, section 4, signature). The error is a *signatureMismatch, or
// a *badKeyError for a key that ends the search.
func verifySignature(keys []policy.Key, worker string, message, signature []byte) (policy.Key, error) {
	for _, key := range keys {
		public, err := publicKey(key.Ed25519)
		if err != nil {
			return policy.Key{}, &badKeyError{key, err.Error()}
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
		return nil, errors.New("has characters that are not ASCII")
	case !ok:
		return nil, nil
	case len(raw) != ed25519.PublicKeySize:
		return nil, fmt.Errorf("has %d bytes, not %d", len(raw), ed25519.PublicKeySize)
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
			Meaning: "One of the keys that the policy trusts for the worker implementation signed the exact bytes of public/chain-of-trust.json. A task without that signature may have public/chainOfTrust.json.asc in its place, as workers made it in the early years: that counts only where the policy has OpenPGP keys, and the text of it that one of them signed is then the CoT artifact.",
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
		expiredKeyExplanation,
	},
}

// checkSignature checks that a trusted key signed the CoT artifact.
func checkSignature(c *Chain, l *Link) []report.Check {
	const name = "signature"
	file := l.cot.signatureFile()
	switch {
	case l.NotRun:
		return nil
	case l.cot.signatures == IgnoreSignatures:
		return []report.Check{l.skip(name, file, "signatures are not looked at")}
	case l.Task == nil && l.TaskError != nil:
		return []report.Check{l.skip(name, file, "the task itself could not be had")}
	case source.IsNotFound(l.cot.signatureErr) && source.IsNotFound(l.cot.bytesErr):
		return []report.Check{l.skip(name, file, "there is no CoT artifact that it could sign")}
	case l.cot.signatureErr != nil:
		return []report.Check{l.doubt(l.withoutCot(name, file, l.cot.signatureErr))}
	case l.cot.bytesErr != nil:
		return []report.Check{l.skip(name, file, "what it signs could not be had")}
	case l.cot.signatureError != nil:
		return []report.Check{l.doubt(c.wrongSignature(l))}
	case l.Worker == "":
		return []report.Check{l.skip(name, file, "it is not known which worker implementation ran the task")}
	}
	checks := []report.Check{l.pass(name, file)}
	if retired := l.cot.retired(); retired != "" {
		checks = append(checks, l.warn("retired-key", l.cot.signedBy(),
			"the signature was made by a key that is retired: %s", retired).
			WithHint("see when the task ran; have it run again by a worker with a current key"))
	}
	return append(checks, warnOfExpiry(l)...)
}

// doubt makes of a signature that does not hold a warning, where that is all it
// is to be.
func (l *Link) doubt(c report.Check) report.Check {
	if l.cot.signatures == ReportSignatures {
		c.Status = report.Warn
	}
	return c
}

// wrongSignature says why a signature does not hold: which keys would do, whose
// it is, and where the CoT artifact says that it was made.
func (c *Chain) wrongSignature(l *Link) report.Check {
	check := l.problem("signature", l.cot.signatureFile(), l.cot.signatureError)
	var mismatch *signatureMismatch
	var bad *badKeyError
	switch {
	case asError(l.cot.signatureError, &bad):
		check.Message = cmp.Or(bad.key.Malformed, check.Message)
	case !asError(l.cot.signatureError, &mismatch):
	case mismatch.keys == 0:
		check.Message = fmt.Sprintf("%v: %s has keys of %s", mismatch, c.policy.KeysFile(), list(slices.Sorted(maps.Keys(c.policy.Keys)), "nothing"))
	case mismatch.length != ed25519.SignatureSize:
	case mismatch.signer != "":
		check = check.Comparing("a key of "+mismatch.worker+": "+keyTexts(c.policy.Keys[mismatch.worker]),
			"a key of "+mismatch.signer+": "+signedBy(mismatch.key.Ed25519, mismatch.claims))
	default:
		check = check.Comparing("a key of "+mismatch.worker+": "+keyTexts(c.policy.Keys[mismatch.worker]), signedBy("a key that is not trusted", mismatch.claims))
		if c.isCached(l) {
			check.Hint = fmt.Sprintf("it is a cached task of another task group, and the key of its pool was probably changed since it ran: have the cached task %s rebuilt, and then what uses it", l.Task.Label())
		}
	}
	return check
}

// isCached reports whether a link is of another task group than the target, as
// cached tasks are.
func (c *Chain) isCached(l *Link) bool {
	target := c.members[0].Task
	return l.Task != nil && target != nil && l.Task.Group != "" && l.Task.Group != target.Group
}

// signedBy says whose a signature is.
func signedBy(key string, by claims) string {
	if text := by.String(); text != "" {
		return key + "; " + text
	}
	return key
}

// maxKeyTexts is how many keys are shown of those that would do.
const maxKeyTexts = 3

func keyTexts(keys []policy.Key) string {
	var texts []string
	for _, key := range keys[:min(maxKeyTexts, len(keys))] {
		texts = append(texts, key.Ed25519)
	}
	if more := len(keys) - maxKeyTexts; more > 0 {
		texts = append(texts, fmt.Sprintf("or one of %d more", more))
	}
	return strings.Join(texts, ", ")
}

// list writes words for a person: "a, b and c", or what stands for none.
func list(words []string, none string) string {
	switch n := len(words); n {
	case 0:
		return none
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// withoutCot says that a CoT artifact or its signature is not there, and what
// in the definition explains it.
func (l *Link) withoutCot(check, name string, err error) report.Check {
	c := l.problem(check, name, err)
	if !source.IsNotFound(err) {
		return c
	}
	recorded := c.Reason == report.NotRecorded
	c = c.Because(report.Unsigned)
	switch {
	case l.Task == nil, l.Worker == cot.ScriptworkerImplementation: // which always signs
	case !l.asksForCot():
		c.Message += ", and payload.features of the task does not ask for chainOfTrust"
		c.Hint = "the worker signs only what asks for it: set the feature chainOfTrust in what makes the task, and have it made anew"
	default:
		pool, _ := l.Task.WorkerPool()
		c.Message += ", though payload.features of the task asks for chainOfTrust"
		c.Hint = fmt.Sprintf("see whether the workers of %s have a key to sign with (those of level 1 and for development have none), and whether the task completed", pool)
	}
	if recorded {
		c.Hint = "record again; if it is not there live either: " + c.Hint
	}
	return c
}

// asksForCot reports whether the definition asks the worker to sign what the
// task makes.
func (l *Link) asksForCot() bool {
	features, _ := l.Task.Payload.Get("features")
	flag, _ := value.Lookup(features, "chainOfTrust")
	return value.Truthy(flag)
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
