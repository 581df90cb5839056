package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"cotverify/internal/pytime"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/evidence"
	"cotverify/pkg/report"
)

// taskGraph is what a parent's task graph says of the links that it created.
type taskGraph struct {
	err      error                // why it is not to be relied on, or cannot be read
	entries  map[*Link]graphEntry // of those that it has
	repeated []string
}

// graphEntry is how a link's definition compares with its entry in the task
// graph of its parent.
type graphEntry struct {
	differences []difference
	loose       []value.Difference // equal only across JSON types
	err         error              // why they cannot be compared
}

// compareGraphs compares the links of a chain with the task graphs of the links
// that created them.
func (v *Verifier) compareGraphs(ctx context.Context, c *Chain) {
	var comparing sync.WaitGroup
	for _, parent := range c.parents() {
		if a := parent.artifact(cot.TaskGraphArtifact); a != nil {
			comparing.Go(func() { parent.graph = v.compareGraph(ctx, a, parent, c.children[parent.TaskID]) })
		}
	}
	comparing.Wait()
}

// compareGraph compares the links that a parent created with its task graph.
func (v *Verifier) compareGraph(ctx context.Context, file *artifact, parent *Link, children []*Link) taskGraph {
	if file.err != nil {
		return taskGraph{err: &unverifiedError{artifact: file}}
	}
	g, err := v.Store.TaskGraph(ctx, parent.TaskID)
	if err != nil {
		return taskGraph{err: err}
	}
	found := taskGraph{repeated: g.Repeated, entries: map[*Link]graphEntry{}}
	for _, child := range children {
		doc, err := g.Entry(ctx, child.TaskID)
		switch {
		case err == evidence.ErrNoEntry:
			continue
		case err != nil:
			found.entries[child] = graphEntry{err: &graphError{fmt.Errorf("%s, %s: %w", cot.TaskGraphArtifact, child.TaskID, err)}}
			continue
		}
		for _, pointer := range doc.Repeated {
			found.repeated = append(found.repeated, value.Pointer(child.TaskID)+pointer)
		}
		var entry graphEntry
		entry.differences, entry.loose, entry.err = compareWithGraph(child, doc.Value)
		found.entries[child] = entry
	}
	return found
}

// graphError says what is wrong with a task graph's entry.
type graphError struct{ err error }

func (e *graphError) Error() string { return e.err.Error() }
func (e *graphError) Unwrap() error { return e.err }

// unverifiedError says that a file is not read, because its hash does not
// hold or could not be checked.
type unverifiedError struct{ artifact *artifact }

func (e *unverifiedError) Error() string {
	switch {
	case isAbsent(e.artifact.err):
		return e.artifact.name + " could not be had"
	case e.reported():
		return e.artifact.name + " is not read: " + e.artifact.err.Error()
	}
	return e.artifact.name + " is not read: " + e.artifact.err.Error() + "; that the target asks for it as optional does not change that, though the reference lets it pass"
}

// reported says whether the file's own check already stands against the link.
func (e *unverifiedError) reported() bool {
	return !e.artifact.optional || errors.Is(e.artifact.err, errCotUnverified)
}

// withoutFile returns the check that cannot be done without a file: skipped
// where the file's own check failed, and a failure where that let it pass.
func (l *Link) withoutFile(check, subject string, err error) report.Check {
	var unverified *unverifiedError
	if asError(err, &unverified) && unverified.reported() {
		return l.skip(check, subject, "%v", err)
	}
	return l.problem(check, subject, err)
}

var taskGraphRule = rule{
	check: checkTaskGraph,
	explanations: []report.Explanation{
		{
			Check:   "task-graph",
			Meaning: "The task stands in public/task-graph.json of the task that created it, and its definition is the one there. Dependencies may be fewer, and times are resolved before comparing.",
			Why:     "Anyone with the scopes can create a task in a group. Only tasks that the source tree asked for are to be trusted, and just as it asked for them.",
			Fails: []string{
				"The task was created by hand, or edited: it is not in the graph, or differs from it.",
				"Its extra.parent names another task than the one that created it.",
				"The graph's file could not be trusted, since its own hash or signature does not hold.",
			},
			Do: "Compare the definition with the graph's at the paths in the message. A task that was created by hand needs an action task as its parent: do not edit tasks, add an action.",
		},
	},
}

