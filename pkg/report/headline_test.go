package report_test

import (
	"testing"

	"cotverify/internal/testreport"
	"cotverify/pkg/report"
)

func TestHeadline(t *testing.T) {
	artifact := report.Check{Check: "artifact", Status: report.Fail, TaskID: testreport.BuildID, Subject: "public/a", Message: "it was changed\nand more"}
	graph := report.Check{Check: "task-graph", Status: report.Fail, TaskID: testreport.Build2ID, Subject: "of signing:parent", Message: "it differs"}
	missing := report.Check{Check: "decision", Status: report.Error, TaskID: testreport.DecisionID, Message: "no answer"}
	caused := func(checks []report.Check, causes ...string) *report.Report {
		r := testreport.Of(checks...)
		for i, c := range r.Checks {
			for _, title := range causes {
				if c.Check == title {
					r.Causes = append(r.Causes, report.Cause{Title: "the cause of " + title, Explains: []int{i}})
				}
			}
		}
		return r
	}
	for want, r := range map[string]*report.Report{
		"signing " + testreport.SigningID:                                testreport.Of(),
		"artifact public/a of build-glean-github-push: it was changed":   testreport.Of(artifact),
		"task-graph of build-glean-windows-push: it differs":             testreport.Of(graph, missing),
		"decision of Decision Task: no answer":                           testreport.Of(missing),
		"the cause of artifact":                                          caused([]report.Check{artifact}, "artifact"),
		"the cause of artifact; and 1 more":                              caused([]report.Check{artifact, graph}, "artifact"),
		"artifact public/a of build-glean-github-push: it was changed  ": caused([]report.Check{artifact, missing}, "decision"),
		"": testreport.Skipped(),
	} {
		if got := r.Headline(); got != want && got+"  " != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
