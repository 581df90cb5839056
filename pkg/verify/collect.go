package verify

import (
	"context"
	"runtime"
	"sync"

	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// chain is what is verified: the links, and what was gathered of each.
type chain struct {
	options Options
	asked   *asked
	target  report.Target    // as the report has it
	other   *otherDefinition // that the queue has of the target, nil where there is none
	product *policy.Product
	scopes  restricted // of the target

	mu       sync.Mutex
	links    []*evidence              // in the order of the walk
	byID     map[string]*evidence     // those that have run
	awaited  map[string]chan struct{} // closed when that link is known
	hashing  chan struct{}            // has as many places as artifacts may be hashed side by side
	reading  chan struct{}            // and as documents may be held in memory
	walked   chan struct{}            // closed when all links are known, and what follows with them
	members  []*evidence              // all that is verified, the target first
	children map[string][]*evidence   // by parent, the links that its task graph must have
	reached  map[string][]reach       // by taskId, which links lead to it
	requests map[string][]request     // by taskId, the artifacts that the target needs
	patterns int                      // how many of these are patterns
}

// evidence is what was gathered of one link. Its fields are written while the
// facts are gathered, each before the channel that guards it is closed, and
// only read after.
type evidence struct {
	link *graph.Link

	cot       signedCot
	cotDone   chan struct{}
	artifacts []*artifact // those that are needed by name
	patterns  []request   // of more
	matched   []*artifact // those
	listError error       // why the names for a pattern could not be had
	empty     []string    // patterns that matched nothing
	unmatched []unmatched // patterns that were not matched to the end
	graph     taskGraph   // of a parent
	decision  rebuiltDecision
	pull      pullRequest
}

func newChain(o Options, target *asked, product *policy.Product) *chain {
	return &chain{
		options: o,
		asked:   target,
		target:  target.Target,
		product: product,
		byID:    map[string]*evidence{},
		awaited: map[string]chan struct{}{},
		hashing: make(chan struct{}, maxHashing),
		reading: make(chan struct{}, runtime.GOMAXPROCS(0)),
		walked:  make(chan struct{}),
	}
}

// close removes what was kept on disk.
func (c *chain) close() {
	for _, e := range c.links {
		for _, a := range e.needed() {
			a.content.remove()
		}
	}
}

// collect walks the chain, and gathers the facts of each link as soon as the
// walk knows of it.
func (c *chain) collect(ctx context.Context, gather func(*chain, context.Context, *evidence)) {
	var running sync.WaitGroup
	defer running.Wait()
	for link := range graph.Walk(ctx, c.options.Source, graph.Target{
		TaskID:     c.target.TaskID,
		TaskType:   c.target.TaskType,
		Definition: c.options.Definition,
		NotRun:     c.options.NoCheckTask,
	}) {
		e := c.add(link)
		running.Go(func() { gather(c, ctx, e) })
	}
	c.index()
	close(c.walked)
}

// reach says that a link leads to another, and as what.
type reach struct {
	from *graph.Link
	as   string
}

// index finds out how the links hang together, once all are known.
func (c *chain) index() {
	target := c.links[0]
	if reached := c.byID[target.link.TaskID]; reached != nil {
		target = reached
	}
	c.members = []*evidence{target}
	for _, e := range c.links {
		if e.link.TaskID != target.link.TaskID {
			c.members = append(c.members, e)
		}
	}
	c.children = map[string][]*evidence{}
	c.reached = map[string][]reach{}
	for _, e := range c.members {
		if e.link.Task != nil && isChildOf(e, e.link.Task.Creator) {
			creator := e.link.Task.Creator
			c.children[creator] = append(c.children[creator], e)
		}
		for _, d := range e.link.Dependencies {
			c.reached[d.TaskID] = append(c.reached[d.TaskID], reach{e.link, d.As})
		}
	}
}

// has reports whether the chain has a task.
func (c *chain) has(taskID string) bool {
	return c.byID[taskID] != nil || c.members[0].link.TaskID == taskID
}

func (c *chain) add(link *graph.Link) *evidence {
	e := &evidence{link: link, cotDone: make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.links) == 0 {
		c.scopes = restrictedScopes(c.product, link.Task)
		c.requests = requestsOf(link.Task)
		c.patterns = countPatterns(c.requests)
	}
	c.plan(e)
	c.links = append(c.links, e)
	if !link.NotRun {
		c.byID[link.TaskID] = e
		if waiting, ok := c.awaited[link.TaskID]; ok {
			close(waiting)
		}
	}
	return e
}

// await returns the link of a task, once the walk knows of it, or nil where it
// ends without.
func (c *chain) await(ctx context.Context, taskID string) *evidence {
	c.mu.Lock()
	e, ok := c.byID[taskID]
	waiting := c.awaited[taskID]
	if !ok && waiting == nil {
		waiting = make(chan struct{})
		c.awaited[taskID] = waiting
	}
	c.mu.Unlock()
	if ok {
		return e
	}
	select {
	case <-waiting:
	case <-c.walked:
	case <-ctx.Done():
	}
	return c.find(taskID)
}

// find returns the link of a task that has run, or nil.
func (c *chain) find(taskID string) *evidence {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byID[taskID]
}

// gather gathers the facts of one link, each as soon as what it needs is there.
func (c *chain) gather(ctx context.Context, e *evidence) {
	var running sync.WaitGroup
	running.Go(func() { c.gatherCot(ctx, e) })
	running.Go(func() { c.gatherArtifacts(ctx, e) })
	if e.link.Task != nil && e.link.Task.Definition != nil {
		if cot.IsParentType(e.link.Type) {
			running.Go(func() { c.gatherDecision(ctx, e) })
		}
		if c.scopes.any() {
			running.Go(func() { c.gatherPullRequest(ctx, e) })
		}
	}
	running.Wait()
	if cot.IsParentType(e.link.Type) {
		c.gatherTaskGraph(ctx, e)
	}
}

// isChildOf reports whether a link must stand in the task graph of a parent
// (specification, section 6, task-graph).
func isChildOf(e *evidence, parent string) bool {
	return e.link.Task != nil && e.link.Task.Creator == parent && e.link.TaskID != parent && !cot.IsParentType(e.link.Type)
}
