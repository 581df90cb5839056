// Package audit verifies the release tasks of whole task groups. What they share
// is asked for, hashed, read and rebuilt once.
//
// Start with an [Audit] and its method Run. Its verdict is yes only if every
// task that was selected and has run was verified, and at least one was.
package audit

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"cotverify/internal/pyjson"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
)

// Limits of a list: of its tasks, of which the largest groups have some ten
// thousand, and of the groups that lead to one another, of which a release has
// up to four.
const (
	maxMembers = 100_000
	maxGroups  = 20
)

// Member is a task of a task group, as the group's list has it.
type Member struct {
	TaskID     string
	Group      string
	Label      string
	Kind       string // tags.kind
	WorkerType string
	State      string // of its last run: "completed"
	// Release says that it is one of the tasks that have secrets: it runs on
	// scriptworker, or has the kind of one that should.
	Release bool

	previous []string // the task groups that it promotes
	upstream []string // the tasks that it depends on
}

// list reads the list of a task group. The error is as of a [source.Source].
func list(ctx context.Context, src source.Source, group string) (report.Group, []Member, error) {
	fact := source.Group(group)
	answer, err := src.Open(ctx, fact)
	if err != nil {
		return report.Group{}, nil, err
	}
	defer answer.Body.Close()
	var members []Member
	rest, err := pyjson.Each(answer.Body, "tasks", pyjson.All, func(item any) error {
		if len(members) == maxMembers {
			return fmt.Errorf("it has more than %d tasks, which is the limit for it", maxMembers)
		}
		m, err := member(group, item)
		members = append(members, m)
		return err
	})
	if err != nil {
		if ctx.Err() != nil {
			return report.Group{}, nil, ctx.Err()
		}
		return report.Group{}, nil, &source.UnavailableError{Fact: fact, Reason: "the list is malformed: " + err.Error()}
	}
	members = withoutDoubles(members)
	sealed, _ := rest.Value.(*value.Object).Get("sealed")
	return report.Group{TaskGroupID: group, Listed: len(members), SHA256: report.TaskIDsSHA256(taskIDs(members)), Sealed: sealed != nil}, members, nil
}

// withoutDoubles returns the members by taskId, each once.
func withoutDoubles(members []Member) []Member {
	slices.SortFunc(members, func(a, b Member) int { return strings.Compare(a.TaskID, b.TaskID) })
	return slices.CompactFunc(members, func(a, b Member) bool { return a.TaskID == b.TaskID })
}

// taskIDs returns the taskIds of members, in their order.
func taskIDs(members []Member) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, m := range members {
			if !yield(m.TaskID) {
				return
			}
		}
	}
}

// member reads an entry of a list.
func member(group string, item any) (Member, error) {
	id, err := value.LookupText(item, "status", "taskId")
	if err != nil {
		return Member{}, err
	}
	if !cot.IsTaskID(id) {
		return Member{}, fmt.Errorf("/status/taskId is %q, which is no taskId", id)
	}
	definition, err := value.Lookup(item, "task")
	if err != nil {
		return Member{}, err
	}
	task := graph.NewTask(id, definition)
	m := Member{TaskID: id, Group: group, Label: task.Label()}
	state, _ := value.LookupText(item, "status", "state")
	m.State = cmp.Or(state, "unknown")
	m.WorkerType, _ = value.LookupText(definition, "workerType")
	m.Kind, _ = value.LookupText(definition, "tags", "kind")
	worker, _ := task.WorkerImplementation()
	m.Release = worker == cot.ScriptworkerImplementation || cot.IsScriptworkerType(m.Kind)
	dependencies, _ := value.Lookup(definition, "dependencies")
	m.upstream = taskIDsIn(dependencies)
	if task.IsAction() {
		m.previous = previousGroups(task)
	}
	return m, nil
}

// previousGroups returns the task groups that a promoting action names.
func previousGroups(task *graph.Task) []string {
	named, _ := value.Lookup(task.Definition, "extra", "action", "context", "input", "previous_graph_ids")
	return taskIDsIn(named)
}

// taskIDsIn returns the taskIds in a list, without what is none.
func taskIDsIn(list any) []string {
	items, _ := list.([]any)
	var ids []string
	for _, item := range items {
		if text, ok := item.(string); ok && cot.IsTaskID(text) {
			ids = append(ids, text)
		}
	}
	return ids
}
