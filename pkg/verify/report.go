package verify

import "encoding/json"

// Schema names the report's layout.
const Schema = "cotverify/report/v1"

// Status is the outcome of one check.
type Status string

// The outcomes of a check.
const (
	Pass  Status = "pass"
	Fail  Status = "fail"  // it does not hold
	Error Status = "error" // a fact that it needs could not be had
	Warn  Status = "warn"  // the reference lets it pass; a person should look
	Skip  Status = "skip"  // not checked, because of what the message says
)

// Verdict is the outcome of a verification.
type Verdict string

// The verdicts. Any failing check makes the first, else any check with an
// error the second.
const (
	Refused  Verdict = "fail"
	Unknown  Verdict = "error"
	Verified Verdict = "pass"
)

// Report is what a verification found. The same facts give the same report,
// in the same order.
type Report struct {
	Schema  string  `json:"schema"`
	Verdict Verdict `json:"verdict"`
	// Tool names the program that verified, which sets it; nil in a library.
	Tool   *Tool   `json:"tool,omitempty"`
	Target Target  `json:"target"`
	Links  []Link  `json:"links"`
	Checks []Check `json:"checks"`
	Counts Counts  `json:"counts"`
}

// Tool names the program that made a report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Reference is the release of scriptworker whose rules the policy follows.
	Reference string `json:"reference"`
}

// Target is the task that was verified.
type Target struct {
	TaskID   string `json:"taskId"`
	TaskType string `json:"taskType"`
	Product  string `json:"product"`
	// TaskTypeFrom and ProductFrom say where these come from: FromFlag,
	// FromBundle or FromInferred; "" where they could not be told.
	TaskTypeFrom string `json:"taskTypeFrom,omitempty"`
	ProductFrom  string `json:"productFrom,omitempty"`
	// Inferred says of the task type and the product, where they were not
	// given, what they were inferred from: "task type from tags.kind".
	Inferred []string `json:"inferred,omitempty"`
}

// Link is one task of the chain. The target comes first, then the others in
// the order of the walk.
type Link struct {
	TaskID               string `json:"taskId"`
	Name                 string `json:"name"` // "signing:build"
	TaskType             string `json:"taskType"`
	WorkerImplementation string `json:"workerImplementation"`
	Parent               string `json:"parent,omitempty"` // the taskId of the task that created it
	Label                string `json:"label,omitempty"`
	SignedBy             string `json:"signedBy,omitempty"` // base64 of the key that its signature holds with
	// Dependencies are the tasks that it leads to, in the order of the walk.
	Dependencies []Dependency `json:"dependencies,omitempty"`
}

// Dependency leads from a link to another.
type Dependency struct {
	TaskID string `json:"taskId"`
	As     string `json:"as"` // "parent", or the task type that the link names it with
}

// Check is one check of one link.
type Check struct {
	Check   string `json:"check"` // its name in the specification
	Status  Status `json:"status"`
	TaskID  string `json:"taskId"`
	Link    string `json:"link"`              // the link's name
	Subject string `json:"subject,omitempty"` // what of it was checked: an artifact's name, a scope
	Message string `json:"message,omitempty"`
	// Detail shows the place of what went wrong in a template, in lines of
	// their own: an expression, and a caret under the place.
	Detail   string `json:"detail,omitempty"`
	Expected string `json:"expected,omitempty"`
	Actual   string `json:"actual,omitempty"`
	Hint     string `json:"hint,omitempty"` // what to do next
	// Diff is where the closest rebuilt definition differs from the runtime
	// one, of a failing decision check.
	Diff []Difference `json:"diff,omitempty"`
}

// Difference is a place where two definitions differ.
type Difference struct {
	Path    string          `json:"path"`              // a JSON pointer
	Rebuilt json.RawMessage `json:"rebuilt,omitempty"` // absent where only the runtime definition has it
	Runtime json.RawMessage `json:"runtime,omitempty"` // absent where only the rebuilt definition has it
	// Line is that of .taskcluster.yml which rendered the value, and of a text
	// that goes over several lines, the place where the two begin to differ.
	Line    int      `json:"line,omitempty"`
	Context []string `json:"context,omitempty"` // the paths of the context that it was rendered from
	Via     []int    `json:"via,omitempty"`     // lines of the $let definitions between the two
}

// Counts has the number of checks of each status.
type Counts struct {
	Pass  int `json:"pass"`
	Fail  int `json:"fail"`
	Error int `json:"error"`
	Warn  int `json:"warn"`
	Skip  int `json:"skip"`
}
