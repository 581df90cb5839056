package verify_test

import (
	"fmt"
	"strings"
	"testing"

	"cotverify/internal/testgraph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// TestWhatAFailureSays changes one thing of a sound graph, and holds what who
// reads of it must find in what failed, and what would mislead.
func TestWhatAFailureSays(t *testing.T) {
	const gitHub, build = "https://github.com/mozilla-mobile/mozilla-vpn-client", "IWjnqVarTJeCW1SIckQFiA"
	upstream := func(path string) func(*testgraph.Graph) {
		return change("signing", []any{map[string]any{"taskType": "build", "taskId": build, "paths": []any{path}}}, "payload", "upstreamArtifacts")
	}
	for _, tt := range []struct {
		name   string
		graph  func() *testgraph.Graph
		change func(*testgraph.Graph)
		policy func(*policy.Policy)
		says   []string
		never  []string
	}{
		{name: "a host that looks like GitHub", change: change("signing", "https://github.com.evil.example/mozilla-mobile/mozilla-vpn-client/blob/x/y", "metadata", "source"),
			says:  []string{"repository:wrong-tree signing tree", `the host "github.com.evil.example"`, "in /mozilla-mobile/mozilla-vpn-client"},
			never: []string{"see who added the task", "repository:wrong-tree signing:"}},
		{name: "a target without a source", change: remove("signing", "metadata", "source"),
			says: []string{"/metadata/source is absent", "find out who created it"}, never: []string{"scope", "another tree", "pull-request"}},
		{name: "a task without a source", change: remove("build-linux64", "metadata", "source"),
			says: []string{"/metadata/source is absent"}, never: []string{"another tree", "pull-request"}},
		{name: "the .git of a clone's URL", change: change("build-linux64", gitHub+".git/blob/x/y", "metadata", "source"),
			says: []string{"it goes on with .git"}},
		{name: "a host with capital letters", change: change("build-linux64", "https://GitHub.com/mozilla-mobile/mozilla-vpn-client", "payload", "env", "MOZILLAVPN_HEAD_REPOSITORY"),
			says: []string{"payload.env.MOZILLAVPN_HEAD_REPOSITORY: ", "letter by letter"}},
		{name: "a pull request", graph: testgraph.GitHubPullRequest, change: change("signing-linux64", []any{"project:mozillavpn:releng:signing:cert:release-signing"}, "scopes"),
			says: []string{"such as project:mozillavpn:releng:signing:cert:release-signing"}},

		{name: "a hash in capital letters", change: resign("build-linux64", "docker-worker", func(cot map[string]any) {
			hashes := cot["artifacts"].(map[string]any)[linuxPackage].(map[string]any)
			hashes["sha256"] = strings.ToUpper(hashes["sha256"].(string))
		}), says: []string{"artifact:hash-spelling", "capital letters", "no artifact was changed"}, never: []string{"find out who can write"}},
		{name: "an empty file", change: func(g *testgraph.Graph) { g.Task("build-linux64").Artifacts[linuxPackage] = nil },
			says: []string{"the file is empty"}},
		{name: "a pattern that reaches too far", change: upstream("public/*"),
			says: []string{"the pattern public/* asks for it", "never lists itself", "ask for the files that are used"}},
		{name: "a name that is listed elsewhere", change: upstream("public/target.tar.xz"),
			says: []string{"it lists public/build/target.tar.xz"}},
		{name: "artifacts with a capital letter", change: resign("build-linux64", "docker-worker", func(cot map[string]any) {
			cot["Artifacts"] = cot["artifacts"]
			delete(cot, "artifacts")
		}), says: []string{`it has "Artifacts", and no "artifacts"`}},
		{name: "a CoT artifact without its taskId", change: resign("build-linux64", "docker-worker", func(cot map[string]any) { delete(cot, "taskId") }),
			says: []string{"public/chain-of-trust.json: /taskId is absent", "the worker wrote this file"}, never: []string{"definition"}},

		{name: "a key of another worker", change: func(g *testgraph.Graph) {
			task := g.Task("build-linux64")
			task.SignAs("generic-worker", task.Artifacts[testgraph.CoTArtifact])
		}, says: []string{"signature:other-workers-key", "found a key of generic-worker: ", "see where the task ran"}},
		{name: "an unknown key", policy: func(p *policy.Policy) {
			p.Keys["docker-worker"] = p.Keys["scriptworker"][:1]
			p.Keys["scriptworker"] = nil
		},
			says: []string{"which nothing vouches for"}},
		{name: "no key at all", policy: func(p *policy.Policy) { delete(p.Keys, "docker-worker") },
			says: []string{"no key is trusted for docker-worker: keys.json has keys of generic-worker and scriptworker"}, never: []string{"changed after"}},
		{name: "a signature that is cut", change: func(g *testgraph.Graph) {
			g.Task("build-linux64").Artifacts[testgraph.SignatureArtifact] = []byte("short")
		}, says: []string{"signature:bad-signature", "an upload or a proxy"}, never: []string{"key"}},
		{name: "nothing signed", change: func(g *testgraph.Graph) {
			delete(g.Task("build-linux64").Artifacts, testgraph.CoTArtifact)
			delete(g.Task("build-linux64").Artifacts, testgraph.SignatureArtifact)
		}, says: []string{"cot:unsigned", "chainOfTrust"}, never: []string{"signature:", "whether a later run"}},

		{name: "a text for a number", change: func(g *testgraph.Graph) {
			set(g.Task("build-linux64").Definition, "10800", "payload", "n")
			set(g.Task("build-linux64").Planned, 10800, "payload", "n")
			g.Seal()
		}, says: []string{"expected 10800 (a number)", `found "10800" (text)`, "quotes round a value"}},
		{name: "items in another order", change: func(g *testgraph.Graph) {
			set(g.Task("build-linux64").Definition, []any{"a", "b", "c"}, "payload", "n")
			set(g.Task("build-linux64").Planned, []any{"c", "a", "b"}, "payload", "n")
			g.Seal()
		}, says: []string{"task-graph:reordered", "/payload/n differs", "the same items, in another order"}, never: []string{"/payload/n/0"}},
		{name: "the same JSON as text", change: func(g *testgraph.Graph) {
			set(g.Task("build-linux64").Definition, `{"a": 1, "b": 2}`, "payload", "n")
			set(g.Task("build-linux64").Planned, `{"b": 2, "a": 1}`, "payload", "n")
			g.Seal()
		}, says: []string{"both texts are the same JSON"}},
		{name: "another time", change: func(g *testgraph.Graph) {
			set(g.Task("build-linux64").Definition, "2026-08-20T10:00:01.500Z", "payload", "n")
			set(g.Task("build-linux64").Planned, "2026-08-20T10:00:00.000Z", "payload", "n")
			g.Seal()
		}, says: []string{"the two times are 1.5s apart"}},
		{name: "an object that is gone", change: func(g *testgraph.Graph) {
			set(g.Task("build-linux64").Planned, map[string]any{"b": strings.Repeat("x", 300), "a": 1}, "payload", "n")
			g.Seal()
		}, says: []string{"expected an object with the keys a and b", "found absent"}},
		{name: "an action without its callback", graph: testgraph.GitHubAction, change: remove("action", "payload", "env", "ACTION_CALLBACK"),
			says: []string{"decision:unknown-action", "payload.env.ACTION_CALLBACK is absent", "actions with the callbacks "}, never: []string{"nil"}},
		{name: "a push that says cron", change: change("decision", "cron", "extra", "tasks_for"),
			says: []string{"decision:wrong-purpose", "/extra/tasks_for says cron, and /extra/cron is absent", "find out who created it"}},
		{name: "a date in the template", change: func(g *testgraph.Graph) {
			for url, page := range g.Pages {
				if strings.HasSuffix(url, "/.taskcluster.yml") {
					page.Body = []byte(strings.ReplaceAll(string(page.Body), "taskclusterProxy: true", "taskclusterProxy: 2026-08-20"))
					g.Pages[url] = page
				}
			}
		}, says: []string{"put 2026-08-20 in quotes in .taskcluster.yml:"}, never: []string{"a timestamp"}},

		{name: "no taskId", change: change("build-linux64", map[string]any{"docker-image": "../../../../etc"}, "extra", "chainOfTrust", "inputs"),
			says:  []string{`"../../../../etc" is no taskId`, "extra.chainOfTrust.inputs.docker-image of " + build + " (build-linux64)", "an attempt to leave a folder"},
			never: []string{"expired", "signature:", "cot:"}},
		{name: "a release task on docker-worker", change: func(g *testgraph.Graph) {
			change("signing", "docker-worker", "tags", "worker-implementation")(g)
			change("signing", "mozillavpn-3", "provisionerId")(g)
		}, says: []string{"this one ran on docker-worker", "find out who created it"}, never: []string{"name the task with the type"}},
		{name: "a proxy's page for a template", change: func(g *testgraph.Graph) {
			for url, page := range g.Pages {
				if strings.HasSuffix(url, "/.taskcluster.yml") {
					page.Body = []byte("<html><body>502 Bad Gateway</body></html>")
					g.Pages[url] = page
				}
			}
		}, says: []string{"decision:wrong-answer", "502 Bad Gateway", "a proxy or a broken server"}},
		{name: "a template that is no YAML", change: func(g *testgraph.Graph) {
			for url, page := range g.Pages {
				if strings.HasSuffix(url, "/.taskcluster.yml") {
					page.Body = []byte("tasks:\n  {- x}\n")
					g.Pages[url] = page
				}
			}
		}, says: []string{"decision:bad-template", "line 2, column 4", "  {- x}\n   ^"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			graph := testgraph.GitHubPush()
			if tt.graph != nil {
				graph = tt.graph()
			}
			if tt.change != nil {
				tt.change(graph)
			}
			o := optionsOf(t, graph, graph.Source())
			if tt.policy != nil {
				tt.policy(o.Policy)
			}
			r, err := o.verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict == report.Verified {
				t.Errorf("verdict %s", r.Verdict)
			}
			failures := failuresOf(r)
			for _, text := range tt.says {
				if !strings.Contains(failures, text) {
					t.Errorf("it does not say %q:\n%s", text, failures)
				}
			}
			for _, text := range tt.never {
				if strings.Contains(failures, text) {
					t.Errorf("it says %q:\n%s", text, failures)
				}
			}
		})
	}
}

// failuresOf writes all that a report says of what failed.
func failuresOf(r *report.Report) string {
	var b strings.Builder
	for _, c := range r.Checks {
		if c.Status == report.Fail || c.Status == report.Error {
			fmt.Fprintf(&b, "%s:%s %s %s\n%s\n%s\nexpected %s\nfound %s\n%s\n", c.Check, c.Reason, c.Link, c.Subject, c.Message, c.Detail, c.Expected, c.Actual, c.Hint)
		}
	}
	return b.String()
}
