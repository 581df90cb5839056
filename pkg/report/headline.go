package report

import (
	"cmp"
	"fmt"
	"strings"
)

// Headline says in a sentence what the verdict stands on: the first cause, or
// the first failure that has none, and how many more there are. Of what was
// verified it is the target, "" where nothing failed and nothing was verified.
func (r *Report) Headline() string {
	status := Fail
	switch {
	case r.Verdict == Verified:
		return strings.TrimSpace(cmp.Or(r.Target.Label, r.Target.TaskType) + " " + r.Target.TaskID)
	case r.Counts.Fail == 0:
		status = Error
	}
	first, n := "", 0
	add := func(text string) {
		if n++; n == 1 {
			first = text
		}
	}
	explained := map[int]bool{}
	for _, c := range r.Causes {
		counts := false
		for _, i := range c.Explains {
			explained[i] = true
			counts = counts || i < len(r.Checks) && r.Checks[i].Status == status
		}
		if counts {
			add(c.Title)
		}
	}
	for i, c := range r.Checks {
		if c.Status == status && !explained[i] {
			add(r.sentenceOf(c))
		}
	}
	if n > 1 {
		return fmt.Sprintf("%s; and %d more", first, n-1)
	}
	return first
}

// sentenceOf says what failed: which check, of which task, and why.
func (r *Report) sentenceOf(c Check) string {
	of := cmp.Or(c.Link, c.TaskID)
	for _, l := range r.Links {
		if l.TaskID == c.TaskID {
			of = cmp.Or(l.Label, l.Name, l.TaskID)
		}
	}
	what := c.Check
	if c.Subject != "" && !strings.HasPrefix(c.Subject, "of ") {
		what += " " + c.Subject
	}
	message, _, _ := strings.Cut(c.Message, "\n")
	return strings.TrimSuffix(what+" of "+of+": "+message, ": ")
}
