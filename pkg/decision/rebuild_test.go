package decision

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cotverify/internal/jsone"
	"cotverify/internal/memsource"
	"cotverify/internal/testgraph"
	"cotverify/internal/value"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/source"
)

// edit changes a graph before a task of it is rebuilt.
type edit func(*testgraph.Graph)

// graphs are the test graphs by what made their targets.
var graphs = map[string]func() *testgraph.Graph{
	"github-push":         testgraph.GitHubPush,
	"github-release":      testgraph.GitHubRelease,
	"github-pull-request": testgraph.GitHubPullRequest,
	"github-cron":         testgraph.GitHubCron,
	"github-action":       testgraph.GitHubAction,
	"hg-push":             testgraph.HgPush,
	"hg-cron":             testgraph.HgCron,
	"hg-action":           testgraph.HgAction,
}

// rebuildIn rebuilds a task of a graph from what the graph's services answer.
func rebuildIn(t *testing.T, g *testgraph.Graph, name string) (*Rebuilt, error) {
	t.Helper()
	read := func(task *testgraph.Task) *graph.Task {
		data, err := json.Marshal(task.Definition)
		if err != nil {
			t.Fatal(err)
		}
		return graph.ReadTask(task.ID, data)
	}
	task := g.Task(name)
	decision := task
	if task.Parent != nil {
		decision = task.Parent
	}
	p := policy.Default()
	return Rebuild(t.Context(), read(task), read(decision), Options{
		Source: g.Source(), Services: p.Services, Product: p.Products[g.Product],
		Artifact: func(_ context.Context, name string) ([]byte, error) {
			data, ok := decision.Artifacts[name]
			if !ok {
				return nil, &source.NotFoundError{Fact: source.Artifact(decision.ID, name)}
			}
			return data, nil
		},
	})
}

// inDefinition replaces a text in the definition of a task.
func inDefinition(task, from, to string) edit {
	return func(g *testgraph.Graph) {
		data, err := json.Marshal(g.Task(task).Definition)
		if err != nil {
			panic(err)
		}
		changed := map[string]any{}
		if err := json.Unmarshal(replaceOnce(data, from, to), &changed); err != nil {
			panic(err)
		}
		g.Task(task).Definition = changed
	}
}

// inArtifact replaces a text in an artifact of the decision task.
func inArtifact(name, from, to string) edit {
	return func(g *testgraph.Graph) {
		artifacts := g.Task("decision").Artifacts
		artifacts[name] = replaceOnce(artifacts[name], from, to)
	}
}

// inPages replaces a text in what the URLs answer that end so.
func inPages(end, from, to string) edit {
	return func(g *testgraph.Graph) {
		for url, page := range g.Pages {
			if strings.HasSuffix(url, end) && bytes.Contains(page.Body, []byte(from)) {
				g.Pages[url] = memsource.Answer{ContentType: page.ContentType, Body: replaceOnce(page.Body, from, to)}
			}
		}
	}
}

func replaceOnce(data []byte, from, to string) []byte {
	changed := bytes.ReplaceAll(data, []byte(from), []byte(to))
	if bytes.Equal(changed, data) {
		panic("there is no " + from)
	}
	return changed
}

func all(edits ...edit) edit {
	return func(g *testgraph.Graph) {
		for _, e := range edits {
			e(g)
		}
	}
}

