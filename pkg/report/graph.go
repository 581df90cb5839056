package report

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
	// Expiry says when the links expire, the first of them first; nil where nobody
	// asked.
	Expiry []Expiry `json:"expiry,omitempty"`
}

// Expiry says until when a link can be verified.
type Expiry struct {
	TaskID   string `json:"taskId"`
	Link     string `json:"link"`
	Label    string `json:"label,omitempty"`
	Artifact string `json:"artifact,omitempty"` // the first that is gone, of those that are needed
	Expires  string `json:"expires,omitempty"`  // the day, "" where it is not known
	Unknown  string `json:"unknown,omitempty"`  // why not
	// Cached says that it is of another task group, and has to be made anew for
	// later pushes.
	Cached bool `json:"cached"`
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

// Has reports whether there is a problem of a kind.
func (g *Graph) Has(kind ProblemKind) bool {
	for _, p := range g.Problems {
		if p.Kind == kind {
			return true
		}
	}
	return false
}
