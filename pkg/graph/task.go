package graph

import (
	"fmt"
	"strings"

	"cotverify/internal/pyglob"
	"cotverify/internal/pyjson"
	"cotverify/internal/value"
)

// Object is a JSON object of a definition. It keeps the order of its keys.
type Object = value.Object

// ShapeError says that a value is not of the type that it must be, and where.
type ShapeError = value.ShapeError

// Task is a task with its definition, as the queue has it. What of the
// definition is malformed is left empty here and told in Problems.
type Task struct {
	ID         string
	Definition *Object

	// Group is the taskGroupId.
	Group string
	// Parent is the task to walk to: extra.parent, or Group where that is
	// absent or falsy.
	Parent string
	// Creator is the task whose task graph vouches for this one: Parent, or
	// "" where extra.parent is there but falsy.
	Creator string

	Scopes   []string
	Payload  *Object
	Extra    *Object
	Env      *Object // payload.env, empty where that is absent
	Tags     *Object
	Inputs   []Input
	Upstream []Upstream

	// Problems are the places where the definition has not the shape that
	// every task's must have (specification, section 3).
	Problems []*ShapeError

	values, bytes int // how many the definition has
}

// Input is an entry of extra.chainOfTrust.inputs.
type Input struct {
	TaskType string
	TaskID   string
}

// Upstream is an entry of payload.upstreamArtifacts.
type Upstream struct {
	TaskType string
	TaskID   string
	Paths    []string
	Optional bool
	// PathsError says what is wrong with the entry's paths, which matters
	// only to the target.
	PathsError *ShapeError
}

// maxDepth is how deep the lists and objects of a definition may be nested. The
// reference copies definitions, and the input of actions within them, with
// three frames of Python's a level: at 340 levels it ends at the recursion limit
// of 1,000 (specification, section 4).
const maxDepth = 320

// Limits on what a definition may hold. The largest of real releases have a
// few thousand entries, of which no text is longer than some hundred bytes.
const (
	MaxValues   = 100_000 // lists, objects and what is in them
	maxEntries  = 10_000  // of inputs, of upstreamArtifacts and of all their paths together
	maxTypeName = 200     // bytes of a key of inputs or of a taskType, of which names are made
	maxPathName = 1_000   // bytes of a path in upstreamArtifacts
)

// ReadTask reads a task definition of any shape.
func ReadTask(id string, definition []byte) *Task {
	doc, err := pyjson.ParseWithin(definition, MaxValues)
	if err != nil {
		return &Task{ID: id, Problems: []*value.ShapeError{{Want: "JSON", Got: "no JSON (" + err.Error() + ")"}}}
	}
	t := NewTask(id, doc.Value)
	t.values, t.bytes = doc.Values, len(definition)
	return t
}

// NewTask reads a task definition that is parsed already.
func NewTask(id string, definition any) *Task {
	if value.IsDeeper(definition, maxDepth) {
		return &Task{ID: id, Problems: []*value.ShapeError{{Want: fmt.Sprintf("at most %d levels of lists and objects", maxDepth), Got: "nested deeper"}}}
	}
	r := &shapeReader{}
	t := &Task{ID: id, Definition: r.object("", definition, true)}
	if t.Definition == nil {
		t.Problems = r.problems
		return t
	}
	t.Payload = r.field(t.Definition, "", "payload", required)
	t.Extra = r.field(t.Definition, "", "extra", required)
	t.Tags = r.field(t.Definition, "", "tags", optional)
	t.Env = r.field(t.Payload, "/payload", "env", optional)
	t.Scopes = r.texts(t.Definition, "", "scopes")
	if _, ok := t.Definition.Get("provisionerId"); !ok {
		r.problem("/provisionerId", "text", nil, false)
	}
	r.readParent(t)
	t.Inputs = r.inputs(t.Extra)
	t.Upstream = r.upstream(t.Payload)
	t.Problems = r.problems
	return t
}

// EnvText returns a text of payload.env, and whether it is there. The error is
// a *value.ShapeError where it is something else than text.
func (t *Task) EnvText(key string) (text string, ok bool, err error) {
	v, ok := t.Env.Get(key)
	if !ok || v == nil {
		return "", false, nil
	}
	if text, ok = v.(string); !ok {
		return "", false, &value.ShapeError{Path: value.Pointer("payload", "env", key), Want: "text", Got: value.Kind(v)}
	}
	return text, true, nil
}

