package junit

import (
	"strings"
	"testing"

	"cotverify/internal/testreport"
)

// TestAudit has a case for each task, and what became of all of them adds up.
func TestAudit(t *testing.T) {
	reports, summary := testreport.Audit()
	suites := read(t, testreport.WriteAudit(t, NewAudit, reports, summary))
	if len(suites.Suites) != 1 {
		t.Fatalf("%d suites", len(suites.Suites))
	}
	suite := suites.Suites[0]
	if len(suite.Testcases) != len(reports) || suite.Tests != len(reports) {
		t.Errorf("%d cases of %d tasks", len(suite.Testcases), len(reports))
	}
	c := summary.Coverage
	if suite.Failures != c.Refused || suite.Errors != c.Unknown || suite.Skipped != c.NotRun+c.Failed {
		t.Errorf("%d failures, %d errors, %d skipped of %+v", suite.Failures, suite.Errors, suite.Skipped, c)
	}
	_, rest := summary.Sentence()
	if suite.SystemOut == nil || !strings.Contains(suite.SystemOut.Data, rest) {
		t.Errorf("what became of all is not said: %+v", suite.SystemOut)
	}
}
