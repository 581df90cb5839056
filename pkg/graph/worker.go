package graph

import (
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/value"
	"cotverify/pkg/cot"
)

// WorkerError says that it cannot be told which worker implementation ran a
// task.
type WorkerError struct {
	Clues []string // what was found, each with what it points to
	Value string   // the one implementation that the clues name, where it is none that is known
}

func (e *WorkerError) Error() string {
	switch {
	case len(e.Clues) == 0:
		return "nothing in the definition tells which worker implementation ran the task"
	case e.Value != "":
		return fmt.Sprintf("%q is no worker implementation that is known", e.Value)
	}
	return "the definition points to several worker implementations: " + strings.Join(e.Clues, ", ")
}

// WorkerImplementation returns the implementation that ran the task, from
// clues that must all agree (specification, section 3, worker). The error is a
// *WorkerError.
func (t *Task) WorkerImplementation() (string, error) {
	var found, clues []string
	clue := func(implementation, because string) {
		found = append(found, implementation)
		clues = append(clues, because+" ("+implementation+")")
	}
	if image, _ := t.Payload.Get("image"); value.Truthy(image) {
		clue(cot.DockerWorker, "payload.image")
	}
	if p, _ := t.Definition.Get("provisionerId"); p == "scriptworker-k8s" || p == "scriptworker-prov-v1" {
		clue(cot.ScriptworkerImplementation, "provisionerId")
	}
	for _, key := range []string{"mounts", "osGroups"} {
		if v, _ := t.Payload.Get(key); v != nil {
			clue(cot.GenericWorker, "payload."+key)
		}
	}
	if tag, _ := t.Tags.Get("worker-implementation"); value.Truthy(tag) {
		name, ok := tag.(string)
		if !ok {
			name = value.Kind(tag)
		}
		clue(name, "tags.worker-implementation")
	}
	for _, scope := range t.Scopes {
		if strings.HasPrefix(scope, "docker-worker:") {
			clue(cot.DockerWorker, "scope "+scope)
			break
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) != 1 {
		return "", &WorkerError{Clues: clues}
	}
	if !slices.Contains(cot.WorkerImplementations(), found[0]) {
		return "", &WorkerError{Clues: clues, Value: found[0]}
	}
	return found[0], nil
}
