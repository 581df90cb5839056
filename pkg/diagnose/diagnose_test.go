package diagnose

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/internal/value"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// of returns a report in which the given checks fail, or could not be made, of a
// chain on GitHub of one tree.
func of(checks ...report.Check) *report.Report {
	r := testreport.Of(checks...)
	r.Trust = &report.Trust{Policy: report.Origin{Source: "embedded"}, Keys: report.Origin{Source: "keys.json"}}
	for i := range r.Links {
		l := &r.Links[i]
		l.Pool = "glean-3/" + l.TaskType
		l.Place = report.Place{Source: "https://github.com/mozilla/glean/blob/9fbf/taskcluster", Repository: "https://github.com/mozilla/glean", Revision: "9fbf", Tree: "/mozilla/glean"}
	}
	r.Target.Place = r.Links[0].Place
	return r
}

// placed changes where a task of a report comes from.
func placed(r *report.Report, taskID string, p report.Place) *report.Report {
	for i := range r.Links {
		if r.Links[i].TaskID == taskID {
			r.Links[i].Place = p
		}
	}
	if taskID == r.Target.TaskID {
		r.Target.Place = p
	}
	return r
}

func failed(check string, reason report.Reason, taskID, subject, message string) report.Check {
	return report.Check{Check: check, Status: report.Fail, Reason: reason, TaskID: taskID, Subject: subject, Message: message}
}

func unknown(check string, reason report.Reason, taskID, message string) report.Check {
	c := failed(check, reason, taskID, "", message)
	c.Status = report.Error
	return c
}

func decided(diff ...report.Difference) report.Check {
	c := failed("decision", report.Differs, testreport.DecisionID, "", "differs")
	c.Diff = diff
	return c
}

// rendered is a difference of what was rendered from values of the context.
func rendered(path, rebuilt, runtime string, values map[string]string) report.Difference {
	d := report.Difference{Path: path, Line: 7, Values: map[string]json.RawMessage{}}
	for p, v := range values {
		d.Context, d.Values[p] = append(d.Context, p), json.RawMessage(v)
	}
	slices.Sort(d.Context)
	if rebuilt != "" {
		d.Rebuilt = json.RawMessage(rebuilt)
	}
	if runtime != "" {
		d.Runtime = json.RawMessage(runtime)
	}
	return d
}

func task(id string, definition *value.Object) map[string]*graph.Task {
	return map[string]*graph.Task{id: graph.NewTask(id, definition)}
}

const (
	signing, decisionTask, build, build2, image, earlier = testreport.SigningID, testreport.DecisionID, testreport.BuildID, testreport.Build2ID, testreport.ImageID, testreport.EarlierID
)

