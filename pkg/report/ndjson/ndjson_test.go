package ndjson

import (
	"encoding/json"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/internal/visible"
	"cotverify/pkg/report"

	"github.com/google/go-cmp/cmp"
)

func TestLines(t *testing.T) {
	reports := []*report.Report{testreport.Of(), testreport.Refused(), testreport.DecisionRefused(4)}
	lines := strings.Split(testreport.Write(t, New, reports...), "\n")
	if len(lines) != 5 || lines[4] != "" {
		t.Fatalf("%d lines", len(lines))
	}
	for i, r := range reports {
		read, err := report.Read(strings.NewReader(lines[i]))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(asJSON(t, r), asJSON(t, read)); diff != "" {
			t.Errorf("line %d (-written +read):\n%s", i, diff)
		}
	}
	want := `{"schema":"cotverify/summary/v1","verdict":"fail","coverage":{"listed":3,"verified":1,"refused":2,"unknown":0,"notRun":0,"failed":0,"notSelected":0}}`
	if lines[3] != want {
		t.Errorf("the summary is %s, want %s", lines[3], want)
	}
}

func asJSON(t *testing.T, r *report.Report) string {
	t.Helper()
	return testreport.Write(t, report.NewJSON, r)
}

func TestNothing(t *testing.T) {
	if text := testreport.Write(t, New); !strings.Contains(text, `"verdict":"error"`) {
		t.Errorf("nothing verified is %s", text)
	}
}

func TestHostileText(t *testing.T) {
	text := testreport.Write(t, New, testreport.Hostile(0))
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != 2 {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		if !visible.Line(line) || !json.Valid([]byte(line)) {
			t.Errorf("%q", line)
		}
	}
}
