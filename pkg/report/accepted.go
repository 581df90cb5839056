package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/visible"
)

// Acceptance says who accepted a failure, and until when. The check still fails,
// and so does the verdict.
type Acceptance struct {
	By     string `json:"by"`
	Until  string `json:"until"` // the last day, as "2027-03-01" in UTC
	Reason string `json:"reason"`
}

// Failure is what is the same of a failing check in every push: the parts of its
// key.
type Failure struct {
	Check   string `json:"check"`
	Because Reason `json:"because,omitempty"`
	Label   string `json:"label"`             // of the task, or its name in the chain where it has none
	Subject string `json:"subject,omitempty"` // in which * stands for each taskId
}

// key returns the failure in one text: its parts are divided by colons, which
// are escaped within them.
func (f Failure) key() string {
	parts := []string{f.Check, string(f.Because), f.Label, f.Subject}
	for i, part := range parts {
		parts[i] = strings.NewReplacer("%", "%25", ":", "%3A").Replace(part)
	}
	return strings.Join(parts, ":")
}

// Failure returns what the check's key names. ok is false where it has none.
func (c Check) Failure() (f Failure, ok bool) {
	parts := strings.Split(c.Key, ":")
	if len(parts) != 4 {
		return Failure{}, false
	}
	for i, part := range parts {
		parts[i] = strings.NewReplacer("%25", "%", "%3A", ":").Replace(part)
	}
	return Failure{parts[0], Reason(parts[1]), parts[2], parts[3]}, true
}

// neverAccepted are the checks that nobody can accept the failure of: without a
// signature nothing is known of who says all the rest, and a baseline does not
// vouch for itself.
var neverAccepted = []string{"signature", BaselineCheck}

// BaselineCheck is the check of the list of accepted failures itself.
const BaselineCheck = "baseline"

// CanBeAccepted reports whether somebody can accept that a check fails.
func CanBeAccepted(check string) bool { return !slices.Contains(neverAccepted, check) }

// Acceptable returns the failure as a baseline names it, with a pattern of the
// label that it alone matches. ok is false of what cannot be accepted.
func (c Check) Acceptable() (f Failure, ok bool) {
	f, ok = c.Failure()
	f.Label = literal.Replace(f.Label)
	return f, ok && c.Status == Fail && CanBeAccepted(c.Check)
}

// Term returns the term that accepts this very failure in a baseline; "" of what
// cannot be accepted.
func (c Check) Term() string {
	f, ok := c.Acceptable()
	if !ok {
		return ""
	}
	return f.Term()
}

// Term returns the failure as an object of YAML in one clean line.
func (f Failure) Term() string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(f) // texts alone
	return visible.YAML(strings.TrimSpace(b.String()))
}

// literal writes a label as the pattern that it alone matches.
var literal = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")

// Unused is an entry of a baseline that no failure was accepted by.
type Unused struct {
	Line    int    `json:"line"` // of the file
	Term    string `json:"term"`
	Expires string `json:"expires"`
	Expired bool   `json:"expired"`
}

// AllAccepted reports whether all that keeps the report from a pass are failures
// that somebody accepted, and until when all of them are. Where signatures did
// not count, or something was supposed, there was nothing to accept.
func (r *Report) AllAccepted() (until string, ok bool) {
	accepted, until := r.accepted()
	return until, accepted > 0 && accepted == r.Counts.Fail && r.Counts.Error == 0 && r.Verdict == Refused && r.Signed() && !r.IsWhatIf()
}

// accepted counts the failures that were accepted, and returns the day on which
// the first of them ends.
func (r *Report) accepted() (n int, until string) {
	for _, c := range r.Checks {
		if c.Status != Fail || c.Accepted == nil {
			continue
		}
		n++
		until = earlier(until, c.Accepted.Until)
	}
	return n, until
}

// earlier returns the earlier of two days, of which "" is none.
func earlier(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}

// AllAccepted is as that of a [Report], of all targets.
func (s Summary) AllAccepted() (until string, ok bool) {
	c := s.Coverage
	ok = s.Verdict == Refused && c.Accepted > 0 && c.Accepted == c.Refused && c.Unknown == 0
	return c.AcceptedUntil, ok && !s.hasExpired()
}

func (s Summary) hasExpired() bool {
	return s.Audit != nil && slices.ContainsFunc(s.Audit.Unused, func(u Unused) bool { return u.Expired })
}

// acceptedText says behind a verdict that all failures are accepted.
func acceptedText(n int, until string) string {
	if n == 1 {
		return ", the only failure accepted until " + until
	}
	return fmt.Sprintf(", all %d failures accepted until %s", n, until)
}