// TestGraphsRebuild rebuilds every decision and action of the test graphs, whose
// definitions another program rendered.
func TestGraphsRebuild(t *testing.T) {
	tasksFor := map[string]bool{}
	for name, g := range testgraph.All() {
		for _, task := range g.Tasks {
			if task.Artifacts["public/actions.json"] == nil {
				continue
			}
			rebuilt, err := rebuildIn(t, g, task.Name)
			if err != nil {
				t.Errorf("%s, %s: %v", name, task.Name, err)
				continue
			}
			tasksFor[g.Product+" "+rebuilt.TasksFor] = true
			c, err := rebuilt.Compare()
			if err != nil || !c.Matches || len(c.Differences)+len(c.Loose) > 0 || c.Origin == nil {
				t.Errorf("%s, %s: %v, %+v", name, task.Name, err, c)
			}
			if rebuilt.IsAction() != (task.Name == "action") || rebuilt.IsAction() && (!rebuilt.GroupKnown || rebuilt.RuntimeGroup != task.Parent.ID) {
				t.Errorf("%s, %s: an action %t, its group %q is known: %t", name, task.Name, rebuilt.IsAction(), rebuilt.RuntimeGroup, rebuilt.GroupKnown)
			}
			if injected := rebuilt.Injected(); len(injected) > 0 {
				t.Errorf("%s, %s: %+v", name, task.Name, injected)
			}
		}
	}
	want := map[string]bool{
		"firefox action": true, "firefox cron": true, "firefox github-push": true, "firefox hg-push": true,
		"mozillavpn action": true, "mozillavpn cron": true, "mozillavpn github-pull-request": true,
		"mozillavpn github-push": true, "mozillavpn github-release": true,
	}
	if diff := cmp.Diff(want, tasksFor); diff != "" {
		t.Errorf("what there are graphs for (-want +got):\n%s", diff)
	}
}

