package decision

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cotverify/internal/memsource"
	"cotverify/internal/pyjson"
	"cotverify/internal/value"
	"cotverify/pkg/forge"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/source"
)

// urls are what URLs answer; nothing else is there.
type urls = map[string]string

const (
	gitHubAPI = "https://api.github.com/repos/mozilla/glean"
	hgRepo    = "https://hg.mozilla.org/mozilla-central"
	projectsA = "https://raw.githubusercontent.com/mozilla-releng/fxci-config/main/projects.yml"
)

// newRebuild returns a rebuild of a task with a name and an environment.
func newRebuild(t *testing.T, product, tasksFor, env, extra string, src source.Source) *rebuild {
	t.Helper()
	p := policy.Default()
	task := graph.ReadTask("OWN", fmt.Appendf(nil, `{
		"provisionerId": "p", "workerType": "w", "taskGroupId": "OWN", "scopes": [], "created": "2026-08-20T10:11:12.345Z",
		"payload": {"env": %s}, "extra": {"tasks_for": %q%s},
		"metadata": {"owner": "octo@example.com", "source": "https://hg.mozilla.org/mozilla-central/raw-file/REV/.taskcluster.yml"}}`, env, tasksFor, extra))
	if len(task.Problems) > 0 {
		t.Fatal(task.Problems)
	}
	gitHub := forge.GitHub{Source: src, Services: p.Services.GitHub}
	hosting, err := gitHub.HostingOf(task, p.Products[product])
	if err != nil {
		t.Fatal(err)
	}
	return &rebuild{
		hosting:  hosting,
		Options:  Options{Source: src, Services: p.Services, Product: p.Products[product]},
		parent:   task,
		decision: task,
		env:      envOf(task, p.Products[product].EnvPrefix),
		gitHub:   gitHub,
		tasksFor: tasksFor,
	}
}

func envOf(task *graph.Task, prefix string) env { return env{task: task, prefix: prefix} }

