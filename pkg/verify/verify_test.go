package verify_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"cotverify/internal/memsource"
	"cotverify/internal/testgraph"
	"cotverify/pkg/cot"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
)

// set sets a value of a definition, and makes the objects on its path.
func set(definition map[string]any, v any, path ...string) {
	for _, key := range path[:len(path)-1] {
		inner, ok := definition[key].(map[string]any)
		if !ok {
			inner = map[string]any{}
			definition[key] = inner
		}
		definition = inner
	}
	definition[path[len(path)-1]] = v
}

// change changes a task's definition, in the task graph and the queue alike.
func change(name string, v any, path ...string) func(*testgraph.Graph) {
	return func(g *testgraph.Graph) {
		g.Task(name).Change(func(d map[string]any) { set(d, v, path...) })
		g.Seal()
	}
}

// remove removes a key of a task's definition, as change does.
func remove(name string, path ...string) func(*testgraph.Graph) {
	return func(g *testgraph.Graph) {
		g.Task(name).Change(func(d map[string]any) {
			for _, key := range path[:len(path)-1] {
				d = d[key].(map[string]any)
			}
			delete(d, path[len(path)-1])
		})
		g.Seal()
	}
}

// resign changes what a worker signed of a task, and signs it again.
func resign(name, worker string, edit func(cot map[string]any)) func(*testgraph.Graph) {
	return func(g *testgraph.Graph) {
		task := g.Task(name)
		var cot map[string]any
		if err := json.Unmarshal(task.Artifacts[testgraph.CoTArtifact], &cot); err != nil {
			panic(err)
		}
		edit(cot)
		data, err := json.Marshal(cot)
		if err != nil {
			panic(err)
		}
		task.SignAs(worker, data)
	}
}

// from has a task of the product firefox come from a repository on GitHub.
func from(name, repository string) func(*testgraph.Graph) {
	const revision = "8b5d0e1e6a1f4c1c8a4b5d0e1e6a1f4c1c8a4b5d"
	url := "https://github.com/" + repository
	return func(g *testgraph.Graph) {
		g.Task(name).Change(func(d map[string]any) {
			set(d, url+"/blob/"+revision+"/taskcluster/kinds/x", "metadata", "source")
			set(d, url, "payload", "env", "GECKO_HEAD_REPOSITORY")
			set(d, revision, "payload", "env", "GECKO_HEAD_REV")
		})
		g.Seal()
		g.Pages["https://api.github.com/repos/"+repository] = memsource.Answer{ContentType: "application/json", Body: []byte(`{"html_url": "` + url + `"}`)}
		g.Pages[url+"/branch_commits/"+revision] = memsource.Answer{ContentType: "text/html", Body: []byte("<li>main</li>")}
	}
}

// fromGitMirror has a task come from the git mirror of mozilla-central.
func fromGitMirror(name string) func(*testgraph.Graph) {
	return from(name, "mozilla-firefox/firefox")
}

const linuxPackage = "public/build/target.tar.xz"

