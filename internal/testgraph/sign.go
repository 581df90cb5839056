package testgraph

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// The worker implementations, each with a key of its own.
const (
	dockerWorker  = "docker-worker"
	genericWorker = "generic-worker"
	scriptworker  = "scriptworker"
)

// privateKey returns a worker implementation's key. Anyone can make it.
func privateKey(worker string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("cotverify test graphs: " + worker))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Keys returns the public keys that the graphs are signed by, as --keys takes
// them. They are for tests: anyone can sign with them.
func Keys() []byte {
	keys := map[string]any{}
	for _, worker := range []string{dockerWorker, genericWorker, scriptworker} {
		public := privateKey(worker).Public().(ed25519.PublicKey)
		keys[worker] = []string{base64.StdEncoding.EncodeToString(public)}
	}
	return encode(keys)
}

// Sign makes the CoT artifact of a task fit its definition and its artifacts
// as they are now, and signs it.
func (t *Task) Sign() {
	artifacts := map[string]any{}
	for name, data := range t.Artifacts {
		if name != CoTArtifact && name != SignatureArtifact {
			artifacts[name] = map[string]any{"sha256": sha256Hex(data)}
		}
	}
	environment := map[string]any{}
	if t.image != nil {
		environment["imageArtifactHash"] = "sha256:" + sha256Hex(t.image.Artifacts[imageArtifact])
	}
	t.SignAs(t.worker, encode(map[string]any{
		"chainOfTrustVersion": 1,
		"taskId":              t.ID,
		"runId":               0,
		"workerGroup":         "test-graphs",
		"workerId":            t.worker,
		"task":                t.Definition,
		"artifacts":           artifacts,
		"environment":         environment,
	}))
}

// SignAs gives a task any CoT artifact, signed by the key of any worker
// implementation.
func (t *Task) SignAs(worker string, cot []byte) {
	t.Artifacts[CoTArtifact] = cot
	t.Artifacts[SignatureArtifact] = ed25519.Sign(privateKey(worker), cot)
}

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// taskID returns a slugid that stands for a name. It starts with a letter, as
// nice ones do, so that no command line takes it for a flag.
func taskID(name string) string {
	sum := sha256.Sum256([]byte(name))
	id := sum[:16]
	id[0] &= 0x7f
	id[6] = id[6]&0x0f | 0x40 // a UUID of version 4,
	id[8] = id[8]&0x3f | 0x80 // of the usual variant
	return base64.RawURLEncoding.EncodeToString(id)
}

// revision returns 40 hex digits that stand for a name.
func revision(name string) string { return sha256Hex([]byte("revision " + name))[:40] }
