// Package openpgp tells who signed a clear-signed OpenPGP message, in which the
// workers of the early years published their CoT artifacts (specification,
// section 4).
//
// The library reads packets and does the arithmetic. What counts as a signature
// is decided here, and is as strict as it can be for messages that GnuPG and
// OpenPGP.js made: one message, one signature, over exactly the text that is
// returned.
package openpgp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// Signed is a message whose signature holds.
type Signed struct {
	// Body is the text that was signed, as canonical text: no blanks at the ends
	// of its lines, which end in a line feed, but for the last, which has no end.
	Body []byte
	// Ring is the position of the ring that has the key.
	Ring int
	// Fingerprint is of the primary key that the signing key belongs to, in
	// upper-case hex.
	Fingerprint string
	Made        time.Time
	// Expired is when the key expired, where it has by now; else the zero time.
	Expired time.Time
}

// Cause is a kind of [Error].
type Cause int

// The causes.
const (
	Malformed Cause = iota // it is no message that is read
	Untrusted              // no key of the rings made the signature
	Weak                   // the hash or the key is too weak
	Invalid                // the key, or the signature, was not valid when it was made, or is revoked
	BadRing                // a ring is none
)

// Error says why a message is not taken for signed.
type Error struct {
	Cause  Cause
	Reason string
}

func (e *Error) Error() string { return e.Reason }

func refuse(cause Cause, format string, args ...any) error {
	return &Error{cause, fmt.Sprintf(format, args...)}
}

// IsMessage reports whether data looks like a clear-signed message.
func IsMessage(data []byte) bool {
	return bytes.HasPrefix(data, []byte(messageStart)) || bytes.Contains(data, []byte("\n"+messageStart))
}

// Verify returns the message that data holds, if one of the keys in the rings,
// which are as [CheckRing] takes them, signed it. Text before and after the
// message is passed over, as GnuPG does, and never returned. The error is an
// *Error.
func Verify(data []byte, rings []string, now time.Time) (*Signed, error) {
	block, err := decode(data)
	if err != nil {
		return nil, err
	}
	signature, err := onlySignature(block.ArmoredSignature.Body)
	if err != nil {
		return nil, err
	}
	refused := refuse(Untrusted, "none of the trusted OpenPGP keys made the signature")
	for i, text := range rings {
		owners, err := readRing(text)
		if err != nil {
			return nil, refuse(BadRing, "a trusted ring: %v", err)
		}
		for _, owner := range owners {
			key := keyOf(owner, signature)
			if key == nil || !made(signature, key, block.Bytes) {
				continue
			}
			expired, err := judge(owner, key, signature, now)
			if err != nil {
				refused = err
				continue
			}
			return &Signed{
				Body: block.Plaintext, Ring: i, Fingerprint: fingerprint(owner.PrimaryKey),
				Made: signature.CreationTime.UTC(), Expired: expired,
			}, nil
		}
	}
	return nil, refused
}

// SameText reports whether a file says what the body of a message does, but for
// what is not signed: how lines end, blanks there, and line breaks at the end.
func SameText(file, body []byte) bool { return bytes.Equal(canonical(file), canonical(body)) }

func canonical(text []byte) []byte {
	var lines [][]byte
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		lines = append(lines, bytes.TrimRight(bytes.TrimSuffix(line, []byte("\r")), " \t"))
	}
	return bytes.TrimRight(bytes.Join(lines, []byte("\n")), "\n")
}

const (
	messageStart = "-----BEGIN PGP SIGNED MESSAGE-----"
	armorStart   = "-----BEGIN PGP "
	armorEnd     = "-----END PGP "
)

// decode returns the only message that data holds.
func decode(data []byte) (*clearsign.Block, error) {
	starts, ends := 0, 0
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		switch {
		case bytes.HasPrefix(line, []byte(armorStart)):
			starts++
		case bytes.HasPrefix(line, []byte(armorEnd)):
			ends++
		}
	}
	if starts > 2 || ends > 1 { // which of several would be read is for no one to guess
		return nil, refuse(Malformed, "it holds more than one clear-signed OpenPGP message")
	}
	block, _ := clearsign.Decode(data)
	if block == nil {
		return nil, refuse(Malformed, "it is no clear-signed OpenPGP message")
	}
	return block, nil
}

// version is of the signatures that GnuPG and OpenPGP.js make.
const version = 4

// weakHashes has, by the number that stands for it in a signature, each hash of
// which two texts can be made that share it.
var weakHashes = map[byte]string{1: "MD5", 2: "SHA1", 3: "RIPEMD160"}

// onlySignature reads the one signature of a message.
func onlySignature(armored io.Reader) (*packet.Signature, error) {
	packets := packet.NewOpaqueReader(armored)
	first, err := packets.Next()
	if err != nil {
		return nil, refuse(Malformed, "its signature cannot be read")
	}
	switch _, err := packets.Next(); {
	case err == nil:
		return nil, refuse(Malformed, "it has more than one signature")
	case !errors.Is(err, io.EOF):
		return nil, refuse(Malformed, "its signature cannot be read")
	}
	// A signature begins with its version, its type, the kind of key and that of
	// the hash. The library does not know all of the weak ones.
	if head := first.Contents; first.Tag == 2 && len(head) >= 4 && head[0] == version {
		if name, weak := weakHashes[head[3]]; weak {
			return nil, refuse(Weak, "the signature is made over a hash of %s, which is too weak", name)
		}
	}
	parsed, err := first.Parse()
	signature, ok := parsed.(*packet.Signature)
	switch {
	case err != nil || !ok || signature.IssuerKeyId == nil:
		return nil, refuse(Malformed, "its signature cannot be read")
	case signature.Version != version:
		return nil, refuse(Malformed, "its signature is of version %d, not %d", signature.Version, version)
	case signature.SigType != packet.SigTypeText:
		return nil, refuse(Malformed, "its signature is none over a text")
	}
	for _, notation := range signature.Notations {
		if notation.IsCritical { // its signer says that who does not know it must not go on
			return nil, refuse(Malformed, "its signature has a critical notation, which is not known")
		}
	}
	return signature, nil
}

// made reports whether the key made the signature over canonical text.
func made(signature *packet.Signature, key *packet.PublicKey, text []byte) bool {
	hash, err := signature.PrepareVerify()
	if err != nil {
		return false
	}
	hash.Write(text)
	return key.VerifySignature(hash, signature) == nil
}
