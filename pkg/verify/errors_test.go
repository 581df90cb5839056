package verify

import (
	"strings"
	"testing"

	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
)

// To try again is advised only where it can help: not for a bundle, nor for
// what a service refuses.
func TestHintOfWhatCouldNotBeHad(t *testing.T) {
	for _, test := range []struct {
		err   error
		again bool
	}{
		{&source.UnavailableError{Status: 503, Passing: true}, true},
		{&source.UnavailableError{Status: 403}, false},
		{&source.UnavailableError{Status: 503, Recorded: true}, false},
		{&source.UnavailableError{Reason: "open bundle/task.json: permission denied"}, false},
	} {
		if _, hint := reasonOf(test.err); strings.HasPrefix(hint, "try again") != test.again {
			t.Errorf("hint of %#v is %q", test.err, hint)
		}
	}
}

// Whoever reads a failure is sent to whose document it is, and to where the fact
// can come from.
func TestReasonOfErrors(t *testing.T) {
	commit := source.URL("https://api.github.com/repos/mozilla/glean/commits/abc")
	for _, test := range []struct {
		err    error
		reason report.Reason
		hint   string // that is part of it, "" where the reason's own does
	}{
		{&source.NotFoundError{Fact: source.Task("X")}, report.NotFound, "expired"},
		{&source.NotFoundError{Fact: source.Task("X"), Unrecorded: true}, report.NotRecorded, "record again"},
		{&source.NotFoundError{Fact: commit}, report.NotFound, "GITHUB_TOKEN"},
		{&source.UnavailableError{Fact: commit, Status: 403}, report.RateLimited, ""},
		{&source.UnavailableError{Fact: commit, Status: 429, Recorded: true}, report.RateLimited, "GITHUB_TOKEN set; to verify this bundle again brings nothing"},
		{&source.UnavailableError{Fact: source.Artifact("X", "public/a"), Status: 403}, report.Unavailable, ""},
		{&source.WrongAnswerError{Fact: commit, Reason: "empty"}, report.WrongAnswer, ""},
		{&source.LeftOutError{Fact: commit}, report.LeftOut, ""},
		{&value.ShapeError{Path: "/payload"}, report.Malformed, ""},
		{&value.ShapeError{Path: "/metadata/source"}, report.NoSource, ""},
		{&value.ShapeError{Where: cot.Artifact, Path: "/taskId"}, report.MalformedCot, ""},
		{&value.ShapeError{Where: cot.TaskGraphArtifact + ", X", Path: "/task"}, report.MalformedFile, ""},
		{&value.ShapeError{Where: "https://example.com/projects.yml"}, report.BadProjects, ""},
		{&value.ShapeError{Where: commit.URL}, report.WrongAnswer, ""},
	} {
		reason, hint := reasonOf(test.err)
		if reason != test.reason || !strings.Contains(hint, test.hint) || test.hint == "" && hint != "" {
			t.Errorf("%v: reason %s with the hint %q; expected %s with %q", test.err, reason, hint, test.reason, test.hint)
		}
	}
}