// Source returns metadata.source. The error is a *value.ShapeError.
func (t *Task) Source() (string, error) {
	return value.LookupText(t.Definition, "metadata", "source")
}

// WorkerPool returns the pool that the task runs on, from provisionerId and
// workerType. The error is a *value.ShapeError.
func (t *Task) WorkerPool() (string, error) {
	provisioner, err := value.LookupText(t.Definition, "provisionerId")
	if err != nil {
		return "", err
	}
	workerType, err := value.LookupText(t.Definition, "workerType")
	if err != nil {
		return "", err
	}
	return provisioner + "/" + workerType, nil
}

// Label returns what people call the task: its label tag, or its name.
func (t *Task) Label() string {
	if label, ok := t.Tags.Get("label"); ok {
		if s, ok := label.(string); ok && s != "" {
			return s
		}
	}
	name, err := value.LookupText(t.Definition, "metadata", "name")
	if err != nil {
		return ""
	}
	return name
}

// IsAction reports whether the task is an action task (specification,
// section 3).
func (t *Task) IsAction() bool {
	callback, _ := t.Env.Get("ACTION_CALLBACK")
	action, _ := t.Extra.Get("action")
	return value.Truthy(callback) || action != nil
}

// shapeReader takes values out of a definition and keeps what was wrong.
type shapeReader struct{ problems []*value.ShapeError }

const (
	required = true
	optional = false
)

func (r *shapeReader) problem(path, want string, got any, there bool) {
	e := &value.ShapeError{Path: path, Want: want}
	if there {
		e.Got = value.Kind(got)
	}
	r.problems = append(r.problems, e)
}

func (r *shapeReader) object(path string, v any, there bool) *value.Object {
	o, ok := v.(*value.Object)
	if !ok {
		r.problem(path, "an object", v, there)
		return nil
	}
	return o
}

// field returns the object at a key. Where it is absent, it is empty, and a
// problem if it is required. In what is no object itself, all is absent.
func (r *shapeReader) field(o *value.Object, at, key string, needed bool) *value.Object {
	if o == nil {
		return nil
	}
	v, ok := o.Get(key)
	if !ok && !needed {
		return nil
	}
	return r.object(at+value.Pointer(key), v, ok)
}

func (r *shapeReader) text(o *value.Object, at, key string) string {
	v, ok := o.Get(key)
	s, isText := v.(string)
	if !isText {
		r.problem(at+value.Pointer(key), "text", v, ok)
	}
	return s
}

// tooMany says that a list or an object has more entries than are read.
func (r *shapeReader) tooMany(path string, n int) {
	r.problems = append(r.problems, &value.ShapeError{Path: path, Want: fmt.Sprintf("at most %d entries", maxEntries), Got: fmt.Sprintf("%d", n)})
}

// short reports whether a text is no longer than it may be.
func (r *shapeReader) short(path, text string, most int) bool {
	if len(text) <= most {
		return true
	}
	r.problems = append(r.problems, &value.ShapeError{Path: path, Want: fmt.Sprintf("at most %d bytes", most), Got: fmt.Sprintf("%d bytes", len(text))})
	return false
}

// taskID returns a taskId, "" where there is none.
func (r *shapeReader) taskID(o *value.Object, at, key string) string {
	before := len(r.problems)
	id := r.text(o, at, key)
	if id == "" && len(r.problems) == before {
		r.problems = append(r.problems, &value.ShapeError{Path: at + value.Pointer(key), Want: "a taskId", Got: "empty"})
	}
	return id
}

func (r *shapeReader) texts(o *value.Object, at, key string) []string {
	path := at + value.Pointer(key)
	v, ok := o.Get(key)
	items, isList := v.([]any)
	if !isList {
		r.problem(path, "a list of texts", v, ok)
		return nil
	}
	texts := make([]string, 0, len(items))
	for i, item := range items {
		s, isText := item.(string)
		if !isText {
			r.problem(fmt.Sprintf("%s/%d", path, i), "text", item, true)
			continue
		}
		texts = append(texts, s)
	}
	return texts
}

