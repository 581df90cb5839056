package text

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/internal/visible"
	"cotverify/pkg/report"
	"cotverify/pkg/report/diagram"

	"github.com/google/go-cmp/cmp"
)

func TestTree(t *testing.T) {
	unsigned := testreport.Of()
	unsigned.Trust = &report.Trust{Signatures: "report"}
	inferred := testreport.Of()
	inferred.Target.Inferred = []string{"task type signing from tags.kind", "product glean from metadata.source and the environment of its decision task"}
	mixed := testreport.Of()
	mixed.Target.TaskTypeFrom, mixed.Target.ProductFrom = report.FromFlag, report.FromBundle
	given := testreport.Of()
	given.Target.TaskTypeFrom, given.Target.ProductFrom = report.FromFlag, report.FromFlag
	skipped := testreport.Of(
		report.Check{Check: "cot", Status: report.Skip, TaskID: testreport.SigningID, Message: "the target has not run yet"},
		report.Check{Check: "artifact", Status: report.Skip, TaskID: testreport.SigningID, Message: "the target has not run yet"},
		report.Check{Check: "artifact", Status: report.Skip, TaskID: testreport.SigningID, Message: "the target has not run yet"},
		report.Check{Check: "docker-image", Status: report.Skip, TaskID: testreport.SigningID, Message: "another reason"},
	)
	tests := []struct {
		name   string
		report *report.Report
		o      TreeOptions
	}{
		{"verified", testreport.Of(), TreeOptions{}},
		{"verified-wide", testreport.Of(), TreeOptions{Width: 120}},
		{"refused", testreport.Refused(), TreeOptions{}},
		{"refused-ascii", testreport.Refused(), TreeOptions{ASCII: true}},
		{"refused-verbose", testreport.Refused(), TreeOptions{Verbose: true, Width: 100}},
		{"refused-color", testreport.Refused(), TreeOptions{Color: true}},
		{"refused-narrow", testreport.Refused(), TreeOptions{Width: 50}},
		{"decision", testreport.DecisionRefused(4), TreeOptions{}},
		{"decision-many", testreport.DecisionRefused(9), TreeOptions{Width: 100}},
		{"decision-verbose", testreport.DecisionRefused(9), TreeOptions{Verbose: true}},
		{"nothing", testreport.Skipped(), TreeOptions{}},
		{"unsigned", unsigned, TreeOptions{}},
		{"warned", testreport.Of(report.Check{Check: "no-hash", Status: report.Warn, TaskID: testreport.BuildID, Subject: "public/a", Message: "its set of hashes is empty"}), TreeOptions{}},
		{"inferred", inferred, TreeOptions{}},
		{"given", given, TreeOptions{}},
		{"mixed", mixed, TreeOptions{}},
		{"skipped", skipped, TreeOptions{}},
		{"error", testreport.Of(report.Check{Check: "repository", Status: report.Error, TaskID: testreport.BuildID, Message: "projects.yml could not be had"}), TreeOptions{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var buf bytes.Buffer
			if err := Tree(&buf, tt.report, tt.o); err != nil {
				t.Fatal(err)
			}
			testreport.Golden(t, tt.name+".txt", buf.Bytes())
		})
	}
}

// lines returns the lines of a report's tree.
func lines(t *testing.T, r *report.Report, o TreeOptions) []string {
	t.Helper()
	var buf bytes.Buffer
	if err := Tree(&buf, r, o); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(buf.String(), "\n"), "\n")
}

func TestNoLineIsTooWide(t *testing.T) {
	for _, r := range []*report.Report{testreport.Of(), testreport.Refused(), testreport.DecisionRefused(9), deep(20)} {
		for _, o := range []TreeOptions{{}, {ASCII: true}, {Verbose: true}, {Width: 132}} {
			width := o.Width
			if width == 0 {
				width = 80
			}
			for _, line := range lines(t, r, o) {
				if n := columns(line); n > width {
					t.Errorf("%+v: %d columns: %s", o, n, line)
				}
			}
		}
	}
}

// deep returns a report of a chain in which each task leads to the next.
func deep(n int) *report.Report {
	r := &report.Report{Schema: report.Schema, Verdict: report.Refused, Counts: report.Counts{Fail: 1}}
	name := "signing"
	for i := range n {
		link := report.Link{TaskID: strings.Repeat(string(rune('A'+i)), 22), Name: name, TaskType: "build", Label: "a task among others", WorkerImplementation: "docker-worker"}
		if i > 0 {
			above := &r.Links[i-1]
			above.Dependencies = []report.Dependency{{TaskID: link.TaskID, As: "build"}}
		}
		r.Links = append(r.Links, link)
		name += ":build"
	}
	last := r.Links[n-1]
	r.Checks = []report.Check{{Check: "depth", Status: report.Fail, TaskID: last.TaskID, Link: last.Name, Message: "its name holds more colons than a chain may be deep",
		Expected: "at most 20", Actual: "21"}}
	return r
}

func TestDeepTree(t *testing.T) {
	var buf bytes.Buffer
	if err := Tree(&buf, deep(20), TreeOptions{}); err != nil {
		t.Fatal(err)
	}
	testreport.Golden(t, "deep.txt", buf.Bytes())
}