func TestCauses(t *testing.T) {
	noKey := func(id string) report.Check {
		return failed("signature", report.NoTrustedKey, id, "public/chain-of-trust.json.sig", "none")
	}
	evil := report.Place{Source: "https://github.com.evil.example/mozilla/glean/blob/9fbf/x"}
	absent := report.Difference{Path: "/routes/0", Runtime: json.RawMessage(`"statuses"`)}
	login := map[string]string{"event.sender.login": `"merger"`, "event.after": `"9fbf"`}
	tests := []struct {
		name     string
		report   *report.Report
		facts    Facts
		want     report.Cause // but for its detail and hint, of which these must be a part
		explains int
	}{
		{"keys lack a worker", of(noKey(decisionTask), noKey(build), noKey(image)), Facts{Keys: map[string][]policy.Key{"generic-worker": {{}}}},
			report.Cause{Cause: "no-keys", Title: "no key is trusted for docker-worker", Detail: "3 of 6 tasks ran on docker-worker, and keys.json has keys for generic-worker only", Hint: "leave --keys away"}, 3},
		{"a malformed key", of(failed("signature", report.BadKey, build, "", "bad"), failed("signature", report.BadKey, image, "", "bad")),
			Facts{Keys: map[string][]policy.Key{"docker-worker": {{Ed25519: "AAAA", Malformed: "/home/me/keys.json:3: docker-worker[0]: expected a public key of 32 bytes, got 3 bytes"}}}},
			report.Cause{Cause: "malformed-key", Title: "keys.json:3: docker-worker[0]: expected a public key of 32 bytes, got 3 bytes", Hint: "keys.json"}, 2},
		{"a malformed key, of a report that was read", of(failed("signature", report.BadKey, build, "", "bad")), Facts{},
			report.Cause{Cause: "malformed-key", Title: "a key for docker-worker in keys.json is malformed"}, 1},
		{"another worker's key", of(noKey(build)), Facts{Signers: map[string]Signer{build: {Worker: "generic-worker", Key: policy.Key{Ed25519: "k="}, Claims: Claims{WorkerID: "i-1", WorkerGroup: "us-1"}}}},
			report.Cause{Cause: "other-workers-key", Title: "build-glean-github-push is signed by a key of generic-worker, and claims to have run on docker-worker", Detail: "worker i-1 of us-1"}, 1},
		{"an unclear worker", of(failed("worker", report.UnclearWorker, build, "", "two"), noKey(build)), Facts{},
			report.Cause{Cause: "unclear-worker", Title: "it cannot be told which worker implementation ran build-glean-github-push", Detail: "two"}, 2},
		{"a cached task", of(noKey(image)), Facts{},
			report.Cause{Cause: "cached-task", Title: "signing:build:docker-image is a cached task of an earlier push, and no key that is trusted now signed it", Hint: "have signing:build:docker-image rebuilt"}, 1},
		{"an unknown key", of(noKey(build)), Facts{Signers: map[string]Signer{build: {Claims: Claims{WorkerID: "i-1"}}}},
			report.Cause{Cause: "unknown-key", Title: "no key that is trusted for docker-worker signed build-glean-github-push", Detail: "in pool glean-3/build and by worker i-1, as its CoT artifact says", Hint: "glean-3/build"}, 1},
		{"no taskId", odd(of(failed("task", report.NotFound, "../../etc", "", "no"), failed("cot", report.NotFound, "../../etc", "", "no"))), Facts{},
			report.Cause{Cause: "no-task-id", Title: `"../../etc" is no taskId, and stands as the build of glean signing`}, 2},
		{"a missing task", of(failed("task", report.NotFound, earlier, "", "no"), unknown("signature", report.NotFound, earlier, "no"), unknown("cot", report.NotFound, earlier, "no")), Facts{Bundle: true},
			report.Cause{Cause: "missing-task", Title: "task c0dlJ6fGRWm1RyRPVG3Jvw is not there, the parent of signing:build:docker-image", Hint: "record the bundle again"}, 3},
		{"no CoT artifact", of(unknown("signature", report.NotFound, build, "no"), unknown("cot", report.NotFound, build, "no")), Facts{},
			report.Cause{Cause: "unsigned", Title: "build-glean-github-push has no chain of trust: there is no public/chain-of-trust.json", Detail: "glean-3/build", Hint: "level 1"}, 2},
		{"no CoT artifact asked for", of(unknown("signature", report.NotFound, build, "no"), unknown("cot", report.NotFound, build, "no")),
			Facts{Tasks: task(build, value.ObjectOf("payload", value.ObjectOf("features", value.ObjectOf())))},
			report.Cause{Cause: "unsigned", Title: "build-glean-github-push has no chain of trust: there is no public/chain-of-trust.json", Detail: "did not ask", Hint: "payload.features.chainOfTrust"}, 2},
		{"no signature", of(unknown("signature", report.NotFound, build, "no")), Facts{},
			report.Cause{Cause: "unsigned", Title: "the chain of trust of build-glean-github-push is not signed: there is no public/chain-of-trust.json.sig", Hint: "no key to sign with"}, 1},
		{"a target without source", placed(of(failed("repository", report.Malformed, signing, "/metadata/source", "absent"), failed("repository", report.WrongTree, build, "tree", "other"), failed("scope", report.WrongTree, signing, "s", "may not")), signing, report.Place{}), Facts{},
			report.Cause{Cause: "no-source", Title: "glean signing has no metadata.source, so that it is of no tree", Detail: "1 task of its group has a tree"}, 3},
		{"a target from a host that looks alike", placed(of(failed("repository", report.WrongTree, build, "tree", "other"), failed("repository", report.WrongTree, build2, "tree", "other"), failed("scope", report.WrongTree, signing, "s", "may not")), signing, evil), Facts{},
			report.Cause{Cause: "odd-source", Title: "the source of glean signing is in no repository that glean trusts: " + evil.Source, Detail: "its host is github.com.evil.example, which only looks like github.com", Hint: "find out who created glean signing"}, 3},
		{"one task of no tree", placed(of(failed("repository", report.WrongTree, build, "tree", "other"), failed("pull-request", report.Malformed, build, "", "no")), build, evil), Facts{},
			report.Cause{Cause: "odd-source", Title: "build-glean-github-push comes from no repository that glean trusts: " + evil.Source}, 2},
		{"an odd repository", placed(of(failed("repository", report.WrongRepository, build, "/metadata/source", "other"), failed("pull-request", report.Malformed, build, "", "no")), build,
			report.Place{Source: "https://github.com/mozilla/glean/x", Repository: "https://git@github.com:x/mozilla/glean", Tree: "/mozilla/glean"}), Facts{},
			report.Cause{Cause: "odd-repository", Title: `build-glean-github-push was made from "https://git@github.com:x/mozilla/glean", as its environment says, and its source is "https://github.com/mozilla/glean/x"`}, 2},
		{"one value behind all differences", of(decided(
			rendered("/metadata/owner", `"merger@users"`, `"octocat@users"`, login),
			rendered("/payload/command", `"--owner=merger --rev=9fbf"`, `"--owner=octocat --rev=9fbf"`, login))), Facts{},
			report.Cause{Cause: "context-value", Title: `event.sender.login is "merger" by GitHub's commit, and was "octocat" when Decision Task was made`, Detail: "api.github.com/repos/mozilla/glean/commits/9fbf"}, 1},
		{"one value that is a number", of(decided(rendered("/payload/command", `"--date=1 --x"`, `"--date=2 --x"`, map[string]string{"push.pushdate": "1"}))), Facts{},
			report.Cause{Cause: "context-value", Title: `push.pushdate is 1 by its environment, and was 2 when Decision Task was made`}, 1},
		{"one value that is an object", of(decided(rendered("/payload/env/X", `"{\"a\":1}"`, `"{}"`, map[string]string{"payload.user.input": `{"a": 1}`}))), Facts{},
			report.Cause{Cause: "context-value", Title: `payload.user.input is {"a": 1}, and Decision Task was made with another`}, 1},
		{"a value that does not explain it", of(decided(rendered("/payload/command", `"a 9fbf b"`, `"c 9fbf b"`, map[string]string{"event.after": `"9fbf"`}))), Facts{},
			report.Cause{Cause: "other-template", Title: `Decision Task ran with /payload/command "c 9fbf b", and .taskcluster.yml:7 gives "a 9fbf b"`}, 1},
		{"the same JSON", of(decided(rendered("/payload/env/INPUT", `"{\"a\":1,\"b\":2}"`, `"{\"b\": 2, \"a\": 1}"`, nil))), Facts{},
			report.Cause{Cause: "same-json", Title: "/payload/env/INPUT of Decision Task is the same JSON as it must be, written in another way"}, 1},
		{"routes of a service", of(decided(absent)), Facts{},
			report.Cause{Cause: "added-by-service", Title: "a service added /routes/0 to Decision Task, which .taskcluster.yml does not give", Detail: `"statuses"`}, 1},
		{"a priority", of(decided(rendered("/priority", `"low"`, `"highest"`, nil))), Facts{},
			report.Cause{Cause: "queue-field", Title: "/priority of Decision Task is another than .taskcluster.yml gives: only the queue changes it in a task that is there"}, 1},
		{"another template, of a hook", of(decided(rendered("/payload/maxRunTime", "1801", "1800", nil))), Facts{Tasks: task(decisionTask, value.ObjectOf("extra", value.ObjectOf("tasks_for", "cron")))},
			report.Cause{Cause: "other-template", Title: "Decision Task ran with /payload/maxRunTime 1800, and .taskcluster.yml:7 gives 1801", Hint: "a hook made it"}, 1},
		{"another pool", of(failed("worker-pool", report.UntrustedPool, decisionTask, "", "no"), decided(rendered("/taskQueueId", `"a/b"`, `"a/c"`, nil))), Facts{},
			report.Cause{Cause: "other-pool", Title: "Decision Task ran in pool glean-3/decision, which is not trusted for it and which its template does not name"}, 2},
		{"another definition", of(failed("task-graph", report.Differs, build, "", "/scopes/0 differs"), failed("task-graph", report.Differs, build, "", "/scopes/1 differs")), Facts{},
			report.Cause{Cause: "other-definition", Title: "build-glean-github-push ran with another definition than the task graph of its decision has, in 2 places"}, 2},
		{"one answer that several need", of(unknown("pull-request", report.Unavailable, build, "https://x.example/a could not be had: no"), unknown("decision", report.Unavailable, decisionTask, "https://x.example/a could not be had: no")), Facts{},
			report.Cause{Cause: "missing-answer", Title: "https://x.example/a could not be had: no", Detail: "decision and pull-request of Decision Task and build-glean-github-push cannot be made without https://x.example/a"}, 2},
		{"a rate limit", of(unknown("decision", report.Unavailable, decisionTask, "https://api.github.com/repos/a/b could not be had: status 403")), Facts{Bundle: true},
			report.Cause{Cause: "missing-answer", Title: "GitHub's rate limit was used up (403) when the bundle was recorded", Hint: "GITHUB_TOKEN"}, 1},
		{"a pattern that matches too much", of(failed("artifact", report.NotSigned, build, "public/chain-of-trust.json", "no"), failed("artifact", report.NotSigned, build, "public/extra", "no")),
			Facts{Tasks: task(signing, value.ObjectOf("payload", value.ObjectOf("upstreamArtifacts", []any{value.ObjectOf("taskId", build, "taskType", "build", "paths", []any{"public/*"})})))},
			report.Cause{Cause: "not-listed", Title: "the pattern public/* matches 2 files that build-glean-github-push did not sign", Detail: "never lists itself; public/extra came after"}, 2},
		{"an artifact that was not made", of(failed("artifact", report.NotSigned, build, "public/build/target-x.aar", "no")), Facts{Listed: map[string][]string{build: {"public/logs/a", "public/build/target.apk"}}},
			report.Cause{Cause: "not-listed", Title: "build-glean-github-push did not sign public/build/target-x.aar, so that it never made it, or not under that name", Detail: "it signed public/build/target.apk and public/logs/a"}, 1},
		{"another image", of(failed("docker-image", report.HashMismatch, build, "", "no"), failed("docker-image", report.HashMismatch, build2, "", "no")), Facts{},
			report.Cause{Cause: "other-image", Title: "build-glean-github-push and build-glean-windows-push ran in another image than signing:build:docker-image signed"}, 2},
		{"a fork", placed(of(failed("pull-request", report.ForeignRepository, build, "", "no")), build, report.Place{Source: "https://github.com/a/glean/x", Repository: "https://github.com/a/glean", Tree: "/mozilla/glean"}), Facts{},
			report.Cause{Cause: "fork", Title: "build-glean-github-push was made from a repository that is none of the official ones", Detail: "https://github.com/a/glean"}, 1},
		{"a commit that has not landed", of(failed("pull-request", report.NotLanded, build, "", "no"), failed("pull-request", report.NotLanded, decisionTask, "", "no")), Facts{},
			report.Cause{Cause: "not-landed", Title: "9fbf is on no branch of https://github.com/mozilla/glean"}, 2},
		{"a scope of other trees", of(report.Check{Check: "scope", Status: report.Fail, Reason: report.WrongTree, TaskID: signing, Subject: "project:x", Expected: "one of /a, /b"}), Facts{},
			report.Cause{Cause: "other-trees-scope", Title: "/mozilla/glean may not have project:x", Detail: "may have it: /a, /b"}, 1},
		{"retriggered", of(failed("task-graph", report.NotInGraph, build, "", "no")), Facts{},
			report.Cause{Cause: "not-in-graph", Title: "build-glean-github-push is not in the task graph of Decision Task, which should have created it", Hint: "retriggered"}, 1},
		{"a malformed definition", of(failed("task", report.Malformed, build, "/payload/env", "/payload/env is null"), failed("interactive", report.Malformed, build, "", "/payload/env is null")), Facts{},
			report.Cause{Cause: "malformed-definition", Title: "the definition of build-glean-github-push is not as it must be: /payload/env is null"}, 2},
		{"too deep", of(failed("depth", report.TooDeep, build, "", "deep"), failed("depth", report.TooDeep, build2, "", "deep")), Facts{},
			report.Cause{Cause: "too-deep", Title: "the chain is too deep: it is cut at build-glean-github-push and build-glean-windows-push"}, 2},
		{"the same failure", of(failed("decision", report.NotRebuilt, decisionTask, "", "projects.yml is no YAML"), failed("decision", report.NotRebuilt, earlier, "", "projects.yml is no YAML")), Facts{},
			report.Cause{Cause: "same-failure", Title: "projects.yml is no YAML", Detail: "decision of Decision Task (2 tasks)"}, 2},
	}
	seen := map[string]bool{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Causes(tt.report, tt.facts)
			if len(got) != 1 {
				t.Fatalf("%d causes, want one: %+v", len(got), got)
			}
			seen[got[0].Cause] = true
			part := cmp.Comparer(func(a, b string) bool { return contains(a, b) || contains(b, a) })
			if diff := cmp.Diff(tt.want, got[0], cmpopts.IgnoreFields(report.Cause{}, "Explains", "Detail", "Hint")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{tt.want.Detail, tt.want.Hint}, []string{got[0].Detail, got[0].Hint}, part); diff != "" {
				t.Errorf("detail and hint (-want +got):\n%s", diff)
			}
			if len(got[0].Explains) != tt.explains {
				t.Errorf("explains %v, want %d checks", got[0].Explains, tt.explains)
			}
		})
	}
	for _, m := range Meanings() {
		if !seen[m.Cause] {
			t.Errorf("no test has the cause %s", m.Cause)
		}
	}
}

