// Package testgraph makes task graphs to test with, whole and signed: a
// decision task rendered from a .taskcluster.yml, a docker image of an earlier
// push, builds on Linux and Windows, what is made of them, actions, and the
// answers of the services that a verification asks besides. They pass by the
// default policy, but for the keys: those are made from fixed names and public
// to anyone (see [Keys]).
//
// Start with one of the functions that return a [Graph], such as [GitHubPush].
// A test changes what it wants and takes the facts from [Graph.Source]:
//
//	g := testgraph.GitHubPush()
//	g.Task("build-linux64").Artifacts["public/build/target.tar.xz"] = []byte("evil")
//	facts := g.Source()                    // the hash is wrong now
//	delete(facts, source.Task(g.Target.ID)) // and the target is gone
//
// What was changed is then as an attacker could have changed it, unless [Graph.Seal]
// makes graphs, hashes and signatures fit again.
//
// The templates are rendered by the JSON-e library, and the definitions written
// here, so that a verification of them compares two programs.
//
// testdata/graphs has all of [All] as bundles, which "go generate" writes.
package testgraph

//go:generate go run ./generate ../../testdata/graphs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"cotverify/internal/memsource"
	"cotverify/pkg/source"
	"cotverify/pkg/source/bundle"
)

// The artifacts that every task has, by which it is verified.
const (
	CoTArtifact       = "public/chain-of-trust.json"
	SignatureArtifact = "public/chain-of-trust.json.sig"
)

// taskGraphArtifact is of tasks that make others.
const taskGraphArtifact = "public/task-graph.json"

// Graph is a task graph and all that its verification asks for.
type Graph struct {
	Product  string
	Target   *Task
	TaskType string // what the target is verified as
	Tasks    []*Task
	Pages    map[string]memsource.Answer // what URLs answer
}

// Task is a task that ran.
type Task struct {
	Name       string // unique in the graph; its label where it stands in a task graph
	ID         string
	Parent     *Task          // what made it; nil of a decision task
	Definition map[string]any // as the queue has it
	// Planned is the definition in the parent's task graph, nil where it
	// stands in none.
	Planned   map[string]any
	Artifacts map[string][]byte // of its only run, the CoT artifact and its signature among them

	worker string // the worker implementation that it ran on
	image  *Task  // the docker image that it ran in, where a task made that
}

// Task returns the task of a name. It panics where there is none.
func (g *Graph) Task(name string) *Task {
	for _, t := range g.Tasks {
		if t.Name == name {
			return t
		}
	}
	panic("testgraph: there is no task " + name)
}

// Change changes the definition of a task, and what the task graph says of it.
func (t *Task) Change(change func(definition map[string]any)) {
	change(t.Definition)
	if t.Planned != nil {
		change(t.Planned)
	}
}

// Seal makes the graph fit together again after changes: the task graphs have
// the planned definitions, and every task says of itself and its artifacts what
// they are, and signs that.
func (g *Graph) Seal() {
	for _, parent := range g.Tasks {
		if _, ok := parent.Artifacts[taskGraphArtifact]; ok {
			parent.Artifacts[taskGraphArtifact] = encode(g.plannedBy(parent))
		}
	}
	for _, t := range g.Tasks {
		t.Sign()
	}
}

// plannedBy returns the task graph of a task.
func (g *Graph) plannedBy(parent *Task) map[string]any {
	graph := map[string]any{}
	for _, t := range g.Tasks {
		if t.Parent == parent && t.Planned != nil {
			graph[t.ID] = map[string]any{
				"attributes":   map[string]any{},
				"dependencies": map[string]any{},
				"label":        t.Name,
				"optimization": nil,
				"task":         t.Planned,
			}
		}
	}
	return graph
}

// Source returns the facts of the graph as it is now. They are the caller's to
// change; the bytes of artifacts and pages are shared.
func (g *Graph) Source() memsource.Facts {
	facts := memsource.Facts{}
	for url, p := range g.Pages {
		facts[source.URL(url)] = p
	}
	for _, t := range g.Tasks {
		facts[source.Task(t.ID)] = memsource.Answer{Body: encode(t.Definition)}
		facts[source.Artifacts(t.ID)] = memsource.Answer{Body: encode(map[string]any{"artifacts": t.list()})}
		for name, data := range t.Artifacts {
			facts[source.Artifact(t.ID, name)] = memsource.Answer{Body: data}
		}
	}
	return facts
}

// list returns what the queue lists of the artifacts.
func (t *Task) list() []any {
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(t.Artifacts)) {
		list = append(list, map[string]any{
			"name": name, "storageType": "s3", "contentType": "application/octet-stream", "expires": t.Definition["expires"],
		})
	}
	return list
}

// Write writes the facts as a bundle to a path that is free: a folder, or an
// archive by the ending of its name.
func (g *Graph) Write(path string) error {
	return write(path, g.Source(), bundle.Manifest{RootURL: rootURL, Product: g.Product, TaskID: g.Target.ID, TaskType: g.TaskType})
}

// WriteGroups writes the facts, and the list of the target's task group with the
// tasks' states as of [Graph.Groups], as the bundle of an audit.
func (g *Graph) WriteGroups(path string, states map[string]string) error {
	facts := g.Source()
	maps.Copy(facts, g.Groups(states))
	return write(path, facts, bundle.Manifest{RootURL: rootURL, Groups: []string{g.Target.Definition["taskGroupId"].(string)}})
}

func write(path string, facts memsource.Facts, m bundle.Manifest) error {
	r, err := bundle.NewRecorder(facts, path, bundle.RecordOptions{})
	if err != nil {
		return err
	}
	defer r.Abort()
	for f := range facts {
		a, err := r.Open(context.Background(), f)
		if err != nil {
			return err
		}
		if err := a.Body.Close(); err != nil {
			return err
		}
	}
	return r.Finish(m)
}

// rootURL is of the deployment that the default policy is for.
const rootURL = "https://firefox-ci-tc.services.mozilla.com"

// encode writes JSON as it is easy to read and compare. It panics for a value
// that is none.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("testgraph: %v", err))
	}
	return b.Bytes()
}

// Groups returns the lists of the graph's task groups, in which every task has
// completed, but for those of other states.
func (g *Graph) Groups(states map[string]string) memsource.Facts {
	tasks := map[string][]any{}
	for _, t := range g.Tasks {
		state, ok := states[t.Name]
		if !ok {
			state = "completed"
		}
		group := t.Definition["taskGroupId"].(string)
		tasks[group] = append(tasks[group], map[string]any{
			"status": map[string]any{"taskId": t.ID, "state": state, "runs": []any{map[string]any{"runId": 0, "state": state}}},
			"task":   t.Definition,
		})
	}
	facts := memsource.Facts{}
	for group, list := range tasks {
		facts[source.Group(group)] = memsource.Answer{ContentType: "application/json", Body: encode(map[string]any{"taskGroupId": group, "tasks": list})}
	}
	return facts
}
