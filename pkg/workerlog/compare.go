package workerlog

import (
	"slices"

	"cotverify/pkg/report"
)

// Agreement says how what a worker found compares with a report.
type Agreement string

// The ways to agree.
const (
	Same  Agreement = "same"  // what the worker found, and nothing else
	More  Agreement = "more"  // what the worker found, and more: it stops at the first error, cotverify does not
	Other Agreement = "other" // something else
)

// Comparison holds a worker's log beside a report.
type Comparison struct {
	Agreement Agreement
	// OnlyWorker are the errors of which the report has nothing, and OnlyReport
	// the indexes of its checks that did not pass and of which the log has
	// nothing.
	OnlyWorker []Error
	OnlyReport []int
}

// Compare holds a log beside a report of the same task. Two are of the same if
// they are of one check, and of one task where the log names any.
func Compare(l *Log, r *report.Report) Comparison {
	var c Comparison
	met := make([]bool, len(l.Errors))
	for i, check := range r.Checks {
		if check.Status != report.Fail && check.Status != report.Error {
			continue
		}
		found := false
		for n, e := range l.Errors {
			if e.Check == check.Check && (len(e.TaskIDs) == 0 || slices.Contains(e.TaskIDs, check.TaskID)) {
				met[n], found = true, true
			}
		}
		if !found {
			c.OnlyReport = append(c.OnlyReport, i)
		}
	}
	for n, e := range l.Errors {
		if !met[n] {
			c.OnlyWorker = append(c.OnlyWorker, e)
		}
	}
	switch {
	case len(c.OnlyWorker) > 0, l.Passed != (r.Verdict == report.Verified) && len(l.Errors) == 0:
		c.Agreement = Other
	case len(c.OnlyReport) > 0:
		c.Agreement = More
	default:
		c.Agreement = Same
	}
	return c
}