func contains(a, b string) bool { return bytes.Contains([]byte(a), []byte(b)) }

// odd adds to a report a task that is named by something that is no taskId.
func odd(r *report.Report) *report.Report {
	r.Links[0].Dependencies = append(r.Links[0].Dependencies, report.Dependency{TaskID: "../../etc", As: "build"})
	r.Links = append(r.Links, report.Link{TaskID: "../../etc", Name: "signing:build", TaskType: "build"})
	for _, check := range []string{"task", "cot"} {
		r.Checks = append(r.Checks, failed(check, report.NotFound, "../../etc", "", "no"))
	}
	return r
}

func TestEachCheckIsExplainedOnce(t *testing.T) {
	for _, r := range []*report.Report{testreport.Of(), testreport.Refused(), testreport.DecisionRefused(4), testreport.Hostile(100), testreport.Failing(500), {}} {
		explained := map[int]bool{}
		for _, c := range Causes(r, Facts{}) {
			if c.Title == "" || len(c.Explains) == 0 || !slices.IsSorted(c.Explains) {
				t.Errorf("it says too little: %+v", c)
			}
			for _, i := range c.Explains {
				if explained[i] {
					t.Errorf("check %d is explained twice", i)
				}
				if s := r.Checks[i].Status; s != report.Fail && s != report.Error {
					t.Errorf("check %d is %s, and needs no cause", i, s)
				}
				explained[i] = true
			}
		}
	}
}

// TestReadBack holds that a report says the same once it was read back, but for
// what only the facts tell.
func TestReadBack(t *testing.T) {
	r := of(failed("pull-request", report.NotLanded, build, "", "no"))
	r.Schema = report.Schema
	want := Causes(r, Facts{})
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	back, err := report.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, Causes(back, Facts{})); diff != "" {
		t.Errorf("(-first +read back):\n%s", diff)
	}
}
