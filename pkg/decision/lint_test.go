package decision

import (
	"fmt"
	"strings"
	"testing"

	"cotverify/internal/testgraph"
	"cotverify/internal/value"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/source"
)

// templateOf returns the template that the tasks of a graph were made from.
func templateOf(t *testing.T, g *testgraph.Graph) string {
	t.Helper()
	for url, page := range g.Pages {
		if strings.HasSuffix(url, "/.taskcluster.yml") {
			return string(page.Body)
		}
	}
	t.Fatal("the graph has no template")
	return ""
}

func lint(t *testing.T, template, product string) []Finding {
	t.Helper()
	found, err := Lint(t.Context(), ".taskcluster.yml", []byte(template), policy.Default().Products[product])
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestLintOfBreakages breaks a template that is well in ways in which templates
// were broken before: each is named, with its line, and the mended one passes.
func TestLintOfBreakages(t *testing.T) {
	template := templateOf(t, testgraph.GitHubPush())
	if found := lint(t, template, "mozillavpn"); len(found) != 0 {
		t.Errorf("of the template that is well: %+v", found)
	}
	for _, tt := range []struct{ name, from, to, subject, message, tasksFor string }{
		{"a guessed sender", "owner: ${event.pusher.email}", "owner: ${event.sender.login}@users.noreply.github.com",
			"event.sender.login", "guess", "[github-push]"},
		{"routes that a service adds", "- checks\n", "- []\n", "/routes", `adds the route "checks"`, "[github-pull-request github-push github-release]"},
		{"an environment without the revision", "MOZILLAVPN_HEAD_REV: ${tree.revision}", "OTHER: ''",
			"/payload/env/MOZILLAVPN_HEAD_REV", "needs it", "[cron github-pull-request github-push github-release]"},
		{"the source of a pull request at its base", "source: ${tree.url}/raw", "source: ${tree.base}/raw",
			"/metadata/source", "not in MOZILLAVPN_HEAD_REPOSITORY", "[github-pull-request]"},
		{"a renamed key", "project: ${repository.project}", "project: ${repository.name}", "repository.name", "no verifier has it", "[cron]"},
		{"requires that the queue adds", "        requires: all-completed\n", "", "/requires", "the queue adds it", ""},
		{"commits, which no verifier has", "before: ${event.before}", "before: ${event.commits[0].id}", "event.commits", "no verifier has it", "[github-push]"},
		{"a key in brackets behind what is there", "revision: ${event.after}", "revision: ${event.after}${event.deleted}", "event.deleted", "no verifier has it", "[github-push]"},
		{"a title", "owner: ${event.pull_request.user.login}@users.noreply.github.com", "owner: ${event.pull_request.title}", "event.pull_request.title", "edited since", "[github-pull-request]"},
		{"an email that goes elsewhere", "owner: ${tree.owner}\n", "owner: somebody@example.com\n", "/metadata/owner", "takes event.pusher.email from here", "[github-push]"},
		{"a client", "description: {$if: 'tasks_for == \"action\"', then: '${action.description}'", "description: {$if: 'tasks_for == \"action\"', then: '${clientId}'",
			"clientId", "/extra/action/context/clientId", "[action]"},
		{"an action without its input", "                    input: {$eval: input}\n", "", "/extra/action/context/input", "needs it", "[action]"},
		{"a branch that one event takes", "ref: ${event.ref}", "ref: {$if: 'event.ref == \"refs/heads/main\"', then: '${event.ref}', else: '${event.branch}'}",
			"event.branch", "no verifier has it", "[github-push]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			broken := strings.Replace(template, tt.from, tt.to, 1)
			if broken == template {
				t.Fatal("the template does not have what is to be broken")
			}
			for _, f := range lint(t, broken, "mozillavpn") {
				lines := strings.Split(broken, "\n")
				if f.Subject != tt.subject || !strings.Contains(f.Message, tt.message) {
					continue
				}
				if tt.tasksFor != "" && !sameWords(fmt.Sprint(f.For), tt.tasksFor) {
					t.Errorf("it is for %v, want %s", f.For, tt.tasksFor)
				}
				if f.Line < 1 || f.Line > len(lines) {
					t.Errorf("line %d", f.Line)
				} else if !strings.HasPrefix(f.Subject, "/") && !strings.Contains(lines[f.Line-1], f.Subject) {
					t.Errorf("line %d is %q", f.Line, lines[f.Line-1])
				}
				return
			}
			t.Errorf("not found: %+v", lint(t, broken, "mozillavpn"))
		})
	}
}

func sameWords(a, b string) bool {
	words := func(s string) map[string]bool {
		set := map[string]bool{}
		for _, w := range strings.Fields(strings.Trim(s, "[]")) {
			set[w] = true
		}
		return set
	}
	return fmt.Sprint(words(a)) == fmt.Sprint(words(b))
}

func TestLintOfOtherHosting(t *testing.T) {
	template := templateOf(t, testgraph.HgPush())
	if found := lint(t, template, "firefox"); len(found) != 0 {
		t.Errorf("%+v", found)
	}
	if found := lint(t, strings.ReplaceAll(template, "push.pushlog_id", "push.id"), "firefox"); len(found) == 0 || found[0].Subject != "push.id" {
		t.Errorf("%+v", found)
	}
}

func TestLintOfNoTemplate(t *testing.T) {
	if _, err := Lint(t.Context(), "x.yml", []byte("a: ["), policy.Default().Products["glean"]); err == nil {
		t.Error("what is no YAML is a template")
	}
	found := lint(t, "tasks: [{$eval: 'a +'}]", "glean")
	if len(found) != 1 || found[0].Line != 1 || !strings.Contains(found[0].Message, "does not render") {
		t.Errorf("%+v", found)
	}
}

// TestKnownPaths holds what is said to be known of each purpose against what a
// rebuild has.
func TestKnownPaths(t *testing.T) {
	for name, g := range map[string]*testgraph.Graph{
		"github-push": testgraph.GitHubPush(), "github-release": testgraph.GitHubRelease(), "github-cron": testgraph.GitHubCron(),
		"github-pull-request": testgraph.GitHubPullRequest(), "hg-push": testgraph.HgPush(), "hg-cron": testgraph.HgCron(),
	} {
		t.Run(name, func(t *testing.T) {
			facts := g.Source()
			id := g.Task("decision").ID
			task := graph.ReadTask(id, facts[source.Task(id)].Body)
			p := policy.Default()
			rebuilt, err := Rebuild(t.Context(), task, task, Options{Source: facts, Services: p.Services, Product: p.Products[g.Product]})
			if err != nil {
				t.Fatal(err)
			}
			paths := knownPaths(rebuilt.hosting, rebuilt.TasksFor)
			l := &linter{paths: paths}
			leaves(rebuilt.Context, "", func(path, _ string) {
				if strings.ContainsAny(path, ".[") && l.known(path).path == "" {
					t.Errorf("%s is not said to be known", path)
				}
			})
			for _, k := range paths {
				if k.guess == guessPR {
					continue
				}
				there := false
				leaves(rebuilt.Context, "", func(path, _ string) { there = there || isWithin(path, k.path) })
				if _, err := value.Lookup(rebuilt.Context, strings.Split(k.path, ".")...); err != nil && !there {
					t.Errorf("a rebuild does not have %s", k.path)
				}
			}
		})
	}
}
