package openpgp

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
)

// now is a time after all that testdata/make made, but what it made for later.
var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// body is what most of the messages say.
const body = "{\n  \"chainOfTrustVersion\": 1,\n  \"taskId\": \"AAAAAAAAQAAAAAAAAAAAAA\",\n  \"note\": \"ümläut\"\n}"

func read(t testing.TB, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", folder, name+".asc"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestMessages judges what GnuPG made.
func TestMessages(t *testing.T) {
	const (
		untrusted = "none of the trusted OpenPGP keys made the signature"
		several   = "it holds more than one clear-signed OpenPGP message"
		unclear   = "it is no clear-signed OpenPGP message"
		short     = `{"taskId": "AAAAAAAAQAAAAAAAAAAAAA"}`
	)
	for _, tt := range []struct {
		message string
		keys    string // of one ring each
		body    string // "" for that of most
		expired string // when the key did
		cause   Cause
		err     string // an asterisk stands for a fingerprint
	}{
		{message: "rsa", keys: "rsa"},
		{message: "ed25519", keys: "ed25519"},
		{message: "p256", keys: "p256"},
		{message: "subkey", keys: "subkey"},
		{message: "rsa-subkey", keys: "rsa-subkey"},
		{message: "ed25519", keys: "rsa p256 ed25519"},
		{message: "ed25519", keys: "rsa together"},
		{message: "p256", keys: "blocks"},
		{message: "sha224", keys: "rsa"},
		{message: "sha384", keys: "rsa"},
		{message: "sha512", keys: "rsa"},
		{message: "comment", keys: "rsa"},
		{message: "notation", keys: "rsa"},
		{message: "noise", keys: "rsa"},
		{message: "crlf", keys: "rsa"},
		{message: "blanks-added", keys: "rsa"},
		{message: "no-checksum", keys: "rsa"},
		{message: "dashes", keys: "rsa", body: "- a dash\n-----BEGIN PGP SIGNATURE-----\n--\nFrom here\n\n\nblank lines before, trailing blanks after"},
		{message: "expired", keys: "expired", body: short, expired: "2018-01-01"},
		{message: "expired-subkey", keys: "expired-subkey", body: short, expired: "2018-01-01"},
		{message: "extended", keys: "extended", body: short},

		{message: "rsa", keys: "", err: untrusted, cause: Untrusted},
		{message: "stranger", keys: "rsa ed25519 subkey", err: untrusted, cause: Untrusted},
		{message: "tampered", keys: "rsa", err: untrusted, cause: Untrusted},
		{message: "appended", keys: "rsa", err: untrusted, cause: Untrusted},
		{message: "two-messages", keys: "rsa ed25519", err: several},
		{message: "two-signatures", keys: "rsa ed25519", err: "it has more than one signature"},
		{message: "two-signatures", keys: "rsa", err: "it has more than one signature"},
		{message: "detached", keys: "rsa", err: unclear},
		{message: "not-clear", keys: "rsa", err: unclear},
		{message: "critical-notation", keys: "rsa", err: "its signature has a critical notation, which is not known"},
		{message: "md5", keys: "rsa", err: "the signature is made over a hash of MD5, which is too weak", cause: Weak},
		{message: "sha1", keys: "rsa", err: "the signature is made over a hash of SHA1, which is too weak", cause: Weak},
		{message: "ripemd160", keys: "rsa", err: "the signature is made over a hash of RIPEMD160, which is too weak", cause: Weak},
		{message: "rsa1024", keys: "rsa1024", err: "the key * is too weak: it is an RSA key of 1024 bits, fewer than 2048", cause: Weak},
		{message: "weak-subkey", keys: "weak-subkey", err: "the key * is too weak: it is an RSA key of 1024 bits, fewer than 2048", cause: Weak},
		{message: "dsa", keys: "dsa", err: "the key * is too weak: it is a DSA key", cause: Weak},
		{message: "expired-before", keys: "expired-before", err: "the key * expired on 2017-02-15, before it made the signature on 2017-03-01", cause: Invalid},
		{message: "signature-expired", keys: "rsa", err: "the signature has expired, as its signer meant it to", cause: Invalid},
		{message: "future", keys: "rsa", err: "the signature claims to be made in the future, on 2099-01-01", cause: Invalid},
		{message: "revoked-0", keys: "revoked-0", err: "the key * is revoked", cause: Invalid},
		{message: "revoked-1", keys: "revoked-1", err: "the key * is revoked", cause: Invalid},
		{message: "revoked-2", keys: "revoked-2", err: "the key * is revoked", cause: Invalid},
		{message: "revoked-subkey", keys: "revoked-subkey", err: "the key * is revoked", cause: Invalid},
	} {
		t.Run(tt.message+" by "+tt.keys, func(t *testing.T) {
			var rings []string
			for _, name := range strings.Fields(tt.keys) {
				rings = append(rings, read(t, "keys", name))
			}
			signed, err := Verify([]byte(read(t, "messages", tt.message)), rings, now)
			if tt.err != "" {
				var refused *Error
				if !errors.As(err, &refused) || refused.Cause != tt.cause || !like(refused.Reason, tt.err) || signed != nil {
					t.Errorf("got %v, %v; expected %s", signed, err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := tt.body
			if want == "" {
				want = body
			}
			if string(signed.Body) != want {
				t.Errorf("the body is %q, expected %q", signed.Body, want)
			}
			expired := ""
			if !signed.Expired.IsZero() {
				expired = signed.Expired.Format(time.DateOnly)
			}
			if expired != tt.expired || signed.Made.Format(time.DateOnly) != "2017-03-01" || len(signed.Fingerprint) != 40 {
				t.Errorf("expired %q, expected %q; made on %s by %s", expired, tt.expired, signed.Made, signed.Fingerprint)
			}
		})
	}
}

// TestEmptyBody shows that a message of nothing has a body, which is empty.
func TestEmptyBody(t *testing.T) {
	signed, err := Verify([]byte(read(t, "messages", "empty")), []string{read(t, "keys", "rsa")}, now)
	if err != nil || len(signed.Body) != 0 {
		t.Errorf("got %v, %v", signed, err)
	}
}

// TestSigner shows that a subkey signs in the name of its primary key, and which
// ring has that.
func TestSigner(t *testing.T) {
	rings := []string{read(t, "keys", "rsa"), read(t, "keys", "subkey")}
	owners, err := readRing(rings[1])
	if err != nil {
		t.Fatal(err)
	}
	signed, err := Verify([]byte(read(t, "messages", "subkey")), rings, now)
	if err != nil || signed.Ring != 1 || signed.Fingerprint != fingerprint(owners[0].PrimaryKey) {
		t.Errorf("got %+v, %v", signed, err)
	}
}

// like compares a text with one in which an asterisk stands for a word.
func like(text, pattern string) bool {
	before, after, any := strings.Cut(pattern, "*")
	return text == pattern || any && strings.HasPrefix(text, before) && strings.HasSuffix(text, after)
}

// TestMutants changes bytes of messages. Where a mutant passes, what is read of
// it is what was signed: only what no signature is over was changed.
func TestMutants(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	mutants, passed := 0, 0
	for _, name := range []string{"rsa", "ed25519", "p256", "subkey", "rsa-subkey", "noise", "crlf", "dashes", "two-signatures", "tampered"} {
		message := []byte(read(t, "messages", name))
		var rings []string
		for _, key := range []string{"rsa", "ed25519", "p256", "subkey", "rsa-subkey"} {
			rings = append(rings, read(t, "keys", key))
		}
		want := "nothing"
		if whole, err := Verify(message, rings, now); err == nil {
			want = string(whole.Body)
		}
		for range 1000 {
			mutants++
			mutant := mutate(random, message)
			signed, err := Verify(mutant, rings, now)
			if err != nil {
				continue
			}
			passed++
			if string(signed.Body) != want {
				t.Fatalf("a mutant of %s passes with another body %q:\n%s", name, signed.Body, mutant)
			}
		}
	}
	t.Logf("%d of %d mutants pass, with the body that was signed", passed, mutants)
}

// mutate returns a copy of data with a byte changed, put in, taken away or
// moved, or lines in another order.
func mutate(random *rand.Rand, data []byte) []byte {
	at := random.IntN(len(data))
	switch random.IntN(6) {
	case 0:
		return append(append(bytes.Clone(data[:at]), byte(random.IntN(256))), data[at:]...)
	case 1:
		return append(bytes.Clone(data[:at]), data[at+1:]...)
	case 2:
		lines := bytes.SplitAfter(bytes.Clone(data), []byte("\n"))
		i, j := random.IntN(len(lines)), random.IntN(len(lines))
		lines[i], lines[j] = lines[j], lines[i]
		return bytes.Join(lines, nil)
	case 3:
		mutant := bytes.Clone(data)
		mutant[at] ^= 1 << random.IntN(8)
		return mutant
	case 4:
		return append(append(bytes.Clone(data[:at]), " \t\r\n-"[random.IntN(5)]), data[at:]...)
	}
	mutant := bytes.Clone(data)
	mutant[at] = byte(random.IntN(256))
	return mutant
}

func TestCheckRing(t *testing.T) {
	ed25519 := read(t, "keys", "ed25519")
	var private bytes.Buffer
	owner, err := openpgp.NewEntity("a worker", "", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	// In the armour of public keys, so that only what is in it tells.
	w, err := armor.Encode(&private, publicKeys, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(owner.SerializePrivate(w, nil), w.Close()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, text, err string }{
		{"a ring", ed25519, ""},
		{"several", ed25519 + "\n" + read(t, "keys", "rsa") + "\n\n", ""},
		{"words before", "from the workers' own site\n\n" + ed25519, ""},
		{"a weak key, which a message tells", read(t, "keys", "dsa"), ""},
		{"nothing", "", errNoRing.Error()},
		{"a word", "ed25519", errNoRing.Error()},
		{"cut", ed25519[:len(ed25519)-10], errNoRing.Error()},
		{"something after", ed25519 + "more", errNoRing.Error()},
		{"a message", read(t, "messages", "rsa"), errNoRing.Error()},
		{"damaged", strings.Replace(ed25519, "\n\nm", "\n\nM", 1), "an OpenPGP key cannot be read: *"},
		{"private", private.String(), "holds a private key*"},
	} {
		err := CheckRing(tt.text)
		if (err == nil) != (tt.err == "") || err != nil && !like(err.Error(), tt.err) {
			t.Errorf("%s: %v, expected %s", tt.name, err, tt.err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	rings := []string{read(f, "keys", "together")}
	for _, name := range []string{"rsa", "ed25519", "dashes", "two-signatures", "noise", "md5"} {
		f.Add([]byte(read(f, "messages", name)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		signed, err := Verify(data, rings, now)
		if err == nil && !bytes.Contains(data, []byte(messageStart)) {
			t.Errorf("no message, but signed: %q", signed.Body)
		}
	})
}