// TestDifferences changes what ran, or what it is rebuilt from, and expects the
// places that differ.
func TestDifferences(t *testing.T) {
	const template, actions = ".taskcluster.yml", "public/actions.json"
	for _, tt := range []struct {
		name  string
		graph *testgraph.Graph
		task  string // the decision task if empty
		edit  edit
		want  []string // the paths that differ; none where it still matches
	}{
		{"a number", testgraph.GitHubPush(), "", inDefinition("decision", `"maxRunTime":1800`, `"maxRunTime":1801`), []string{"/payload/maxRunTime"}},
		{"a number that is as good as the same", testgraph.GitHubPush(), "", inDefinition("decision", `"maxRunTime":1800`, `"maxRunTime":1800.0000000000002`), nil},
		{"a scope more", testgraph.GitHubPush(), "", inDefinition("decision", `"scopes":[`, `"scopes":["a",`), []string{"/scopes/0", "/scopes/1"}},
		{"a scope more that is empty", testgraph.GitHubPush(), "", inDefinition("decision", `"scopes":[`, `"scopes":[null,`), nil},
		{"a key more", testgraph.HgPush(), "", inDefinition("decision", `"extra":{`, `"extra":{"a":1,`), []string{"/extra/a"}},
		{"keys more that are empty", testgraph.HgPush(), "", inDefinition("decision", `"extra":{`, `"extra":{"a":null,"b":[],"c":{},"d":"null",`), nil},
		{"a key more that is empty only within", testgraph.HgPush(), "", inDefinition("decision", `"extra":{`, `"extra":{"a":{"b":[]},`), []string{"/extra/a"}},
		{"another pool", testgraph.HgPush(), "", inDefinition("decision", "gecko-3/decision", "gecko-3/b-linux"), []string{"/taskQueueId"}},
		{"another provisioner", testgraph.HgPush(), "", inDefinition("decision", "gecko-3/decision", "gecko-1/decision"), []string{"/taskQueueId"}},
		{"a pool that only the template has in parts", testgraph.HgPush(), "", inDefinition("decision", `"taskQueueId":"gecko-3/decision",`, ""), nil},
		{"another project", testgraph.HgPush(), "", inDefinition("decision", `"projectId":"none"`, `"projectId":"a"`), []string{"/projectId"}},
		{"another login", testgraph.GitHubRelease(), "", inPages("/releases/tags/v1.2.3", "octo-dev", "evil"), []string{"/metadata/owner", "/payload/command/5", "/tags/createdForUser"}},
		{"another pull request", testgraph.GitHubPullRequest(), "", inPages("/pulls/4242", `"ref": "better"`, `"ref": "worse"`), []string{"/payload/env/MOZILLAVPN_HEAD_REF"}},
		{"a pull request that got commits since", testgraph.GitHubPullRequest(), "", inPages("/pulls/4242", `"title": "Make it better"`, `"title": "Make it worse"`), nil},
		{"another level", testgraph.HgPush(), "", inPages("projects.yml", "scm_level_3", "scm_level_2"), []string{
			"/payload/cache/level-2-checkouts", "/payload/cache/level-3-checkouts", "/payload/command/5", "/schedulerId", "/taskQueueId"}},
		{"another user of hg", testgraph.HgPush(), "", inPages("full=1", "ffxbld", "evil"), []string{
			"/metadata/owner", "/payload/command/5", "/routes/1", "/routes/2", "/tags/createdForUser"}},
		{"another line of the template", testgraph.GitHubCron(), "", inPages(template, "maxRunTime: 1800", "maxRunTime: 60"), []string{"/payload/maxRunTime"}},
		{"a task before it", testgraph.GitHubPush(), "", inPages(template, "\ntasks:\n", "\ntasks:\n  - {taskQueueId: a/b}\n"), nil},
		{"another input", testgraph.GitHubAction(), "action", inDefinition("action", `"build_number":2`, `"build_number":3`), []string{"/payload/env/ACTION_INPUT"}},
		{"another title of the action", testgraph.GitHubAction(), "action", inArtifact(actions, `"title": "Release Promotion"`, `"title": "A"`), []string{"/metadata/name"}},
		{"another permission", testgraph.HgAction(), "action", inArtifact(actions, `"actionPerm": "release-promotion"`, `"actionPerm": "b"`), []string{"/scopes/0"}},
		{"a generic hook", testgraph.HgAction(), "action", all(
			inArtifact(actions, `"actionPerm": "release-promotion"`, `"a": 1`), inArtifact(actions, "in-tree-action-3-release", "in-tree-action-3-generic/release"),
		), []string{"/scopes/0"}},
		{"a generic hook that ran as one", testgraph.HgAction(), "action", all(
			inArtifact(actions, `"actionPerm": "release-promotion"`, `"actionPerm": null`), inArtifact(actions, "in-tree-action-3-release", "in-tree-action-3-generic/release"),
			inDefinition("action", ":action:release-promotion", ":action:generic"),
		), nil},
		{"a hook without name is generic", testgraph.HgAction(), "action", all(
			inArtifact(actions, `"actionPerm": "release-promotion"`, ""), inArtifact(actions, "hookId", "a"),
			inDefinition("action", ":action:release-promotion", ":action:generic"),
		), nil},
		{"a hook of its own is permitted by its callback", testgraph.HgAction(), "action",
			inArtifact(actions, `"actionPerm": "release-promotion"`, ""), nil},
		{"the permission of the action itself", testgraph.HgAction(), "action", all(
			inArtifact(actions, `"extra": {`, `"actionPerm": "own", "extra": {`), inArtifact(actions, `"actionPerm": "release-promotion"`, ""),
			inDefinition("action", ":action:release-promotion", ":action:own"),
		), nil},
		{"the first of two actions", testgraph.GitHubAction(), "action", inArtifact(actions, `"actions": [`, `"actions": [{}, {"kind": "task"},`), nil},
		{"other parameters", testgraph.HgAction(), "action", inArtifact("public/parameters.yml", "mozilla-central", "try"), []string{
			"/extra/action/context/parameters/head_repository", "/extra/action/context/parameters/project", "/payload/env/ACTION_PARAMETERS"}},
		{"any group that it ran in", testgraph.GitHubAction(), "action", inDefinition("action", `"ACTION_TASK_GROUP_ID":"`, `"ACTION_TASK_GROUP_ID":"a`), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.edit(tt.graph)
			task := tt.task
			if task == "" {
				task = "decision"
			}
			rebuilt, err := rebuildIn(t, tt.graph, task)
			if err != nil {
				t.Fatal(err)
			}
			c, err := rebuilt.Compare()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range c.Differences {
				got = append(got, value.Pointer(d.Path...))
				if d.InA && d.Origin == nil {
					t.Errorf("%v was rendered, and has no origin", d.Path)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" || c.Matches != (len(tt.want) == 0) {
				t.Errorf("matches: %t (-want +got):\n%s", c.Matches, diff)
			}
		})
	}
}

