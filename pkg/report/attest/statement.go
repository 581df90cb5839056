package attest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"cotverify/internal/value"
	"cotverify/internal/visible"
	"cotverify/pkg/cot"
	"cotverify/pkg/report"
)

// The types of what is signed.
const (
	PayloadType    = "application/vnd.in-toto+json"
	StatementType  = "https://in-toto.io/Statement/v1"
	SummaryType    = "https://slsa.dev/verification_summary/v1"
	ProvenanceType = "https://slsa.dev/provenance/v1"
)

// Statement is an in-toto statement: what is said, of which bytes.
type Statement struct {
	Type          string          `json:"_type"`
	Subject       []Resource      `json:"subject"`
	PredicateType string          `json:"predicateType"`
	Predicate     json.RawMessage `json:"predicate"`
}

// Resource names something by its place, its digests, or both.
type Resource struct {
	Name   string            `json:"name,omitempty"`
	URI    string            `json:"uri,omitempty"`
	Digest map[string]string `json:"digest,omitempty"` // hex by algorithm
}

func newStatement(subject []Resource, predicateType string, predicate any) (*Statement, error) {
	raw, err := json.Marshal(predicate)
	if err != nil {
		return nil, err
	}
	return &Statement{StatementType, subject, predicateType, raw}, nil
}

// Summary returns the predicate of a verification summary. The error says what
// it lacks.
func (s *Statement) Summary() (*Summary, error) {
	summary := &Summary{}
	err := s.predicate(SummaryType, summary)
	switch {
	case err != nil:
		return nil, err
	case summary.ResourceURI == "":
		return nil, errors.New("it names no resource")
	case summary.VerificationResult != Passed && summary.VerificationResult != Failed:
		return nil, fmt.Errorf("its result is %q, expected %s or %s", summary.VerificationResult, Passed, Failed)
	}
	return summary, nil
}

// Provenance returns the predicate of SLSA provenance. The error says what it
// lacks.
func (s *Statement) Provenance() (*Provenance, error) {
	provenance := &Provenance{}
	err := s.predicate(ProvenanceType, provenance)
	if err == nil && provenance.RunDetails.Builder.ID == "" {
		err = errors.New("it names no builder")
	}
	return provenance, err
}

func (s *Statement) predicate(of string, into any) error {
	if s.PredicateType != of {
		return fmt.Errorf("its predicate is of type %q, expected %q", s.PredicateType, of)
	}
	if err := json.Unmarshal(s.Predicate, into); err != nil {
		return fmt.Errorf("its predicate is none of %s: %w", of, err)
	}
	return nil
}

// check refuses what is no statement about anything.
func (s *Statement) check() error {
	if s.Type != StatementType {
		return fmt.Errorf("its type is %q, expected %q", s.Type, StatementType)
	}
	if len(s.Subject) == 0 {
		return errors.New("it has no subject")
	}
	names := map[string]bool{}
	for _, subject := range s.Subject {
		switch {
		case len(subject.Digest) == 0:
			return fmt.Errorf("its subject %q has no digest", subject.Name)
		case names[subject.Name]:
			return fmt.Errorf("two of its subjects have the name %q", subject.Name)
		}
		names[subject.Name] = true
	}
	return nil
}

// subjects are what a statement is about, each with a name that no other has.
type subjects struct {
	list  []Resource
	named map[string]bool
}

// add adds a file, unless its digest is not known or the file is there already.
// What a name has that people would not see is escaped, which keeps different
// names different, while JSON would write all invalid UTF-8 alike.
func (s *subjects) add(name string, digest map[string]string) {
	name = visible.Clean(name)
	if len(digest) == 0 || s.named[name] {
		return
	}
	if s.named == nil {
		s.named = map[string]bool{}
	}
	s.named[name] = true
	s.list = append(s.list, Resource{Name: name, Digest: digest})
}

// digests are the forms of those that statements have.
var digests = map[string]*regexp.Regexp{
	"sha256": regexp.MustCompile(`^[0-9a-f]{64}$`),
	"sha512": regexp.MustCompile(`^[0-9a-f]{128}$`),
}

// digest returns a digest set, nil where the hash is none.
func digest(algorithm, hex string) map[string]string {
	if form := digests[algorithm]; form == nil || !form.MatchString(hex) {
		return nil
	}
	return map[string]string{algorithm: hex}
}

// digestOf returns the digest of the hashes that there are, by algorithm. One is
// enough, of that which all readers know where it is there.
func digestOf(hash func(algorithm string) (hex string, ok bool)) map[string]string {
	for _, algorithm := range []string{"sha256", "sha512"} {
		hex, _ := hash(algorithm)
		if set := digest(algorithm, hex); set != nil {
			return set
		}
	}
	return nil
}

// taskURL returns where a task is, and what is below it.
func taskURL(rootURL, taskID string) string {
	return strings.TrimRight(rootURL, "/") + "/tasks/" + url.PathEscape(taskID)
}

// artifactURL returns where an artifact is (specification, section 2).
func artifactURL(rootURL, taskID, name string) string {
	path := &url.URL{Path: name}
	return strings.TrimRight(rootURL, "/") + "/api/queue/v1/task/" + url.PathEscape(taskID) + "/artifacts/" + path.EscapedPath()
}

// cotArtifact names a link's CoT artifact.
func cotArtifact(r *report.Report, link *report.Link) Resource {
	return Resource{URI: artifactURL(r.RootURL, link.TaskID, cot.Artifact), Digest: digest("sha256", link.CotSHA256)}
}

// signed returns the CoT artifact of a link whose signature held. The error
// says that it could not be had once more as it was then.
func (m *Maker) signed(ctx context.Context, link *report.Link) (any, error) {
	document, other, malformed := m.Store.Cot(ctx, link.TaskID).Read(ctx, func(signed []byte) error {
		if sum := sha256.Sum256(signed); hex.EncodeToString(sum[:]) != link.CotSHA256 {
			return errors.New("the CoT artifact is another one than was verified")
		}
		return nil
	})
	if err := errors.Join(other, malformed); err != nil {
		return nil, err
	}
	return document.Value, nil
}

// outputs calls back for the files that a CoT artifact lists.
func outputs(document any, each func(name string, digest map[string]string)) {
	artifacts, err := value.Lookup(document, "artifacts")
	list, ok := artifacts.(*value.Object)
	if err != nil || !ok {
		return
	}
	for name, entry := range list.All() {
		each(name, digestOf(func(algorithm string) (string, bool) {
			hex, err := value.LookupText(entry, algorithm)
			return hex, err == nil
		}))
	}
}
