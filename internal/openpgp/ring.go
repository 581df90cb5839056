package openpgp

import (
	"crypto"
	"errors"
	"fmt"
	"strings"
	"time"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// CheckRing returns why a text is no ring: one or more armoured blocks of public
// keys, as "gpg --armor --export" writes them.
func CheckRing(text string) error {
	_, err := readRing(text)
	return err
}

// readRing returns the owners of the keys in a ring. It is read anew for each
// message, since the library notes in it what it found out at one time.
func readRing(text string) (openpgp.EntityList, error) {
	const end = "-----END " + publicKeys + "-----"
	var owners openpgp.EntityList
	for {
		before, after, found := strings.Cut(text, end)
		if !found {
			break
		}
		block, err := armor.Decode(strings.NewReader(before + end))
		if err != nil || block.Type != publicKeys {
			return nil, errNoRing
		}
		read, err := openpgp.ReadKeyRing(block.Body)
		if err != nil {
			return nil, fmt.Errorf("an OpenPGP key cannot be read: %s", strings.TrimPrefix(err.Error(), "openpgp: "))
		}
		owners = append(owners, read...)
		text = after
	}
	if len(owners) == 0 || strings.TrimSpace(text) != "" {
		return nil, errNoRing
	}
	for _, owner := range owners {
		if owner.PrivateKey != nil {
			return nil, errors.New("holds a private key: nobody else may have that, and what is trusted is the public one")
		}
	}
	return owners, nil
}

// publicKeys is the type of an armoured block of public keys.
const publicKeys = "PGP PUBLIC KEY BLOCK"

var errNoRing = errors.New("expected armoured OpenPGP public keys, as gpg --armor --export writes them, and nothing after them")

// keyOf returns the key of an owner that a signature names, or nil.
func keyOf(owner *openpgp.Entity, signature *packet.Signature) *packet.PublicKey {
	if signature.CheckKeyIdOrFingerprint(owner.PrimaryKey) {
		return owner.PrimaryKey
	}
	for _, subkey := range owner.Subkeys {
		if signature.CheckKeyIdOrFingerprint(subkey.PublicKey) {
			return subkey.PublicKey
		}
	}
	return nil
}

// fewestBits is of an RSA key that counts.
const fewestBits = 2048

// trusted is what self-signatures are held to. Many of the early years are over
// SHA-1, which does no harm: whoever owns the key chose all that they are over,
// and the policy has it.
var trusted = &packet.Config{
	MinRSABits:           fewestBits,
	RejectHashAlgorithms: map[crypto.Hash]bool{crypto.MD5: true, crypto.RIPEMD160: true},
}

// judge tells whether a key that made a signature was one to make it, and when
// it expired, where it has by now. As in GnuPG its newest self-signatures count.
// A revoked key vouches for nothing, whenever it signed.
func judge(owner *openpgp.Entity, key *packet.PublicKey, signature *packet.Signature, now time.Time) (expired time.Time, err error) {
	primary := owner.PrimaryKey
	for _, k := range []*packet.PublicKey{primary, key} {
		if weakness := weaknessOf(k); weakness != "" {
			return expired, refuse(Weak, "the key %s is too weak: it is %s", fingerprint(k), weakness)
		}
	}
	if owner.Revoked(now) {
		return expired, refuse(Invalid, "the key %s is revoked", fingerprint(primary))
	}
	for _, subkey := range owner.Subkeys {
		if subkey.PublicKey == key && subkey.Revoked(nil, now) {
			return expired, refuse(Invalid, "the key %s is revoked", fingerprint(key))
		}
	}
	var anyTime time.Time // the newest self-signatures, whatever their time
	signing, ok := owner.SigningKeyById(anyTime, key.KeyId, trusted)
	if !ok || signing.PublicKey != key {
		return expired, refuse(Invalid, "the key %s is none to sign with: nothing valid in its ring says that it is", fingerprint(key))
	}
	at := signature.CreationTime
	for _, k := range []*packet.PublicKey{primary, key} {
		if at.Before(k.CreationTime) {
			return expired, refuse(Invalid, "the signature claims to be older than the key %s", fingerprint(k))
		}
	}
	expired = firstEnd(endOf(primary, signing.PrimarySelfSignature), endOf(key, signing.SelfSignature))
	if direct, err := owner.LatestValidDirectSignature(anyTime, trusted); err == nil {
		expired = firstEnd(expired, endOf(primary, direct))
	}
	switch {
	case signature.SigExpired(now) && at.After(now):
		return expired, refuse(Invalid, "the signature claims to be made in the future, on %s", day(at))
	case signature.SigExpired(now):
		return expired, refuse(Invalid, "the signature has expired, as its signer meant it to")
	case !expired.IsZero() && at.After(expired):
		return expired, refuse(Invalid, "the key %s expired on %s, before it made the signature on %s", fingerprint(key), day(expired), day(at))
	case expired.After(now):
		expired = time.Time{}
	}
	return expired, nil
}

// weaknessOf says why a key is too weak to count, or "".
func weaknessOf(key *packet.PublicKey) string {
	switch key.PubKeyAlgo {
	case packet.PubKeyAlgoDSA:
		return "a DSA key"
	case packet.PubKeyAlgoElGamal:
		return "an ElGamal key"
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly, packet.PubKeyAlgoRSAEncryptOnly:
		if bits, err := key.BitLength(); err != nil || bits < fewestBits {
			return fmt.Sprintf("an RSA key of %d bits, fewer than %d", bits, fewestBits)
		}
	}
	return ""
}

// endOf returns when a key ends to be valid by a self-signature, or the zero
// time.
func endOf(key *packet.PublicKey, self *packet.Signature) time.Time {
	return firstEnd(after(key.CreationTime, self.KeyLifetimeSecs), after(self.CreationTime, self.SigLifetimeSecs))
}

// after returns a time so many seconds after another; none, or nil, is for ever.
func after(from time.Time, seconds *uint32) time.Time {
	if seconds == nil || *seconds == 0 {
		return time.Time{}
	}
	return from.Add(time.Duration(*seconds) * time.Second)
}

// firstEnd returns the earlier of two times, where the zero time never comes.
func firstEnd(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func fingerprint(key *packet.PublicKey) string { return fmt.Sprintf("%X", key.Fingerprint) }

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
