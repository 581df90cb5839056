package workerlog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cotverify/pkg/report"
)

const (
	buildID    = "MRs6JR0jTv6lSSclcNPHxA"
	decisionID = "TzcmAgOaS_-fKH_dxG3yoQ"
)

// logged returns a log of records, each of a level.
func logged(records ...string) string {
	var b strings.Builder
	for _, r := range append([]string{"    INFO - Running scriptworker version 63.6.1"}, records...) {
		b.WriteString("2026-08-20T10:13:12 " + r + "\n")
	}
	return b.String()
}

// traceback returns a record of what was raised in a function.
func traceback(function, exception string) string {
	return "CRITICAL - Chain of Trust verification error!\nTraceback (most recent call last):\n" +
		"  File \"/app/scriptworker/cot/verify.py\", line 2145, in verify_chain_of_trust\n    await x()\n" +
		"  File \"/app/scriptworker/cot/verify.py\", line 1, in " + function + "\n    x()\n" + exception
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       Log
	}{
		{"nothing", "", Log{}},
		{"no log", "<html>\nhello", Log{}},
		{"it verified", logged("    INFO - Good."), Log{Version: "63.6.1", Passed: true}},
		{"it went on", logged("    INFO - Good.", "   DEBUG - and more"), Log{Version: "63.6.1"}},
		{"good within", logged("   DEBUG -  x\nGood."), Log{Version: "63.6.1"}},
		{"several errors at once, then raised again",
			logged(
				"CRITICAL - signing:build "+buildID+" scopes differs!\n graph: []\n task: [\n  \"a\"\n]\nsigning:build "+buildID+" retries differs!\n graph: 5\n task: 0",
				traceback("verify_task_in_task_graph", `scriptworker.exceptions.CoTError: 'signing:build `+buildID+` scopes differs!\n graph: []\n task: [\n  "a"\n]\nsigning:build `+buildID+` retries differs!\n graph: 5\n task: 0'`)),
			Log{Version: "63.6.1", Errors: []Error{
				{Check: "task-graph", TaskIDs: []string{buildID}, Text: "signing:build " + buildID + " scopes differs!\n graph: []\n task: [\n  \"a\"\n]"},
				{Check: "task-graph", TaskIDs: []string{buildID}, Text: "signing:build " + buildID + " retries differs!\n graph: 5\n task: 0"},
			}}},
		{"an error of Python's, told by its place", logged(traceback("get_source_url", "KeyError: 'source'")),
			Log{Version: "63.6.1", Errors: []Error{{Check: "repository", Text: "source"}}}},
		{"an error of Python's in a place that says nothing", logged(traceback("f", "TypeError: no")),
			Log{Version: "63.6.1", Errors: []Error{{Text: "no"}}}},
		{"a download", logged(traceback("download_cot", "scriptworker.exceptions.Download404: https://tc.example/api/queue/v1/task/"+buildID+"/artifacts/public/chain-of-trust.json status 404!")),
			Log{Version: "63.6.1", Errors: []Error{{Check: "cot", TaskIDs: []string{buildID}, Text: "https://tc.example/api/queue/v1/task/" + buildID + "/artifacts/public/chain-of-trust.json status 404!"}}}},
		{"the last of several runs counts", logged("CRITICAL - x is interactive: y!") + logged("    INFO - Good."), Log{Version: "63.6.1", Passed: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(&tt.want, Parse(tt.text)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestKnown has an error of each kind, as scriptworker words it.
func TestKnown(t *testing.T) {
	for text, check := range map[string]string{
		"signing:build " + buildID + ": docker-worker ed25519 cot signature doesn't verify against abc: ":   "signature",
		"Chain of Trust artifact taskId x doesn't match task taskId y!":                                     "cot",
		"path public/a not in signing:build " + buildID + " chain of trust artifacts! This is likely a bug": "artifact",
		"BAD HASH on file /a: signing:build: Expected sha256 a; got b!":                                     "artifact",
		"signing " + buildID + " dependencies don't line up!\n{'a'}":                                        "task-graph",
		"Can't find task signing " + buildID + " in signing:parent " + decisionID + " task-graph.json!":     "task-graph",
		"signing:parent " + decisionID + ": the runtime task doesn't match any rebuilt definition!\n[]":     "decision",
		"Error while rebuilding signing:parent " + decisionID + " task definition!\n'x'":                    "decision",
		"a/b is not a valid decision workerPoolId!":                                                         "worker-pool",
		"signing:build is interactive: task.payload.env.TASKCLUSTER_INTERACTIVE!":                           "interactive",
		"signing:build " + buildID + " docker-image docker sha doesn't match! sha256 a vs b":                "docker-image",
		"guess_worker_impl: can't find a worker_impl for signing:build!\n{}":                                "worker",
		"signing " + buildID + " must be run from scriptworker!":                                            "worker",
		"Invalid task type for signing:x!":                                                                  "task-type",
		"Too deep recursion!\nsigning:a:docker-image:b":                                                     "depth",
		"signing " + buildID + ": repo None not allowlisted for scope a!":                                   "scope",
		"signing " + buildID + " has restricted privilege scope, and is_try_or_pull_request()!":             "pull-request",
		"signing:build " + buildID + " repo a doesn't match my repo b!":                                     "repository",
		"something that nobody has seen":                                                                    "",
	} {
		if got := checkOf(text); got != check {
			t.Errorf("%q is of %q, expected %q", text, got, check)
		}
	}
}

func TestCompare(t *testing.T) {
	artifact := report.Check{Check: "artifact", Status: report.Fail, TaskID: buildID}
	decision := report.Check{Check: "decision", Status: report.Error, TaskID: decisionID}
	holds := report.Check{Check: "scope", Status: report.Pass, TaskID: buildID}
	badHash := Error{Check: "artifact", Text: "BAD HASH"}
	for _, tt := range []struct {
		name   string
		log    Log
		checks []report.Check
		want   Agreement
		only   []int
	}{
		{"both verified", Log{Passed: true}, []report.Check{holds}, Same, nil},
		{"the same", Log{Errors: []Error{badHash}}, []report.Check{holds, artifact}, Same, nil},
		{"more", Log{Errors: []Error{badHash}}, []report.Check{artifact, decision}, More, []int{1}},
		{"another check", Log{Errors: []Error{{Check: "scope"}}}, []report.Check{holds, artifact}, Other, []int{1}},
		{"another task", Log{Errors: []Error{{Check: "artifact", TaskIDs: []string{decisionID}}}}, []report.Check{artifact}, Other, []int{0}},
		{"only the worker", Log{Errors: []Error{badHash}}, []report.Check{holds}, Other, nil},
		{"only the report", Log{Passed: true}, []report.Check{artifact}, Other, []int{0}},
		{"an error of no known kind", Log{Errors: []Error{{Text: "x"}}}, []report.Check{artifact}, Other, []int{0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &report.Report{Checks: tt.checks}
			r.Conclude(false)
			got, only := compare(&tt.log, r)
			if got != tt.want || !cmp.Equal(only, tt.only, cmpopts.EquateEmpty()) {
				t.Errorf("got %s %v, expected %s %v", got, only, tt.want, tt.only)
			}
		})
	}
}

// FuzzParse shows that a log is read whatever it says, and never at length.
func FuzzParse(f *testing.F) {
	f.Add(logged("CRITICAL - a\nb", traceback("f", "KeyError: 'x'")))
	f.Add("2026-08-20T10:13:12 CRITICAL - x\nTraceback (most recent call last):\nKeyError: '")
	f.Fuzz(func(t *testing.T, text string) {
		l := Parse(text)
		if len(l.Errors) > maxErrors {
			t.Errorf("%d errors", len(l.Errors))
		}
		for _, e := range l.Errors {
			if len(e.Text) > maxText+len("…") {
				t.Errorf("an error of %d bytes", len(e.Text))
			}
		}
	})
}
