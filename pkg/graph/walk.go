// Package graph walks from a task back to the decision tasks that it comes
// from (specification, section 3).
//
// [Walk] yields the links of the chain, the target first. Nothing of a link is
// verified yet: a definition is only read, and what is wrong with it is kept
// with the link, so that the walk goes on wherever it can.
package graph

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"cotverify/pkg/cot"
)

// MaxColons is how many colons a link's name may hold.
const MaxColons = 20

// MaxDefinition limits the size in bytes of a task definition. The queue takes
// at most one MiB, which other spacing may make larger.
const MaxDefinition = 4 << 20

// Target is the task that a walk starts from.
type Target struct {
	TaskID   string
	TaskType string
	// Definition is the target's definition, where the queue does not have it
	// yet; nil else.
	Definition []byte
	// NotRun says that the target has not run, and is not in the chain before
	// the walk reaches it.
	NotRun bool
}

// Link is one task of the chain.
type Link struct {
	TaskID string
	Name   string // "signing:build:docker-image"
	Type   string // one of the task types; "" where that is not known
	Worker string // the worker implementation; "" where that is not known
	Task   *Task  // nil where its definition could not be had
	// Dependencies are the tasks that this one leads to, in the order of the
	// walk: its parent first.
	Dependencies []Dependency
	// NotRun marks the target of a walk with Target.NotRun: it has no CoT
	// artifact.
	NotRun bool

	// Why a check of the walk does not hold, nil where it does. TaskError may
	// be one of the errors of a [source.Source].
	TaskError   error
	TypeError   error
	DepthError  error // a *DepthError or a *SizeError
	WorkerError error
}

// Dependency is a task that another leads to.
type Dependency struct {
	TaskID string
	As     string // "parent", or the task type that the other names it with
}

// named is a task that the walk has yet to come to, by the name under which it
// was reached first.
type named struct{ taskID, name string }

// TypeError says that a link is to be verified as something that is no task
// type.
type TypeError struct{ Type string }

func (e *TypeError) Error() string {
	return fmt.Sprintf("%q is no task type; expected one of %s", e.Type, strings.Join(cot.TaskTypes(), ", "))
}

// DepthError says that a chain is too deep.
type DepthError struct {
	Colons int // how many the name holds
}

func (e *DepthError) Error() string {
	return fmt.Sprintf("the chain goes on below this task, which is %d tasks below the target, and at most %d are followed", e.Colons, MaxColons)
}

// Tasks has the tasks that a walk comes to. It answers the same whenever it is
// asked for one, and is safe for concurrent use.
type Tasks interface {
	// Task returns a task. The error is one of a [source.Source].
	Task(ctx context.Context, taskID string) (*Task, error)
}

// Walk yields the links of the target's chain breadth first, each as soon as
// it is known. Definitions are asked for side by side. With Target.NotRun the
// first link is the target all the same, marked so; if the walk reaches it, it
// is yielded again, as a link that has run. Once ctx ends, the definitions that
// are still awaited have its error.
func Walk(ctx context.Context, tasks Tasks, target Target) iter.Seq[*Link] {
	return func(yield func(*Link) bool) {
		w := &walk{ctx: ctx, tasks: tasks, asked: map[string]bool{}}
		w.ahead, w.stop = context.WithCancel(ctx)
		defer w.running.Wait()
		defer w.stop()
		w.run(target, yield)
	}
}

type walk struct {
	ctx   context.Context
	tasks Tasks

	// Tasks are asked for ahead of the walk, so that they are there once it
	// comes to them: which links there are, and in what order, the walk alone
	// decides.
	ahead   context.Context
	stop    context.CancelFunc // ends that
	running sync.WaitGroup
	mu      sync.Mutex
	asked   map[string]bool
	read    size // of all that was read ahead
}

func (w *walk) run(target Target, yield func(*Link) bool) {
	seen := map[string]bool{target.TaskID: !target.NotRun}
	link := w.target(target)
	chain := size{links: 1}
	var queue []named
	for {
		if link.Task != nil {
			chain.add(link.Task.size())
		}
		reached := link.unseen(seen)
		chain.links += len(reached)
		tooLarge := chain.exceeded()
		if tooLarge != nil {
			link.DepthError = tooLarge
		}
		if !yield(link) || tooLarge != nil {
			return
		}
		for _, n := range reached {
			w.ask(n.taskID, 0)
		}
		queue = append(queue, reached...)
		if len(queue) == 0 {
			return
		}
		link = w.link(queue[0].taskID, queue[0].name)
		queue = queue[1:]
	}
}