// checkTaskGraph checks a parent's task graph, and that the link's own parent
// vouches for it (specification, section 6, task-graph).
func checkTaskGraph(c *Chain, l *Link) []report.Check {
	return append(checkOwnTaskGraph(c, l), checkInTaskGraph(c, l)...)
}

// checkOwnTaskGraph checks that a parent's task graph can be read.
func checkOwnTaskGraph(c *Chain, l *Link) []report.Check {
	const name = "task-graph"
	if l.artifact(cot.TaskGraphArtifact) == nil || !isParent(l) {
		return nil
	}
	if l.graph.err != nil {
		return []report.Check{l.withoutFile(name, cot.TaskGraphArtifact, l.graph.err)}
	}
	checks := []report.Check{l.pass(name, cot.TaskGraphArtifact)}
	for _, pointer := range l.graph.repeated {
		checks = append(checks, repeatedKey(l, cot.TaskGraphArtifact, pointer))
	}
	return checks
}

// checkInTaskGraph checks that the link's parent vouches for it (specification,
// section 6, task-graph).
func checkInTaskGraph(c *Chain, l *Link) []report.Check {
	const name = "task-graph"
	if l.Task == nil {
		return nil
	}
	parent := c.byID[l.Task.Creator]
	if parent == nil || !isParent(parent) || !isChildOf(l, parent.TaskID) {
		return nil
	}
	subject := "of " + parent.Name
	if parent.graph.err != nil {
		return []report.Check{l.skip(name, subject, "the task graph of its parent %s cannot be relied on", parent.TaskID)}
	}
	if l.TaskID == "" {
		return []report.Check{l.result(name, report.Error, subject, "without its taskId it cannot be told whether the task graph has the task").
			Because(report.Unavailable).WithHint("give the taskId that the task will have")}
	}
	entry, ok := parent.graph.entries[l]
	if !ok {
		return []report.Check{l.fail(name, subject, "the task graph of its parent %s does not have this task", parent.TaskID).
			Because(report.NotInGraph)}
	}
	if entry.err != nil {
		return []report.Check{l.problem(name, subject, entry.err)}
	}
	var checks []report.Check
	for _, d := range entry.differences {
		checks = append(checks, l.differs(d, subject, parent))
	}
	if len(checks) == 0 {
		checks = append(checks, l.pass(name, subject))
	}
	for _, d := range entry.loose {
		checks = append(checks, l.warn("loose-equality", value.Pointer(d.Path...),
			"equals the task graph only across JSON types, as 1, 1.0 and true do").
			Comparing(asJSON(d.A), asJSON(d.B)).
			WithHint(looseHint))
	}
	return checks
}

const looseHint = "harmless where the queue rewrote a number; software that is strict will see a difference"

// differs says where a definition differs from its parent's task graph.
func (l *Link) differs(d difference, subject string, parent *Link) report.Check {
	check := l.fail("task-graph", subject, "%s differs from the task graph of its parent %s%s", value.Pointer(d.Path...), parent.TaskID, d.note(l.Task)).
		Comparing(sides(d.Difference)).
		Because(report.Differs)
	switch {
	case d.reordered:
		return check.Because(report.Reordered)
	case isQuoted(d.A, d.B) || isQuoted(d.B, d.A):
		return check.WithHint("who wrote this definition put quotes round a value, or took them away; the worker may read it otherwise: see who created the task")
	case isTimeOfCreated(l.Task, d.Difference):
		return check.WithHint("times in the task graph count from the definition's created, which has no milliseconds here, and the task was made with some: see what rewrote created")
	}
	return check
}

// ignoredKeys of a definition may differ from the task graph.
func ignoredKeys() []string {
	return []string{"created", "deadline", "dependencies", "expires", "projectId", "schedulerId", "taskQueueId", "priority"}
}

