// Package treeherder writes reports for Treeherder, which shows of a task what
// its log says that failed, and of an artifact whose name ends in
// _errorsummary.log which tests did.
package treeherder

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"cotverify/internal/visible"
	"cotverify/pkg/report"
	"cotverify/pkg/report/internal/plain"
)

const (
	// maxLines is how many lines are written: Treeherder takes 40 of a log, and
	// others may have failed before.
	maxLines = 35
	// maxLine is how many bytes of a failure a line has. It is to be read at a
	// glance.
	maxLine = 500
)

// NewLog returns what writes a line of a task's log for each failure.
func NewLog(w io.Writer) report.Sink { return &log{w, plain.NewFirst[string](maxLines)} }

type log struct {
	w     io.Writer
	lines *plain.First[string]
}

// Report implements [report.Sink].
func (s *log) Report(r *report.Report) error {
	named := plain.Of(r)
	for _, p := range named.Problems() {
		if p.Check.Status != report.Warn {
			s.lines.Add(visible.Cut(p.Title, maxLine) + " | " + named.Task(p.Check.TaskID))
		}
	}
	return nil
}

// Close implements [report.Sink].
func (s *log) Close(report.Summary) error {
	w := bufio.NewWriter(s.w)
	for _, line := range s.lines.All(func(n int) string { return fmt.Sprintf("%d more failures are in the report", n) }) {
		fmt.Fprintf(w, "[cotverify:error] %s\n", line)
	}
	return w.Flush()
}

// NewErrorSummary returns what writes a line of JSON for each failing check.
func NewErrorSummary(w io.Writer) report.Sink {
	return &errorSummary{w, plain.NewFirst[failure](maxLines)}
}

type errorSummary struct {
	w    io.Writer
	list *plain.First[failure]
}

// failure is a line of an error summary, as mozlog writes them.
type failure struct {
	Action   string `json:"action"`
	Line     int    `json:"line"` // its number
	Test     string `json:"test"`
	Subtest  string `json:"subtest"`
	Status   string `json:"status"`
	Expected string `json:"expected"`
	Message  string `json:"message"`
}

// statuses are how mozlog names what a status means.
var statuses = map[report.Status]string{report.Fail: "FAIL", report.Error: "ERROR"}

// Report implements [report.Sink].
func (s *errorSummary) Report(r *report.Report) error {
	named := plain.Of(r)
	for _, c := range plain.Bad(named.Checks) {
		if status, failed := statuses[c.Status]; failed {
			s.list.Add(failure{
				Action: "test_result", Test: named.Task(c.TaskID), Subtest: plain.Subject(c),
				Status: status, Expected: "PASS", Message: visible.Cut(plain.Title(c), maxLine),
			})
		}
	}
	return nil
}

// Close implements [report.Sink].
func (s *errorSummary) Close(report.Summary) error {
	w := bufio.NewWriter(s.w)
	for i, f := range s.list.All(func(n int) failure {
		return failure{Action: "test_result", Test: "cotverify", Subtest: "more failures", Status: "FAIL", Expected: "PASS", Message: fmt.Sprintf("%d more failures are in the report", n)}
	}) {
		f.Line = i
		text, err := json.Marshal(f)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, visible.JSON(string(text)))
	}
	return w.Flush()
}
