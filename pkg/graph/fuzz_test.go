package graph

import (
	"context"
	"strings"
	"testing"

	"cotverify/pkg/cot"
)

// FuzzWalk walks from a definition of any shape: it never panics, ends, and
// keeps to what it promises of each link.
func FuzzWalk(f *testing.F) {
	for _, seed := range []string{
		whole,
		definition("group", []string{"docker-image=target", ":x=a"}, []string{"build=target", "parent=b"}),
		`{}`, `[]`, `null`, `{"payload": null}`, `{"extra": {"parent": ["a"]}}`,
		`{"taskGroupId": "target", "payload": {"env": {"ACTION_CALLBACK": 1}}, "extra": {"action": {}}, "scopes": ["docker-worker:x", 1]}`,
		`{"taskGroupId": 1e400, "payload": {"upstreamArtifacts": {"a": []}}, "extra": {"chainOfTrust": {"inputs": []}}}`,
		`{"a": NaN, "a": -Infinity, "payload": {"image": "\ud800"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		src := anyTask(data)
		links := 0
		for link := range Walk(context.Background(), src, Target{TaskID: "target", TaskType: cot.Signing}) {
			links++
			switch {
			case link.Task == nil:
				t.Fatal("a link without its task, which the source has")
			case (link.Type == "") != (link.TypeError != nil):
				t.Fatalf("type %q, %v", link.Type, link.TypeError)
			case link.Task.Definition != nil && (link.Worker == "") != (link.WorkerError != nil):
				t.Fatalf("worker %q, %v", link.Worker, link.WorkerError)
			case strings.Count(link.Name, ":") > MaxColons && link.DepthError == nil:
				t.Fatalf("too deep: %q", link.Name)
			}
			if links > 100 {
				break // every task has the same definition, so these are new taskIds
			}
		}
	})
}

// anyTask has the same definition for all tasks.
type anyTask []byte

// Task implements [Tasks].
func (s anyTask) Task(ctx context.Context, id string) (*Task, error) {
	return ReadTask(id, s), nil
}
