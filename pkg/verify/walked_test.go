package verify_test

import (
	"testing"

	"cotverify/internal/memsource"
	"cotverify/internal/testgraph"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
)

// TestWalk shows what a walk has for a problem, and of which kind: what only a
// verification would refuse is none.
func TestWalk(t *testing.T) {
	twoTypes := change("repackage-win64", map[string]any{
		"build": "e5BAOi6zS06hnHZKE1IT6w", "docker-image": "XjOe9ADlSQ6bQo35AenFpA", "l10n": "IWjnqVarTJeCW1SIckQFiA",
	}, "extra", "chainOfTrust", "inputs")
	without := func(id string) func(*testgraph.Graph, *options) {
		return func(g *testgraph.Graph, o *options) {
			facts := g.Source()
			delete(facts, source.Task(id))
			o.Source = facts
		}
	}
	for _, tt := range []struct {
		name   string
		edit   func(*testgraph.Graph)
		change func(*testgraph.Graph, *options)
		kind   report.ProblemKind // "" where there is no problem
		check  string
	}{
		{name: "as it is"},
		{name: "a change that the decision task did not ask for", edit: func(g *testgraph.Graph) {
			set(g.Task("build-linux64").Definition, []any{"evil"}, "payload", "command")
		}},
		{name: "keys of nobody", change: func(_ *testgraph.Graph, o *options) { o.Policy = o.Policy.WithKeys(nil, "none.json") }},
		{name: "an unknown task", change: without("XjOe9ADlSQ6bQo35AenFpA"), kind: report.Wrong, check: "task"},
		{name: "an unknown target", change: without("Y1zdJmEkR5Wyk5gCWqNmtQ"), kind: report.Wrong, check: "task"},
		{name: "nothing in reach", change: func(_ *testgraph.Graph, o *options) { o.Source = memsource.Unreachable{} }, kind: report.Missing, check: "task"},
		{name: "two types", edit: twoTypes, kind: report.Doubtful, check: "two-types"},
		{name: "two types, strictly", edit: twoTypes, change: func(_ *testgraph.Graph, o *options) { o.Strict = true }, kind: report.Wrong, check: "two-types"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			graph := testgraph.GitHubPush()
			if tt.edit != nil {
				tt.edit(graph)
			}
			o := optionsOf(t, graph, graph.Source())
			if tt.change != nil {
				tt.change(graph, &o)
			}
			walked, err := o.walk(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(walked.Links) == 0 || walked.Target.TaskTypeFrom != report.FromFlag {
				t.Errorf("%d links of the target %+v", len(walked.Links), walked.Target)
			}
			for _, link := range walked.Links {
				if link.SignedBy != "" {
					t.Errorf("%s is said to be signed", link.Name)
				}
			}
			if tt.kind == "" && len(walked.Problems) > 0 {
				t.Errorf("problems: %+v", walked.Problems)
			}
			if tt.kind != "" && (len(walked.Problems) != 1 || walked.Problems[0].Kind != tt.kind || walked.Problems[0].Check != tt.check) {
				t.Errorf("problems: %+v; expected one that is %s, of %s", walked.Problems, tt.kind, tt.check)
			}
		})
	}
}
