package testgraph_test

import (
	"path/filepath"
	"testing"

	"cotverify/internal/testgraph"
	"cotverify/pkg/evidence"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
	"cotverify/pkg/source/bundle"
	"cotverify/pkg/verify"
)

// TestGraphsAreAccepted verifies every graph, as it is made and from a bundle
// of it, with no warning but what was tampered with refused.
func TestGraphsAreAccepted(t *testing.T) {
	graphs := testgraph.All()
	graphs["large"] = testgraph.Large(5)
	for name, g := range graphs {
		t.Run(name, func(t *testing.T) {
			want := report.Verified
			if name == "tampered" {
				want = report.Refused
			}
			checkVerdict(t, g, g.Source(), want)
			path := filepath.Join(t.TempDir(), "bundle.tar.zst")
			if err := g.Write(path); err != nil {
				t.Fatal(err)
			}
			b, err := bundle.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			checkVerdict(t, g, b, want)
		})
	}
}

func checkVerdict(t *testing.T, g *testgraph.Graph, s source.Source, want report.Verdict) {
	t.Helper()
	keys, err := policy.ParseKeys(testgraph.Keys(), "the test graphs' keys")
	if err != nil {
		t.Fatal(err)
	}
	p := policy.Default().WithKeys(keys, "keys.json")
	store := evidence.New(s)
	defer store.Close()
	v := &verify.Verifier{Store: store, Policy: p}
	r, err := v.Verify(t.Context(), verify.Target{TaskID: g.Target.ID, TaskType: g.TaskType, Product: g.Product, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != want {
		t.Errorf("verdict %s, want %s", r.Verdict, want)
	}
	if len(r.Links) != len(g.Tasks) {
		t.Errorf("%d links, and the graph has %d tasks", len(r.Links), len(g.Tasks))
	}
	for _, c := range r.Checks {
		if want == report.Verified && c.Status != report.Pass {
			t.Errorf("%s of %s: %s: %s", c.Check, c.Link, c.Status, c.Message)
		}
	}
}
