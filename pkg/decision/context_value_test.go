package decision

import (
	"testing"

	"cotverify/internal/value"
)

func TestContextValue(t *testing.T) {
	r := &Rebuilt{Context: value.ObjectOf(
		"event", value.ObjectOf("sender", value.ObjectOf("login", "octocat"), "a.b", []any{"first", value.ObjectOf("c", "deep")}),
		"now", "2026-08-20",
	)}
	for path, want := range map[string]any{
		"now": "2026-08-20", "event.sender.login": "octocat", `event["a.b"][0]`: "first", `event["a.b"][1].c`: "deep",
	} {
		if got, ok := r.ContextValue(path); !ok || got != want {
			t.Errorf("%s is %v, %v; want %v", path, got, ok, want)
		}
	}
	for _, path := range []string{"none", "event.none", "now.part", `event["a.b"][2]`, `event["a.b"][x]`, `event["a.b]`, "event.", "event..sender", "[", `["now"`} {
		if got, ok := r.ContextValue(path); ok {
			t.Errorf("%s is there: %v", path, got)
		}
	}
}
