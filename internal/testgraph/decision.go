package testgraph

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	"cotverify/internal/memsource"

	jsone "github.com/json-e/json-e/v4"
	"go.yaml.in/yaml/v3"
)

type object = map[string]any

// builder makes the tasks of one graph. A task's taskId and its revision come
// from its name, so that the same graph is the same at every time.
type builder struct {
	graph *Graph
	name  string // of the graph
}

// newBuilder returns a builder of an empty graph.
func newBuilder(name string) *builder {
	return &builder{graph: &Graph{Pages: map[string]memsource.Answer{}}, name: name}
}

// finish names the target, and returns the graph.
func (b *builder) finish(target *Task, taskType, product string) *Graph {
	b.graph.Target, b.graph.TaskType, b.graph.Product = target, taskType, product
	b.graph.Seal()
	return b.graph
}

// tree is a state of a repository, from which tasks are made.
type tree struct {
	repository
	revision string
	level    int
}

// decision is a decision or an action task: what makes other tasks.
type decision struct {
	*Task
	tree
	group   string // the taskGroupId of what it makes
	created string
}

func (b *builder) page(url, contentType string, body []byte) {
	b.graph.Pages[url] = memsource.Answer{ContentType: contentType, Body: body}
}

func (b *builder) jsonPage(url string, v any) { b.page(url, "application/json", encode(v)) }

// add adds a task that ran on a worker of an implementation.
func (b *builder) add(t *Task, worker string) *Task {
	t.worker = worker
	t.Artifacts["public/logs/live_backing.log"] = []byte("[taskcluster] " + t.Name + " succeeded\n")
	b.graph.Tasks = append(b.graph.Tasks, t)
	return t
}

// decide adds the decision task that a state of a tree renders to in the
// context of an event.
func (b *builder) decide(name string, at tree, created, tasksFor string, event object) *decision {
	id := taskID(b.name + "/" + name)
	context := object{"tasks_for": tasksFor, "ownTaskId": id, "taskId": nil}
	maps.Copy(context, event)
	definition := at.render(created, id, context)
	return b.maker(&Task{Name: name, ID: id, Definition: definition}, at, id, created, tasksFor)
}

// act adds an action task: what the actions' hook renders to for what a person
// put in.
func (b *builder) act(d *decision, created string, input object) *decision {
	name := "action"
	id := taskID(b.name + "/" + name)
	hook := d.actions()["actions"].([]any)[0].(object)["hookPayload"].(object)["decision"].(object)
	context := object{
		"tasks_for":   "action",
		"ownTaskId":   id,
		"taskId":      nil,
		"taskGroupId": d.ID,
		"input":       input,
		"push":        hook["push"],
		"repository":  hook["repository"],
		"parameters":  nil,
		"action":      maps.Clone(hook["action"].(object)),
	}
	if !d.onGitHub() {
		context["parameters"] = d.parameters("hg-push")
	}
	context["action"].(object)["repo_scope"] = "assume:repo:" + d.url[len("https://"):] + ":action:release-promotion"
	definition := d.render(created, id, context)
	return b.maker(&Task{Name: name, ID: id, Parent: d.Task, Definition: definition}, d.tree, d.ID, created, "action")
}

// maker adds a task that makes others.
func (b *builder) maker(t *Task, at tree, group, created, tasksFor string) *decision {
	d := &decision{Task: t, tree: at, group: group, created: created}
	b.page(at.templateURL(at.revision), "text/plain", []byte(at.template))
	t.Artifacts = map[string][]byte{
		taskGraphArtifact:       nil, // Seal writes it
		"public/actions.json":   encode(d.actions()),
		"public/parameters.yml": mustYAML(d.parameters(tasksFor)),
	}
	b.add(t, dockerWorker)
	return d
}

// render renders the tree's template, and returns the definition as the queue
// keeps it.
func (at tree) render(created, taskID string, context object) object {
	var template any
	if err := yaml.Unmarshal([]byte(at.template), &template); err != nil {
		panic(fmt.Sprintf("testgraph: the template of %s: %v", at.project, err))
	}
	context["now"] = created
	context = plain(context).(object)
	context["as_slugid"] = jsone.WrapFunction(func(string) string { return taskID })
	rendered, err := jsone.Render(plain(template), context)
	if err != nil {
		panic(fmt.Sprintf("testgraph: the template of %s: %v", at.project, err))
	}
	definition := rendered.(object)["tasks"].([]any)[0].(object)
	delete(definition, "taskId")
	return queued(definition)
}

// queued returns a definition with what the queue adds to it.
func queued(definition object) object {
	definition["projectId"] = "none"
	definition["taskQueueId"] = fmt.Sprintf("%s/%s", definition["provisionerId"], definition["workerType"])
	return definition
}

// actions returns the actions of a decision task.
func (d *decision) actions() object {
	hook := object{
		"decision": object{
			"action": object{
				"name":        "release-promotion",
				"title":       "Release Promotion",
				"description": "Promote a build to a release.",
				"symbol":      "relpro",
				"cb_name":     "release-promotion",
				"taskGroupId": d.group,
			},
			"push": object{
				"owner": "releng@mozilla.com", "branch": "main", "revision": d.revision, "pushlog_id": pushlogID,
			},
			"repository": object{"url": d.url, "project": d.project, "level": strconv.Itoa(d.level)},
		},
		"user": object{
			"input": object{"$eval": "input"}, "taskId": object{"$eval": "taskId"}, "taskGroupId": object{"$eval": "taskGroupId"},
		},
	}
	if !d.onGitHub() {
		hook["decision"].(object)["parameters"] = object{"$eval": "parameters"}
	}
	return object{"version": 1, "variables": object{}, "actions": []any{object{
		"name":        "release-promotion",
		"title":       "Release Promotion",
		"description": "Promote a build to a release.",
		"kind":        "hook",
		"context":     []any{},
		"hookGroupId": "project-" + d.trustDomain,
		"hookId":      "in-tree-action-3-release-promotion/0123456789",
		"extra":       object{"actionPerm": "release-promotion"},
		"hookPayload": hook,
	}}}
}

// parameters returns the parameters of a decision task.
func (d *decision) parameters(tasksFor string) object {
	return object{
		"head_repository": d.url,
		"head_rev":        d.revision,
		"level":           strconv.Itoa(d.level),
		"project":         d.project,
		"tasks_for":       tasksFor,
	}
}

func mustYAML(v any) []byte {
	data, err := yaml.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("testgraph: %v", err))
	}
	return data
}

// plain returns a value in the types of JSON alone, which are those of JSON-e.
func plain(v any) any {
	var result any
	if err := json.Unmarshal(encode(v), &result); err != nil {
		panic(fmt.Sprintf("testgraph: %v", err))
	}
	return result
}