// compareWithGraph returns where a link's definition differs from its entry in
// the task graph, and where it is equal only across types. The error is a
// *value.ShapeError, or says why a time cannot be resolved.
func compareWithGraph(l *Link, entry any) (differences []difference, loose []value.Difference, err error) {
	definition, err := graphDefinition(l, entry)
	if err != nil {
		return nil, nil, err
	}
	runtime := l.Task.Definition
	stray, err := strayDependencies(l, definition)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range stray {
		differences = append(differences, difference{Difference: d})
	}
	ignored := ignoredKeys()
	for key, v := range definition.All() {
		if slices.Contains(ignored, key) {
			continue
		}
		actual, ok := runtime.Get(key)
		if !ok {
			differences = append(differences, difference{Difference: value.Difference{Path: []string{key}, A: v, InA: true}})
			continue
		}
		found, equal := value.Diff(v, actual, equalInGraph(v))
		for _, d := range withReordered(v, actual, found) {
			d.Path = append([]string{key}, d.Path...)
			differences = append(differences, d)
		}
		for _, path := range equal {
			a, _ := value.At(v, path...)
			b, _ := value.At(actual, path...)
			loose = append(loose, value.Difference{Path: append([]string{key}, path...), A: a, B: b, InA: true, InB: true})
		}
	}
	return differences, loose, nil
}

// equalInGraph returns how the parts of a key's value are compared: NaN equals
// itself only as a part.
func equalInGraph(v any) func(a, b any) bool {
	switch v.(type) {
	case []any, *value.Object:
		return value.EqualWithin
	}
	return value.Equal
}

// graphDefinition returns the definition in a task graph's entry, with its
// relative times resolved.
func graphDefinition(l *Link, entry any) (*value.Object, error) {
	v, err := value.Lookup(entry, "task")
	if err != nil {
		return nil, inGraph(l, err)
	}
	if _, ok := v.(*value.Object); !ok {
		return nil, inGraph(l, &value.ShapeError{Path: "/task", Want: "an object", Got: value.Kind(v)})
	}
	text, err := value.LookupText(l.Task.Definition, "created")
	if err != nil {
		return nil, err
	}
	created, err := pytime.ParseISO(text)
	if err != nil {
		return nil, fmt.Errorf("/created: %w", err)
	}
	resolved, err := pytime.ResolveDatestamps(v, created)
	if err != nil {
		return nil, &graphError{fmt.Errorf("in the task graph: %w", err)}
	}
	definition, ok := resolved.(*value.Object)
	if !ok {
		return nil, inGraph(l, &value.ShapeError{Path: "/task", Want: "a definition", Got: value.Kind(resolved)})
	}
	return definition, nil
}

// inGraph says of a shape error that it is about the task graph.
func inGraph(l *Link, err error) error {
	return value.ErrorIn(err, cot.TaskGraphArtifact+", "+l.TaskID, "")
}

// strayDependencies returns the runtime dependencies that the task graph does
// not have. The task's group is allowed besides.
func strayDependencies(l *Link, definition *value.Object) ([]value.Difference, error) {
	allowed, err := dependencies(definition)
	if err != nil {
		return nil, inGraph(l, err)
	}
	actual, err := dependencies(l.Task.Definition)
	if err != nil {
		return nil, err
	}
	planned := map[string]bool{l.Task.Group: true}
	for _, id := range allowed {
		planned[id] = true
	}
	var stray []value.Difference
	for i, id := range actual {
		if !planned[id] {
			stray = append(stray, value.Difference{Path: []string{"dependencies", fmt.Sprint(i)}, B: id, InB: true})
		}
	}
	return stray, nil
}

// maxDependencies is how many dependencies a queue takes of a task.
const maxDependencies = 10_000

// dependencies returns a definition's dependencies, which must be there.
func dependencies(definition *value.Object) ([]string, error) {
	v, err := value.Lookup(definition, "dependencies")
	if err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok {
		return nil, &value.ShapeError{Path: "/dependencies", Want: "a list of taskIds", Got: value.Kind(v)}
	}
	if len(list) > maxDependencies {
		return nil, &value.ShapeError{Path: "/dependencies", Want: fmt.Sprintf("at most %d taskIds", maxDependencies), Got: fmt.Sprint(len(list))}
	}
	ids := make([]string, 0, len(list))
	for i, item := range list {
		id, ok := item.(string)
		if !ok {
			return nil, &value.ShapeError{Path: value.Pointer("dependencies", fmt.Sprint(i)), Want: "a taskId", Got: value.Kind(item)}
		}
		ids = append(ids, id)
	}
	return ids, nil
}