// TestChecks changes one thing of a sound graph, and names the check that must
// tell of it.
func TestChecks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		graph  func() *testgraph.Graph
		change func(*testgraph.Graph)
		want   string // "status check link subject: message", where nothing else matters
	}{
		{name: "a sound graph", change: func(*testgraph.Graph) {}},
		{name: "sound again after sealing", change: (*testgraph.Graph).Seal},

		{name: "payload is null", change: change("build-linux64", nil, "payload"), want: "fail task signing:build /payload: /payload is null; expected an object"},
		{name: "no scopes", change: remove("build-linux64", "scopes"), want: "fail task signing:build /scopes: /scopes is absent"},
		{name: "unknown task type", change: change("build-linux64", map[string]any{"toolchain": "UyBGEuSHT7K_9DJFWSp0jg"}, "extra", "chainOfTrust", "inputs"), want: `fail task-type signing:build:toolchain : "toolchain" is no task type`},
		{name: "ambiguous worker", change: change("build-linux64", []any{}, "payload", "mounts"), want: "fail worker signing:build : the definition points to several worker implementations"},
		{name: "unknown worker", change: change("signing", "other", "tags", "worker-implementation"), want: "fail worker signing : the definition points to several"},
		{name: "worker without keys", change: func(g *testgraph.Graph) {
			change("signing", "other", "tags", "worker-implementation")(g)
			change("signing", "other", "provisionerId")(g)
		}, want: "fail signature signing public/chain-of-trust.json.sig: no key is trusted for other"},
		{name: "release task on docker", change: func(g *testgraph.Graph) {
			g.Task("signing").Change(func(d map[string]any) {
				set(d, "docker-worker", "tags", "worker-implementation")
				set(d, "mozillavpn-3", "provisionerId")
			})
			g.Seal()
			resign("signing", "docker-worker", func(map[string]any) {})(g)
		}, want: "fail worker signing runs on scriptworker: a signing task must run on scriptworker"},

		{name: "signed by another worker", change: func(g *testgraph.Graph) {
			task := g.Task("build-linux64")
			task.SignAs("generic-worker", task.Artifacts[testgraph.CoTArtifact])
		}, want: "fail signature signing:build public/chain-of-trust.json.sig: made by a key that is trusted, but for generic-worker and not for docker-worker"},
		{name: "signature cut", change: func(g *testgraph.Graph) {
			g.Task("build-linux64").Artifacts[testgraph.SignatureArtifact] = []byte("short")
		}, want: "fail signature signing:build public/chain-of-trust.json.sig: the signature has 5 bytes, not 64"},
		{name: "CoT artifact changed", change: func(g *testgraph.Graph) {
			cot := g.Task("build-linux64").Artifacts[testgraph.CoTArtifact]
			g.Task("build-linux64").Artifacts[testgraph.CoTArtifact] = append(slices.Clone(cot), ' ')
		}, want: "fail signature signing:build public/chain-of-trust.json.sig: none of the keys"},
		{name: "of another task", change: resign("build-linux64", "docker-worker", func(cot map[string]any) { cot["taskId"] = "QjcLYf-bQZKlXbD8H0fDAA" }),
			want: "fail cot signing:build public/chain-of-trust.json: it is signed for another task"},
		{name: "signed text that is no JSON", change: func(g *testgraph.Graph) { g.Task("build-linux64").SignAs("docker-worker", []byte("{")) },
			want: "fail cot signing:build public/chain-of-trust.json: it is no JSON"},
		{name: "signed list", change: func(g *testgraph.Graph) { g.Task("build-linux64").SignAs("docker-worker", []byte("[]")) },
			want: "fail cot signing:build public/chain-of-trust.json: public/chain-of-trust.json: the document is a list; expected an object"},

		{name: "artifact changed", change: func(g *testgraph.Graph) { g.Task("build-linux64").Artifacts[linuxPackage] = []byte("evil") },
			want: "fail artifact signing:build " + linuxPackage + ": it is not what the worker signed"},
		{name: "artifact not signed", change: resign("build-linux64", "docker-worker", func(cot map[string]any) { delete(cot["artifacts"].(map[string]any), linuxPackage) }),
			want: "fail artifact signing:build " + linuxPackage + ": the CoT artifact does not list it"},
		{name: "unknown hash", change: resign("build-linux64", "docker-worker", func(cot map[string]any) { set(cot, "00", "artifacts", linuxPackage, "md5") }),
			want: `fail artifact signing:build ` + linuxPackage + `: the CoT artifact has a hash of algorithm "md5"`},
		{name: "no artifacts signed", change: resign("build-linux64", "docker-worker", func(cot map[string]any) { delete(cot, "artifacts") }),
			want: "fail cot signing:build public/chain-of-trust.json: it has no artifacts, and so no hash of any file that is needed"},
		{name: "hashes are null", change: resign("build-linux64", "docker-worker", func(cot map[string]any) { set(cot, nil, "artifacts", linuxPackage) }),
			want: "fail artifact signing:build " + linuxPackage + ": public/chain-of-trust.json: /artifacts/public~1build~1target.tar.xz is null"},
		{name: "path that leads out", change: change("signing", []any{map[string]any{"taskType": "build", "taskId": "IWjnqVarTJeCW1SIckQFiA", "paths": []any{"../../evil"}}}, "payload", "upstreamArtifacts"),
			want: "fail artifact signing:build ../../evil: no file can be saved under the name: it leads out of the task's folder, by .."},
		{name: "path with a dotted segment", change: change("signing", []any{map[string]any{"taskType": "build", "taskId": "IWjnqVarTJeCW1SIckQFiA", "paths": []any{"public/./build/target.tar.xz"}}}, "payload", "upstreamArtifacts"),
			want: "fail artifact signing:build public/./build/target.tar.xz: no file can be saved under the name: a part of it between slashes is empty or a dot"},
		{name: "path that is another's folder", change: change("signing", []any{map[string]any{"taskType": "build", "taskId": "IWjnqVarTJeCW1SIckQFiA", "paths": []any{linuxPackage, "public/build"}}}, "payload", "upstreamArtifacts"),
			want: "fail artifact signing:build " + linuxPackage + `: no file can have the name beside "public/build"`},
		{name: "paths are null", change: change("signing", []any{map[string]any{"taskType": "build", "taskId": "IWjnqVarTJeCW1SIckQFiA", "paths": nil}}, "payload", "upstreamArtifacts"),
			want: "fail artifact signing : /payload/upstreamArtifacts/0/paths is null; expected a list of texts"},
		{name: "pattern that meets what is not signed", change: change("signing", []any{map[string]any{"taskType": "build", "taskId": "IWjnqVarTJeCW1SIckQFiA", "paths": []any{"public/*"}}}, "payload", "upstreamArtifacts"),
			want: "fail artifact signing:build public/chain-of-trust.json: the pattern public/* asks for it, and it is the CoT artifact itself, which never lists itself"},

		{name: "decision on an untrusted pool", change: change("decision", "b-linux", "workerType"), want: "fail worker-pool signing:parent mozillavpn-3/b-linux: the worker pool is not trusted for decision tasks"},
		{name: "image on an untrusted pool", change: change("docker-image-base", "b-linux", "workerType"), want: "fail worker-pool signing:build:docker-image mozillavpn-3/b-linux: the worker pool is not trusted for docker-image tasks"},

		{name: "not in the task graph", change: func(g *testgraph.Graph) { g.Task("build-linux64").Planned = nil; g.Seal() },
			want: "fail task-graph signing:build of signing:parent: the task graph of its parent c6r8K9dzSIK3GDZLlgU9aQ does not have this task"},
		{name: "runtime command differs", change: func(g *testgraph.Graph) {
			set(g.Task("build-linux64").Definition, []any{"evil"}, "payload", "command")
			g.Seal()
		}, want: "fail task-graph signing:build of signing:parent: /payload/command/0 differs from the task graph of its parent"},
		{name: "stray dependency", change: func(g *testgraph.Graph) {
			set(g.Task("build-linux64").Definition, []any{"QjcLYf-bQZKlXbD8H0fDAA"}, "dependencies")
			g.Seal()
		}, want: "fail task-graph signing:build of signing:parent: /dependencies/0 differs"},
		{name: "created is no time", change: func(g *testgraph.Graph) {
			set(g.Task("build-linux64").Definition, "soon", "created")
			g.Seal()
		}, want: "fail task-graph signing:build of signing:parent: /created:"},
		{name: "no dependencies", change: remove("build-linux64", "dependencies"), want: "/dependencies is absent; expected a value"},

		{name: "decision differs", change: change("decision", float64(3600), "payload", "maxRunTime"), want: "fail decision signing:parent : the definition differs from what https://raw.githubusercontent.com/"},
		{name: "unknown tasks_for", change: change("decision", "hg-push", "extra", "tasks_for"), want: `fail decision signing:parent : /extra/tasks_for is "hg-push"; expected one of`},
		{name: "no created", change: remove("decision", "created"), want: "fail decision signing:parent : /created is absent"},

		{name: "interactive", change: change("build-linux64", true, "payload", "features", "interactive"), want: "fail interactive signing:build /payload/features/interactive: the task was interactive"},
		{name: "interactive by environment", change: change("build-linux64", "1", "payload", "env", "TASKCLUSTER_INTERACTIVE"), want: "fail interactive signing:build /payload/env/TASKCLUSTER_INTERACTIVE: the task was interactive"},
		{name: "interactive on Windows", change: change("build-win64", "x", "payload", "rdpInfo"), want: "fail interactive signing:repackage:build /payload/rdpInfo: the task was interactive"},
		{name: "interactive feature on Windows", change: change("build-win64", true, "payload", "features", "interactive"), want: "fail interactive signing:repackage:build /payload/features/interactive: the task was interactive"},
		{name: "features of Windows are null", change: change("build-win64", nil, "payload", "features"), want: "fail interactive signing:repackage:build /payload/features: /payload/features is null; expected an object"},
		{name: "features of Windows are a list", change: change("build-win64", []any{}, "payload", "features"), want: "fail interactive signing:repackage:build /payload/features: /payload/features is a list; expected an object"},
		{name: "features of Windows are empty", change: change("build-win64", map[string]any{}, "payload", "features")},
		{name: "interactive by scope", change: change("build-win64", []any{"generic-worker:allow-rdp:x/y"}, "scopes"), want: "fail interactive signing:repackage:build /scopes/0: the task was interactive"},
		{name: "no features", change: remove("build-linux64", "payload", "features"), want: "fail interactive signing:build /payload/features: /payload/features is absent"},

		{name: "image of another task", change: change("build-linux64", "c6r8K9dzSIK3GDZLlgU9aQ", "payload", "image", "taskId"), want: "fail docker-image signing:build /payload/image/taskId: the image is not of the task that extra.chainOfTrust.inputs names"},
		{name: "another image ran", change: resign("build-linux64", "docker-worker", func(cot map[string]any) { set(cot, "sha256:00", "environment", "imageArtifactHash") }),
			want: "fail docker-image signing:build public/image.tar.zst: the image that ran is not the one that XjOe9ADlSQ6bQo35AenFpA built"},
		{name: "malformed image hash", change: resign("build-linux64", "docker-worker", func(cot map[string]any) { set(cot, "sha256", "environment", "imageArtifactHash") }),
			want: "fail docker-image signing:build public/image.tar.zst: environment.imageArtifactHash of the CoT artifact is malformed"},
		{name: "indexed image", change: change("build-linux64", map[string]any{"type": "indexed-image"}, "payload", "image"), want: "fail docker-image signing:build : an indexed image, of null, may not be used where the target has a restricted scope"},
		{name: "unknown image", change: change("build-linux64", map[string]any{"type": "other"}, "payload", "image"), want: "fail docker-image signing:build /payload/image/type: the image is of an unknown type"},
		{name: "prebuilt image", graph: testgraph.HgPush, change: change("build-linux64", "ubuntu@sha256:00", "payload", "image"), want: "fail docker-image signing:build ubuntu@sha256:00: a prebuilt image may not be used for build tasks of firefox"},

		{name: "source elsewhere", change: change("build-linux64", "https://github.com/mozilla-mobile/other/raw/abc/x", "metadata", "source"), want: "fail repository signing:build"},
		{name: "no source", change: remove("build-linux64", "metadata", "source"), want: "fail repository signing:build /metadata/source: /metadata/source is absent"},
		{name: "environment elsewhere", change: change("build-linux64", "https://github.com/mozilla-mobile/mozilla", "payload", "env", "MOZILLAVPN_HEAD_REPOSITORY"),
			want: "fail repository signing:build /metadata/source: the source is not in the repository of payload.env.MOZILLAVPN_HEAD_REPOSITORY"},
		{name: "git's short form within the environment", change: change("build-linux64", "https://git@github.com:x/mozilla-mobile/mozilla-vpn-client", "payload", "env", "MOZILLAVPN_HEAD_REPOSITORY"),
			want: "fail repository signing:build /metadata/source: the source is not in the repository of payload.env.MOZILLAVPN_HEAD_REPOSITORY"},
		{name: "a host that Go would lower to GitHub's", change: change("build-linux64", "https://gİthub.com/mozilla-mobile/mozilla-vpn-client", "payload", "env", "MOZILLAVPN_HEAD_REPOSITORY"),
			want: "fail repository signing:build /metadata/source: the source is not in the repository of payload.env.MOZILLAVPN_HEAD_REPOSITORY"},
		{name: "scope of another tree", graph: testgraph.HgPush, change: change("signing", []any{"project:releng:signing:cert:release-signing"}, "scopes"),
			want: "fail scope signing project:releng:signing:cert:release-signing: the tree that the task comes from may not have the scope"},
		{name: "restricted scope of a pull request", graph: testgraph.GitHubPullRequest, change: change("signing-linux64", []any{"project:mozillavpn:releng:signing:cert:release-signing"}, "scopes"),
			want: "fail pull-request signing:parent : a target with a restricted scope, such as project:mozillavpn:releng:signing:cert:release-signing, may not come from a try or pull request task"},
		{name: "not landed", change: func(g *testgraph.Graph) {
			for url, page := range g.Pages {
				if strings.Contains(url, "/branch_commits/") {
					page.Body = []byte("\n")
					g.Pages[url] = page
				}
			}
		}, want: "is on no branch of mozilla-mobile/mozilla-vpn-client"},
		{name: "a build of the git mirror", graph: testgraph.HgPush, change: fromGitMirror("build-linux64")},
		{name: "a target of the git mirror", graph: testgraph.HgPush, change: fromGitMirror("signing")},
		{name: "a decision of the git mirror", graph: testgraph.HgPush, change: func(g *testgraph.Graph) {
			fromGitMirror("decision")(g)
		}, want: "fail repository signing:parent tree: the task is of the target's group, and of another tree"},
		{name: "a promotion's build of the git mirror", graph: testgraph.HgAction, change: fromGitMirror("build-linux64")},
		{name: "a promotion's target of the git mirror", graph: testgraph.HgAction, change: fromGitMirror("beetmover-linux64")},
		{name: "the promoting action is of the git mirror", graph: testgraph.HgAction, change: fromGitMirror("action"), want: "fail repository beetmover:parent tree: the task is of the target's group, and of another tree"},
		{name: "a repository that is no mirror", graph: testgraph.HgPush, change: from("build-linux64", "mozilla-firefox/infra"), want: "fail repository signing:build tree: the task is of the target's group, and of another tree"},
		{name: "scheduler of try", graph: testgraph.HgPush, change: change("build-linux64", "gecko-level-1", "schedulerId"), want: "fail pull-request signing:build : a target with a restricted scope, such as project:releng:signing:cert:nightly-signing, may not come from a try or pull request task: its schedulerId"},

		{name: "embedded task", change: resign("build-linux64", "docker-worker", func(cot map[string]any) { set(cot, "low", "task", "payload", "x") }),
			want: "warn embedded-task signing:build public/chain-of-trust.json: the definition that the worker signed differs from the queue's, at /payload/x"},
		{name: "no hash", change: resign("build-linux64", "docker-worker", func(cot map[string]any) { set(cot, map[string]any{}, "artifacts", linuxPackage) }),
			want: "warn no-hash signing:build " + linuxPackage},
		{name: "optional artifact", change: func(g *testgraph.Graph) {
			change("signing", []any{map[string]any{"taskType": "build", "taskId": "IWjnqVarTJeCW1SIckQFiA", "paths": []any{linuxPackage}, "optional": true}}, "payload", "upstreamArtifacts")(g)
			g.Task("build-linux64").Artifacts[linuxPackage] = []byte("evil")
		}, want: "warn optional-artifact signing:build " + linuxPackage},
		{name: "empty pattern", change: change("signing", []any{map[string]any{"taskType": "build", "taskId": "IWjnqVarTJeCW1SIckQFiA", "paths": []any{"public/*.none"}}}, "payload", "upstreamArtifacts"),
			want: "warn empty-pattern signing:build public/*.none"},
		{name: "duplicate key", change: func(g *testgraph.Graph) {
			task := g.Task("build-linux64")
			cot := strings.Replace(string(task.Artifacts[testgraph.CoTArtifact]), "{", `{"taskId": "x", `, 1)
			task.SignAs("docker-worker", []byte(cot))
		}, want: "warn duplicate-key signing:build public/chain-of-trust.json: the key at /taskId is there more than once"},
		{name: "loose equality", change: func(g *testgraph.Graph) {
			set(g.Task("build-linux64").Definition, true, "payload", "n")
			set(g.Task("build-linux64").Planned, 1, "payload", "n")
			g.Seal()
		}, want: "warn loose-equality signing:build /payload/n"},
		{name: "two types", change: func(g *testgraph.Graph) {
			change("repackage-win64", map[string]any{"build": "e5BAOi6zS06hnHZKE1IT6w", "docker-image": "XjOe9ADlSQ6bQo35AenFpA", "l10n": "IWjnqVarTJeCW1SIckQFiA"}, "extra", "chainOfTrust", "inputs")(g)
		}, want: "warn two-types signing:build l10n: signing:repackage leads to it as l10n; it was verified as build"},
		{name: "action group", graph: testgraph.GitHubAction, change: change("action", "Y1zdJmEkR5Wyk5gCWqNmtQ", "payload", "env", "ACTION_TASK_GROUP_ID"), want: "warn action-group beetmover:parent"},
		{name: "unpinned image", change: func(g *testgraph.Graph) {
			change("build-linux64", "ubuntu:latest", "payload", "image")(g)
		}, want: "warn unpinned-image signing:build ubuntu:latest"},
		{name: "untraced dependency", change: change("build-linux64", []any{"XjOe9ADlSQ6bQo35AenFpA", "AAAAAAAAAAAAAAAAAAAAAA"}, "dependencies"), want: "warn untraced-dependency signing:build AAAAAAAAAAAAAAAAAAAAAA"},
		{name: "empty parent", change: change("build-linux64", "", "extra", "parent"), want: "warn empty-parent signing:build /extra/parent"},

		{name: "its own creator", change: func(g *testgraph.Graph) { change("signing", g.Target.ID, "extra", "parent")(g) }, want: "warn no-graph signing "},
		{name: "created by a build", change: func(g *testgraph.Graph) {
			change("repackage-win64", g.Task("build-linux64").ID, "extra", "parent")(g)
		}, want: "warn no-graph signing:repackage IWjnqVarTJeCW1SIckQFiA: its creator is verified as build"},
		{name: "a decision of another tree", graph: testgraph.GitHubPullRequest, change: func(g *testgraph.Graph) {
			change("docker-image-base", "https://github.com/octo-dev/mozilla-vpn-client/blob/x/y", "metadata", "source")(g)
			change("docker-image-base", "https://github.com/octo-dev/mozilla-vpn-client", "payload", "env", "MOZILLAVPN_HEAD_REPOSITORY")(g)
		}, want: "warn foreign-tree signing:build:docker-image /metadata/source: the task says that it is of another tree"},
		{name: "another task group", change: change("docker-image-base", "AAAAAAAAAAAAAAAAAAAAAA", "taskGroupId"), want: "warn foreign-tree signing:build:docker-image /taskGroupId: the task stands in another task group"},

		{name: "a scope of all", change: change("signing", []any{"*"}, "scopes"), want: "warn scope-pattern signing *: the scope covers project:mozillavpn:"},
		{name: "a scope over a restricted one", change: change("signing", []any{"project:mozillavpn:releng:*"}, "scopes"), want: "warn scope-pattern signing project:mozillavpn:releng:*"},

		{name: "two pools", change: change("build-linux64", "mozillavpn-1/b-linux", "taskQueueId"), want: "warn queue-mismatch signing:build /taskQueueId: the task names two worker pools"},
		{name: "an image of a lower level", change: change("docker-image-base", "mozillavpn-1", "provisionerId"), want: "warn pool-level signing:build:docker-image mozillavpn-1/images"},

		{name: "a revision that can move", graph: testgraph.FirefoxPush, change: change("build-linux64", "main", "payload", "env", "GECKO_HEAD_REV"), want: `warn unpinned-revision signing:build /payload/env/GECKO_HEAD_REV: "main"`},
		{name: "a repository with dots", graph: testgraph.FirefoxPush, change: change("build-linux64", "https://github.com/mozilla-firefox/firefox/.", "payload", "env", "GECKO_HEAD_REPOSITORY"),
			want: "fail repository"},
		{name: "a repository with a user", graph: testgraph.FirefoxPush, change: change("build-linux64", "https://octo@github.com/mozilla-firefox/firefox", "payload", "env", "GECKO_HEAD_REPOSITORY"),
			want: "warn odd-repository signing:build /payload/env/GECKO_HEAD_REPOSITORY"},
		{name: "a repository with a query", change: change("build-linux64", "https://github.com/mozilla-mobile/mozilla-vpn-client?x", "payload", "env", "MOZILLAVPN_HEAD_REPOSITORY"),
			want: "warn odd-repository signing:build /payload/env/MOZILLAVPN_HEAD_REPOSITORY"},
		{name: "a repository whose name goes on", graph: testgraph.FirefoxPush, change: from("build-linux64", "mozilla-firefox/firefoxXgit"),
			want: "warn loose-tree signing:build /metadata/source"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			graph := testgraph.GitHubPush()
			if tt.graph != nil {
				graph = tt.graph()
			}
			tt.change(graph)
			o := optionsOf(t, graph, graph.Source())
			r, err := o.verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			verdict, strict := report.Verified, report.Verified
			switch {
			case strings.HasPrefix(tt.want, "warn"):
				strict = report.Refused
			case tt.want != "":
				verdict, strict = report.Refused, report.Refused
			}
			if r.Verdict != verdict || !strings.Contains(messages(r), tt.want) {
				t.Errorf("verdict %s, expected %s and %q:\n%s", r.Verdict, verdict, tt.want, messages(r))
			}
			o.Strict = true
			if r, err = o.verify(t.Context()); err != nil || r.Verdict != strict {
				t.Errorf("strict: verdict %s, %v; expected %s\n%s", r.Verdict, err, strict, messages(r))
			}
		})
	}
}

