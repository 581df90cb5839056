package verify_test

import (
	"testing"
	"time"

	"cotverify/internal/testgraph"
	"cotverify/pkg/evidence"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
	"cotverify/pkg/verify"
)

// TestExpiring lets a chain grow old: what its tasks have expires a year after they
// were made.
func TestExpiring(t *testing.T) {
	keys, err := policy.ParseKeys(testgraph.Keys(), "keys.json")
	if err != nil {
		t.Fatal(err)
	}
	g := testgraph.GitHubPush()
	facts := g.Source()
	image := g.Task("docker-image-base").ID
	store := evidence.New(facts)
	defer store.Close()
	v := &verify.Verifier{Store: store, Policy: policy.Default().WithKeys(keys, "keys.json")}
	graph, err := v.WalkExpiry(t.Context(), verify.Target{TaskID: g.Target.ID})
	if err != nil || len(graph.Expiry) != len(graph.Links) {
		t.Fatalf("%v; %d of %d links", err, len(graph.Expiry), len(graph.Links))
	}
	cached := 0
	for i, e := range graph.Expiry {
		if e.Expires == "" || i > 0 && e.Expires < graph.Expiry[i-1].Expires {
			t.Errorf("%+v is out of order", e)
		}
		if e.Cached {
			cached++
		}
	}
	if first := graph.Expiry[0]; !first.Cached || cached != 2 {
		t.Errorf("%d are cached, the first is %+v; expected the image and its decision", cached, first)
	}
	first, err := time.Parse(time.DateOnly, graph.Expiry[0].Expires)
	if err != nil {
		t.Fatal(err)
	}

	warnings := func(before time.Time) map[string]report.Check {
		r, err := v.Verify(t.Context(), verify.Target{TaskID: g.Target.ID, ExpiringBefore: before})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != report.Verified {
			t.Errorf("the verdict is %s", r.Verdict)
		}
		warned := map[string]report.Check{}
		for _, c := range r.Checks {
			if c.Check == "expiring" {
				warned[c.TaskID] = c
			}
		}
		return warned
	}
	if w := warnings(time.Time{}); len(w) > 0 {
		t.Errorf("nobody asked, and it warns of %v", w)
	}
	if w := warnings(first); len(w) > 0 {
		t.Errorf("it warns too early: %v", w)
	}
	if w := warnings(first.AddDate(0, 0, 1)); w[image].Status != report.Warn {
		t.Errorf("it warns of %v", w)
	}
	if w := warnings(first.AddDate(10, 0, 0)); len(w) != len(graph.Links) {
		t.Errorf("it warns of %d of %d links", len(w), len(graph.Links))
	}

	delete(facts, source.Artifacts(image))
	anew := evidence.New(facts)
	defer anew.Close()
	v.Store = anew
	if w := warnings(first.AddDate(10, 0, 0)); w[image].Status != report.Skip {
		t.Errorf("of a list that is not there it says %+v", w[image])
	}
}
