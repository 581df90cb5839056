package verify

import (
	"context"
	"slices"
	"sync"
	"time"

	"cotverify/pkg/cot"
	"cotverify/pkg/evidence"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// Chain is what is verified: the links, with all facts of them. It is complete
// before the first check runs.
type Chain struct {
	policy  *policy.Policy
	product *policy.Product
	asked   *asked
	target  report.Target    // as the report has it
	other   *otherDefinition // that the queue has of the target, nil where there is none

	status    *evidence.Status // of the target, where it is required
	statusErr error            // why that could not be had

	expiringBefore time.Time // what expires earlier is warned of

	scopes   restricted           // of the target
	requests map[string][]request // by taskId, the artifacts that the target needs
	patterns int                  // how many of these are patterns

	links    []*Link            // in the order of the walk
	byID     map[string]*Link   // those that have run
	members  []*Link            // all that is verified, the target first
	children map[string][]*Link // by parent, the links that its task graph must have
	reached  map[string][]edge  // by taskId, which links lead to it
}

// Link is a task of the chain with what is known of it.
type Link struct {
	*graph.Link
	cot       signedCot
	artifacts []*artifact // those that are needed by name
	patterns  []request   // of more
	matched   []*artifact // those
	listError error       // why the names for a pattern could not be had
	empty     []string    // patterns that matched nothing
	unmatched []unmatched // patterns that were not matched to the end
	graph     taskGraph   // of a parent
	decision  rebuiltDecision
	pull      pullRequest
	expiry    *expiry // nil where nobody asks
}

// edge says that a link leads to another, and as what.
type edge struct {
	from *graph.Link
	as   string
}

// walk walks the target's chain, and calls gather for each link as soon as it
// is known of, side by side.
func (v *Verifier) walk(ctx context.Context, c *Chain, t Target, gather func(*Link)) {
	var gathering sync.WaitGroup
	defer gathering.Wait()
	for link := range graph.Walk(ctx, v.Store, graph.Target{
		TaskID:     c.target.TaskID,
		TaskType:   c.target.TaskType,
		Definition: t.Definition,
		NotRun:     t.NoCheckTask,
	}) {
		l := c.add(link)
		gathering.Go(func() { gather(l) })
	}
	c.index()
}

func (c *Chain) add(found *graph.Link) *Link {
	l := &Link{Link: found}
	if len(c.links) == 0 {
		c.scopes = restrictedScopes(c.product, found.Task)
		c.requests = requestsOf(found.Task)
		c.patterns = countPatterns(c.requests)
	}
	c.plan(l)
	c.links = append(c.links, l)
	if !found.NotRun {
		c.byID[found.TaskID] = l
	}
	return l
}

// index finds out how the links hang together, once all are known.
func (c *Chain) index() {
	target := c.links[0]
	if reached := c.byID[target.TaskID]; reached != nil {
		target = reached
	}
	c.members = []*Link{target}
	for _, l := range c.links {
		if l.TaskID != target.TaskID {
			c.members = append(c.members, l)
		}
	}
	for _, l := range c.members {
		if l.Task != nil && isChildOf(l, l.Task.Creator) {
			c.children[l.Task.Creator] = append(c.children[l.Task.Creator], l)
		}
		for _, d := range l.Dependencies {
			c.reached[d.TaskID] = append(c.reached[d.TaskID], edge{l.Link, d.As})
		}
	}
}

// isChildOf reports whether a link must stand in the task graph of a parent
// (specification, section 6, task-graph).
func isChildOf(l *Link, parent string) bool {
	return l.Task != nil && l.Task.Creator == parent && l.TaskID != parent && !cot.IsParentType(l.Type)
}

// has reports whether the chain has a task.
func (c *Chain) has(taskID string) bool { return c.member(taskID) != nil }

// member returns what is verified of a task, the target included, or nil.
func (c *Chain) member(taskID string) *Link {
	if target := c.members[0]; target.TaskID == taskID {
		return target
	}
	return c.byID[taskID]
}

// gather gathers the facts of one link, each as soon as what it needs is there.
func (v *Verifier) gather(ctx context.Context, c *Chain, l *Link) {
	var gathering sync.WaitGroup
	gathering.Go(func() { l.cot = v.signedCot(ctx, l) })
	gathering.Go(func() { v.gatherArtifacts(ctx, c, l) })
	if l.Task != nil && l.Task.Definition != nil {
		if isParent(l) {
			gathering.Go(func() { l.decision = v.rebuild(ctx, l.Task, c.product) })
		}
		if c.scopes.any() {
			gathering.Go(func() { l.pull = v.pullRequest(ctx, c, l.Task) })
		}
	}
	gathering.Wait()
}

// isParent reports whether the link creates others.
func isParent(l *Link) bool { return cot.IsParentType(l.Type) }

// parents returns the links that create others, in the chain's order.
func (c *Chain) parents() []*Link {
	return slices.DeleteFunc(slices.Clone(c.links), func(l *Link) bool { return !isParent(l) })
}
