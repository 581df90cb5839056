package testgraph

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// imageArtifact is the docker image that an image task made.
const imageArtifact = "public/image.tar.zst"

// plan is what a task is to be.
type plan struct {
	name      string
	kind      string // its task type too
	worker    string
	pool      string           // provisionerId/workerType
	image     *Task            // the docker image that it runs in; nil is a prebuilt one
	inputs    map[string]*Task // what else it is made from, by task type
	upstream  []upstream
	scopes    []any
	artifacts []string
}

// upstream is what a scriptworker task takes from another task.
type upstream struct {
	task     *Task
	taskType string
	path     string
}

// clock writes a time as many days after the task's creation.
type clock func(days int) any

// relative is the clock of task graphs, which are written before their tasks
// are created.
func relative(days int) any { return object{"relative-datestamp": fmt.Sprintf("%d days", days)} }

// timeFormat is how the queue writes times.
const timeFormat = "2006-01-02T15:04:05.000Z"

// later returns a time some while after another.
func later(t string, d time.Duration) string {
	start, err := time.Parse(timeFormat, t)
	if err != nil {
		panic(fmt.Sprintf("testgraph: %v", err))
	}
	return start.Add(d).Format(timeFormat)
}

// task adds a task that a decision or action task made by a plan.
func (b *builder) task(d *decision, p plan) *Task {
	created := later(d.created, 90*time.Second)
	absolute := func(days int) any { return later(created, time.Duration(days)*24*time.Hour) }
	t := &Task{
		Name:       p.name,
		ID:         taskID(b.name + "/" + p.name),
		Parent:     d.Task,
		Planned:    plain(p.definition(d, relative)).(object),
		Definition: queued(plain(p.definition(d, absolute)).(object)),
		Artifacts:  map[string][]byte{},
		image:      p.image,
	}
	for _, name := range p.artifacts {
		t.Artifacts[name] = []byte(name + " of " + p.name + " at " + d.revision + "\n")
	}
	return b.add(t, p.worker)
}

// definition returns the definition of a task, its times written by a clock.
func (p plan) definition(d *decision, at clock) object {
	extra := object{"parent": d.ID}
	if inputs := p.inputIDs(); len(inputs) > 0 {
		extra["chainOfTrust"] = object{"inputs": inputs}
	}
	provisioner, workerType, _ := strings.Cut(p.pool, "/")
	return object{
		"created":       at(0),
		"deadline":      at(1),
		"expires":       at(365),
		"dependencies":  p.dependencies(),
		"extra":         extra,
		"payload":       p.payload(d, at),
		"priority":      "low",
		"provisionerId": provisioner,
		"workerType":    workerType,
		"requires":      "all-completed",
		"retries":       5,
		"routes":        []any{"index." + d.trustDomain + ".v2." + d.project + ".latest." + p.name},
		"schedulerId":   fmt.Sprintf("%s-level-%d", d.trustDomain, d.level),
		"scopes":        append([]any{}, p.scopes...),
		"taskGroupId":   d.group,
		"metadata": object{
			"name":        p.name,
			"description": "A task of kind " + p.kind,
			"owner":       "releng@mozilla.com",
			"source":      d.browseURL(d.revision, "taskcluster/kinds/"+p.kind),
		},
		"tags": object{"kind": p.kind, "label": p.name, "worker-implementation": p.worker},
	}
}

// inputIDs returns the entries of extra.chainOfTrust.inputs.
func (p plan) inputIDs() object {
	ids := object{}
	for taskType, t := range p.inputs {
		ids[taskType] = t.ID
	}
	if p.image != nil {
		ids["docker-image"] = p.image.ID
	}
	return ids
}

