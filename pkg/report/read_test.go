package report_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"cotverify/internal/testreport"
	"cotverify/pkg/report"
)

// written returns a report as JSON.
func written(t *testing.T, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReadWhatWasWritten(t *testing.T) {
	for _, r := range []*report.Report{testreport.Of(), testreport.Refused(), testreport.DecisionRefused(9), testreport.Skipped()} {
		want := written(t, r)
		read, err := report.Read(iotest.OneByteReader(strings.NewReader(want)))
		if err != nil {
			t.Fatal(err)
		}
		if got := written(t, read); got != want {
			t.Errorf("read as\n%s\nof\n%s", got, want)
		}
	}
}

// TestVerdictIsOfTheChecks holds that a report says nothing better of itself
// than its checks do.
func TestVerdictIsOfTheChecks(t *testing.T) {
	refused, verified := written(t, testreport.Refused()), written(t, testreport.Of())
	for name, tt := range map[string]struct {
		text string
		want report.Verdict
	}{
		"a verdict that its checks do not have": {strings.Replace(refused, `"verdict": "fail"`, `"verdict": "pass"`, 1), report.Refused},
		"an unknown verdict":                    {strings.Replace(verified, `"verdict": "pass"`, `"verdict": "odd"`, 1), report.Verified},
		"counts that its checks do not have":    {strings.Replace(refused, `"fail": 2`, `"fail": 0`, 1), report.Refused},
		"an unknown status":                     {strings.Replace(verified, `"status": "pass"`, `"status": "passed"`, 1), report.Unknown},
		"an empty status":                       {strings.Replace(verified, `"status": "pass"`, `"status": ""`, 1), report.Unknown},
		"no checks":                             {`{"schema": "cotverify/report/v1", "verdict": "pass"}`, report.Unknown},
		"all skipped":                           {strings.ReplaceAll(verified, `"status": "pass"`, `"status": "skip"`), report.Unknown},
		"warnings, which refuse":                {`{"schema": "cotverify/report/v1", "trust": {"strict": true}, "checks": [{"status": "pass"}, {"status": "warn"}]}`, report.Refused},
	} {
		r, err := report.Read(strings.NewReader(tt.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if r.Verdict != tt.want {
			t.Errorf("%s: verdict %s, want %s", name, r.Verdict, tt.want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	whole := written(t, testreport.Of())
	for n := 0; n < len(strings.TrimSpace(whole)); n += 1 + n/50 {
		if _, err := report.Read(strings.NewReader(whole[:n])); err == nil || errors.Is(err, report.ErrSchema) {
			t.Errorf("cut off at %d bytes: %v", n, err)
		}
	}
	failing := errors.New("the disk is broken")
	for name, tt := range map[string]struct{ text, want string }{
		"another schema":       {`{"schema": "cotverify/report/v2"}`, "it is no report of cotverify/report/v1 or cotverify/audit/v1; its schema is \"cotverify/report/v2\""},
		"no schema":            {`{}`, "it is no report of cotverify/report/v1 or cotverify/audit/v1; its schema is \"\""},
		"a graph":              {`{"schema": "cotverify/graph/v1", "links": []}`, "it is no report of"},
		"no object":            {`[]`, "expected"},
		"no JSON":              {`verified`, "it is no JSON: "},
		"a wrong type":         {`{"schema": "cotverify/report/v1", "checks": [{"check": 7}]}`, "checks.check: expected string, found number"},
		"more behind it":       {whole + "{}", "there is more behind the report"},
		"a cause of no check":  {`{"schema": "cotverify/report/v1", "causes": [{"cause": "c", "explains": [0]}]}`, `cause "c": it explains check 0, and there are 0`},
		"a cause before check": {`{"schema": "cotverify/report/v1", "causes": [{"cause": "c", "explains": [-1]}]}`, "it explains check -1"},
		"too many links":       {`{"schema": "cotverify/report/v1", "links": [{}` + strings.Repeat(",{}", 10_000) + `]}`, "it has 10001 links, at most 10000 are expected"},
	} {
		if _, err := report.Read(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := report.Read(iotest.ErrReader(failing)); !errors.Is(err, failing) {
		t.Errorf("a file that cannot be read: %v", err)
	}
}

func TestSummary(t *testing.T) {
	for _, tt := range []struct {
		reports []*report.Report
		want    report.Verdict
	}{
		{nil, report.Unknown},
		{[]*report.Report{testreport.Of()}, report.Verified},
		{[]*report.Report{testreport.Of(), testreport.Skipped()}, report.Unknown},
		{[]*report.Report{testreport.Skipped(), testreport.Refused(), testreport.Of()}, report.Refused},
		{[]*report.Report{{Verdict: "odd"}, testreport.Of()}, report.Unknown},
	} {
		var n report.Coverage
		for _, r := range tt.reports {
			n.Add(r)
		}
		s := n.Summary()
		if s.Verdict != tt.want || s.Coverage.Listed != len(tt.reports) || n.Listed != n.Verified+n.Refused+n.Unknown {
			t.Errorf("%+v, want %s", s, tt.want)
		}
	}
}
