package verify

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"cotverify/internal/pyjson"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/evidence"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
)

// FuzzCot reads anything that a trusted key signed as a CoT artifact: nothing
// panics, and no artifact is relied on that has not the hash that was signed.
func FuzzCot(f *testing.F) {
	const (
		id     = "IWjnqVarTJeCW1SIckQFiA"
		sum256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // of nothing
		sum512 = "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
	)
	for _, seed := range []string{
		`{"taskId": "IWjnqVarTJeCW1SIckQFiA", "artifacts": {"public/a": {"sha256": "` + sum256 + `"}, "image": {"sha256": "00"}},
			"environment": {"imageArtifactHash": "sha256:00"}, "task": {"payload": {}}}`,
		`{"taskId": "IWjnqVarTJeCW1SIckQFiA"}`,
		`{"taskId": "IWjnqVarTJeCW1SIckQFiA", "artifacts": {"public/a": {"sha256": 1e400}}, "environment": null}`,
		`{"taskId": "IWjnqVarTJeCW1SIckQFiA", "artifacts": {"public/a": {"sha512": "` + sum512 + `", "md5": ""}}, "task": {"payload": 12345678901234567890}}`,
		`{"artifacts": null, "\ud800": -0.0, "taskId": "", "taskId": "IWjnqVarTJeCW1SIckQFiA", "artifacts": {"public/a": {}}}`,
		`{}`, `[]`, `null`, `NaN`, `"`, "\ufeff{}",
	} {
		f.Add([]byte(seed))
	}
	task := graph.ReadTask(id, []byte(`{"provisionerId": "p", "taskGroupId": "g", "scopes": [],
		"payload": {"image": {"type": "task-image", "taskId": "IWjnqVarTJeCW1SIckQFiA", "path": "image"}},
		"extra": {"chainOfTrust": {"inputs": {"docker-image": "IWjnqVarTJeCW1SIckQFiA"}}}}`))
	f.Fuzz(func(t *testing.T, signed []byte) {
		l := &Link{Link: &graph.Link{TaskID: id, Name: "signing:build", Type: cot.Build, Worker: cot.DockerWorker, Task: task}}
		if document, err := pyjson.Parse(signed); err != nil {
			l.cot.cotError = err
		} else {
			l.cot.read(id, document)
		}
		store := evidence.New(empty{})
		defer store.Close()
		a := &artifact{name: "public/a"}
		var err error
		a.digest, err = store.Digest(t.Context(), id, a.name)
		a.err = a.verify(&l.cot, err)
		l.artifacts = []*artifact{a}
		c := &Chain{product: &policy.Product{}, byID: map[string]*Link{id: l}, members: []*Link{l}}

		var checks []report.Check
		for _, rule := range []rule{cotRule, artifactRule, imageRule} {
			checks = append(checks, rule.check(c, l)...)
		}
		for _, check := range checks {
			if check.Status != report.Pass && check.Message == "" {
				t.Errorf("%+v says nothing", check)
			}
		}
		if _, err := json.Marshal(checks); err != nil {
			t.Fatal(err)
		}
		if a.err != nil {
			return
		}
		hashes, err := value.Lookup(l.cot.document, "artifacts", "public/a")
		if err != nil {
			t.Fatal(err)
		}
		for algorithm, hash := range hashes.(*value.Object).All() {
			if (algorithm != "sha256" || hash != sum256) && (algorithm != "sha512" || hash != sum512) {
				t.Errorf("relied on, though its %s is signed as %v", algorithm, hash)
			}
		}
	})
}

// empty is a source in which every artifact is empty.
type empty struct{}

// Open implements [source.Source].
func (empty) Open(context.Context, source.Fact) (*source.Answer, error) {
	return &source.Answer{Body: io.NopCloser(strings.NewReader(""))}, nil
}