func TestRetiredKey(t *testing.T) {
	graph := testgraph.GitHubPush()
	o := optionsOf(t, graph, graph.Source())
	for worker, keys := range o.Policy.Keys {
		for i := range keys {
			o.Policy.Keys[worker][i].Retired = "in 2020"
		}
	}
	r, err := o.verify(t.Context())
	if err != nil || r.Verdict != report.Verified || r.Counts.Warn != len(graph.Tasks) {
		t.Errorf("%+v, %v", r.Counts, err)
	}
}

// TestKeys shows how malformed keys count.
func TestKeys(t *testing.T) {
	graph := testgraph.GitHubPush()
	for _, tt := range []struct {
		name string
		add  string
		want report.Verdict
	}{
		{"malformed", "abc", report.Verified},
		{"odd characters", "*", report.Refused}, // decodes to nothing, which is no 32 bytes
		{"short", "AAAA", report.Refused},
		{"not ASCII", "ä", report.Refused},
		{"another", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", report.Verified},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := optionsOf(t, graph, graph.Source())
			keys := map[string][]policy.Key{}
			for worker, trusted := range o.Policy.Keys {
				keys[worker] = append([]policy.Key{{Ed25519: tt.add}}, trusted...)
			}
			o.Policy = o.Policy.WithKeys(keys, "keys.json")
			r, err := o.verify(t.Context())
			if err != nil || r.Verdict != tt.want {
				t.Errorf("verdict %s, %v\n%s", r.Verdict, err, messages(r))
			}
		})
	}
}

