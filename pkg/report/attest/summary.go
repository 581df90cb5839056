package attest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"time"

	"cotverify/pkg/cot"
	"cotverify/pkg/report"
)

// The results of a verification.
const (
	Passed = "PASSED"
	Failed = "FAILED"
)

// The levels of a target that passed. There is no SLSA level among them, since
// none was measured.
const (
	Level       = "TASKCLUSTER_CHAIN_OF_TRUST"
	LevelStrict = "TASKCLUSTER_CHAIN_OF_TRUST_STRICT" // without a warning
)

// Summary is the predicate of a verification summary.
type Summary struct {
	Verifier           Verifier   `json:"verifier"`
	TimeVerified       string     `json:"timeVerified,omitempty"`
	ResourceURI        string     `json:"resourceUri"`
	Policy             Resource   `json:"policy"`
	InputAttestations  []Resource `json:"inputAttestations,omitempty"`
	VerificationResult string     `json:"verificationResult"`
	VerifiedLevels     []string   `json:"verifiedLevels"`
}

// Verifier names what verified.
type Verifier struct {
	ID      string            `json:"id"`
	Version map[string]string `json:"version,omitempty"` // by component
}

// Summary states whether a report's target has a chain of trust that holds. The
// error is a *NoneError, or says that a fact was not to be had once more.
func (m *Maker) Summary(ctx context.Context, r *report.Report) (*Statement, error) {
	if err := statable(r); err != nil {
		return nil, err
	}
	s := Summary{
		Verifier:    Verifier{ID: VerifierID},
		ResourceURI: taskURL(r.RootURL, r.Target.TaskID),
		Policy:      policyOf(r),
	}
	if m.Tool != nil {
		s.Verifier.Version = map[string]string{m.Tool.Name: m.Tool.Version, "reference": m.Tool.Reference}
	}
	if !m.Time.IsZero() {
		s.TimeVerified = m.Time.UTC().Format(time.RFC3339)
	}
	for i := range r.Links {
		if input := cotArtifact(r, &r.Links[i]); input.Digest != nil {
			s.InputAttestations = append(s.InputAttestations, input)
		}
	}
	var about []Resource
	var err error
	switch verdict := report.VerdictOf(r.Checks); {
	case verdict == report.Refused:
		s.VerificationResult, s.VerifiedLevels = Failed, []string{Failed}
		about = m.found(ctx, r)
	case r.Trust != nil && r.Trust.Baseline != nil:
		return nil, &NoneError{"failures may be accepted by a baseline, so that it is never attested as passed"}
	case verdict == report.Verified && r.Verdict == report.Verified && allSigned(r):
		s.VerificationResult, s.VerifiedLevels = Passed, []string{Level}
		if r.Counts.Warn == 0 {
			s.VerifiedLevels = append(s.VerifiedLevels, LevelStrict)
		}
		about, err = m.relied(ctx, r)
	default:
		return nil, &NoneError{"whether its chain of trust holds could not be told"}
	}
	if err != nil {
		return nil, err
	}
	if len(about) == 0 {
		return nil, &NoneError{"no bytes of it were found whose digest could be stated"}
	}
	return newStatement(about, SummaryType, s)
}

// policyOf names the policy and the keys that a target was verified by. The
// policy's own hash says nothing of keys that replaced its own, so that then it
// is not alone.
func policyOf(r *report.Report) Resource {
	policy := Resource{
		URI:    "cotverify:policy/" + url.PathEscape(r.Trust.Policy.Source) + "/" + url.PathEscape(r.Target.Product),
		Digest: digest("sha256", r.Trust.Policy.SHA256),
	}
	if r.Trust.Keys.Source != "policy" {
		policy.URI += "?keys=" + url.QueryEscape(r.Trust.Keys.Source)
		sum := sha256.Sum256([]byte(r.Trust.Policy.SHA256 + "\n" + r.Trust.Keys.SHA256 + "\n"))
		policy.Digest = digest("sha256", hex.EncodeToString(sum[:]))
	}
	return policy
}

// allSigned reports whether each link has a CoT artifact and a key that signed
// it; a target that was not to have run has none.
func allSigned(r *report.Report) bool {
	for _, link := range r.Links {
		notRun := !r.Trust.CheckTask && link.TaskID == r.Target.TaskID
		if !notRun && (link.CotSHA256 == "" || link.SignedBy == "") {
			return false
		}
	}
	return len(r.Links) > 0
}

// relied returns what is relied on where a target passed: its CoT artifact, what
// that lists, and what the target was made from.
func (m *Maker) relied(ctx context.Context, r *report.Report) ([]Resource, error) {
	var s subjects
	target := &r.Links[0]
	if target.SignedBy != "" {
		s.add(nameOf(target.TaskID, cot.Artifact), digest("sha256", target.CotSHA256))
		document, err := m.signed(ctx, target)
		if err != nil {
			return nil, err
		}
		outputs(document, func(name string, digest map[string]string) { s.add(nameOf(target.TaskID, name), digest) })
	}
	s.addArtifacts(r)
	return s.list, nil
}

// found returns the bytes that were found where a target was refused: its CoT
// artifact, and what the target was made from, as it was and as it was not to
// be. What the CoT artifact lists nobody looked at.
func (m *Maker) found(ctx context.Context, r *report.Report) []Resource {
	var s subjects
	for _, link := range r.Links {
		if link.TaskID == r.Target.TaskID {
			s.add(nameOf(link.TaskID, cot.Artifact), digest("sha256", link.CotSHA256))
		}
	}
	s.addArtifacts(r)
	for _, c := range r.Checks {
		if c.Reason != report.HashMismatch && c.Check != "optional-artifact" || c.Subject == "" {
			continue
		}
		if found, err := m.Store.Digest(ctx, c.TaskID, c.Subject); err == nil {
			s.add(nameOf(c.TaskID, c.Subject), digestOf(found.Sum))
		}
	}
	return s.list
}

// addArtifacts adds the target's upstream artifacts whose hash held.
func (s *subjects) addArtifacts(r *report.Report) {
	for _, a := range r.Artifacts {
		hashes := map[string]string{"sha256": a.SHA256, "sha512": a.SHA512}
		s.add(nameOf(a.TaskID, a.Path), digestOf(func(algorithm string) (string, bool) { return hashes[algorithm], true }))
	}
}

// nameOf names an artifact of a task among those of others.
func nameOf(taskID, name string) string { return url.PathEscape(taskID) + "/" + name }
