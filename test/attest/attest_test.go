// Package attest holds what cotverify states of tasks against in-toto's own
// types, and against sigstore's verifier.
package attest

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	provenance "github.com/in-toto/attestation/go/predicates/provenance/v1"
	vsa "github.com/in-toto/attestation/go/predicates/vsa/v1"
	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"
	"google.golang.org/protobuf/encoding/protojson"
)

const graphs = "../../testdata/graphs"

// made is what the program wrote of a graph.
type made struct {
	folder string
	public crypto.PublicKey
}

// verified has the program verify a graph, and state what it found.
func verified(t *testing.T, program, graph string, kind func(t *testing.T) crypto.Signer, status int) made {
	t.Helper()
	key := kind(t)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	m := made{t.TempDir(), key.Public()}
	private := filepath.Join(m.folder, "key.pem")
	if err := os.WriteFile(private, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "verify", "--bundle", graphs+"/"+graph, "--keys", graphs+"/keys.json", "--attest-key", private,
		"--attest", filepath.Join(m.folder, "s.intoto.jsonl"), "--attest-provenance", filepath.Join(m.folder, "p.intoto.jsonl"))
	out, _ := command.CombinedOutput()
	if got := command.ProcessState.ExitCode(); got != status {
		t.Fatalf("%s: exit status %d, want %d\n%s", graph, got, status, out)
	}
	return m
}

// build builds the program.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "cotverify")
	command := exec.Command("go", "build", "-o", program, "./cmd/cotverify")
	command.Dir = "../.."
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// payloads returns what the envelopes of a file hold.
func (m made) payloads(t *testing.T, name string) [][]byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(m.folder, name))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for line := range bytes.Lines(data) {
		var envelope struct{ Payload string }
		if err := json.Unmarshal(line, &envelope); err != nil {
			t.Fatal(err)
		}
		payload, err := base64.StdEncoding.DecodeString(envelope.Payload)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, payload)
	}
	return all
}

// statement reads a statement by in-toto's own types, which take no field that
// they do not have.
func statement(t *testing.T, payload []byte) *intoto.Statement {
	t.Helper()
	s := &intoto.Statement{}
	if err := protojson.Unmarshal(payload, s); err != nil {
		t.Fatalf("%v in %s", err, payload)
	}
	if err := s.Validate(); err != nil {
		t.Errorf("%v in %s", err, payload)
	}
	names := map[string]bool{}
	for _, subject := range s.GetSubject() {
		if names[subject.GetName()] || len(subject.GetDigest()) == 0 {
			t.Errorf("subject %q comes twice, or has no digest", subject.GetName())
		}
		names[subject.GetName()] = true
	}
	return s
}

func predicate(t *testing.T, s *intoto.Statement) []byte {
	t.Helper()
	text, err := protojson.Marshal(s.GetPredicate())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestStatements(t *testing.T) {
	program := build(t)
	folders, err := os.ReadDir(graphs)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		t.Run(folder.Name(), func(t *testing.T) {
			status, result := 0, "PASSED"
			if folder.Name() == "tampered" {
				status, result = 1, "FAILED"
			}
			m := verified(t, program, folder.Name(), ed25519Key, status)
			for _, payload := range m.payloads(t, "s.intoto.jsonl") {
				s := statement(t, payload)
				summary := &vsa.VerificationSummary{}
				// The type lacks verifier.version, which the specification has.
				if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(predicate(t, s), summary); err != nil {
					t.Fatal(err)
				}
				if s.GetPredicateType() != "https://slsa.dev/verification_summary/v1" || summary.GetVerifier().GetId() == "" ||
					!strings.Contains(summary.GetResourceUri(), "/tasks/") || summary.GetPolicy().GetUri() == "" ||
					summary.GetVerificationResult() != result || len(summary.GetVerifiedLevels()) == 0 {
					t.Errorf("%s", payload)
				}
				for _, level := range summary.GetVerifiedLevels() {
					if strings.HasPrefix(level, "SLSA_") {
						t.Errorf("level %s", level)
					}
				}
				for _, input := range summary.GetInputAttestations() {
					if input.GetUri() == "" || len(input.GetDigest()["sha256"]) != 64 {
						t.Errorf("input %v", input)
					}
				}
			}
			for _, payload := range m.payloads(t, "p.intoto.jsonl") {
				s := statement(t, payload)
				p := &provenance.Provenance{}
				if err := protojson.Unmarshal(predicate(t, s), p); err != nil {
					t.Fatal(err)
				}
				if err := p.Validate(); err != nil || s.GetPredicateType() != "https://slsa.dev/provenance/v1" {
					t.Errorf("%v in %s", err, payload)
				}
			}
		})
	}
}

// TestBundle has sigstore's verifier take the bundle for each artifact that is
// stated, by the key alone, and refuse it for another artifact and another key.
func TestBundle(t *testing.T) {
	program := build(t)
	for name, kind := range map[string]func(*testing.T) crypto.Signer{"Ed25519": ed25519Key, "ECDSA P-256": p256Key} {
		t.Run(name, func(t *testing.T) {
			m := verified(t, program, "github-push", kind, 0)
			data, err := os.ReadFile(filepath.Join(m.folder, "s.sigstore.json"))
			if err != nil {
				t.Fatal(err)
			}
			b := &bundle.Bundle{}
			if err := b.UnmarshalJSON(data); err != nil {
				t.Fatal(err)
			}
			s := statement(t, m.payloads(t, "s.intoto.jsonl")[0])
			for _, subject := range s.GetSubject() {
				digest, err := hex.DecodeString(subject.GetDigest()["sha256"])
				if err != nil {
					t.Fatal(err)
				}
				if err := check(t, b, m.public, digest); err != nil {
					t.Errorf("%s: %v", subject.GetName(), err)
				}
				if err := check(t, b, kind(t).Public(), digest); err == nil {
					t.Errorf("%s: another key signed it, too", subject.GetName())
				}
			}
			other := sha256.Sum256([]byte("other"))
			if err := check(t, b, m.public, other[:]); err == nil {
				t.Error("it is of another artifact, too")
			}
		})
	}
}

// check has sigstore's verifier look at a bundle.
func check(t *testing.T, b *bundle.Bundle, public crypto.PublicKey, digest []byte) error {
	t.Helper()
	verifier, err := signature.LoadDefaultVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	trusted := root.NewTrustedPublicKeyMaterial(func(string) (root.TimeConstrainedVerifier, error) {
		return root.NewExpiringKey(verifier, time.Time{}, time.Time{}), nil
	})
	v, err := verify.NewVerifier(trusted, verify.WithNoObserverTimestamps())
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Verify(b, verify.NewPolicy(verify.WithArtifactDigest("sha256", digest), verify.WithKey()))
	return err
}
