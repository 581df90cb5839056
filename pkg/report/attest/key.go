package attest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// PrivateKey signs statements. It is an Ed25519 key or one of ECDSA P-256.
type PrivateKey struct {
	signer crypto.Signer
	id     string
}

// PublicKey opens what a private key signed.
type PublicKey struct {
	public crypto.PublicKey
	id     string
}

// ID returns how envelopes name the key.
func (k *PublicKey) ID() string { return k.id }

// ParsePrivateKey reads a private key: PKCS #8 in PEM, without a password. No
// error repeats any of it.
func ParsePrivateKey(data []byte) (*PrivateKey, error) {
	block, err := onlyBlock(data, "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block)
	if err != nil {
		return nil, errors.New("its PEM block is no private key in PKCS #8")
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, errKind
	}
	id, err := keyID(signer.Public())
	if err != nil {
		return nil, err
	}
	return &PrivateKey{signer, id}, nil
}

// ParsePublicKey reads a public key: PKIX in PEM.
func ParsePublicKey(data []byte) (*PublicKey, error) {
	block, err := onlyBlock(data, "PUBLIC KEY")
	if err != nil {
		return nil, err
	}
	public, err := x509.ParsePKIXPublicKey(block)
	if err != nil {
		return nil, errors.New("its PEM block is no public key in PKIX")
	}
	id, err := keyID(public)
	if err != nil {
		return nil, err
	}
	return &PublicKey{public, id}, nil
}

// onlyBlock returns the bytes of the only PEM block that there is, which is of
// a type.
func onlyBlock(data []byte, want string) ([]byte, error) {
	block, rest := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("it is no PEM; expected -----BEGIN %s-----", want)
	}
	encrypted := strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != ""
	switch {
	case encrypted:
		return nil, errors.New("it is encrypted; expected one without a password, as openssl pkcs8 -topk8 -nocrypt writes it")
	case want == "PUBLIC KEY" && strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return nil, errors.New("it is a private key; expected the public one, as openssl pkey -pubout writes it")
	case want == "PRIVATE KEY" && strings.HasSuffix(block.Type, "PUBLIC KEY"):
		return nil, errors.New("it is a public key; expected the private one")
	case block.Type != want && want == "PRIVATE KEY":
		return nil, errors.New("it is not in PKCS #8; expected -----BEGIN PRIVATE KEY-----, as openssl pkcs8 -topk8 -nocrypt writes it")
	case block.Type != want:
		return nil, fmt.Errorf("expected -----BEGIN %s-----", want)
	}
	if another, _ := pem.Decode(rest); another != nil {
		return nil, errors.New("it has several PEM blocks; expected one key")
	}
	return block.Bytes, nil
}

var errKind = errors.New("expected a key of Ed25519 or of ECDSA P-256")

// keyID returns how envelopes name a key, which is the one name that all who
// read them take: as OpenSSH does, by SHA256: and a hash. The error says that
// the key is of another kind than is used here.
func keyID(public crypto.PublicKey) (string, error) {
	switch public := public.(type) {
	case ed25519.PublicKey:
	case *ecdsa.PublicKey:
		if public.Curve != elliptic.P256() {
			return "", errKind
		}
	default:
		return "", errKind
	}
	return dsse.SHA256KeyID(public)
}

// inEnvelope signs for an envelope. It takes nothing from chance.
type inEnvelope struct{ key *PrivateKey }

// Sign implements [dsse.Signer].
func (s inEnvelope) Sign(_ context.Context, message []byte) ([]byte, error) {
	if _, ok := s.key.signer.(ed25519.PrivateKey); ok {
		return s.key.signer.Sign(nil, message, crypto.Hash(0))
	}
	sum := sha256.Sum256(message)
	return s.key.signer.Sign(nil, sum[:], crypto.SHA256)
}

// KeyID implements [dsse.Signer].
func (s inEnvelope) KeyID() (string, error) { return s.key.id, nil }

// Verify implements [dsse.Verifier].
func (k *PublicKey) Verify(_ context.Context, message, signature []byte) error {
	var holds bool
	switch public := k.public.(type) {
	case ed25519.PublicKey:
		holds = ed25519.Verify(public, message, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(message)
		holds = ecdsa.VerifyASN1(public, sum[:], signature)
	}
	if !holds {
		return errors.New("the signature does not hold")
	}
	return nil
}

// KeyID implements [dsse.Verifier].
func (k *PublicKey) KeyID() (string, error) { return k.id, nil }

// Public implements [dsse.Verifier].
func (k *PublicKey) Public() crypto.PublicKey { return k.public }
