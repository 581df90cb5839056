package verify

import "context"

// GraphSchema names the layout of a walked chain.
const GraphSchema = "cotverify/graph/v1"

// Graph is what a walk found of a chain (specification, section 3). It is no
// verdict, and has nothing that could be taken for one: a chain that hangs
// together may still be of tasks that nobody should trust.
type Graph struct {
	Schema string `json:"schema"`
	// Tool names the program that walked, which sets it; nil in a library.
	Tool   *Tool  `json:"tool,omitempty"`
	Target Target `json:"target"`
	// Links are as those of a report, but for what only a verification knows.
	Links []Link `json:"links"`
	// Problems are what the walk itself met, in the order of the links.
	Problems []Problem `json:"problems"`
}

// ProblemKind says what a problem means for the chain.
type ProblemKind string

// The kinds of problems.
const (
	Wrong    ProblemKind = "wrong"    // the chain cannot be as it is
	Missing  ProblemKind = "missing"  // a fact that the walk needs could not be had
	Doubtful ProblemKind = "doubtful" // the walk goes on; a person should look
)

// Problem is something that the walk met at one link.
type Problem struct {
	Kind     ProblemKind `json:"kind"`
	Check    string      `json:"check"` // the name of the check that a verification would fail
	TaskID   string      `json:"taskId"`
	Link     string      `json:"link"`              // the link's name
	Subject  string      `json:"subject,omitempty"` // what of the task it is about
	Message  string      `json:"message"`
	Expected string      `json:"expected,omitempty"`
	Actual   string      `json:"actual,omitempty"`
	Hint     string      `json:"hint,omitempty"` // what to do next
}

// Walk only walks the chain, and tells what it met. Errors are as of [Run].
func Walk(ctx context.Context, o Options) (*Graph, error) {
	c, err := collected(ctx, o, func(*chain, context.Context, *evidence) {})
	if err != nil {
		r, err := withoutTarget(o, err)
		if err != nil {
			return nil, err
		}
		return walked(r), nil
	}
	return walked(c.report([]linkCheck{checkWalk}, nil)), nil
}

// walked keeps of a report whose checks are the walk's what is no verdict.
func walked(r *Report) *Graph {
	kinds := map[Status]ProblemKind{Fail: Wrong, Error: Missing, Warn: Doubtful}
	g := &Graph{Schema: GraphSchema, Target: r.Target, Links: r.Links, Problems: []Problem{}}
	for _, c := range r.Checks {
		if kind, ok := kinds[c.Status]; ok {
			g.Problems = append(g.Problems, Problem{
				Kind: kind, Check: c.Check, TaskID: c.TaskID, Link: c.Link, Subject: c.Subject,
				Message: c.Message, Expected: c.Expected, Actual: c.Actual, Hint: c.Hint,
			})
		}
	}
	return g
}

// Has reports whether there is a problem of a kind.
func (g *Graph) Has(kind ProblemKind) bool {
	for _, p := range g.Problems {
		if p.Kind == kind {
			return true
		}
	}
	return false
}
