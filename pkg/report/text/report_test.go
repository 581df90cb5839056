package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/internal/visible"
	"cotverify/pkg/report"
	"cotverify/pkg/report/diagram"

	"github.com/google/go-cmp/cmp"
)

func TestTree(t *testing.T) {
	yes := testreport.Wide()
	yes.Target.Label, yes.Target.TaskTypeFrom, yes.Target.ProductFrom = "glean signing", report.FromFlag, report.FromFlag
	yes.Target.Source, yes.Target.Tree = "https://github.com/mozilla/glean/blob/9fbffac27f11cfe781b74d2b18a58a93903deeba/taskcluster", "/mozilla/glean"
	yes.Links[1].Place = report.Place{Repository: "https://github.com/mozilla/glean", Revision: "9fbffac27f11cfe781b74d2b18a58a93903deeba", Tree: "/mozilla/glean"}
	yes.Tool = &report.Tool{Name: "cotverify", Version: "1.0", Reference: "scriptworker 63.6.1"}
	yes.Trust.Policy.SHA256 = strings.Repeat("ab", 32)
	yes.Trust.Keys = report.Origin{Source: "keys.json", SHA256: strings.Repeat("cd", 32)}
	for i := range 25 {
		yes.Artifacts = append(yes.Artifacts, report.Artifact{TaskID: testreport.WideID(i / 2), Path: fmt.Sprintf("public/build/%d.apk", i), SHA256: strings.Repeat("ef", 32), Size: int64(i)})
	}
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
		{"verified", testreport.Of(), TreeOptions{Width: 80}},
		{"verified-wide", testreport.Of(), TreeOptions{Width: 120}},
		{"refused", testreport.Refused(), TreeOptions{Width: 80}},
		{"refused-pipe", testreport.Refused(), TreeOptions{}},
		{"refused-ascii", testreport.Refused(), TreeOptions{Width: 80, ASCII: true}},
		{"refused-verbose", testreport.Refused(), TreeOptions{Verbose: true, Width: 100}},
		{"refused-color", testreport.Refused(), TreeOptions{Width: 80, Color: true}},
		{"refused-narrow", testreport.Refused(), TreeOptions{Width: 50}},
		{"decision", testreport.DecisionRefused(4), TreeOptions{Width: 80}},
		{"decision-many", testreport.DecisionRefused(9), TreeOptions{Width: 100}},
		{"decision-verbose", testreport.DecisionRefused(9), TreeOptions{Width: 80, Verbose: true}},
		{"decision-pipe", testreport.DecisionRefused(4), TreeOptions{}},
		{"decision-color", testreport.DecisionRefused(4), TreeOptions{Width: 80, Color: true}},
		{"causes", caused(), TreeOptions{Width: 80}},
		{"causes-verbose", caused(), TreeOptions{Width: 80, Verbose: true}},
		{"yes", yes, TreeOptions{Width: 80}},
		{"yes-pipe", yes, TreeOptions{}},
		{"wide", tampered(), TreeOptions{Width: 80}},
		{"nothing", testreport.Skipped(), TreeOptions{Width: 80}},
		{"unsigned", unsigned, TreeOptions{Width: 80}},
		{"warned", testreport.Of(report.Check{Check: "no-hash", Status: report.Warn, TaskID: testreport.BuildID, Subject: "public/a", Message: "its set of hashes is empty"}), TreeOptions{Width: 80}},
		{"inferred", inferred, TreeOptions{Width: 80}},
		{"given", given, TreeOptions{Width: 80}},
		{"mixed", mixed, TreeOptions{Width: 80}},
		{"skipped", skipped, TreeOptions{Width: 80}},
		{"error", testreport.Of(report.Check{Check: "repository", Status: report.Error, TaskID: testreport.BuildID, Message: "projects.yml could not be had"}), TreeOptions{Width: 80}},
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

// caused is a report with a cause of several failures, one of a single failure,
// and a failure without.
func caused() *report.Report {
	r := testreport.DecisionRefused(4)
	r.RootURL = "https://firefox-ci-tc.services.mozilla.com"
	for _, id := range []string{testreport.BuildID, testreport.Build2ID} {
		r.Checks = append(r.Checks, report.Check{Check: "pull-request", Status: report.Fail, Reason: report.NotLanded, TaskID: id, Message: "not landed"})
	}
	r.Checks = append(r.Checks, report.Check{Check: "worker", Status: report.Error, TaskID: testreport.ImageID, Message: "unclear"})
	for i, c := range r.Checks {
		switch {
		case c.Check == "decision":
			r.Causes = append(r.Causes, report.Cause{Cause: "context-value", Title: "event.after is another", Detail: "it explains 1 difference", Explains: []int{i}, Hint: "see event.after"})
		case c.Check == "pull-request" && c.TaskID == testreport.BuildID:
			r.Causes = append(r.Causes, report.Cause{Cause: "not-landed", Title: "9fbf is on no branch", Explains: []int{i, i + 1}, Hint: "land it"})
		}
	}
	r.Conclude(false)
	return r
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
	for _, r := range []*report.Report{testreport.Of(), testreport.Refused(), testreport.DecisionRefused(9), deep(20), testreport.Wide()} {
		for _, o := range []TreeOptions{{Width: 80}, {Width: 80, ASCII: true}, {Width: 80, Verbose: true}, {Width: 132}, {Width: 50, All: true}, {Width: 60}} {
			for _, line := range lines(t, r, o) {
				// What people copy is never broken.
				words := strings.Fields(line)
				if n := columns(line); n > o.Width && !isWhole(words[len(words)-1]) {
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
	if err := Tree(&buf, deep(20), TreeOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	testreport.Golden(t, "deep.txt", buf.Bytes())
}

func TestManyFailuresFold(t *testing.T) {
	text := strings.Join(lines(t, testreport.Failing(50), TreeOptions{}), "\n")
	if n := strings.Count(text, "\n✗ artifact"); n != maxProblems {
		t.Errorf("%d failures are shown, want %d", n, maxProblems)
	}
	if !strings.Contains(text, "and 38 more; --all lists them") {
		t.Errorf("the others are not mentioned:\n%s", text)
	}
	if n := strings.Count(text, "hint "); n != 1 {
		t.Errorf("the hint is there %d times, want it once", n)
	}
	for _, o := range []TreeOptions{{Verbose: true}, {All: true}} {
		if n := strings.Count(strings.Join(lines(t, testreport.Failing(50), o), "\n"), "\n✗ artifact"); n != 50 {
			t.Errorf("%+v lists %d failures, want 50", o, n)
		}
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
	for _, o := range []TreeOptions{{}, {Width: 80}, {Width: 80, ASCII: true}, {Verbose: true}, {Links: true}} {
		got := lines(t, r, o)
		for _, line := range got {
			if !visible.Line(line) {
				t.Errorf("%+v: not fit for a terminal: %q", o, line)
			}
			if o.ASCII && strings.IndexFunc(line, func(r rune) bool { return r >= 0x80 }) >= 0 {
				t.Errorf("not ASCII: %q", line)
			}
		}
		if o.Width > 0 && len(got) > 100 {
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
			for _, o := range []TreeOptions{{Width: 80}, {Width: 80, ASCII: true}, {Verbose: true}} {
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
		"could not tell: task of signing: no answer",
		"? task",
		"  of        IJbJTQLOTsuAce5W4sVfnw",
		"  no answer",
		"  hint      cotverify explain task",
		"could not tell: 1 of 1 check could not be made (task), 0 warnings: task of signing: no answer",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
