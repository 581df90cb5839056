package treeherder

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/internal/visible"
)

// failed matches the lines of a log that Treeherder takes for failures.
var failed = regexp.MustCompile(`^\[[\w._-]+:(?:error|exception)\]`)

func TestLog(t *testing.T) {
	text := testreport.Write(t, NewLog, testreport.Refused(), testreport.DecisionRefused(4))
	testreport.Golden(t, "refused.log", []byte(text))
	for _, tt := range []struct {
		text  string
		lines int
	}{
		{text, 4},
		{testreport.Write(t, NewLog, testreport.Of()), 0},
		{testreport.Write(t, NewLog, testreport.Skipped()), 1},
		{testreport.Write(t, NewLog, testreport.Failing(35)), 35},
		{testreport.Write(t, NewLog, testreport.Failing(36)), 35},
		{testreport.Write(t, NewLog, testreport.Hostile(0)), 4}, // a cause, and three that it does not explain
		{testreport.Write(t, NewLog, testreport.Hostile(1<<20)), 4},
	} {
		if n := strings.Count(tt.text, "\n"); n != tt.lines {
			t.Errorf("%d lines, want %d:\n%s", n, tt.lines, tt.text)
		}
		for line := range strings.Lines(tt.text) {
			if line = strings.TrimSuffix(line, "\n"); !failed.MatchString(line) || !visible.Line(line) || len(line) > 2_000 {
				t.Errorf("no line of a failure: %q", line)
			}
		}
	}
	if text := testreport.Write(t, NewLog, testreport.Failing(36)); !strings.HasSuffix(text, "[cotverify:error] 2 more failures are in the report\n") {
		t.Errorf("it does not say how many more there are:\n%s", text)
	}
}

func TestErrorSummary(t *testing.T) {
	text := testreport.Write(t, NewErrorSummary, testreport.Refused())
	testreport.Golden(t, "errorsummary.log", []byte(text))
	for _, tt := range []struct {
		text  string
		lines int
	}{
		{text, 3},
		{testreport.Write(t, NewErrorSummary, testreport.Of()), 0},
		{testreport.Write(t, NewErrorSummary, testreport.Skipped()), 1},
		{testreport.Write(t, NewErrorSummary, testreport.Failing(99)), 35},
		{testreport.Write(t, NewErrorSummary, testreport.Hostile(1<<20)), 5},
	} {
		// Treeherder divides lines as Python does, at more than line feeds.
		lines := strings.FieldsFunc(tt.text, func(r rune) bool { return strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r) })
		if len(lines) != tt.lines {
			t.Errorf("%d lines, want %d:\n%s", len(lines), tt.lines, tt.text)
		}
		for i, line := range lines {
			decoder := json.NewDecoder(strings.NewReader(line))
			decoder.DisallowUnknownFields()
			var f failure
			if err := decoder.Decode(&f); err != nil || f.Line != i || f.Test == "" || len(f.Status) > 7 || f.Expected != "PASS" {
				t.Errorf("%v: %s", err, line)
			}
		}
	}
}
