package attest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keyPEM returns a private key and its public one, as files have them.
func keyPEM(t testing.TB, private any, public any) (privatePEM, publicPEM []byte) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	privatePEM = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if der, err = x509.MarshalPKIXPublicKey(public); err != nil {
		t.Fatal(err)
	}
	return privatePEM, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func ed25519PEM(t testing.TB, seed byte) (private, public []byte) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	return keyPEM(t, key, key.Public())
}

func ecdsaPEM(t testing.TB, curve elliptic.Curve) (private, public []byte) {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return keyPEM(t, key, key.Public())
}

func keys(t testing.TB, private, public []byte) (*PrivateKey, *PublicKey) {
	t.Helper()
	own, err := ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := ParsePublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return own, theirs
}

func statementOf(t testing.TB) *Statement {
	t.Helper()
	s, err := newStatement([]Resource{{Name: "a", Digest: map[string]string{"sha256": strings.Repeat("a", 64)}}}, SummaryType,
		Summary{ResourceURI: "https://tc.example/tasks/x", VerificationResult: Passed, VerifiedLevels: []string{Level}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// files returns what is written of a statement: a line, and a bundle.
func files(t testing.TB, key *PrivateKey, s *Statement) map[string][]byte {
	t.Helper()
	signed, err := key.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := signed.Line()
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := signed.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"envelope": envelope, "bundle": bundle}
}

func TestRoundTrip(t *testing.T) {
	for name, pair := range map[string]func() ([]byte, []byte){
		"Ed25519":     func() ([]byte, []byte) { return ed25519PEM(t, 1) },
		"ECDSA P-256": func() ([]byte, []byte) { return ecdsaPEM(t, elliptic.P256()) },
	} {
		private, public := pair()
		own, theirs := keys(t, private, public)
		want := statementOf(t)
		written := files(t, own, want)
		for form, text := range written {
			if again := files(t, own, want)[form]; !bytes.Equal(text, again) {
				t.Errorf("%s, %s: not the same bytes twice", name, form)
			}
			if bytes.Count(text, []byte("\n")) != 1 {
				t.Errorf("%s, %s: no line: %s", name, form, text)
			}
			all, err := Read(bytes.NewReader(append(bytes.Clone(text), text...)))
			if err != nil || len(all) != 2 {
				t.Fatalf("%s, %s: %d, %v", name, form, len(all), err)
			}
			for _, signed := range all {
				got, err := theirs.Open(signed)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			}
		}
		if !strings.HasPrefix(theirs.ID(), "SHA256:") || strings.Contains(theirs.ID(), "=") {
			t.Errorf("key %s", theirs.ID())
		}
		if signature := decoded(t, written["bundle"])["dsseEnvelope"]; !cmp.Equal(signature, any(decoded(t, written["envelope"]))) {
			t.Errorf("the bundle has another envelope: %v", signature)
		}
	}
}

func decoded(t testing.TB, text []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestTampered changes each part of what is written.
func TestTampered(t *testing.T) {
	private, public := ed25519PEM(t, 1)
	own, theirs := keys(t, private, public)
	written := files(t, own, statementOf(t))
	other, otherPublic := ed25519PEM(t, 2)
	stranger, _ := keys(t, other, otherPublic)
	strangers := decoded(t, files(t, stranger, statementOf(t))["envelope"])["signatures"].([]any)[0].(map[string]any)
	signature := func(e map[string]any) map[string]any { return e["signatures"].([]any)[0].(map[string]any) }
	payload := func(e map[string]any, from, to string) {
		text, err := base64.StdEncoding.DecodeString(e["payload"].(string))
		if err != nil || !strings.Contains(string(text), from) {
			t.Fatalf("%v: no %s in %s", err, from, text)
		}
		e["payload"] = base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(string(text), from, to)))
	}
	inEnvelope := map[string]func(map[string]any){
		"resource":                func(e map[string]any) { payload(e, "tasks/x", "tasks/y") },
		"digest":                  func(e map[string]any) { payload(e, "aaaa", "aaab") },
		"result":                  func(e map[string]any) { payload(e, "PASSED", "FAILED") },
		"level":                   func(e map[string]any) { payload(e, Level, LevelStrict) },
		"a blank":                 func(e map[string]any) { payload(e, "{", "{ ") },
		"payload that is none":    func(e map[string]any) { e["payload"] = "%" },
		"empty payload":           func(e map[string]any) { e["payload"] = "" },
		"payloadType":             func(e map[string]any) { e["payloadType"] = "application/json" },
		"no payloadType":          func(e map[string]any) { delete(e, "payloadType") },
		"signature of another":    func(e map[string]any) { signature(e)["sig"] = strangers["sig"] },
		"signature and key":       func(e map[string]any) { e["signatures"] = []any{strangers} },
		"key":                     func(e map[string]any) { signature(e)["keyid"] = strangers["keyid"] },
		"key of another kind":     func(e map[string]any) { signature(e)["keyid"] = "me" },
		"signature that is none":  func(e map[string]any) { signature(e)["sig"] = "%" },
		"empty signature":         func(e map[string]any) { signature(e)["sig"] = "" },
		"no signature":            func(e map[string]any) { e["signatures"] = []any{} },
		"no signatures":           func(e map[string]any) { delete(e, "signatures") },
		"too many signatures":     func(e map[string]any) { e["signatures"] = make([]map[string]any, maxSignatures+1) },
		"signature of other text": func(e map[string]any) { signature(e)["sig"] = base64.StdEncoding.EncodeToString(make([]byte, 64)) },
	}
	for name, change := range inEnvelope {
		envelope, bundle := decoded(t, written["envelope"]), decoded(t, written["bundle"])
		change(envelope)
		change(bundle["dsseEnvelope"].(map[string]any))
		for form, v := range map[string]any{"envelope": envelope, "bundle": bundle} {
			if err := opened(t, theirs, v); !isRefused(err) {
				t.Errorf("%s of the %s: %v", name, form, err)
			}
		}
	}
	for name, change := range map[string]func(map[string]any){
		"hint": func(b map[string]any) {
			b["verificationMaterial"] = map[string]any{"publicKey": map[string]any{"hint": "x"}}
		},
		"no key":             func(b map[string]any) { b["verificationMaterial"] = map[string]any{"certificate": map[string]any{}} },
		"mediaType":          func(b map[string]any) { b["mediaType"] = "application/json" },
		"no mediaType":       func(b map[string]any) { delete(b, "mediaType") },
		"no envelope":        func(b map[string]any) { delete(b, "dsseEnvelope") },
		"nothing of it":      func(b map[string]any) { clear(b) },
		"envelope is a text": func(b map[string]any) { b["dsseEnvelope"] = "x" },
	} {
		bundle := decoded(t, written["bundle"])
		change(bundle)
		if err := opened(t, theirs, bundle); err == nil {
			t.Errorf("%s of the bundle: no error", name)
		}
	}
}

// opened reads and opens what was written.
func opened(t *testing.T, key *PublicKey, v any) error {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	all, err := Read(bytes.NewReader(text))
	if err != nil {
		return err
	}
	_, err = key.Open(all[0])
	return err
}

func isRefused(err error) bool {
	var refused *RefusedError
	return errors.As(err, &refused)
}

// TestOpenRefuses has what the very key signed, and is no statement about
// anything.
func TestOpenRefuses(t *testing.T) {
	private, public := ed25519PEM(t, 1)
	own, theirs := keys(t, private, public)
	for name, change := range map[string]func(*Statement){
		"type":             func(s *Statement) { s.Type = "https://in-toto.io/Statement/v0.1" },
		"no subject":       func(s *Statement) { s.Subject = nil },
		"no digest":        func(s *Statement) { s.Subject[0].Digest = nil },
		"a subject's twin": func(s *Statement) { s.Subject = append(s.Subject, s.Subject[0]) },
	} {
		s := statementOf(t)
		change(s)
		signed, err := own.Sign(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := theirs.Open(signed); !isRefused(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*Statement){
		"no predicate":      func(s *Statement) { s.Predicate = json.RawMessage("{}") },
		"a list":            func(s *Statement) { s.Predicate = json.RawMessage("[]") },
		"another predicate": func(s *Statement) { s.PredicateType = ProvenanceType },
		"a new result": func(s *Statement) {
			s.Predicate = json.RawMessage(`{"resourceUri": "x", "verificationResult": "passed"}`)
		},
	} {
		s := statementOf(t)
		change(s)
		if summary, err := s.Summary(); err == nil {
			t.Errorf("%s: %v", name, summary)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "it is empty",
		"\n":                           "it is empty",
		"{":                            "it ends within a statement",
		"x":                            "it has no envelope or bundle at byte 0",
		"[]":                           "it has no envelope or bundle at byte",
		"{}":                           "it has no envelope, and no bundle of one",
		`{"payload": 7}`:               "it has no envelope or bundle at byte",
		`{"mediaType": "x"}`:           `its mediaType is "x"`,
		`{"dsseEnvelope": {}}`:         `its mediaType is ""`,
		`{"payload": "e30="} x`:        "it has no envelope or bundle at byte",
		strings.Repeat(" ", MaxFile+1): "it is larger than",
	} {
		_, err := Read(strings.NewReader(text))
		var unreadable *UnreadableError
		if !errors.As(err, &unreadable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30s: %v, want %s", text, err, want)
		}
	}
}

func TestKeysRefused(t *testing.T) {
	private, public := ed25519PEM(t, 1)
	p384, p384Public := ecdsaPEM(t, elliptic.P384())
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaPrivate, rsaPublic := keyPEM(t, rsaKey, rsaKey.Public())
	block := func(kind string, data []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}) }
	for _, tt := range []struct {
		name      string
		data      []byte
		ofPrivate string // "" where it is not tried as one
		ofPublic  string
	}{
		{"nothing", nil, "it is no PEM", "it is no PEM"},
		{"text", []byte("secret"), "it is no PEM", "it is no PEM"},
		{"the private key", private, "", "it is a private key; expected the public one"},
		{"the public key", public, "it is a public key", ""},
		{"an encrypted key", block("ENCRYPTED PRIVATE KEY", []byte("x")), "it is encrypted", "it is encrypted"},
		{"an older form", block("EC PRIVATE KEY", []byte("x")), "not in PKCS #8", "it is a private key"},
		{"a certificate", block("CERTIFICATE", []byte("x")), "not in PKCS #8", "expected -----BEGIN PUBLIC KEY-----"},
		{"no key within", block("PRIVATE KEY", []byte("secret")), "no private key in PKCS #8", "it is a private key"},
		{"no public key within", block("PUBLIC KEY", []byte("x")), "it is a public key", "no public key in PKIX"},
		{"two keys", append(bytes.Clone(private), private...), "several PEM blocks", "it is a private key"},
		{"two public keys", append(bytes.Clone(public), public...), "it is a public key", "several PEM blocks"},
		{"P-384", p384, "expected a key of Ed25519 or of ECDSA P-256", "it is a private key"},
		{"P-384's public", p384Public, "it is a public key", "expected a key of Ed25519"},
		{"RSA", rsaPrivate, "expected a key of Ed25519", "it is a private key"},
		{"RSA's public", rsaPublic, "it is a public key", "expected a key of Ed25519"},
	} {
		if _, err := ParsePrivateKey(tt.data); tt.ofPrivate != "" && (err == nil || !strings.Contains(err.Error(), tt.ofPrivate)) {
			t.Errorf("%s as a private key: %v, want %s", tt.name, err, tt.ofPrivate)
		} else if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error repeats it: %v", tt.name, err)
		}
		if _, err := ParsePublicKey(tt.data); tt.ofPublic != "" && (err == nil || !strings.Contains(err.Error(), tt.ofPublic)) {
			t.Errorf("%s as a public key: %v, want %s", tt.name, err, tt.ofPublic)
		}
	}
}

// FuzzOpen reads and opens anything: whatever opens is what the key signed.
func FuzzOpen(f *testing.F) {
	private, public := ed25519PEM(f, 1)
	own, theirs := keys(f, private, public)
	want, err := json.Marshal(statementOf(f))
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range files(f, own, statementOf(f)) {
		f.Add(text)
	}
	f.Add([]byte(`{"payload": "e30=", "payloadType": "` + PayloadType + `", "signatures": [{"sig": "", "keyid": ""}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, signed := range all {
			statement, err := theirs.Open(signed)
			if err != nil {
				continue
			}
			got, err := json.Marshal(statement)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("opened what nobody signed: %s, %v", got, err)
			}
		}
	})
}
