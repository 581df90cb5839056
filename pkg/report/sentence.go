package report

import (
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/visible"
)

// Sentence says the verdict in one line of clean text: in a word, and what it
// stands on.
func (r *Report) Sentence() (word, rest string) {
	n := r.Counts
	made := n.Pass + n.Fail + n.Error + n.Warn
	warnings := plural(n.Warn, "warning")
	switch {
	case r.Verdict == Verified && r.IsWhatIf():
		word = "would verify"
		rest = fmt.Sprintf("%s passed, %s", plural(n.Pass, "check"), warnings)
	case r.Verdict == Verified && !r.Signed():
		word = "consistent, signatures not verified"
		rest = fmt.Sprintf("%s passed, %s", plural(n.Pass, "check"), warnings)
	case r.Verdict == Verified:
		word = "verified"
		rest = fmt.Sprintf("%s passed, %s", plural(n.Pass, "check"), warnings)
	case r.Verdict == Refused:
		word = "refused"
		if until, ok := r.AllAccepted(); ok {
			word += acceptedText(n.Fail, until)
		}
		rest = fmt.Sprintf("%d of %s failed%s, %s", n.Fail, plural(made, "check"), r.names(Fail), warnings)
		if accepted, _ := r.accepted(); accepted > 0 && accepted < n.Fail {
			rest += fmt.Sprintf(", %d accepted", accepted)
		}
		if n.Error > 0 {
			rest += fmt.Sprintf(", %d unknown", n.Error)
		}
	case n.Error == 0:
		word = "could not tell"
		rest = "nothing failed, and nothing was verified, " + warnings
	default:
		word = "could not tell"
		rest = fmt.Sprintf("%d of %s could not be made%s, %s", n.Error, plural(made, "check"), r.names(Error), warnings)
	}
	if n.Skip > 0 {
		rest += fmt.Sprintf(", %d skipped", n.Skip)
	}
	return word, rest
}

// Sentence says the verdict on many targets in one line: in a word, and what
// became of all that are listed. It adds up.
func (s Summary) Sentence() (word, rest string) {
	until, accepted := s.AllAccepted()
	switch {
	case accepted:
		word = "refused" + acceptedText(s.Coverage.AcceptedFailures, until)
	case s.Verdict == Refused:
		word = "refused"
	case s.Verdict != Verified:
		word = "could not tell"
	case s.Audit != nil && s.Audit.Trust != nil && s.Audit.Trust.Signatures != "require":
		word = "consistent, signatures not verified"
	default:
		word = "verified"
	}
	var parts []string
	for _, part := range s.Coverage.Parts() {
		parts = append(parts, fmt.Sprintf("%d %s", part.N, part.Text))
	}
	rest = plural(s.Coverage.Listed, "task") + " listed = " + strings.Join(parts, " + ")
	if s.hasExpired() {
		rest += "; entries of the baseline have expired"
	}
	return word, rest
}

// Signed reports whether no signature was let pass that does not hold.
func (r *Report) Signed() bool { return r.Trust == nil || r.Trust.Signatures == "require" }

// IsWhatIf reports whether something was supposed that is not so, so that
// nothing was verified.
func (r *Report) IsWhatIf() bool { return r.Trust != nil && len(r.Trust.WhatIf) > 0 }

// The limits of what a sentence names. No check has so long a name.
const (
	maxNames = 12 // checks
	maxName  = 50 // bytes of one
)

// names lists the names of the checks of a status, in brackets.
func (r *Report) names(status Status) string {
	var names []string
	for _, c := range r.Checks {
		name := visible.Cut(c.Check, maxName)
		if c.Status != status || slices.Contains(names, name) {
			continue
		}
		if len(names) == maxNames {
			names = append(names, "…")
			break
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + visible.Clean(strings.Join(names, ", ")) + ")"
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
