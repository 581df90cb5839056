package policy

import (
	"slices"
	"testing"
)

func TestChanges(t *testing.T) {
	p := Default()
	if changes := Changes(p, p); len(changes) != 0 {
		t.Errorf("a policy differs from itself: %+v", changes)
	}
	key := p.Keys["docker-worker"][0].Ed25519
	without, _ := p.WithoutKey(key)
	changed := *without
	glean := *p.Products["glean"]
	glean.DecisionPools = append(slices.Clone(glean.DecisionPools), "evil-3/decision")
	glean.RestrictedScopes = map[string]string{"a:scope": "list"}
	glean.Trees = map[string][]Tree{"list": {"/mozilla/glean"}}
	changed.Products = map[string]*Product{"glean": &glean}
	got := Changes(p, &changed)
	retired := p.Keys["docker-worker"][0].Retired
	if retired == "" && !slices.Contains(got, Change{false, "docker-worker", "trusts the key " + key}) {
		t.Error("the lost key is not told")
	}
	for _, want := range []Change{
		{true, "glean", "runs decision tasks in the pool evil-3/decision"},
		{true, "glean", "restricts the scope a:scope"},
		{true, "glean", "lets the tree /mozilla/glean have the scope a:scope"},
		{false, "firefox", "is known"},
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%+v is not told", want)
		}
	}
}