// dependencies returns the taskIds of all that the task is made from.
func (p plan) dependencies() []string {
	ids := []string{}
	for _, id := range p.inputIDs() {
		ids = append(ids, id.(string))
	}
	for _, u := range p.upstream {
		ids = append(ids, u.task.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// payload returns what the task's worker is to do.
func (p plan) payload(d *decision, at clock) object {
	env := object{d.envPrefix + "_HEAD_REPOSITORY": d.url, d.envPrefix + "_HEAD_REV": d.revision}
	features := object{"chainOfTrust": true, "taskclusterProxy": true}
	switch p.worker {
	case dockerWorker:
		artifacts := object{}
		for _, name := range p.artifacts {
			artifacts[name] = object{"type": "file", "path": "/builds/worker/" + name, "expires": at(365)}
		}
		return object{
			"image": p.imageOfPayload(), "env": env, "features": features, "maxRunTime": 7200, "artifacts": artifacts,
			"command": []any{"run-task", "--", "bash", "-c", "make " + p.kind},
		}
	case genericWorker:
		artifacts := []any{}
		for _, name := range p.artifacts {
			artifacts = append(artifacts, object{"type": "file", "name": name, "path": name, "expires": at(365)})
		}
		return object{
			"mounts":   []any{object{"cacheName": d.trustDomain + "-checkouts", "directory": "build"}},
			"osGroups": []any{}, "env": env, "features": features, "maxRunTime": 7200, "artifacts": artifacts,
			"command": []any{`c:\tools\bash.exe -c "make ` + p.kind + `"`},
		}
	}
	entries := []any{}
	for _, u := range p.upstream {
		entries = append(entries, object{
			"taskId": u.task.ID, "taskType": u.taskType, "paths": []any{u.path}, "formats": []any{"autograph_authenticode"},
		})
	}
	return object{"maxRunTime": 3600, "upstreamArtifacts": entries}
}

func (p plan) imageOfPayload() any {
	if p.image == nil {
		return "example/image_builder:4.0@sha256:0b1f6c2d7e8a493c5f60718293a4b5c6d7e8f90112233445566778899aabbccd"
	}
	return object{"type": "task-image", "taskId": p.image.ID, "path": imageArtifact}
}

func (b *builder) dockerImage(d *decision) *Task {
	return b.task(d, plan{
		name: "docker-image-base", kind: "docker-image", worker: dockerWorker,
		pool: fmt.Sprintf("%s-%d/images", d.trustDomain, d.level), artifacts: []string{imageArtifact},
	})
}

func (b *builder) linuxBuild(d *decision, image *Task, name string) *Task {
	return b.task(d, plan{
		name: name, kind: "build", worker: dockerWorker, pool: fmt.Sprintf("%s-%d/b-linux", d.trustDomain, d.level),
		image: image, artifacts: []string{linuxPackage},
	})
}

func (b *builder) windowsBuild(d *decision) *Task {
	return b.task(d, plan{
		name: "build-win64", kind: "build", worker: genericWorker, pool: fmt.Sprintf("%s-%d/b-win2022", d.trustDomain, d.level),
		artifacts: []string{"public/build/target.zip"},
	})
}

// repackage makes an installer of a Windows build.
func (b *builder) repackage(d *decision, image, build *Task) *Task {
	return b.task(d, plan{
		name: "repackage-win64", kind: "repackage", worker: dockerWorker, pool: fmt.Sprintf("%s-%d/b-linux", d.trustDomain, d.level),
		image: image, inputs: map[string]*Task{"build": build}, artifacts: []string{installer},
	})
}

// What builds and repackages make that is signed.
const (
	linuxPackage = "public/build/target.tar.xz"
	installer    = "public/build/target.installer.exe"
)

// script adds a task that runs on scriptworker.
func (b *builder) script(d *decision, kind, name, scope string, takes ...upstream) *Task {
	p := plan{
		name: name, kind: kind, worker: scriptworker, pool: fmt.Sprintf("scriptworker-k8s/%s-%d-%s", d.trustDomain, d.level, kind),
		upstream: takes, scopes: []any{scope},
	}
	if kind == "signing" {
		for _, u := range takes {
			p.artifacts = append(p.artifacts, u.path)
		}
	}
	return b.task(d, p)
}
