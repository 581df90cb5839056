package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/pyjson"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// signedCot is a link's CoT artifact, judged. Everything below signatureError is
// there only if that is nil.
type signedCot struct {
	signatures             Signatures // how they count
	bytesErr, signatureErr error      // why they could not be had
	sha256                 string     // of the bytes, "" where they could not be had

	signatureError error // why the signature does not hold
	key            policy.Key
	clearSigned    bool         // it is the body of a clear-signed message,
	signer         *ClearSigner // which he signed
	cotError       error        // why what was signed is no CoT artifact of the link
	document       *value.Object
	repeated       []string // JSON pointers of repeated keys
}

// signedCot returns a link's CoT artifact. It is read only if its signature
// holds, unless the user has signatures count for less.
func (v *Verifier) signedCot(ctx context.Context, l *Link) signedCot {
	if l.NotRun {
		return signedCot{}
	}
	signed, err := v.cots.Get(ctx, l.TaskID, func(ctx context.Context) (signedCot, error) {
		return v.judgeCot(ctx, l.Link), ctx.Err()
	})
	if err != nil {
		return signedCot{signatures: v.signatures(), bytesErr: err, signatureErr: err}
	}
	return signed
}

func (v *Verifier) judgeCot(ctx context.Context, link *graph.Link) signedCot {
	found := v.Store.Cot(ctx, link.TaskID)
	if s, ok := v.judgeClearSigned(ctx, link, found); ok {
		return s
	}
	s := signedCot{signatures: v.signatures(), bytesErr: found.SignedErr, signatureErr: found.SignatureErr, sha256: found.SHA256}
	required := s.signatures == RequireSignatures
	if s.bytesErr != nil || required && s.signatureErr != nil {
		return s
	}
	if link.Worker == "" {
		s.signatureError = signatureOfUnknown(link)
		if required {
			return s
		}
	}
	document, wrong, malformed := found.Read(ctx, func(signed []byte) (err error) {
		if link.Worker != "" && s.signatureErr == nil && s.signatures != IgnoreSignatures {
			s.key, err = verifySignature(v.Policy.Keys[link.Worker], link.Worker, signed, found.Signature)
			var mismatch *signatureMismatch
			if asError(err, &mismatch) { // whose it is instead is told, and counts for nothing
				mismatch.describe(v.Policy.Keys, signed, found.Signature)
			}
		}
		if !required {
			s.signatureError, err = cmp.Or(s.signatureError, err), nil
		}
		return err
	})
	s.take(link.TaskID, document, wrong, malformed)
	return s
}

// take takes what reading the CoT artifact came to.
func (s *signedCot) take(taskID string, document *pyjson.Document, wrong, malformed error) {
	switch {
	case wrong != nil:
		s.signatureError = wrong
	case malformed != nil:
		s.cotError = &noCotError{malformed}
	default:
		s.read(taskID, document)
	}
}

// read looks at what was signed (specification, section 4, cot).
func (s *signedCot) read(taskID string, document *pyjson.Document) {
	claimed, err := value.Lookup(document.Value, "taskId")
	if err != nil {
		s.cotError = inCot(err)
		return
	}
	if claimed != taskID {
		s.cotError = &otherTaskError{signed: inWords(claimed), expected: taskID}
		return
	}
	s.document = document.Value.(*value.Object)
	s.repeated = document.Repeated
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
		return nil, &value.ShapeError{Where: s.file(), Path: "/artifacts", Want: "an object", Got: value.Kind(v)}
	}
	return o, nil
}

// noCotError says that what a worker signed is no JSON.
type noCotError struct{ err error }

func (e *noCotError) Error() string { return "it is no JSON: " + e.err.Error() }

// otherTaskError says that a CoT artifact is of another task.
type otherTaskError struct{ signed, expected string }

func (e *otherTaskError) Error() string {
	return "it is signed for another task"
}

