package report

import (
	"fmt"
	"strings"
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

// VerdictOf returns the verdict of checks. Of none it is that nothing is known.
func VerdictOf(checks []Check) Verdict { return CountsOf(checks).Verdict() }

// Verdict returns the verdict of checks that were counted. Where none passed,
// nothing was verified.
func (n Counts) Verdict() Verdict {
	switch {
	case n.Fail > 0:
		return Refused
	case n.Error > 0 || n.Pass == 0:
		return Unknown
	}
	return Verified
}

// Counts has the number of checks of each status.
type Counts struct {
	Pass  int `json:"pass"`
	Fail  int `json:"fail"`
	Error int `json:"error"`
	Warn  int `json:"warn"`
	Skip  int `json:"skip"`
}

// Add adds the counts of other checks.
func (n *Counts) Add(more Counts) {
	n.Pass += more.Pass
	n.Fail += more.Fail
	n.Error += more.Error
	n.Warn += more.Warn
	n.Skip += more.Skip
}

// CountsOf counts checks. A status that is none counts as an error.
func CountsOf(checks []Check) Counts {
	var n Counts
	for _, c := range checks {
		switch c.Status {
		case Pass:
			n.Pass++
		case Fail:
			n.Fail++
		case Warn:
			n.Warn++
		case Skip:
			n.Skip++
		default:
			n.Error++
		}
	}
	return n
}

// known makes a status that is none an error that says so, and drops that somebody
// accepted what nobody can.
func (c *Check) known() {
	switch c.Status {
	case Pass, Fail, Error, Warn, Skip:
	default:
		c.Message = strings.TrimSuffix(fmt.Sprintf("its status is %q, which is none: %s", c.Status, c.Message), ": ")
		c.Status, c.Reason = Error, Malformed
	}
	if c.Status != Fail || !CanBeAccepted(c.Check) {
		c.Accepted = nil
	}
}

// Conclude counts the checks, draws the verdict and names the failures. With
// strict, warnings refuse.
func (r *Report) Conclude(strict bool) {
	labels := map[string]string{}
	for _, link := range r.Links {
		labels[link.TaskID] = link.Label
		if link.Label == "" {
			labels[link.TaskID] = link.Name
		}
	}
	for i := range r.Checks {
		check := &r.Checks[i]
		check.known()
		if strict && check.Status == Warn {
			check.Status, check.Reason = Fail, Warning
		}
		if check.Status != Pass && check.Status != Skip {
			check.Key = check.key(labels[check.TaskID])
		}
	}
	r.Counts = CountsOf(r.Checks)
	r.Verdict = r.Counts.Verdict()
}
