package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/pyglob"
	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
	"cotverify/pkg/source"
)

// request is an artifact that is needed, or a pattern of several.
type request struct {
	path     string
	optional bool
	ofTarget bool // the target asks for it, and not only the rules for its type
}

// isPattern reports whether more than one artifact may be asked for.
func (r request) isPattern() bool { return strings.Contains(r.path, "*") }

// countPatterns returns how many of the requests are patterns.
func countPatterns(requests map[string][]request) int {
	n := 0
	for _, of := range requests {
		for _, r := range of {
			if r.isPattern() {
				n++
			}
		}
	}
	return n
}

// requestsOf returns what the target needs of other tasks, by taskId
// (specification, section 5).
func requestsOf(target *graph.Task) map[string][]request {
	requests := map[string][]request{}
	if target == nil {
		return requests
	}
	optional := map[[2]string]bool{}
	for _, up := range target.Upstream {
		for _, path := range up.Paths {
			optional[[2]string{up.TaskID, path}] = optional[[2]string{up.TaskID, path}] || up.Optional
		}
	}
	for key, isOptional := range optional {
		requests[key[0]] = append(requests[key[0]], request{path: key[1], optional: isOptional, ofTarget: true})
	}
	return requests
}

// requestsTo returns what is needed of a link: what its type asks for, and what
// the target does.
func (c *Chain) requestsTo(l *Link) []request {
	wanted := slices.Clone(c.requests[l.TaskID])
	var ofType []string
	switch l.Type {
	case cot.Decision:
		ofType = []string{cot.ActionsArtifact, cot.ParametersArtifact, cot.TaskGraphArtifact}
	case cot.Action:
		ofType = []string{cot.TaskGraphArtifact}
	}
	for _, path := range ofType {
		if !slices.ContainsFunc(wanted, func(r request) bool { return r.path == path }) {
			wanted = append(wanted, request{path: path})
		}
	}
	slices.SortFunc(wanted, func(a, b request) int { return strings.Compare(a.path, b.path) })
	return wanted
}

// plan lists the artifacts that are needed of a link, and the patterns of more.
func (c *Chain) plan(l *Link) {
	if l.NotRun {
		return
	}
	for _, r := range c.requestsTo(l) {
		if r.isPattern() {
			l.patterns = append(l.patterns, r)
		} else {
			l.artifacts = append(l.artifacts, &artifact{name: r.path, optional: r.optional, ofTarget: r.ofTarget})
		}
	}
}

// maxSteps is how many steps all patterns of a target may take, which is about
// a second. Those of releases take some ten thousand.
const maxSteps = 100_000_000

// unmatched is a pattern that was not matched, and why.
type unmatched struct {
	pattern string
	err     error
}

// maxMatches is how many artifacts a pattern may match. Tasks that make most
// have some thousand.
const maxMatches = 10_000

// Why a pattern is not matched to the end.
var (
	errSteps   = errors.New("it takes too many steps to match the pattern with the names of the task's artifacts")
	errMatches = fmt.Errorf("the pattern matches more than %d artifacts", maxMatches)
)

// expand adds and returns the artifacts that the link's patterns match, and
// that are not needed already. One that is needed besides is not optional.
func (v *Verifier) expand(ctx context.Context, c *Chain, l *Link) []*artifact {
	names, err := source.ListNames(ctx, v.Store.Source(), l.TaskID)
	if err != nil {
		l.listError = err
		return nil
	}
	known := map[string]*artifact{}
	for _, a := range l.artifacts {
		known[a.name] = a
	}
	for _, p := range l.patterns {
		found, err := c.match(ctx, p.path, names)
		if err != nil {
			l.unmatched = append(l.unmatched, unmatched{p.path, err})
			continue
		}
		for _, name := range found {
			if known[name] == nil {
				known[name] = &artifact{name: name, optional: true, pattern: p.path}
				l.matched = append(l.matched, known[name])
			}
			known[name].ofTarget = true
			known[name].optional = known[name].optional && p.optional
		}
		if len(found) == 0 {
			l.empty = append(l.empty, p.path)
		}
	}
	return l.matched
}

// match returns the names that a pattern matches. Each pattern of the target
// may take as many steps, so that which of them takes too many does not depend
// on the others' turn.
func (c *Chain) match(ctx context.Context, path string, names []string) ([]string, error) {
	pattern := pyglob.Compile(path)
	room := maxSteps / c.patterns
	var found []string
	for _, name := range names {
		matched, steps := pattern.Match(name)
		if room -= steps; room < 0 {
			return nil, errSteps
		}
		if matched {
			found = append(found, name)
		}
		if len(found) > maxMatches {
			return nil, errMatches
		}
	}
	return found, ctx.Err()
}