// unseen returns the tasks that a link leads to for the first time. From one
// that is too deep the walk does not go on.
func (l *Link) unseen(seen map[string]bool) []named {
	if l.DepthError != nil {
		return nil
	}
	var reached []named
	for _, d := range l.Dependencies {
		if !seen[d.TaskID] {
			seen[d.TaskID] = true
			reached = append(reached, named{d.TaskID, l.Name + ":" + d.As})
		}
	}
	return reached
}

// target makes the first link.
func (w *walk) target(target Target) *Link {
	if target.Definition == nil {
		link := w.link(target.TaskID, target.TaskType)
		link.NotRun = target.NotRun
		return link
	}
	link := &Link{TaskID: target.TaskID, Name: target.TaskType, NotRun: target.NotRun}
	link.read(ReadTask(target.TaskID, target.Definition))
	return link
}

// link waits for a task's definition and makes a link of it.
func (w *walk) link(id, name string) *Link {
	link := &Link{TaskID: id, Name: name}
	task, err := w.tasks.Task(w.ctx, id)
	if err != nil {
		link.TaskError = err
		link.setType(nil)
		return link
	}
	link.read(task)
	return link
}

// ask asks for a task ahead of the walk, once, and then for those that it leads
// to. It ends where the chain is to be refused as too large before long.
func (w *walk) ask(id string, depth int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked[id] {
		return
	}
	w.asked[id] = true
	if len(w.asked) > MaxLinks || w.read.exceeded() != nil {
		w.stop()
		return
	}
	w.running.Go(func() {
		task, err := w.tasks.Task(w.ahead, id)
		if err != nil {
			return
		}
		w.mu.Lock()
		w.read.add(task.size())
		tooLarge := w.read.exceeded() != nil
		w.mu.Unlock()
		if tooLarge {
			w.stop()
		}
		if tooLarge || depth == MaxColons {
			return
		}
		for _, d := range task.dependencies() {
			w.ask(d.TaskID, depth+1)
		}
	})
}

// read fills in what the task's definition tells.
func (l *Link) read(t *Task) {
	l.Task = t
	if len(t.Problems) > 0 {
		l.TaskError = t.Problems[0]
	}
	l.setType(t)
	if colons := strings.Count(l.Name, ":"); colons > MaxColons {
		l.DepthError = &DepthError{Colons: colons}
	}
	if t.Definition == nil {
		return
	}
	l.Worker, l.WorkerError = t.WorkerImplementation()
	l.Dependencies = t.dependencies()
}

// setType resolves the type at the end of the link's name.
func (l *Link) setType(t *Task) {
	taskType := l.Name[strings.LastIndexByte(l.Name, ':')+1:]
	if taskType == "parent" {
		switch {
		case t == nil:
			return
		case t.IsAction():
			taskType = cot.Action
		default:
			taskType = cot.Decision
		}
	}
	if !slices.Contains(cot.TaskTypes(), taskType) {
		l.TypeError = &TypeError{Type: taskType}
		return
	}
	l.Type = taskType
}

// dependencies lists the tasks that a task leads to: its parent, then the others
// by name and taskId. Their names differ only in what the task names them with.
func (t *Task) dependencies() []Dependency {
	all := make([]Dependency, 0, 1+len(t.Inputs)+len(t.Upstream))
	for _, in := range t.Inputs {
		all = append(all, Dependency{TaskID: in.TaskID, As: in.TaskType})
	}
	for _, up := range t.Upstream {
		all = append(all, Dependency{TaskID: up.TaskID, As: up.TaskType})
	}
	slices.SortStableFunc(all, func(a, b Dependency) int {
		return cmp.Compare(a.As+"_"+a.TaskID, b.As+"_"+b.TaskID)
	})
	if t.Parent == "" {
		return all
	}
	return slices.Insert(all, 0, Dependency{TaskID: t.Parent, As: "parent"})
}
