package junit

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"cotverify/pkg/report"
	"cotverify/pkg/report/internal/plain"

	"github.com/jstemmer/go-junit-report/v2/junit"
)

// NewAudit returns what writes the reports of an audit as JUnit's XML: one suite
// with a case for each task. One that is refused is a failure, one of which it
// cannot be told an error; one that has not run, or failed itself, is skipped.
func NewAudit(w io.Writer) report.Sink { return &audit{w: w} }

type audit struct {
	w     io.Writer
	suite junit.Testsuite
	more  int // cases that are left out
}

// Report implements [report.Sink].
func (a *audit) Report(r *report.Report) error {
	if outcome := r.Outcome(); len(a.suite.Testcases) >= maxCases && outcome != report.OutcomeRefused && outcome != report.OutcomeUnknown {
		a.more++
		return nil
	}
	a.suite.AddTestcase(taskCase(r))
	return nil
}

// taskCase returns the case of a task.
func taskCase(r *report.Report) junit.Testcase {
	label := cmp.Or(plain.Name(r.Target.Label), "task")
	result := junit.Testcase{Name: fmt.Sprintf("%s [%s]", label, plain.Name(r.Target.TaskID)), Classname: cmp.Or(plain.Name(r.Target.Kind), "task")}
	switch r.Outcome() {
	case report.OutcomeVerified:
	case report.OutcomeNotRun:
		result.Skipped = &junit.Result{Message: "the task has not run; what can be told of it holds"}
	case report.OutcomeFailed:
		result.Skipped = &junit.Result{Message: "the task itself ended as " + plain.Name(r.Target.State) + ", so that nothing of it is verified"}
	case report.OutcomeRefused:
		result.Failure = problems(r)
	default:
		result.Error = problems(r)
	}
	return result
}

// problems says what is wrong with a task.
func problems(r *report.Report) *junit.Result {
	named := plain.Of(r)
	word, rest := r.Sentence()
	result := &junit.Result{Message: word + ": " + rest}
	var text strings.Builder
	for _, c := range plain.Bad(named.Checks) {
		result.Type = cmp.Or(result.Type, plain.Name(string(c.Reason)))
		text.WriteString(plain.Title(c) + "\n" + plain.Text(named.Details(c)) + "\n")
	}
	result.Data = text.String()
	return result
}

// Close implements [report.Sink].
func (a *audit) Close(s report.Summary) error {
	word, rest := s.Sentence()
	note := word + ": " + rest
	if a.more > 0 {
		note += fmt.Sprintf("\n%d tasks that hold, or have not run, are left out here", a.more)
	}
	a.suite.Name, a.suite.Time = "cotverify audit", "0"
	a.suite.SystemOut = &junit.Output{Data: note}
	if _, err := io.WriteString(a.w, xml.Header+"<testsuites name=\"cotverify\">\n"); err != nil {
		return err
	}
	enc := xml.NewEncoder(a.w)
	enc.Indent("\t", "\t")
	if err := enc.EncodeElement(a.suite, xml.StartElement{Name: xml.Name{Local: "testsuite"}}); err != nil {
		return err
	}
	if err := enc.Close(); err != nil {
		return err
	}
	_, err := io.WriteString(a.w, "\n</testsuites>\n")
	return err
}