// TestRefusals expects why a definition cannot be rebuilt, or compared.
func TestRefusals(t *testing.T) {
	const template, actions = ".taskcluster.yml", "public/actions.json"
	const push, release, pull, cron, action, hgAction, hgPush, hgCron = "github-push", "github-release", "github-pull-request", "github-cron", "github-action", "hg-action", "hg-push", "hg-cron"
	definition := func(from, to string) edit { return inDefinition("decision", from, to) }
	ofAction := func(from, to string) edit { return inDefinition("action", from, to) }
	for _, tt := range []struct {
		name, graph string
		edit        edit
		want        string
	}{
		{"no tasks_for", push, definition(`"tasks_for"`, `"a"`), "/extra/tasks_for is absent; expected text"},
		{"tasks_for of no product", push, definition(`"tasks_for":"github-push"`, `"tasks_for":"pr-action"`), `/extra/tasks_for is "pr-action"; expected one of cron,`},
		{"no created", push, definition(`"created"`, `"a"`), "/created is absent"},
		{"no repository", push, definition("_HEAD_REPOSITORY", "_A"), "/payload/env/MOZILLAVPN_HEAD_REPOSITORY is absent; expected text"},
		{"no revision", push, definition("_HEAD_REV", "_A"), "/payload/env/MOZILLAVPN_HEAD_REV is absent; expected text"},
		{"a revision that is no text", push, definition(`"MOZILLAVPN_HEAD_REV":"`, `"MOZILLAVPN_HEAD_REV":1,"a":"`), "/payload/env/MOZILLAVPN_HEAD_REV is a number; expected text"},
		{"no owner", push, definition(`"owner"`, `"a"`), "/metadata/owner is absent"},
		{"no template", push, func(g *testgraph.Graph) { clear(g.Pages) }, "/.taskcluster.yml is not there"},
		{"a template that is no YAML", push, inPages(template, "version: 1", "version: ["), "/.taskcluster.yml is no YAML that can be read"},
		{"a template that cannot be rendered", push, inPages(template, "maxRunTime: 1800", "maxRunTime: {$eval: a}"), ".taskcluster.yml: "},
		{"a template without tasks", push, inPages(template, "tasks:", "a:"), "what .taskcluster.yml renders to has no tasks"},
		{"a template of one task that is in no list", push, inPages(template, "tasks:\n", "tasks: 1\na:\n"), "the tasks that .taskcluster.yml renders to are a number, not a list"},
		{"as_slugid of nothing", push, inPages(template, `as_slugid("decision")`, "as_slugid()"), "as_slugid takes one argument, and got 0"},
		{"as_slugid of a list", push, inPages(template, `as_slugid("decision")`, "as_slugid([])"), "as_slugid takes no "},
		{"no task", push, inPages(template, "tasks:\n", "tasks: []\na:\n"), "compare: .taskcluster.yml renders to no task"},
		{"a task that is none", push, inPages(template, "\ntasks:\n", "\ntasks:\n  - 1\n"), "compare: .taskcluster.yml:7: task 0 of the template is a number, not an object"},
		{"a task without queue", push, inPages(template, "\ntasks:\n", "\ntasks:\n  - {a: 1}\n"), "compare: .taskcluster.yml:7: task 0 of the template names no task queue: /provisionerId is absent"},
		{"a task with half a queue", push, inPages(template, "\ntasks:\n", "\ntasks:\n  - {provisionerId: a}\n"), "compare: .taskcluster.yml:7: task 0 of the template names no task queue: /workerType is absent"},
		{"what ran has no queue", push, all(definition(`"taskQueueId"`, `"a"`), definition(`"workerType"`, `"b"`)), "compare: the runtime definition names no task queue: /workerType is absent"},

		{"a commit without committer", push, inPages("", `"committer"`, `"a"`), "/committer is absent"},
		{"a committer that is no object", push, inPages("", `"committer": {`, `"committer": 1, "a": {`), "/committer is a number; expected an object"},
		{"an author in the commit that is none", push, inPages("", `"commit": {`, `"commit": 1, "a": {`), "/commit is a number; expected an object"},
		{"an author that is none", push, inPages("", `"author": {
  "login"`, `"author": 1, "a": {"login"`), "/author is a number; expected an object"},

		{"a release without target", release, inPages("v1.2.3", `"target_commitish"`, `"a"`), "/target_commitish is absent"},
		{"a release without time", release, inPages("v1.2.3", `"published_at"`, `"a"`), "/published_at is absent"},
		{"a release without author", release, inPages("v1.2.3", `"author"`, `"a"`), "/author is absent"},
		{"a release whose author has no login", release, inPages("v1.2.3", `"login"`, `"a"`), "/author/login is absent"},

		{"no number of a pull request", pull, definition("_PULL_REQUEST_NUMBER", "_A"), "MOZILLAVPN_PULL_REQUEST_NUMBER is not the number of a pull request"},
		{"no base", pull, definition("_BASE_REPOSITORY", "_A"), "MOZILLAVPN_BASE_REPOSITORY is absent"},
		{"no repository of the base", pull, inPages("/pulls/4242", `"repo"`, `"a"`), "/base/repo is absent"},
		{"no user of the head", pull, inPages("/pulls/4242", `"user"`, `"a"`), "/head/user is absent"},
		{"no head", pull, inPages("/pulls/4242", `"head"`, `"a"`), "/head is absent"},
		{"a base that is none", pull, inPages("/pulls/4242", `"base": {`, `"base": 1, "a": {`), "/base is a number; expected an object"},
		{"a pull request that is a list", pull, inPages("/pulls/4242", "{\n \"base\"", "[], {\n \"base\""), "the answer is no JSON"},
		{"no word of a fork", pull, inPages("octo-dev/mozilla-vpn-client", `"fork"`, `"a"`), "/fork is absent"},
		{"a fork without parent", pull, inPages("octo-dev/mozilla-vpn-client", `"parent"`, `"a"`), "/parent is absent"},
		{"a fork whose parent has no name", pull, inPages("octo-dev/mozilla-vpn-client", `"name"`, `"a"`), "/parent/name is absent"},
		{"a fork whose parent climbs", pull, inPages("octo-dev/mozilla-vpn-client", `"mozilla-mobile"`, `"../.."`), "the name of the parent, \"../../mozilla-vpn-client\", cannot be part of a URL"},

		{"cron's order that is none", cron, definition(`"cron":"{`, `"cron":"`), "/extra/cron is no JSON"},
		{"no order of cron", cron, definition(`"cron":"{`, `"a":"{`), "/extra/cron is absent"},
		{"no such project", cron, inPages("projects.yml", "mozilla-vpn-client:", "a:"), `has no project "mozilla-vpn-client"`},
		{"projects that are a list", cron, inPages("projects.yml", "---\n", "---\n[]\n"), "projects.yml is no YAML that can be read"},
		{"no branches", cron, inPages("projects.yml", "branches:", "a:"), `project "mozilla-vpn-client" has no list of branches`},
		{"no such branch", cron, inPages("projects.yml", "default_branch: main", "default_branch: trunk"), `project "mozilla-vpn-client" has no branch "trunk", which has its level`},
		{"a branch without name", cron, inPages("projects.yml", "name: main", "a: main"), "line 17: the branch has no name"},
		{"a branch without level", cron, inPages("projects.yml", "level: 3", "a: 3"), "line 17: the branch has no level"},
		{"a project of no kind", cron, inPages("projects.yml", "repo_type: git", "repo_type: svn"), `project "mozilla-vpn-client" is of no repo_type that has levels`},

		{"a project without access", hgPush, inPages("projects.yml", "access: scm_level_3", "a: b"), `project "mozilla-central" has no access`},
		{"a project without repository", hgPush, inPages("projects.yml", "repo: https://hg.mozilla.org/mozilla-unified", "a: b"), "the project has no repo"},
		{"a project that is no text", hgPush, inPages("projects.yml", "mozilla-central:\n", "1:\n"), "the project's name is no text"},
		{"no source", hgPush, definition(`"source"`, `"a"`), "/metadata/source is absent"},
		{"a comment that is no text", hgPush, definition(`"GECKO_COMMIT_MSG":" "`, `"GECKO_COMMIT_MSG":1`), "/payload/env/GECKO_COMMIT_MSG is a number; expected text"},
		{"no order of hg's cron", hgCron, definition(`"cron":"{`, `"a":"{`), "/extra/cron is absent"},

		{"no context of an action", action, ofAction(`"context":{`, `"a":{`), "/extra/action/context is absent"},
		{"a context that is none", hgAction, ofAction(`"context":{`, `"context":1,"a":{`), "/extra/action/context is a number; expected an object"},
		{"no input", action, ofAction(`"input":{`, `"a":{`), "/extra/action/context/input is absent; expected a value"},
		{"no actions.json", action, func(g *testgraph.Graph) { delete(g.Task("decision").Artifacts, actions) }, actions + " of"},
		{"actions.json that is none", action, inArtifact(actions, "{", "["), actions + " is no JSON"},
		{"actions that are no list", action, inArtifact(actions, `"actions": [`, `"actions": 1, "a": [`), actions + ": /actions is a number; expected a list"},
		{"an action that is none", action, inArtifact(actions, `"actions": [`, `"actions": [null,`), actions + ": /actions/0 is null; expected an object"},
		{"a payload that is none", action, inArtifact(actions, `"actions": [`, `"actions": [{"hookPayload": 1},`), actions + ": /actions/0/hookPayload is a number; expected an object"},
		{"no such action", action, ofAction(`"ACTION_CALLBACK":"`, `"ACTION_CALLBACK":"a`), "and public/actions.json has actions with the callbacks release-promotion"},
		{"an action that is no hook", action, inArtifact(actions, `"kind": "hook"`, `"kind": "task"`), "the first action with the callback \"release-promotion\" is of kind \"task\""},
		{"a permission that is no text", action, inArtifact(actions, `"actionPerm": "release-promotion"`, `"actionPerm": 1`), "the action's permission is a number, not text"},
		{"extra that is none", action, inArtifact(actions, `"extra": {`, `"extra": 1, "a": {`), "/actions/0/extra is a number; expected an object"},
		{"a hook's name that is no text", action, all(inArtifact(actions, `"actionPerm": "release-promotion"`, ""), inArtifact(actions, `"hookId": `, `"hookId": 1, "a": `)), "the action's hookId is a number, not text"},
		{"a payload that cannot be rendered", action, inArtifact(actions, `"$eval": "input"`, `"$eval": "a"`), "the hookPayload of the action: "},
		{"a payload without repository", action, inArtifact(actions, `"url": "https`, `"a": "https`), ".taskcluster.yml: "},
		{"no parameters.yml", hgAction, func(g *testgraph.Graph) { delete(g.Task("decision").Artifacts, "public/parameters.yml") }, "public/parameters.yml of"},
		{"parameters.yml that is no YAML", hgAction, inArtifact("public/parameters.yml", "level:", "level: ["), "public/parameters.yml is no YAML that can be read"},
		{"parameters.yml with a key that is no text", hgAction, inArtifact("public/parameters.yml", "level:", "1:"), "public/parameters.yml: line"},
		{"no group that it ran in", action, ofAction("ACTION_TASK_GROUP_ID", "A"), "/payload/env/ACTION_TASK_GROUP_ID is absent"},
		{"no group that was rendered", action, inPages(template, "ACTION_TASK_GROUP_ID", "A"), "of the rebuilt task, /payload/env/ACTION_TASK_GROUP_ID is absent"},
		{"the group of others", action, inPages(template, "ACTION_TASK_GROUP_ID: ", "ACTION_TASK_GROUP_ID: a"), "neither the action nor its decision task"},
		{"no task of an action", action, inPages(template, "tasks:\n", "tasks: []\na:\n"), ".taskcluster.yml renders to no task"},
	} {
		t.Run(tt.graph+", "+tt.name, func(t *testing.T) {
			g := graphs[tt.graph]()
			tt.edit(g)
			task := "decision"
			if strings.HasSuffix(tt.graph, "action") {
				task = "action"
			}
			rebuilt, err := rebuildIn(t, g, task)
			want := tt.want
			if compare, ok := strings.CutPrefix(want, "compare: "); ok && err == nil {
				want = compare
				_, err = rebuilt.Compare()
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, expected %q", err, want)
			}
			var shape *value.ShapeError
			var refusal *Refusal
			var missing *source.NotFoundError
			var unreadable *source.UnavailableError
			if !errors.As(err, &shape) && !errors.As(err, &refusal) && !errors.As(err, &missing) && !errors.As(err, &unreadable) {
				t.Errorf("of no kind that callers know: %T", err)
			}
		})
	}
}

