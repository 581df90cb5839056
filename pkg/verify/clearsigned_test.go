package verify_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"cotverify/internal/memsource"
	"cotverify/internal/testgraph"
	"cotverify/pkg/cot"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
	"cotverify/pkg/verify"
)

// early is a time when workers had OpenPGP keys.
var early = time.Date(2017, 3, 1, 12, 0, 0, 0, time.UTC)

// owner is somebody with an OpenPGP key of that time.
type owner struct {
	*openpgp.Entity
	config *packet.Config
}

func newOwner(t *testing.T, lifetime time.Duration) owner {
	t.Helper()
	config := &packet.Config{
		Algorithm: packet.PubKeyAlgoEdDSA, Time: func() time.Time { return early },
		KeyLifetimeSecs: uint32(lifetime / time.Second),
	}
	entity, err := openpgp.NewEntity("a worker", "", "", config)
	if err != nil {
		t.Fatal(err)
	}
	return owner{entity, config}
}

func (o owner) fingerprint() string { return fmt.Sprintf("%X", o.PrimaryKey.Fingerprint) }

// ring returns the owner's public keys.
func (o owner) ring(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w, err := armor.Encode(&b, openpgp.PublicKeyType, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Serialize(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sign returns a clear-signed message.
func (o owner) sign(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := clearsign.Encode(&b, o.PrivateKey, o.config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestClearSigned verifies a task whose worker signed with OpenPGP.
func TestClearSigned(t *testing.T) {
	const name = "build-linux64"
	worker, expired, stranger := newOwner(t, 0), newOwner(t, 24*time.Hour), newOwner(t, 0)
	trusted := map[string][]policy.OpenPGPKey{"docker-worker": {{Ring: expired.ring(t)}, {Ring: worker.ring(t)}}}
	for _, tt := range []struct {
		name    string
		edit    func(build *testgraph.Task) // which has the message, and the CoT artifact beside it
		keys    map[string][]policy.OpenPGPKey
		options func(*options)
		verdict report.Verdict
		reason  report.Reason
		tells   []string // what the checks that did not pass say
		signer  string   // "" for nobody
	}{
		{name: "alone", verdict: report.Verified, signer: worker.fingerprint(),
			edit: func(build *testgraph.Task) { delete(build.Artifacts, cot.Artifact) }},
		{name: "beside what it signs", verdict: report.Verified, signer: worker.fingerprint()},
		{name: "beside that with other blanks", verdict: report.Verified, signer: worker.fingerprint(),
			edit: func(build *testgraph.Task) {
				build.Artifacts[cot.Artifact] = append(bytes.ReplaceAll(build.Artifacts[cot.Artifact], []byte("\n"), []byte(" \r\n")), "\n\n"...)
			}},
		{name: "beside something else", verdict: report.Refused, reason: report.OtherBody, tells: []string{"which lies beside it"},
			edit: func(build *testgraph.Task) {
				build.Artifacts[cot.Artifact] = append(build.Artifacts[cot.Artifact], " {}"...)
			}},
		{name: "no key is trusted", keys: map[string][]policy.OpenPGPKey{}, verdict: report.Unknown, reason: report.Unsigned,
			tells: []string{"signature signing:build " + cot.SignatureArtifact + ": artifact " + cot.SignatureArtifact}},
		{name: "those of another worker implementation are", keys: map[string][]policy.OpenPGPKey{"generic-worker": trusted["docker-worker"]},
			verdict: report.Unknown, reason: report.Unsigned, tells: []string{cot.SignatureArtifact}},
		{name: "of a stranger", verdict: report.Refused, reason: report.NoTrustedKey, tells: []string{"none of the trusted OpenPGP keys made the signature"},
			edit: func(build *testgraph.Task) {
				build.Artifacts[cot.ClearSignedArtifact] = stranger.sign(t, build.Artifacts[cot.Artifact])
			}},
		{name: "tampered with", verdict: report.Refused, reason: report.NoTrustedKey, tells: []string{"none of the trusted OpenPGP keys made the signature"},
			edit: func(build *testgraph.Task) {
				message := build.Artifacts[cot.ClearSignedArtifact]
				build.Artifacts[cot.ClearSignedArtifact] = bytes.Replace(message, []byte(`"runId"`), []byte(`"runID"`), 1)
			}},
		{name: "of another task", verdict: report.Refused, reason: report.OtherTask, tells: []string{"cot signing:build " + cot.ClearSignedArtifact},
			signer: worker.fingerprint(),
			edit: func(build *testgraph.Task) {
				other := bytes.Replace(build.Artifacts[cot.Artifact], []byte(build.ID), []byte("AAAAAAAAQAAAAAAAAAAAAA"), 1)
				build.Artifacts[cot.ClearSignedArtifact] = worker.sign(t, other)
				delete(build.Artifacts, cot.Artifact)
			}},
		{name: "no JSON", verdict: report.Refused, reason: report.MalformedCot, signer: worker.fingerprint(),
			edit: func(build *testgraph.Task) {
				build.Artifacts[cot.ClearSignedArtifact] = worker.sign(t, []byte("{"))
				delete(build.Artifacts, cot.Artifact)
			}},
		{name: "no message", verdict: report.Refused, reason: report.BadSignature, tells: []string{"it is no clear-signed OpenPGP message"},
			edit: func(build *testgraph.Task) {
				build.Artifacts[cot.ClearSignedArtifact] = build.Artifacts[cot.Artifact]
			}},
		{name: "text around it", verdict: report.Verified, signer: worker.fingerprint(),
			edit: func(build *testgraph.Task) {
				message := build.Artifacts[cot.ClearSignedArtifact]
				build.Artifacts[cot.ClearSignedArtifact] = slices.Concat([]byte("{\"taskId\": 1}\n\n"), message, []byte("\n{}\n"))
			}},
		{name: "a signature of today that does not hold", verdict: report.Refused, reason: report.NoTrustedKey, tells: []string{"keys trusted for docker-worker"},
			edit: func(build *testgraph.Task) {
				build.Artifacts[cot.SignatureArtifact] = bytes.Repeat([]byte{1}, 64)
			}},
		{name: "expired", verdict: report.Verified, signer: expired.fingerprint(),
			tells: []string{"warn expired-key signing:build " + expired.fingerprint() + ": the key expired on 2017-03-02, after it made the signature, which is of 2017-03-01"},
			edit: func(build *testgraph.Task) {
				build.Artifacts[cot.ClearSignedArtifact] = expired.sign(t, build.Artifacts[cot.Artifact])
			}},
		{name: "expired, and warnings refuse", verdict: report.Refused, signer: expired.fingerprint(), tells: []string{"expired-key"},
			options: func(o *options) { o.Strict = true },
			edit: func(build *testgraph.Task) {
				build.Artifacts[cot.ClearSignedArtifact] = expired.sign(t, build.Artifacts[cot.Artifact])
			}},
		{name: "retired", keys: map[string][]policy.OpenPGPKey{"docker-worker": {{Ring: worker.ring(t), Retired: "in 2018"}}},
			verdict: report.Verified, signer: worker.fingerprint(),
			tells: []string{"warn retired-key signing:build " + worker.fingerprint() + ": the signature was made by a key that is retired: in 2018"}},
		{name: "a malformed ring", keys: map[string][]policy.OpenPGPKey{"docker-worker": {{Ring: "what?"}}},
			verdict: report.Refused, reason: report.BadKey, tells: []string{"a trusted ring: expected armoured OpenPGP public keys"}},
		{name: "all signatures are required by name", verdict: report.Verified, signer: worker.fingerprint(),
			options: func(o *options) { o.Require = []verify.Requirement{{What: "signatures"}} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			graph := testgraph.GitHubPush()
			build := graph.Task(name)
			build.Artifacts[cot.ClearSignedArtifact] = worker.sign(t, build.Artifacts[cot.Artifact])
			delete(build.Artifacts, cot.SignatureArtifact)
			if tt.edit != nil {
				tt.edit(build)
			}
			o := optionsOf(t, graph, graph.Source())
			keys := tt.keys
			if keys == nil {
				keys = trusted
			}
			o.Policy = withRings(o.Policy, keys)
			if tt.options != nil {
				tt.options(&o)
			}
			r, err := o.verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			said := messages(r)
			if r.Verdict != tt.verdict {
				t.Errorf("verdict %s, expected %s:\n%s", r.Verdict, tt.verdict, said)
			}
			for _, text := range tt.tells {
				if !strings.Contains(said, text) {
					t.Errorf("nothing says %q:\n%s", text, said)
				}
			}
			if tt.reason != "" && !slices.ContainsFunc(r.Checks, func(c report.Check) bool { return c.Reason == tt.reason && c.TaskID == build.ID }) {
				t.Errorf("no check fails because of %s:\n%s", tt.reason, said)
			}
			for _, l := range r.Links {
				if l.TaskID == build.ID && l.SignedBy != tt.signer {
					t.Errorf("signed by %q, expected %q", l.SignedBy, tt.signer)
				}
			}
		})
	}
}

// withRings returns a policy with OpenPGP keys, as they are.
func withRings(p *policy.Policy, keys map[string][]policy.OpenPGPKey) *policy.Policy {
	with := *p
	with.OpenPGPKeys = keys
	return &with
}

// TestClearSignedAbsent shows that trouble with a message, or with what lies
// beside it, never makes a pass.
func TestClearSignedAbsent(t *testing.T) {
	worker := newOwner(t, 0)
	for _, artifact := range []string{cot.ClearSignedArtifact, cot.Artifact, cot.SignatureArtifact} {
		graph := testgraph.GitHubPush()
		build := graph.Task("build-linux64")
		build.Artifacts[cot.ClearSignedArtifact] = worker.sign(t, build.Artifacts[cot.Artifact])
		delete(build.Artifacts, cot.SignatureArtifact)
		o := optionsOf(t, graph, graph.Source().Unavailable(source.Artifact(build.ID, artifact)))
		o.Policy = withRings(o.Policy, map[string][]policy.OpenPGPKey{"docker-worker": {{Ring: worker.ring(t)}}})
		r, err := o.verify(t.Context())
		if err != nil || r.Verdict != report.Unknown || !strings.Contains(messages(r), "no network") {
			t.Errorf("without %s: verdict %s, %v\n%s", artifact, r.Verdict, err, messages(r))
		}
	}
}

// TestClearSignedIsAskedForLast shows that a message is asked for only of a task
// without a signature, and only by a policy with OpenPGP keys.
func TestClearSignedIsAskedForLast(t *testing.T) {
	ring := newOwner(t, 0).ring(t)
	for _, tt := range []struct {
		name   string
		keys   map[string][]policy.OpenPGPKey
		signed bool
		asked  int64
	}{
		{"a signature", map[string][]policy.OpenPGPKey{"docker-worker": {{Ring: ring}}}, true, 0},
		{"no keys", nil, false, 0},
		{"neither", map[string][]policy.OpenPGPKey{"docker-worker": {{Ring: ring}}}, false, 1},
	} {
		graph := testgraph.GitHubPush()
		build := graph.Task("build-linux64")
		if !tt.signed {
			delete(build.Artifacts, cot.SignatureArtifact)
		}
		asked := &counting{Facts: graph.Source()}
		o := optionsOf(t, graph, asked)
		o.Policy = withRings(o.Policy, tt.keys)
		r, err := o.verify(t.Context())
		if err != nil || asked.messages.Load() != tt.asked {
			t.Errorf("%s: asked for %d messages, expected %d; %v", tt.name, asked.messages.Load(), tt.asked, err)
		}
		if (r.Verdict == report.Verified) != tt.signed {
			t.Errorf("%s: verdict %s\n%s", tt.name, r.Verdict, messages(r))
		}
	}
}

// counting counts how often a clear-signed message is asked for.
type counting struct {
	memsource.Facts
	messages atomic.Int64
}

func (s *counting) Open(ctx context.Context, f source.Fact) (*source.Answer, error) {
	if f.Name == cot.ClearSignedArtifact {
		s.messages.Add(1)
	}
	return s.Facts.Open(ctx, f)
}