// readParent reads what created the task. The taskGroupId must always be
// there; it may be empty only where the task names another parent.
func (r *shapeReader) readParent(t *Task) {
	parent, ok := t.Extra.Get("parent")
	if !value.Truthy(parent) {
		t.Group = r.taskID(t.Definition, "", "taskGroupId")
		t.Parent = t.Group
		if !ok {
			t.Creator = t.Group
		}
		return
	}
	t.Group = r.text(t.Definition, "", "taskGroupId")
	id, isText := parent.(string)
	if !isText {
		r.problem("/extra/parent", "a taskId", parent, true)
	}
	t.Parent, t.Creator = id, id
}

func (r *shapeReader) inputs(extra *value.Object) []Input {
	chain := r.field(extra, "/extra", "chainOfTrust", optional)
	entries := r.field(chain, "/extra/chainOfTrust", "inputs", optional)
	var inputs []Input
	if entries.Len() > maxEntries {
		r.tooMany("/extra/chainOfTrust/inputs", entries.Len())
		return nil
	}
	for taskType := range entries.All() {
		if !r.short("/extra/chainOfTrust/inputs", taskType, maxTypeName) {
			continue
		}
		inputs = append(inputs, Input{TaskType: taskType, TaskID: r.taskID(entries, "/extra/chainOfTrust/inputs", taskType)})
	}
	return inputs
}

// upstream reads payload.upstreamArtifacts. An empty object and an empty text
// are as good as an empty list, as the reference only loops over them.
func (r *shapeReader) upstream(payload *value.Object) []Upstream {
	const at = "/payload/upstreamArtifacts"
	v, ok := payload.Get("upstreamArtifacts")
	if !ok {
		return nil
	}
	switch v := v.(type) {
	case []any:
		if len(v) > maxEntries {
			r.tooMany(at, len(v))
			return nil
		}
		upstream := make([]Upstream, 0, len(v))
		paths := 0
		for i, item := range v {
			if u := r.upstreamEntry(fmt.Sprintf("%s/%d", at, i), item); u != nil {
				upstream = append(upstream, *u)
				paths += len(u.Paths)
			}
		}
		if paths > maxEntries {
			r.tooMany(at+"/*/paths", paths)
			return nil
		}
		return upstream
	case *value.Object, string:
		if !value.Truthy(v) {
			return nil
		}
	}
	r.problem(at, "a list", v, true)
	return nil
}

func (r *shapeReader) upstreamEntry(at string, item any) *Upstream {
	before := len(r.problems)
	entry := r.object(at, item, true)
	if entry == nil {
		return nil
	}
	taskType, ok := entry.Get("taskType")
	if !ok {
		r.problem(at+"/taskType", "text", nil, false)
	}
	u := &Upstream{TaskType: typeText(taskType), TaskID: r.taskID(entry, at, "taskId")}
	r.short(at+"/taskType", u.TaskType, maxTypeName)
	if len(r.problems) > before {
		return nil
	}
	flag, _ := entry.Get("optional")
	u.Optional = flag == true
	if paths, ok := entry.Get("paths"); ok {
		if one, isText := paths.(string); isText {
			paths := &shapeReader{}
			if !paths.short(at+"/paths", one, maxPathName) {
				u.PathsError = paths.problems[0]
				return u
			}
			u.Paths = []string{one}
			return u
		}
	}
	paths := &shapeReader{}
	u.Paths = paths.texts(entry, at, "paths")
	for i, path := range u.Paths {
		paths.short(fmt.Sprintf("%s/paths/%d", at, i), path, maxPathName)
	}
	if len(paths.problems) > 0 {
		u.PathsError = paths.problems[0]
	}
	return u
}

// Asks reports whether the task's upstreamArtifacts ask for an artifact of
// another task, by its name or by a pattern.
func (t *Task) Asks(taskID, name string) bool {
	for _, up := range t.Upstream {
		if up.TaskID != taskID {
			continue
		}
		for _, path := range up.Paths {
			if path == name {
				return true
			}
			if strings.Contains(path, "*") {
				if matched, _ := pyglob.Compile(path).Match(name); matched {
					return true
				}
			}
		}
	}
	return false
}

// typeText returns a taskType as the end of a name. What is no text is no task
// type either, and is written as the reference writes it into names.
func typeText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	}
	text, err := value.AppendJSON(nil, v)
	if err != nil {
		return value.Kind(v)
	}
	return string(text)
}
