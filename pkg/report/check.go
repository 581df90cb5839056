package report

import (
	"encoding/json"
	"regexp"
)

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

// Check is one check of one link.
type Check struct {
	Check  string `json:"check"` // its name in the specification
	Status Status `json:"status"`
	// Reason says why it failed; "" where it did not.
	Reason Reason `json:"reason,omitempty"`
	// Key names what failed so that it is the same in the next push; "" where
	// nothing did.
	Key     string `json:"key,omitempty"`
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
	// Accepted says who accepted that it fails; nil where nobody did.
	Accepted *Acceptance `json:"accepted,omitempty"`
}

// Because returns the check with why it failed, and what the reason has to say
// of what to do next.
func (c Check) Because(r Reason) Check {
	c.Reason, c.Hint = r, r.Hint()
	return c
}

// WithHint returns the check with what to do next.
func (c Check) WithHint(hint string) Check {
	c.Hint = hint
	return c
}

// Comparing returns the check with what was expected and what was found.
func (c Check) Comparing(expected, actual string) Check {
	c.Expected, c.Actual = expected, actual
	return c
}

// taskIDs are what changes from push to push in a check's subject.
var taskIDs = regexp.MustCompile(`\b[A-Za-z0-9_-]{22}\b`)

// key returns what names the check of a task with a label in every push.
func (c Check) key(label string) string {
	return Failure{c.Check, c.Reason, label, taskIDs.ReplaceAllString(c.Subject, "*")}.key()
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
	// Values has these, by path.
	Values map[string]json.RawMessage `json:"values,omitempty"`
	Via    []int                      `json:"via,omitempty"` // lines of the $let definitions between the two
}
