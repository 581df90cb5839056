// Package junit writes reports as JUnit's XML, which Jenkins, GitLab and most
// other CI services show as tests: a suite for each report, with a case for
// each check.
//
// A check that failed is a failure, one that could not be made an error, and one
// that was not made is skipped.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"

	"cotverify/pkg/report"
	"cotverify/pkg/report/internal/plain"

	"github.com/jstemmer/go-junit-report/v2/junit"
)

// maxCases is how many checks are written, in all suites. GitLab takes 30 MB, and
// 250,000 objects in which each attribute counts. Checks that failed come first
// where there are more.
const maxCases = 20_000

// New returns what writes reports as JUnit's XML.
func New(w io.Writer) report.Sink { return &sink{w: w, room: maxCases} }

type sink struct {
	w     io.Writer
	room  int // for so many cases
	suite int // how many were written
	err   error
}

// Report implements [report.Sink].
func (s *sink) Report(r *report.Report) error {
	s.open()
	s.encode(s.suiteOf(r))
	s.suite++
	return s.err
}

// Close implements [report.Sink].
func (s *sink) Close(report.Summary) error {
	s.open()
	s.write("</testsuites>\n")
	return s.err
}

// open writes what comes before the first suite. The totals of all suites, which
// nobody knows yet, may be left out.
func (s *sink) open() {
	if s.suite == 0 {
		s.write(xml.Header + "<testsuites name=\"cotverify\">\n")
	}
}

func (s *sink) write(text string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.w, text)
	}
}

func (s *sink) encode(suite junit.Testsuite) {
	if s.err != nil {
		return
	}
	enc := xml.NewEncoder(s.w)
	enc.Indent("\t", "\t")
	if s.err = enc.EncodeElement(suite, xml.StartElement{Name: xml.Name{Local: "testsuite"}}); s.err == nil {
		s.err = enc.Close()
	}
	s.write("\n")
}

func (s *sink) suiteOf(r *report.Report) junit.Testsuite {
	named := plain.Of(r)
	word, rest := r.Sentence()
	suite := junit.Testsuite{Name: named.Task(r.Target.TaskID), ID: s.suite, Time: "0"}
	note := word + ": " + rest
	checks := named.Checks
	if len(checks) > s.room {
		checks = plain.Bad(checks)
		checks = checks[:min(len(checks), s.room)]
		note += fmt.Sprintf("\n%d checks are left out here", len(named.Checks)-len(checks))
	}
	s.room -= len(checks)
	suite.SystemOut = &junit.Output{Data: note}
	names := map[string]int{}
	for _, c := range checks {
		suite.AddTestcase(caseOf(named, c, names))
	}
	return suite
}

// caseOf returns the case of a check. Consumers drop the second of two cases of
// one name, so that it gets a number.
func caseOf(r *plain.Report, c report.Check, names map[string]int) junit.Testcase {
	result := junit.Testcase{Name: plain.Subject(c), Classname: r.Task(c.TaskID)}
	id := result.Classname + "\n" + result.Name
	if names[id]++; names[id] > 1 {
		result.Name += fmt.Sprintf(" #%d", names[id])
	}
	told := func() *junit.Result {
		return &junit.Result{Message: plain.Title(c), Type: plain.Name(string(c.Reason)), Data: plain.Text(r.Details(c))}
	}
	switch c.Status {
	case report.Pass:
	case report.Fail:
		result.Failure = told()
	case report.Skip:
		result.Skipped = &junit.Result{Message: plain.Title(c)}
	case report.Warn:
		result.SystemOut = &junit.Output{Data: "warning: " + plain.Title(c) + "\n" + plain.Text(r.Details(c))}
	default:
		result.Error = told()
	}
	return result
}