func TestWideTreeFolds(t *testing.T) {
	var checks []report.Check
	for range 50 {
		checks = append(checks, report.Check{Check: "artifact", Status: report.Fail, TaskID: testreport.BuildID, Message: "no", Hint: "the same"})
	}
	text := strings.Join(lines(t, testreport.Of(checks...), TreeOptions{}), "\n")
	if n := strings.Count(text, "✗ artifact"); n != maxUnfolded {
		t.Errorf("%d failures are unfolded, want %d", n, maxUnfolded)
	}
	if !strings.Contains(text, "and 38 more; --verbose lists them") {
		t.Errorf("the others are not mentioned:\n%s", text)
	}
	if n := strings.Count(text, "the same"); n != 1 {
		t.Errorf("the hint is there %d times, want it once", n)
	}
	if n := strings.Count(strings.Join(lines(t, testreport.Of(checks...), TreeOptions{Verbose: true}), "\n"), "✗ artifact"); n != 50 {
		t.Errorf("--verbose lists %d failures, want 50", n)
	}
}

func TestHostileText(t *testing.T) {
	hostile := "a\x1b[2J\r\n\u202eb\xff\u009b\u200bc" + strings.Repeat("x", 10_000)
	r := &report.Report{
		Verdict: report.Refused,
		Target:  report.Target{TaskID: hostile, Inferred: []string{hostile}},
		Links: []report.Link{{TaskID: hostile, Name: hostile, TaskType: hostile, WorkerImplementation: hostile, Label: hostile,
			Dependencies: []report.Dependency{{TaskID: hostile + "2", As: hostile}}}},
		Checks: []report.Check{
			{Check: "artifact", Status: report.Fail, TaskID: hostile, Link: hostile, Subject: hostile, Message: hostile, Expected: hostile, Actual: hostile + "2", Hint: hostile,
				Diff: []report.Difference{{Path: hostile, Rebuilt: json.RawMessage(hostile), Runtime: json.RawMessage("7"), Line: 1, Context: []string{hostile}}}},
			{Check: "artifact", Status: report.Skip, TaskID: "stray" + hostile, Link: hostile, Message: hostile},
		},
	}
	for _, o := range []TreeOptions{{}, {ASCII: true}, {Verbose: true}} {
		got := lines(t, r, o)
		for _, line := range got {
			if !visible.Line(line) {
				t.Errorf("%+v: not fit for a terminal: %q", o, line)
			}
			if o.ASCII && strings.IndexFunc(line, func(r rune) bool { return r >= 0x80 }) >= 0 {
				t.Errorf("not ASCII: %q", line)
			}
		}
		if !o.Verbose && len(got) > 80 {
			t.Errorf("%+v: %d lines", o, len(got))
		}
	}
	g := &report.Graph{Target: r.Target, Links: r.Links, Problems: []report.Problem{
		{Kind: report.Wrong, Check: hostile, TaskID: hostile, Link: hostile, Subject: hostile, Message: hostile, Expected: hostile, Actual: hostile + "2", Hint: hostile},
	}}
	for name, draw := range map[string]func() error{
		"tree":    func() error { return GraphTree(discard{t}, g, TreeOptions{}) },
		"json":    func() error { return report.GraphJSON(discard{t}, g) },
		"dot":     func() error { return diagram.Dot(discard{t}, g) },
		"mermaid": func() error { return diagram.Mermaid(discard{t}, g) },
	} {
		if err := draw(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoCommands holds that nothing that is quoted acts on a CI service that
// reads its log for commands, wherever lines are broken.
func TestNoCommands(t *testing.T) {
	for _, command := range []string{"::stop-commands::x", "##[add-mask]x", "##vso[task.complete]", "##teamcity[buildStop]"} {
		for letters := range 80 {
			message := strings.Repeat("x", letters) + " " + command
			r := testreport.Of(report.Check{Check: "cot", Status: report.Fail, TaskID: testreport.EarlierID, Message: message, Subject: message, Expected: message, Actual: command})
			for _, o := range []TreeOptions{{}, {ASCII: true}, {Verbose: true}} {
				for _, line := range lines(t, r, o) {
					if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.HasPrefix(command, "##") && strings.Contains(line, command[:strings.Index(command, "[")+1]) {
						t.Fatalf("a command: %s", line)
					}
				}
			}
		}
	}
}

// discard fails for text that is not fit for a terminal.
type discard struct{ t *testing.T }

func (d discard) Write(p []byte) (int, error) {
	for line := range strings.SplitSeq(string(p), "\n") {
		if !visible.Line(line) {
			d.t.Errorf("not fit for a terminal: %q", line)
		}
	}
	return len(p), nil
}

func TestTreeOfReferences(t *testing.T) {
	link := func(id string, to ...report.Dependency) report.Link {
		return report.Link{TaskID: id, Name: id, TaskType: "build", WorkerImplementation: "docker-worker", Parent: "D", Dependencies: to}
	}
	dep := func(id string) report.Dependency { return report.Dependency{TaskID: id, As: "build"} }
	r := &report.Report{Verdict: report.Verified, Links: []report.Link{
		// B hangs where the walk reached it first, below A, though C is drawn before.
		link("A", dep("C"), dep("B"), dep("B"), dep("A"), dep("gone")),
		link("C", dep("B"), dep("A")),
		link("B", dep("C")),
		link("alone"),
	}}
	var buf bytes.Buffer
	if err := Tree(&buf, r, TreeOptions{}); err != nil {
		t.Fatal(err)
	}
	testreport.Golden(t, "references.txt", buf.Bytes())
}

func TestEmptyReport(t *testing.T) {
	got := lines(t, &report.Report{Verdict: report.Unknown, Counts: report.Counts{Error: 1},
		Checks: []report.Check{{Check: "task", Status: report.Error, TaskID: testreport.SigningID, Link: "signing", Message: "no answer"}}}, TreeOptions{})
	want := []string{
		"signing  IJbJTQLOTsuAce5W4sVfnw",
		"   ? task",
		"     no answer",
		"     hint      cotverify explain task",
		"could not tell: 1 of 1 check could not be made (task), 0 warnings",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
