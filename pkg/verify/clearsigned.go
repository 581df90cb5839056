package verify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"cotverify/internal/openpgp"
	"cotverify/pkg/cot"
	"cotverify/pkg/evidence"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
)

// ClearSigner says who signed a clear-signed OpenPGP message.
type ClearSigner struct {
	Worker      string // the worker implementation that the key is trusted for
	Fingerprint string // of the primary key, in upper-case hex
	Retired     string // as of [policy.OpenPGPKey]
	Made        time.Time
	Expired     time.Time // when the key expired, the zero time if it has not
}

// WhoClearSigned returns who of those that are trusted signed a message. The
// error says that nobody did, or why his signature does not count.
func WhoClearSigned(keys map[string][]policy.OpenPGPKey, message []byte) (*ClearSigner, error) {
	err := error(&openpgp.Error{Cause: openpgp.Untrusted, Reason: "no OpenPGP key is trusted for any worker"})
	for _, worker := range slices.Sorted(maps.Keys(keys)) {
		signer, _, wrong := openMessage(worker, keys[worker], message)
		if wrong == nil {
			return signer, nil
		}
		var before, after *openpgp.Error
		if !asError(err, &before) || before.Cause == openpgp.Untrusted || !asError(wrong, &after) {
			err = wrong // says more than that it is nobody's
		}
	}
	return nil, err
}

// IsClearSigned reports whether data looks like a clear-signed message.
func IsClearSigned(data []byte) bool { return openpgp.IsMessage(data) }

// openMessage returns the signer of a message and what he signed.
func openMessage(worker string, keys []policy.OpenPGPKey, message []byte) (signer *ClearSigner, body []byte, err error) {
	rings := make([]string, len(keys))
	for i, key := range keys {
		rings[i] = key.Ring
	}
	signed, err := openpgp.Verify(message, rings, time.Now())
	if err != nil {
		return nil, nil, err
	}
	return &ClearSigner{
		Worker: worker, Fingerprint: signed.Fingerprint, Retired: keys[signed.Ring].Retired,
		Made: signed.Made, Expired: signed.Expired,
	}, signed.Body, nil
}

// errOtherBody says that a CoT artifact is there twice, and not as one.
var errOtherBody = errors.New("what it signs is not what " + cot.Artifact + " says, which lies beside it")

// judgeClearSigned returns the CoT artifact of a link whose worker signed it in
// the way of the years before Ed25519 keys: it has no other signature, and the
// policy trusts OpenPGP keys of its worker implementation. The reference does not
// know such links, so that nothing is looked at where the policy does not ask
// for it.
func (v *Verifier) judgeClearSigned(ctx context.Context, link *graph.Link, found *evidence.Cot) (s signedCot, ok bool) {
	keys := v.Policy.OpenPGPKeys[link.Worker]
	if len(keys) == 0 || v.signatures() == IgnoreSignatures || !source.IsNotFound(found.SignatureErr) {
		return s, false
	}
	message := v.Store.ClearSigned(ctx, link.TaskID)
	if source.IsNotFound(message.Err) {
		return s, false
	}
	s = signedCot{signatures: v.signatures(), clearSigned: true, signatureErr: message.Err, sha256: found.SHA256}
	if found.SignedErr != nil && !source.IsNotFound(found.SignedErr) {
		s.bytesErr = found.SignedErr // and might say something else
	}
	if s.signatureErr == nil && s.bytesErr == nil {
		document, wrong, malformed := message.Read(ctx, func(message, beside []byte) ([]byte, error) {
			signer, body, err := openMessage(link.Worker, keys, message)
			switch {
			case err != nil:
				return nil, err
			case beside != nil && !openpgp.SameText(beside, body):
				return nil, errOtherBody
			}
			s.signer = signer
			return body, nil
		})
		s.take(link.TaskID, document, wrong, malformed)
	}
	// Where signatures count for less, what is not signed is read as it is.
	return s, s.verified() || s.signatures == RequireSignatures
}

// signatureFile returns the artifact that has the signature.
func (s *signedCot) signatureFile() string {
	if s.clearSigned {
		return cot.ClearSignedArtifact
	}
	return cot.SignatureArtifact
}

// file returns the artifact that is read as the CoT artifact.
func (s *signedCot) file() string {
	if s.clearSigned {
		return cot.ClearSignedArtifact
	}
	return cot.Artifact
}

// signedBy returns the key whose signature holds, "" where none does.
func (s *signedCot) signedBy() string {
	if s.signer != nil {
		return s.signer.Fingerprint
	}
	return s.key.Ed25519
}

// retired returns when or why that key was retired, "" if it was not.
func (s *signedCot) retired() string {
	if s.signer != nil {
		return s.signer.Retired
	}
	return s.key.Retired
}

// warnOfExpiry warns of a key that has expired since it signed.
func warnOfExpiry(l *Link) []report.Check {
	signer := l.cot.signer
	if signer == nil || signer.Expired.IsZero() {
		return nil
	}
	return []report.Check{l.warn("expired-key", signer.Fingerprint, "%s", signer.ExpiryText()).
		WithHint("compare that day with when the task ran: whoever has the key now can sign with any date")}
}

// ExpiryText says of a key that has expired when it signed.
func (s *ClearSigner) ExpiryText() string {
	return fmt.Sprintf("the key expired on %s, after it made the signature, which is of %s",
		s.Expired.UTC().Format(time.DateOnly), s.Made.UTC().Format(time.DateOnly))
}

// reasonOfMessage says why a clear-signed message does not count.
func reasonOfMessage(e *openpgp.Error) report.Reason {
	switch e.Cause {
	case openpgp.Untrusted:
		return report.NoTrustedKey
	case openpgp.Weak:
		return report.WeakSignature
	case openpgp.Invalid:
		return report.InvalidKey
	case openpgp.BadRing:
		return report.BadKey
	}
	return report.BadSignature
}

var expiredKeyExplanation = report.Explanation{
	Check:   "expired-key",
	Warning: true,
	Meaning: "The OpenPGP key that signed a CoT artifact is valid to this day.",
	Why:     "A signature of the time when the key was valid counts. But its date is the signer's own word: whoever got hold of the key later can sign with any.",
	Fails:   []string{"The task is of years ago, and its worker's key has expired since."},
	Do:      "If the task ran before the key expired, by what else is known of it, all is well. If after, find out who has the key.",
}