func TestInference(t *testing.T) {
	for name, graph := range testgraph.All() {
		o := optionsOf(t, graph, graph.Source())
		o.TaskType, o.Product = "", ""
		r, err := o.verify(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Target.TaskType != graph.TaskType || r.Target.Product != graph.Product || len(r.Target.Inferred) != 2 {
			t.Errorf("%s: %+v, expected %s of %s", name, r.Target, graph.TaskType, graph.Product)
		}
	}
}

func TestTargetThatHasNotRun(t *testing.T) {
	graph := testgraph.GitHubPush()
	facts := graph.Source()
	delete(facts, source.Artifact(graph.Target.ID, cot.Artifact))
	delete(facts, source.Artifact(graph.Target.ID, cot.SignatureArtifact))
	o := optionsOf(t, graph, facts)
	o.NoCheckTask = true
	r, err := o.verify(t.Context())
	if err != nil || r.Verdict != report.Verified {
		t.Errorf("verdict %s, %v\n%s", r.Verdict, err, messages(r))
	}
	definition := facts[source.Task(graph.Target.ID)].Body
	delete(facts, source.Task(graph.Target.ID))
	o.NoCheckTask, o.Definition = false, definition
	r, err = o.verify(t.Context())
	if err != nil || r.Verdict != report.Verified {
		t.Errorf("given its definition: verdict %s, %v\n%s", r.Verdict, err, messages(r))
	}
	o.TaskID = ""
	r, err = o.verify(t.Context())
	if err != nil || r.Verdict != report.Unknown || !strings.Contains(messages(r), "without its taskId") {
		t.Errorf("without its taskId: verdict %s, %v\n%s", r.Verdict, err, messages(r))
	}
}

func TestUsage(t *testing.T) {
	graph := testgraph.GitHubPush()
	for want, edit := range map[string]func(*options){
		`unknown task type "sining" (did you mean signing?)`:     func(o *options) { o.TaskType = "sining" },
		`unknown product "mozillavp" (did you mean mozillavpn?)`: func(o *options) { o.Product = "mozillavp" },
	} {
		o := optionsOf(t, graph, graph.Source())
		edit(&o)
		if _, err := o.verify(t.Context()); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, expected %s", err, want)
		}
	}
}

func TestRebuildParent(t *testing.T) {
	for name, graph := range testgraph.All() {
		o := optionsOf(t, graph, graph.Source())
		rebuild, err := o.rebuild(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if rebuild.TaskID != graph.Target.Parent.ID || rebuild.Check.Status != report.Pass || !rebuild.Comparison.Matches {
			t.Errorf("%s: %+v", name, rebuild.Check)
		}
	}
}

// TestTemplateError shows that an error in a template is told with its place.
func TestTemplateError(t *testing.T) {
	graph := testgraph.GitHubPush()
	for url, page := range graph.Pages {
		if strings.HasSuffix(url, "/.taskcluster.yml") {
			page.Body = []byte("tasks:\n  - retries: {$eval: 'tasks_for + nothing'}\n")
			graph.Pages[url] = page
		}
	}
	r, err := optionsOf(t, graph, graph.Source()).verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range r.Checks {
		if check.Check == "decision" {
			if !strings.HasPrefix(check.Message, ".taskcluster.yml: line 2, column 22: ") || check.Detail != "tasks_for + nothing\n            ^" {
				t.Errorf("%s\n%s", check.Message, check.Detail)
			}
		}
	}
}
