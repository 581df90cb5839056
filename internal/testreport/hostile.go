package testreport

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"cotverify/pkg/report"
)

// HostileText has what some consumer of a report would act on: control
// characters, marks that turn the direction of text, the ends of what formats
// quote text by, formatting, links, mentions, commands.
const HostileText = "a\x1b[2J\r\n::stop-commands::x\n##[error]x\n]]>\u202e|`@name #1 [x](javascript:x) " +
	"<script>alert(1)</script></pre></code></details>%0A::error::x \"'{{.}}&amp; www.evil.example https://evil.example " +
	"me@evil.example \xff\u2028\u0085$x$ *b* _i_ ~~s~~ ![i](u) \\\ufffe\x00"

// Hostile returns a report all of whose texts are hostile, each behind the same
// many letters.
func Hostile(letters int) *report.Report {
	s := strings.Repeat("x", letters) + HostileText
	raw, _ := json.Marshal(s)
	place := report.Place{Source: s, Repository: s, Revision: s, Tree: s}
	r := &report.Report{
		Schema: report.Schema, RootURL: s, Tool: &report.Tool{Name: s, Version: s, Reference: s},
		Trust:     &report.Trust{Policy: report.Origin{Source: s, SHA256: s}, Keys: report.Origin{Source: s, SHA256: s}, Signatures: s, Require: []string{s}},
		Target:    report.Target{TaskID: s, TaskType: s, Product: s, Label: s, Inferred: []string{s}, Place: place},
		Artifacts: []report.Artifact{{TaskID: s, Path: s, SHA256: s}},
		Links: []report.Link{{TaskID: s, Name: s, TaskType: s, WorkerImplementation: s, Pool: s, Parent: s, Label: s, SignedBy: s, CotSHA256: s, Place: place,
			Dependencies: []report.Dependency{{TaskID: s + "2", As: s}}}},
		Causes: []report.Cause{{Cause: s, Title: s, Detail: s, Explains: []int{0, 1}, Hint: s}},
	}
	for i, status := range []report.Status{report.Fail, report.Error, report.Fail, report.Error, report.Warn, report.Skip, report.Pass, "odd"} {
		r.Checks = append(r.Checks, report.Check{
			Check: s, Status: status, Reason: report.Reason(s), TaskID: s, Link: s, Subject: fmt.Sprint(s, i), Message: s, Detail: s,
			Expected: s, Actual: s + "2", Hint: s,
			Diff: []report.Difference{{Path: s, Rebuilt: raw, Runtime: json.RawMessage("7"), Line: 7, Context: []string{s}}},
		})
	}
	r.Conclude(false)
	return r
}

// Failing returns a report in which so many checks fail.
func Failing(n int) *report.Report {
	var checks []report.Check
	for i := range n {
		checks = append(checks, report.Check{Check: "artifact", Status: report.Fail, Reason: report.HashMismatch, TaskID: BuildID,
			Subject: fmt.Sprintf("public/build/%d.apk", i), Message: "it is not what the worker signed"})
	}
	return Of(checks...)
}

// Skipped returns a report in which nothing failed, and nothing was verified.
func Skipped() *report.Report {
	r := &report.Report{
		Schema: report.Schema, Links: Chain()[:1], Target: report.Target{TaskID: SigningID, TaskType: "signing", Product: "glean"},
		Checks: []report.Check{{Check: "cot", Status: report.Skip, TaskID: SigningID, Link: "signing", Message: "the target has not run yet"}},
	}
	r.Conclude(false)
	return r
}

// Audit returns the reports of an audit in which something became of each target,
// with what sums them up. It is a shard, so that no number is 0.
func Audit(reports ...*report.Report) ([]*report.Report, report.Summary) {
	trust := &report.Trust{
		Policy: report.Origin{Source: "embedded", SHA256: strings.Repeat("a", 64)}, Keys: report.Origin{Source: "policy", SHA256: strings.Repeat("b", 64)},
		Signatures: "require", CheckTask: true, Require: []string{},
	}
	if len(reports) == 0 {
		failed := &report.Report{Schema: report.Schema, Verdict: report.Unknown, Artifacts: []report.Artifact{}, Links: []report.Link{}, Checks: []report.Check{}}
		failed.Target.State = "exception"
		notRun := Of()
		notRun.Target.State = "pending"
		reports = []*report.Report{Of(), Refused(), Skipped(), notRun, failed}
	}
	s := report.Summary{}
	tool := &report.Tool{Name: "cotverify", Version: "v1", Reference: "scriptworker 63.6.1"}
	for i, r := range reports {
		r.Tool, r.RootURL = tool, "https://tc.example"
		r.Target.TaskID = fmt.Sprintf("%s%d", SigningID[:len(SigningID)-1], i)
		r.Target.Kind = "signing"
		if r.Artifacts == nil {
			r.Artifacts = []report.Artifact{}
		}
		if r.Target.Label == "" {
			r.Target.Label = fmt.Sprintf("signing-%d", i)
		}
		if r.Target.State == "" {
			r.Target.State = report.HasRun
		}
		if !report.HasFailed(r.Target.State) {
			own := *trust
			own.CheckTask = r.Target.State == report.HasRun
			r.Trust = &own
		}
		s.Coverage.Add(r)
	}
	shard := &report.Shard{Index: 2, Of: 3, Plan: strings.Repeat("c", 64)}
	for i := range reports {
		shard.Targets = append(shard.Targets, 2*i)
	}
	s.Coverage.OtherShards = len(reports)
	s.Coverage.NotSelected = 7
	s.Coverage.Listed = 2*len(reports) + 7
	s = s.Coverage.Summary()
	group := report.Group{TaskGroupID: DecisionID, Listed: s.Coverage.Listed, SHA256: strings.Repeat("d", 64), Sealed: true}
	s.Audit = &report.Audit{Tool: tool, RootURL: "https://tc.example", Trust: trust, Groups: []report.Group{group}, Shard: shard}
	return reports, s
}

// WriteAudit returns what a sink writes of the reports of an audit.
func WriteAudit(t *testing.T, open func(io.Writer) report.Sink, reports []*report.Report, s report.Summary) string {
	t.Helper()
	var b strings.Builder
	sink := open(&b)
	for _, r := range reports {
		if err := sink.Report(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := sink.Close(s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Write returns what a sink writes of reports.
func Write(t *testing.T, open func(io.Writer) report.Sink, reports ...*report.Report) string {
	t.Helper()
	var coverage report.Coverage
	for _, r := range reports {
		coverage.Add(r)
	}
	return WriteAudit(t, open, reports, coverage.Summary())
}
