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

// compare holds a log beside a report of the same task: it marks which of the
// log's errors the report has nothing of, and returns the indexes of the report's
// checks of which the log has nothing. Two are of the same if they are of one
// check, and of one task where the log names any.
func compare(l *Log, r *report.Report) (agreement Agreement, onlyReport []int) {
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
			onlyReport = append(onlyReport, i)
		}
	}
	for n := range l.Errors {
		l.Errors[n].OnlyWorker = !met[n]
	}
	refused := r.Verdict != report.Verified
	switch {
	case slices.Contains(met, false), len(l.Errors) == 0 && l.Passed == refused:
		return Other, onlyReport
	case len(onlyReport) > 0:
		return More, onlyReport
	}
	return Same, onlyReport
}
