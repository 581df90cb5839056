package verify

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"maps"
)

// headStart is how much of an artifact is read before it is decided which
// hashes to make of it. By then the CoT artifact, which tells, has come too,
// unless the artifact is so small that it does not matter.
const headStart = 128 << 10

// digest makes and has the hashes of an artifact's bytes, by algorithm.
type digest struct {
	hashes map[string]hash.Hash
	size   int64
}

// newDigest makes the hashes that the CoT artifact has of an artifact, or all
// that it may have where it is not there yet.
func (e *evidence) newDigest(a *artifact) digest {
	d := digest{hashes: map[string]hash.Hash{"sha256": sha256.New(), "sha512": sha512.New()}}
	select {
	case <-e.cotDone:
		signed, err := a.signedHashes(&e.cot)
		if err == nil {
			maps.DeleteFunc(d.hashes, func(algorithm string, _ hash.Hash) bool {
				_, ok := signed.Get(algorithm)
				return !ok
			})
		}
	default:
	}
	return d
}

func (d digest) writer() io.Writer {
	var writers []io.Writer
	for _, h := range d.hashes {
		writers = append(writers, h)
	}
	return io.MultiWriter(writers...)
}

// sum returns a hash in lower-case hex, and whether it is of an algorithm that
// is trusted.
func (d digest) sum(algorithm string) (string, bool) {
	h, ok := d.hashes[algorithm]
	if !ok {
		return "", false
	}
	return hex.EncodeToString(h.Sum(nil)), true
}