// TestRefusalShowsThePlace shows that a template that cannot be rendered is
// quoted.
func TestRefusalShowsThePlace(t *testing.T) {
	g := testgraph.GitHubPush()
	inPages(".taskcluster.yml", "maxRunTime: 1800", "maxRunTime: {$eval: a}")(g)
	_, err := rebuildIn(t, g, "decision")
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Detail != "a\n^" {
		t.Errorf("got %v:\n%s", err, refusal.Detail)
	}
}

// TestInjected shows which values of a definition are told of: those that it
// brings itself, that a shell would read otherwise, and that reach a command.
func TestInjected(t *testing.T) {
	for _, tt := range []struct {
		name, graph, task string
		edit              edit
		want              []Injected
	}{
		{"an owner", "github-push", "decision", inDefinition("decision", "octo@example.com", "x'; sh"),
			[]Injected{{"event.pusher.email", "x'; sh", "/payload/command/5"}}},
		{"a branch that no command has", "github-push", "decision", inDefinition("decision", "refs/heads/main", "refs/heads/`sh`"), nil},
		{"words of cron on GitHub", "github-cron", "decision", inDefinition("decision", "--target-tasks", "$(sh) --target-tasks"),
			[]Injected{{"cron.quoted_args", "$(sh) --target-tasks-method=nightly_desktop", "/payload/command/5"}}},
		{"words of cron on hg", "hg-cron", "decision", inDefinition("decision", "--target-tasks", "a|sh --target-tasks"),
			[]Injected{{"cron.quoted_args", "a|sh --target-tasks-method=nightly_desktop", "/payload/command/5"}}},
		{"an owner that GitHub vouches for", "github-release", "decision", inPages("v1.2.3", "octo-dev", "x'; sh"), nil},
		{"an input that reaches a command", "github-action", "action", all(
			inDefinition("action", `"version":"1.2.3"`, `"version":"1;sh","a b":"<"`),
			inPages(".taskcluster.yml", "then: taskgraph action-callback", "then: 'taskgraph ${input.version}'"),
		), []Injected{{"payload.user.input.version", "1;sh", "/payload/command/5"}}},
		{"an input that reaches a command whole", "github-action", "action", all(
			inDefinition("action", `"version":"1.2.3"`, `"versions":["1;sh"],"a b":"<"`),
			inPages(".taskcluster.yml", "then: taskgraph action-callback", "then: {$json: {$eval: input}}"),
		), []Injected{
			{"payload.user.input.versions[0]", "1;sh", "/payload/command/5"},
			{`payload.user.input["a b"]`, "<", "/payload/command/5"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := graphs[tt.graph]()
			tt.edit(g)
			rebuilt, err := rebuildIn(t, g, tt.task)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, rebuilt.Injected()); diff != "" && len(tt.want)+len(rebuilt.Injected()) > 0 {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestBranchLevel shows levels as Python writes them.
func TestBranchLevel(t *testing.T) {
	for level, want := range map[string]string{
		"3": "3", "'3'": "3", "true": "True", "no": "False", "~": "None", "3.0": "3.0", "[3]": "! has no level",
	} {
		src := memsource.URLs(map[string]string{projectsA: "a:\n  repo_type: git\n  branches: [{name: main, level: " + level + "}]\n"})
		p, err := fetchProjects(t.Context(), src, projectsA)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.level("a")
		if problem, refused := strings.CutPrefix(want, "!"); refused != (err != nil) || err != nil && !strings.Contains(err.Error(), problem) || err == nil && got != want {
			t.Errorf("level %s: got %q, %v; want %q", level, got, err, want)
		}
	}
	_, err := fetchProjects(t.Context(), memsource.URLs(map[string]string{projectsA: "[]"}), projectsA)
	if err == nil || !strings.Contains(err.Error(), "expected an object of projects") {
		t.Errorf("a list of projects: %v", err)
	}
}

// TestLogin shows who counts as having pushed a commit.
func TestLogin(t *testing.T) {
	for commit, want := range map[string]any{
		`{"committer": {"login": "me"}}`:                                                                          "me",
		`{"committer": {"login": "web-flow"}, "author": {"login": "me"}}`:                                         "me",
		`{"committer": null, "author": {"login": "me"}}`:                                                          "me",
		`{"committer": {}, "author": {"login": "me"}}`:                                                            "me",
		`{"committer": {"id": 1}, "author": null}`:                                                                "@@@unknown@@@",
		`{"committer": {"id": 1}}`:                                                                                "@@@unknown@@@",
		`{"committer": null, "author": {"id": 1}, "commit": {"author": {"login": "me"}}}`:                         "me",
		`{"committer": {"login": "web-flow"}, "author": {"login": "you"}, "commit": {"author": {"login": "me"}}}`: "you",
	} {
		got, err := newRebuild(t, "glean", "github-push", `{"GLEAN_HEAD_REPOSITORY": "https://github.com/mozilla/glean", "GLEAN_HEAD_REV": "abc"}`, "",
			memsource.URLs(urls{gitHubAPI: `{"html_url": "https://github.com/mozilla/glean"}`, gitHubAPI + "/commits/abc": commit})).productContext(t.Context())
		if err != nil {
			t.Errorf("%s: %v", commit, err)
			continue
		}
		if login, _ := value.Lookup(got, "event", "sender", "login"); login != want {
			t.Errorf("%s: got %v, want %v", commit, login, want)
		}
	}
}

// TestOriginOfDifference shows which of the two keys of a task queue, and which
// line of a long text, is told to be another.
func TestOriginOfDifference(t *testing.T) {
	for change, want := range map[[2]string]string{
		{"gecko-3/decision", "gecko-3/b-linux"}:    "workerType: decision",
		{"gecko-3/decision", "gecko-1/decision"}:   "provisionerId: gecko-${repository.level}",
		{"--pushdate=1773046800", "--pushdate=17"}: "--pushlog-id=${push.pushlog_id} --pushdate=${push.pushdate}${extraArgs}",
		{"--level=3", "--level=4"}:                 "./mach taskgraph decision --project='${repository.project}' --owner='${ownerEmail}' --level=${repository.level}",
	} {
		g := testgraph.HgPush()
		inDefinition("decision", change[0], change[1])(g)
		rebuilt, err := rebuildIn(t, g, "decision")
		if err != nil {
			t.Fatal(err)
		}
		c, err := rebuilt.Compare()
		if err != nil || len(c.Differences) != 1 {
			t.Fatalf("%v: %v, %+v", change, err, c.Differences)
		}
		if got := lineOf(g, c.Differences[0].Origin); got != want {
			t.Errorf("%v: of the line %q, want %q", change, got, want)
		}
	}
}

// lineOf returns the line of a graph's template that an origin names.
func lineOf(g *testgraph.Graph, origin *jsone.Origin) string {
	for url, page := range g.Pages {
		if strings.HasSuffix(url, ".taskcluster.yml") {
			return strings.TrimSpace(strings.Split(string(page.Body), "\n")[origin.Line-1])
		}
	}
	return ""
}