var cotRule = rule{
	check: checkCot,
	explanations: []report.Explanation{
		{
			Check:   "cot",
			Meaning: "The signed CoT artifact is a JSON object, and it is of this very task: its taskId is the link's.",
			Why:     "A signature of a trusted key says only that some task said so. Without this check the CoT artifact of one task could stand in for another's.",
			Fails: []string{
				"The artifact is another task's.",
				"It is not JSON as Python reads it: it has a byte order mark, invalid UTF-8, or is no object.",
			},
			Do: "If the taskId differs, somebody put one task's artifact in the place of another's: treat it as an incident. If the JSON is malformed, it is a bug of the worker.",
		},
		{
			Check:   "embedded-task",
			Warning: true,
			Meaning: "The definition inside the signed CoT artifact is the one that the queue has.",
			Why:     "The worker signs the definition that it ran. If the queue has another now, what was verified is not what ran.",
			Fails:   []string{"A value differs at the path in the message."},
			Do:      "Definitions never change, so somebody should look at the queue, or at who answers in its place.",
		},
		{
			Check:   "duplicate-key",
			Warning: true,
			Meaning: "No object of a signed JSON document has a key twice.",
			Why:     "Readers disagree on which one counts. What one tool verified another may not use.",
			Fails:   []string{"A worker or a decision task wrote a key twice, or somebody hides a value behind another."},
			Do:      "Look at both values. No worker writes such a document by itself.",
		},
	},
}

// checkCot checks that what was signed is the CoT artifact of the link.
func checkCot(c *Chain, l *Link) []report.Check {
	const name = "cot"
	switch {
	case l.NotRun:
		return nil
	case l.Task == nil && l.TaskError != nil:
		return []report.Check{l.skip(name, l.cot.file(), "the task itself could not be had")}
	case l.cot.bytesErr != nil:
		return []report.Check{l.withoutCot(name, l.cot.file(), l.cot.bytesErr)}
	case l.cot.verified():
		return append([]report.Check{checkHasHashes(l)}, warnOfCot(l)...)
	case l.cot.cotError != nil:
		check := l.problem(name, l.cot.file(), l.cot.cotError)
		if other, ok := l.cot.cotError.(*otherTaskError); ok {
			check = check.Comparing("taskId "+other.expected, "taskId "+other.signed)
		}
		return []report.Check{check}
	}
	return []report.Check{l.skip(name, l.cot.file(), "it is not read before its signature held")}
}

// checkHasHashes checks that a CoT artifact has hashes, where any are needed.
func checkHasHashes(l *Link) report.Check {
	required := slices.ContainsFunc(l.requested(), func(a *artifact) bool { return !a.optional })
	if _, err := l.cot.artifacts(); errors.Is(err, errNoHashes) && required {
		check := l.fail("cot", l.cot.file(), "it has no artifacts, and so no hash of any file that is needed").
			Because(report.NoHashes)
		for key := range l.cot.document.All() {
			if strings.EqualFold(key, "artifacts") {
				check.Message = fmt.Sprintf("it has %q, and no %q: no hash of any file that is needed counts", key, "artifacts")
			}
		}
		return check
	}
	return l.pass("cot", cot.Artifact)
}

// warnOfCot warns of what the reference lets pass in a CoT artifact
// (specification, section 11).
func warnOfCot(l *Link) []report.Check {
	var checks []report.Check
	for _, pointer := range l.cot.repeated {
		checks = append(checks, repeatedKey(l, l.cot.file(), pointer))
	}
	embedded, ok := l.cot.document.Get("task")
	if ok && l.Task != nil && !value.Equal(embedded, anyObject(l.Task.Definition)) {
		differences, _ := value.Diff(embedded, anyObject(l.Task.Definition), value.EqualWithin)
		at := "/"
		if len(differences) > 0 {
			at = value.Pointer(differences[0].Path...)
		}
		checks = append(checks, l.warn("embedded-task", l.cot.file(),
			"the definition that the worker signed differs from the queue's, at %s", at).
			WithHint("the queue's answer may have changed since the task ran: compare the two definitions"))
	}
	return checks
}

func repeatedKey(l *Link, file, pointer string) report.Check {
	return l.warn("duplicate-key", file, "the key at %s is there more than once; the last counts", pointer).
		WithHint("software that reads the first one sees another document: ask who made it")
}

// anyObject returns an object as a value: null where there is none.
func anyObject(o *value.Object) any {
	if o == nil {
		return nil
	}
	return o
}