func TestProductContext(t *testing.T) {
	const push = `{"GLEAN_HEAD_REPOSITORY": "https://github.com/mozilla/glean/", "GLEAN_HEAD_REV": "abc", "GLEAN_HEAD_REF": "refs/heads/main"`
	const repo = `{"fork": false, "html_url": "https://github.com/mozilla/glean"}`
	const hg = `{"GECKO_HEAD_REPOSITORY": "https://hg.mozilla.org/mozilla-central", "GECKO_HEAD_REV": "abc"`
	const pushlog = `{"pushes": {"42": {"user": "u@example.com", "date": 1700000000, "changesets": [
		{"parents": ["p1", "p2"], "desc": "first"}, {"parents": ["p3"], "desc": "Bug 1\ntry: -b do -p all\nmore"}]},
		"7": {}}}`
	const projects = "mozilla-central:\n  repo: https://hg.mozilla.org/mozilla-central\n  repo_type: hg\n  access: scm_level_3\n" +
		"glean:\n  repo: https://github.com/mozilla/glean\n  repo_type: git\n  branches: [{name: dev, level: 1}, {name: main, level: 3}]\n"
	for _, tt := range []struct {
		name, product, tasksFor, env, extra string
		urls                                urls
		want                                string // the context, or
		problem                             string
	}{
		{
			name: "push", product: "glean", tasksFor: "github-push",
			env:  push + `, "GLEAN_BASE_REV": "before", "GLEAN_BASE_REF": "base", "GLEAN_PUSH_DATE_TIME": "then"}`,
			urls: urls{gitHubAPI: repo, gitHubAPI + "/commits/abc": `{"committer": {"login": "octo"}}`},
			want: `{"event": {"before": "before", "after": "abc", "pusher": {"email": "octo@example.com"}, "base_ref": "base", "ref": "refs/heads/main",
				"repository": {"full_name": "mozilla/glean", "ssh_url": "git@github.com:mozilla/glean.git", "html_url": "https://github.com/mozilla/glean", "name": "glean", "pushed_at": "then"},
				"sender": {"login": "octo"}}}`,
		},
		{
			name: "push by ssh, of what GitHub committed", product: "glean", tasksFor: "github-push",
			env:  `{"GLEAN_HEAD_REPOSITORY": "git@github.com:mozilla/glean.git", "GLEAN_HEAD_REV": "abc", "GLEAN_HEAD_BRANCH": null, "GLEAN_HEAD_REF": "main"}`,
			urls: urls{gitHubAPI: repo, gitHubAPI + "/commits/abc": `{"committer": {"login": "web-flow"}, "author": {"login": "author"}, "commit": {"author": {}}}`},
			want: `{"event": {"before": null, "after": "abc", "pusher": {"email": "octo@example.com"}, "base_ref": null, "ref": null,
				"repository": {"full_name": "mozilla/glean", "ssh_url": "git@github.com:mozilla/glean.git", "html_url": "ssh://github.com/mozilla/glean.git", "name": "glean", "pushed_at": null},
				"sender": {"login": "author"}}}`,
		},
		{
			name: "push of an unknown repository", product: "glean", tasksFor: "github-push", env: push + `}`,
			urls:    urls{gitHubAPI + "/commits/abc": `{"committer": null}`},
			problem: gitHubAPI + " is not there",
		},
		{
			name: "commit without committer", product: "glean", tasksFor: "github-push", env: push + `}`,
			urls:    urls{gitHubAPI: repo, gitHubAPI + "/commits/abc": `{}`},
			problem: gitHubAPI + "/commits/abc: /committer is absent; expected a value",
		},
		{
			name: "web page of GitHub", product: "glean", tasksFor: "github-push", env: push + `}`,
			urls:    urls{gitHubAPI: repo, gitHubAPI + "/commits/abc": `<html>`},
			problem: gitHubAPI + "/commits/abc could not be had: the answer is no JSON",
		},
		{
			name: "web page of hg", product: "firefox", tasksFor: "hg-push", env: hg + `}`,
			urls:    urls{projectsA: projects, hgRepo + "/json-pushes?changeset=abc&version=2&full=1": `<html>`},
			problem: "could not be had: the answer is a web page of 6 bytes, which begins with \"<html>\"",
		},
		{
			name: "revision that climbs", product: "glean", tasksFor: "github-push",
			env:     `{"GLEAN_HEAD_REPOSITORY": "https://github.com/mozilla/glean", "GLEAN_HEAD_REV": "a/../../../evil/evil/abc"}`,
			problem: `the revision "a/../../../evil/evil/abc" cannot be part of a URL`,
		},
		{
			name: "release", product: "glean", tasksFor: "github-release",
			env:  `{"GLEAN_HEAD_REPOSITORY": "https://github.com/mozilla/glean", "GLEAN_HEAD_REV": "v1.0"}`,
			urls: urls{gitHubAPI: repo, gitHubAPI + "/releases/tags/v1.0": `{"target_commitish": "main", "published_at": "then", "author": {"login": "octo"}}`},
			want: `{"event": {"action": "published",
				"repository": {"clone_url": "https://github.com/mozilla/glean.git", "full_name": "mozilla/glean", "html_url": "https://github.com/mozilla/glean", "name": "glean"},
				"release": {"tag_name": "v1.0", "target_commitish": "main", "published_at": "then"}, "sender": {"login": "octo"}}}`,
		},
		{
			name: "release by short ssh form", product: "glean", tasksFor: "github-release",
			env:     `{"GLEAN_HEAD_REPOSITORY": "git@github.com:mozilla/glean", "GLEAN_HEAD_REV": "v1.0"}`,
			problem: `"git@github.com:mozilla/glean" is no repository on GitHub: expected https://github.com/… or ssh://github.com/…`,
		},
		{
			name: "pull request of a fork", product: "glean", tasksFor: "github-pull-request",
			env: `{"GLEAN_HEAD_REPOSITORY": "https://github.com/someone/glean", "GLEAN_BASE_REPOSITORY": "https://github.com/mozilla/glean", "GLEAN_HEAD_REV": "abc",
				"GLEAN_BASE_REV": "base", "GLEAN_PULL_REQUEST_NUMBER": " 4_2 ", "GLEAN_PUSH_DATE_TIME": "then"}`,
			urls: urls{
				"https://api.github.com/repos/someone/glean": `{"html_url": "https://github.com/someone/glean", "fork": true, "parent": {"owner": {"login": "mozilla"}, "name": "glean"}}`,
				gitHubAPI:               repo,
				gitHubAPI + "/pulls/42": `{"title": "t", "base": {"repo": {"name": "glean"}, "sha": "later"}, "head": {"sha": "later", "user": {"login": "someone"}}}`,
			},
			want: `{"event": {"action": "synchronize", "repository": {"name": "glean"},
				"pull_request": {"title": "t", "base": {"repo": {"name": "glean"}, "sha": "base"}, "head": {"sha": "abc", "user": {"login": "someone"}, "updated_at": "then"}},
				"sender": {"login": "someone"}}}`,
		},
		{
			name: "pull request zero", product: "glean", tasksFor: "github-pull-request",
			env:     `{"GLEAN_HEAD_REPOSITORY": "https://github.com/mozilla/glean", "GLEAN_BASE_REPOSITORY": "https://github.com/mozilla/glean", "GLEAN_PULL_REQUEST_NUMBER": "0"}`,
			problem: "payload.env.GLEAN_PULL_REQUEST_NUMBER is not the number of a pull request",
		},
		{
			name: "cron on GitHub", product: "glean", tasksFor: "cron", env: push + `}`, extra: `, "cron": "{\"job_name\": \"nightly\", \"n\": 1.0}"`,
			urls: urls{projectsA: projects},
			want: `{"cron": {"job_name": "nightly", "n": 1.0},
				"event": {"repository": {"clone_url": "https://github.com/mozilla/glean", "full_name": "mozilla/glean", "html_url": "https://github.com/mozilla/glean", "name": "glean"},
					"release": {"tag_name": "abc", "target_commitish": "refs/heads/main", "published_at": null}, "sender": {"login": "TaskclusterHook"}},
				"repository": {"url": "https://github.com/mozilla/glean", "project": "glean", "level": "3", "type": "git"},
				"push": {"revision": "abc", "branch": "refs/heads/main"}}`,
		},
		{
			name: "cron that is no JSON", product: "glean", tasksFor: "cron", env: push + `}`, extra: `, "cron": "{"`,
			urls:    urls{projectsA: projects},
			problem: "/extra/cron is no JSON",
		},
		{
			name: "push on hg", product: "firefox", tasksFor: "hg-push", env: hg + `}`,
			urls: urls{projectsA: projects, hgRepo + "/json-pushes?changeset=abc&version=2&full=1": pushlog},
			want: `{"repository": {"url": "https://hg.mozilla.org/mozilla-central", "level": "3", "project": "mozilla-central", "type": "hg"},
				"push": {"base_revision": "p1", "revision": "abc", "comment": " ", "owner": "u@example.com", "pushlog_id": "42", "pushdate": 1700000000}}`,
		},
		{
			name: "try syntax", product: "firefox", tasksFor: "hg-push", env: hg + `, "GECKO_COMMIT_MSG": "try: -b do -p all"}`,
			urls: urls{projectsA: projects, hgRepo + "/json-pushes?changeset=abc&version=2&full=1": pushlog},
			want: `{"repository": {"url": "https://hg.mozilla.org/mozilla-central", "level": "3", "project": "mozilla-central", "type": "hg"},
				"push": {"base_revision": "p1", "revision": "abc", "comment": "try: -b do -p all", "owner": "u@example.com", "pushlog_id": "42", "pushdate": 1700000000}}`,
		},
		{
			name: "forged try syntax", product: "firefox", tasksFor: "hg-push", env: hg + `, "GECKO_COMMIT_MSG": "try: -b d"}`,
			urls:    urls{projectsA: projects, hgRepo + "/json-pushes?changeset=abc&version=2&full=1": pushlog},
			problem: `/payload/env/GECKO_COMMIT_MSG is "try: -b d", and may be but one blank or the try syntax of the push`,
		},
		{
			name: "cron on hg", product: "firefox", tasksFor: "cron", env: hg + `}`, extra: `, "cron": "{}"`,
			urls: urls{projectsA: projects, hgRepo + "/json-pushes?changeset=abc&version=2&full=1": pushlog},
			want: `{"repository": {"url": "https://hg.mozilla.org/mozilla-central", "level": "3", "project": "mozilla-central", "type": "hg"},
				"push": {"base_revision": "p1", "revision": "abc", "comment": "", "owner": "cron", "pushlog_id": "42", "pushdate": 1700000000}, "cron": {}}`,
		},
		{
			name: "no push", product: "firefox", tasksFor: "hg-push", env: hg + `}`,
			urls:    urls{projectsA: projects, hgRepo + "/json-pushes?changeset=abc&version=2&full=1": `{"pushes": {}}`},
			problem: "there is no push of this revision",
		},
		{
			name: "unknown project", product: "firefox", tasksFor: "action", env: hg + `}`, extra: `, "action": {"context": {}}`,
			urls:    urls{projectsA: "other:\n  repo: https://hg.mozilla.org/mozilla-centra\n"},
			problem: "has no project whose repository holds https://hg.mozilla.org/mozilla-central/",
		},
		{
			name: "push of hg on GitHub", product: "glean", tasksFor: "hg-push", env: push + `}`,
			problem: `no product on GitHub has tasks for "hg-push"`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := newRebuild(t, tt.product, tt.tasksFor, tt.env, tt.extra, memsource.URLs(tt.urls)).productContext(t.Context())
			if tt.problem != "" {
				if err == nil || !strings.Contains(err.Error(), tt.problem) {
					t.Errorf("got %v, expected %q", err, tt.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want, err := pyjson.Parse([]byte(tt.want))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(text(t, want.Value), text(t, got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := value.AppendJSON(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTemplateURL(t *testing.T) {
	for repository, want := range map[string]source.Fact{
		"https://github.com/mozilla/glean.git":    source.URL("https://raw.githubusercontent.com/mozilla/glean/abc/.taskcluster.yml"),
		"git@github.com:mozilla/glean":            {Kind: source.KindURL, URL: "https://raw.githubusercontent.com/mozilla/glean/abc/.taskcluster.yml", Private: true},
		"git@github.com:mozilla/git@github.com:x": {Kind: source.KindURL, URL: "https://raw.githubusercontent.com/mozilla/git@github.com:x/abc/.taskcluster.yml", Private: true},
		"https://hg.mozilla.org/git@github.com:a": source.URL("https://hg.mozilla.org/git@github.com:a/raw-file/abc/.taskcluster.yml"),
		"https://hg.mozilla.org/a?b":              source.URL("https://hg.mozilla.org/a/raw-file/abc/.taskcluster.yml"),
		"https://hg.mozilla.org/releases/beta///": source.URL("https://hg.mozilla.org/releases/beta/raw-file/abc/.taskcluster.yml"),
	} {
		got, err := newRebuild(t, "glean", "github-push", fmt.Sprintf(`{"GLEAN_HEAD_REPOSITORY": %q, "GLEAN_HEAD_REV": "abc"}`, repository), "", nil).templateURL()
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", repository, got, err)
		}
	}
	for _, repository := range []string{
		"https://GitHub.com/mozilla/glean", "https://github.com:443/mozilla/glean", "https://user@github.com/mozilla/glean",
		"https://gitlab.com/mozilla/glean", "http://github.com/mozilla/glean", "https://github.com/mozilla",
		"https://github.com/mozilla/../evil", "https://hg.mozilla.org/../evil", "https://[hg.mozilla.org/a", "glean",
	} {
		got, err := newRebuild(t, "glean", "github-push", fmt.Sprintf(`{"GLEAN_HEAD_REPOSITORY": %q, "GLEAN_HEAD_REV": "abc"}`, repository), "", nil).templateURL()
		if err == nil {
			t.Errorf("%s: %+v, expected a refusal", repository, got)
		}
	}
}

func TestNearlyEqual(t *testing.T) {
	parse := func(s string) any {
		doc, err := pyjson.Parse([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return doc.Value
	}
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"1", "1.0", true},
		{"1", "true", true},
		{"NaN", "NaN", true},
		{"1", "NaN", false},
		{"0.1", "0.10000000000000001", true},
		{"1.0", "1.0000000000000002", true},
		{"1.0", "1.0000000000000005", false},
		{"9007199254740992", "9007199254740993", true},
		{"1152921504606846976", "1152921504606847232", true},
		{"1152921504606846976", "1152921504606847276", true},
		{"1152921504606846976", "1152921504606847976", false},
		{"1", "Infinity", false},
		{"Infinity", "Infinity", true},
		{"Infinity", "-Infinity", false},
		{"0", "5e-324", false},
		{`"1"`, "1", false},
		{"[]", "0", false},
		{"1" + strings.Repeat("0", 400), "1" + strings.Repeat("0", 399) + "1", false},
		{"1" + strings.Repeat("0", 400), "1.5", false},
	} {
		if got := nearlyEqual(parse(tt.a), parse(tt.b)); got != tt.want {
			t.Errorf("%s, %s: %v", tt.a, tt.b, got)
		}
	}
}

// unhurried answers even who waits no longer.
type unhurried struct{ source.Source }

func (s unhurried) Open(ctx context.Context, f source.Fact) (*source.Answer, error) {
	return s.Source.Open(context.WithoutCancel(ctx), f)
}

// TestRenderThatIsCutShort shows that a render which has no more time refuses
// nothing.
func TestRenderThatIsCutShort(t *testing.T) {
	const env = `{"GLEAN_HEAD_REPOSITORY": "https://github.com/mozilla/glean", "GLEAN_HEAD_REV": "abc"}`
	src := urls{
		gitHubAPI:                  `{"html_url": "https://github.com/mozilla/glean"}`,
		gitHubAPI + "/commits/abc": `{"committer": {"login": "octo"}}`,
		"https://raw.githubusercontent.com/mozilla/glean/abc/.taskcluster.yml": "tasks: [{a: {$eval: as_slugid('x')}}]",
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newRebuild(t, "glean", "github-push", env, "", unhurried{memsource.URLs(src)}).run(ctx)
	var refusal *Refusal
	if !errors.Is(err, context.Canceled) || errors.As(err, &refusal) {
		t.Errorf("got %v", err)
	}
}
