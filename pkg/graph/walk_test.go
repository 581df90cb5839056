package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cotverify/pkg/source"
)

// tasks is a source of definitions by taskId. Some of them come late, so that
// the order of answers is not the order of the walk.
type tasks map[string]string

// Task implements [Tasks].
func (s tasks) Task(ctx context.Context, id string) (*Task, error) {
	if id == "hung" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	definition, ok := s[id]
	if !ok {
		return nil, &source.NotFoundError{Fact: source.Task(id)}
	}
	if strings.HasPrefix(id, "slow") {
		time.Sleep(time.Millisecond)
	}
	return ReadTask(id, []byte(definition)), nil
}

// definition returns a definition of a group, whose inputs and upstream
// artifacts are given as "type=taskId".
func definition(group string, inputs, upstream []string) string {
	var in, up []string
	for _, s := range inputs {
		key, id, _ := strings.Cut(s, "=")
		in = append(in, fmt.Sprintf("%q: %q", key, id))
	}
	for _, s := range upstream {
		key, id, _ := strings.Cut(s, "=")
		up = append(up, fmt.Sprintf(`{"taskType": %q, "taskId": %q, "paths": []}`, key, id))
	}
	return fmt.Sprintf(`{"provisionerId": "p", "workerType": "w", "taskGroupId": %q, "scopes": [], "metadata": {"source": "s"},
		"payload": {"image": "i", "upstreamArtifacts": [%s]}, "extra": {"chainOfTrust": {"inputs": {%s}}}}`,
		group, strings.Join(up, ","), strings.Join(in, ","))
}

func walkNames(t *testing.T, src Tasks, target Target) []string {
	t.Helper()
	var names []string
	for link := range Walk(context.Background(), src, target) {
		line := link.Name + " " + link.TaskID + " " + link.Type
		for _, err := range []error{link.TaskError, link.TypeError, link.DepthError} {
			if err != nil {
				line += fmt.Sprintf(" %T", err)
			}
		}
		names = append(names, line)
	}
	return names
}

func TestWalkOrder(t *testing.T) {
	src := tasks{
		"target":    definition("slowGroup", nil, []string{"build=slowB", "build=A", "repackage=R"}),
		"slowGroup": definition("slowGroup", nil, nil),
		"slowB":     definition("slowGroup", []string{"docker-image=I"}, nil),
		"A":         definition("slowGroup", []string{"docker-image=I", "toolchain=T"}, nil),
		"R":         definition("slowGroup", nil, []string{"signing=A"}),
		"I":         definition("other", nil, nil),
		"other":     definition("other", nil, nil),
		"T":         definition("slowGroup", nil, nil),
	}
	want := []string{
		"signing target signing",
		"signing:parent slowGroup decision",
		"signing:build A build",
		"signing:build slowB build",
		"signing:repackage R repackage",
		"signing:build:docker-image I docker-image",
		"signing:build:toolchain T  *graph.TypeError",
		"signing:build:docker-image:parent other decision",
	}
	for range 5 {
		if diff := cmp.Diff(want, walkNames(t, src, Target{TaskID: "target", TaskType: "signing"})); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestWalkGoesOnAroundWhatIsMissing(t *testing.T) {
	src := tasks{
		"target": definition("group", nil, []string{"build=gone", "build=malformed", "build=A"}),
		"group":  definition("group", nil, nil),
		"A":      definition("group", nil, nil),
		"malformed": `{"taskGroupId": "group", "payload": null,
			"extra": {"chainOfTrust": {"inputs": {"docker-image": "I"}}}}`,
		"I": definition("group", nil, nil),
	}
	want := []string{
		"signing target signing",
		"signing:parent group decision",
		"signing:build A build",
		"signing:build gone build *source.NotFoundError",
		"signing:build malformed build *value.ShapeError",
		"signing:build:docker-image I docker-image",
	}
	if diff := cmp.Diff(want, walkNames(t, src, Target{TaskID: "target", TaskType: "signing"})); diff != "" {
		t.Error(diff)
	}
}

func TestWalkOfTargetThatHasNotRun(t *testing.T) {
	src := tasks{"decision": definition("decision", nil, nil)}
	want := []string{"decision decision decision", "decision:parent decision decision"}
	if diff := cmp.Diff(want, walkNames(t, src, Target{TaskID: "decision", TaskType: "decision", NotRun: true})); diff != "" {
		t.Error(diff)
	}
	src["target"] = definition("decision", nil, nil)
	want = []string{"signing new signing", "signing:parent decision decision"}
	given := Target{TaskID: "new", TaskType: "signing", NotRun: true, Definition: []byte(src["target"])}
	if diff := cmp.Diff(want, walkNames(t, src, given)); diff != "" {
		t.Error(diff)
	}
}

func TestWalkOfTypesThatAreNoText(t *testing.T) {
	src := tasks{
		"target": `{"provisionerId": "p", "taskGroupId": "group", "scopes": [], "payload": {"image": "i", "upstreamArtifacts": [
			{"taskType": null, "taskId": "A"}, {"taskType": 5, "taskId": "B"}, {"taskType": ["build"], "taskId": "group"}]}, "extra": {}}`,
		"group": definition("group", nil, nil),
		"A":     definition("group", nil, nil),
		"B":     definition("group", nil, nil),
	}
	want := []string{
		"signing target signing",
		"signing:parent group decision",
		"signing:5 B  *graph.TypeError",
		"signing:None A  *graph.TypeError",
	}
	if diff := cmp.Diff(want, walkNames(t, src, Target{TaskID: "target", TaskType: "signing"})); diff != "" {
		t.Error(diff)
	}
}

func TestWalkDepth(t *testing.T) {
	src := tasks{"group": definition("group", nil, nil)}
	for i := range 30 {
		src[fmt.Sprint(i)] = definition("group", nil, []string{fmt.Sprintf("signing=%d", i+1)})
	}
	names := walkNames(t, src, Target{TaskID: "0", TaskType: "signing"})
	last := names[len(names)-1]
	if len(names) != MaxColons+3 || !strings.HasSuffix(last, "21 signing *graph.DepthError") {
		t.Errorf("%d links, the last %s", len(names), last)
	}
	// A key of the inputs may hold colons, which count.
	src = tasks{
		"target": definition("group", []string{strings.Repeat(":", MaxColons) + "build=A"}, nil),
		"A":      definition("group", nil, nil),
		"group":  definition("group", nil, nil),
	}
	names = walkNames(t, src, Target{TaskID: "target", TaskType: "signing"})
	if want := "signing:" + strings.Repeat(":", MaxColons) + "build A build *graph.DepthError"; names[2] != want {
		t.Errorf("got %s", names[2])
	}
}

func TestWalkEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	src := tasks{"target": definition("hung", nil, nil)}
	var got []string
	for link := range Walk(ctx, src, Target{TaskID: "target", TaskType: "signing"}) {
		got = append(got, fmt.Sprint(link.TaskID, " ", link.TaskError))
		cancel()
	}
	if want := []string{"target <nil>", "hung context canceled"}; !slices.Equal(got, want) {
		t.Errorf("got %q, expected %q", got, want)
	}
}
