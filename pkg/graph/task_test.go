package graph

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cotverify/pkg/cot"
)

// whole is a definition that lacks nothing.
const whole = `{"provisionerId": "p", "workerType": "w", "taskGroupId": "GROUP", "scopes": ["a"],
	"payload": {}, "extra": {}, "metadata": {"source": "https://h/", "name": "a name"}}`

func TestReadTaskShapes(t *testing.T) {
	for _, tt := range []struct {
		name, definition string
		want             []string
	}{
		{"whole", whole, nil},
		{"no JSON", `{`, []string{"the document is no JSON"}},
		{"as deep as the reference copies it", strings.Replace(whole, `"payload": {}`, `"payload": {"env": {}, "x": `+strings.Repeat("[", maxDepth-2)+strings.Repeat("]", maxDepth-2)+`}`, 1), nil},
		{"a level deeper", strings.Replace(whole, `"payload": {}`, `"payload": {"x": `+strings.Repeat("[", maxDepth-1)+strings.Repeat("]", maxDepth-1)+`}`, 1), []string{"the document is nested deeper; expected at most 320 levels of lists and objects"}},
		{"the input of an action is deep", strings.Replace(whole, `"extra": {}`, `"extra": {"action": {"context": {"input": `+strings.Repeat(`{"a":`, 340)+"1"+strings.Repeat("}", 340)+`}}}`, 1), []string{"the document is nested deeper; expected at most 320 levels of lists and objects"}},
		{"a list", `[]`, []string{"the document is a list; expected an object"}},
		{"nothing", `{}`, []string{
			"/payload is absent; expected an object",
			"/extra is absent; expected an object",
			"/scopes is absent; expected a list of texts",
			"/provisionerId is absent; expected text",
			"/taskGroupId is absent; expected text",
		}},
		{"nulls", `{"provisionerId": null, "taskGroupId": null, "scopes": null, "payload": null, "extra": null, "tags": null}`, []string{
			"/payload is null; expected an object",
			"/extra is null; expected an object",
			"/tags is null; expected an object",
			"/scopes is null; expected a list of texts",
			"/taskGroupId is null; expected text",
		}},
		{"deep", `{"provisionerId": "p", "taskGroupId": "g", "scopes": ["a", 1],
			"payload": {"env": [], "upstreamArtifacts": [1, {}, {"taskType": "build", "taskId": null}]},
			"extra": {"parent": 5, "chainOfTrust": {"inputs": {"build": null, "a/b": 1}}}}`, []string{
			"/payload/env is a list; expected an object",
			"/scopes/1 is a number; expected text",
			"/extra/parent is a number; expected a taskId",
			"/extra/chainOfTrust/inputs/build is null; expected text",
			"/extra/chainOfTrust/inputs/a~1b is a number; expected text",
			"/payload/upstreamArtifacts/0 is a number; expected an object",
			"/payload/upstreamArtifacts/1/taskType is absent; expected text",
			"/payload/upstreamArtifacts/1/taskId is absent; expected text",
			"/payload/upstreamArtifacts/2/taskId is null; expected text",
		}},
		{"empty taskIds", `{"provisionerId": "p", "taskGroupId": "", "scopes": [],
			"payload": {"upstreamArtifacts": [{"taskType": "build", "taskId": ""}]}, "extra": {"parent": "", "chainOfTrust": {"inputs": {"build": ""}}}}`, []string{
			"/taskGroupId is empty; expected a taskId",
			"/extra/chainOfTrust/inputs/build is empty; expected a taskId",
			"/payload/upstreamArtifacts/0/taskId is empty; expected a taskId",
		}},
		{"empty group beside a parent", `{"provisionerId": "p", "taskGroupId": "", "scopes": [], "payload": {}, "extra": {"parent": "PARENT"}}`, nil},
		{"list as group beside a parent", `{"provisionerId": "p", "taskGroupId": [], "scopes": [], "payload": {}, "extra": {"parent": "PARENT"}}`, []string{"/taskGroupId is a list; expected text"}},
		{"no group beside a parent", `{"provisionerId": "p", "scopes": [], "payload": {}, "extra": {"parent": "PARENT"}}`, []string{"/taskGroupId is absent; expected text"}},
		{"upstream null", `{"provisionerId": "p", "taskGroupId": "g", "scopes": [], "payload": {"upstreamArtifacts": null}, "extra": {}}`,
			[]string{"/payload/upstreamArtifacts is null; expected a list"}},
		{"upstream empty object", `{"provisionerId": "p", "taskGroupId": "g", "scopes": [], "payload": {"upstreamArtifacts": {}}, "extra": {}}`, nil},
		{"upstream empty text", `{"provisionerId": "p", "taskGroupId": "g", "scopes": [], "payload": {"upstreamArtifacts": ""}, "extra": {}}`, nil},
		{"upstream object", `{"provisionerId": "p", "taskGroupId": "g", "scopes": [], "payload": {"upstreamArtifacts": {"a": 1}}, "extra": {}}`,
			[]string{"/payload/upstreamArtifacts is an object; expected a list"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, p := range ReadTask("ID", []byte(tt.definition)).Problems {
				message := p.Error()
				if tt.name == "no JSON" {
					message = message[:len("the document is no JSON")]
				}
				got = append(got, message)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParent(t *testing.T) {
	for _, tt := range []struct{ extra, parent, creator string }{
		{`{}`, "GROUP", "GROUP"},
		{`{"parent": "PARENT"}`, "PARENT", "PARENT"},
		{`{"parent": null}`, "GROUP", ""},
		{`{"parent": ""}`, "GROUP", ""},
		{`{"parent": 0}`, "GROUP", ""},
		{`{"parent": "0"}`, "0", "0"},
	} {
		task := ReadTask("ID", []byte(`{"provisionerId": "p", "taskGroupId": "GROUP", "scopes": [], "payload": {}, "extra": `+tt.extra+`}`))
		if task.Parent != tt.parent || task.Creator != tt.creator {
			t.Errorf("extra %s: parent %q, creator %q; expected %q, %q", tt.extra, task.Parent, task.Creator, tt.parent, tt.creator)
		}
	}
}

func TestWorkerImplementation(t *testing.T) {
	for _, tt := range []struct{ name, provisioner, payload, tags, scopes, want, problem string }{
		{"nothing", "p", `{}`, `{}`, `[]`, "", "nothing in the definition tells which worker implementation ran the task"},
		{"image", "p", `{"image": "i"}`, `{}`, `[]`, cot.DockerWorker, ""},
		{"empty image", "p", `{"image": {}}`, `{"worker-implementation": "generic-worker"}`, `[]`, cot.GenericWorker, ""},
		{"scriptworker", "scriptworker-k8s", `{}`, `{}`, `[]`, cot.ScriptworkerImplementation, ""},
		{"old scriptworker", "scriptworker-prov-v1", `{}`, `{}`, `[]`, cot.ScriptworkerImplementation, ""},
		{"mounts", "p", `{"mounts": []}`, `{}`, `[]`, cot.GenericWorker, ""},
		{"null mounts", "p", `{"mounts": null, "osGroups": []}`, `{}`, `[]`, cot.GenericWorker, ""},
		{"scope", "p", `{}`, `{}`, `["docker-worker:cache:x"]`, cot.DockerWorker, ""},
		{"agreeing", "p", `{"image": "i"}`, `{"worker-implementation": "docker-worker"}`, `["docker-worker:x"]`, cot.DockerWorker, ""},
		{"two", "p", `{"image": "i", "mounts": []}`, `{}`, `[]`, "",
			"the definition points to several worker implementations: payload.image (docker-worker), payload.mounts (generic-worker)"},
		{"unknown", "p", `{}`, `{"worker-implementation": "taskcluster-worker"}`, `[]`, "", `"taskcluster-worker" is no worker implementation that is known`},
		{"no text", "p", `{}`, `{"worker-implementation": ["docker-worker"]}`, `[]`, "", `"a list" is no worker implementation that is known`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			task := ReadTask("ID", []byte(`{"provisionerId": "`+tt.provisioner+`", "taskGroupId": "G", "extra": {}, "scopes": `+tt.scopes+`, "payload": `+tt.payload+`, "tags": `+tt.tags+`}`))
			got, err := task.WorkerImplementation()
			message := ""
			if err != nil {
				message = err.Error()
			}
			if got != tt.want || message != tt.problem {
				t.Errorf("got %q, %q; expected %q, %q", got, message, tt.want, tt.problem)
			}
		})
	}
}

func TestUpstreamPaths(t *testing.T) {
	task := ReadTask("ID", []byte(`{"provisionerId": "p", "taskGroupId": "G", "extra": {}, "scopes": [], "payload": {"upstreamArtifacts": [
		{"taskType": "build", "taskId": "A", "paths": "one", "optional": true},
		{"taskType": "build", "taskId": "B", "paths": ["one", "two"], "optional": "true"},
		{"taskType": "build", "taskId": "C", "paths": null},
		{"taskType": "build", "taskId": "D"}]}}`))
	if len(task.Problems) > 0 {
		t.Fatalf("problems: %v", task.Problems)
	}
	type entry struct {
		Paths    []string
		Optional bool
		Problem  string
	}
	var got []entry
	for _, u := range task.Upstream {
		e := entry{Paths: u.Paths, Optional: u.Optional}
		if u.PathsError != nil {
			e.Problem = u.PathsError.Error()
		}
		got = append(got, e)
	}
	want := []entry{
		{Paths: []string{"one"}, Optional: true},
		{Paths: []string{"one", "two"}},
		{Problem: "/payload/upstreamArtifacts/2/paths is null; expected a list of texts"},
		{Problem: "/payload/upstreamArtifacts/3/paths is absent; expected a list of texts"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
