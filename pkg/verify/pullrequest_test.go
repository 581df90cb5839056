package verify

import (
	"strings"
	"testing"

	"cotverify/pkg/forge"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
)

func TestCommitOfSource(t *testing.T) {
	for _, tt := range []struct{ source, repository, revision, problem string }{
		{source: "https://github.com/mozilla/glean/blob/v1/x", repository: "mozilla/glean", revision: "v1"},
		{source: "ssh://github.com/mozilla/glean.git/blob/v1", repository: "mozilla/glean", revision: "v1"},
		// An owner whose name holds the repository's.
		{source: "https://github.com/glean/glean/blob/v1/x", repository: "glean/glean", revision: "v1"},
		{source: "https://github.com/gleaners/glean/blob/glean/x", repository: "gleaners/glean", revision: "glean"},
		// Names are decoded, and must then be parts of a URL that mean themselves.
		{source: "https://github.com/mozilla/%67lean/blob/v1/x", repository: "mozilla/glean", revision: "v1"},
		{source: "https://github.com/mozilla%2Fglean/blob/v1/x", repository: "mozilla/glean", revision: "v1"},
		{source: "https://github.com/mozilla/%2567lean/blob/v1/x", problem: "cannot be part of a URL"},
		{source: "https://github.com/mozilla/glean%3Fx/blob/v1/x", problem: "cannot be part of a URL"},
		{source: "https://github.com/mozilla/glean/blob", problem: "a URL of GitHub with a revision"},
		{source: "https://github.com/mozilla/glean/blob/", problem: "a URL of GitHub with a revision"},
		{source: "https://github.com.example/mozilla/glean/blob/v1", problem: "is no repository on GitHub"},
		{source: "https://github.com/mozilla/..%2Fglean/blob/v1", problem: "cannot be part of a URL"},
	} {
		got, err := commitOfSource(tt.source, forge.GitHub{Services: policy.GitHub{Web: "https://github.com"}})
		switch {
		case tt.problem != "":
			if err == nil || !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("%s: got %v, expected %q", tt.source, err, tt.problem)
			}
		case err != nil || got.repository.FullName() != tt.repository || got.revision != tt.revision:
			t.Errorf("%s: got %+v, %v", tt.source, got, err)
		}
	}
}

func TestTryClues(t *testing.T) {
	const source = `"metadata": {"source": "https://hg.mozilla.org/mozilla-central/file/abc/x"}`
	p := policy.Default()
	c := &Chain{product: p.Products["firefox"], policy: p}
	for _, tt := range []struct {
		name, task string
		because    string // "" where it is none
		problem    string
	}{
		{"none", `"schedulerId": "gecko-level-3", ` + source, "", ""},
		{"the scheduler", `"schedulerId": "gecko-level-1", ` + source, "its schedulerId is gecko-level-1", ""},
		{"no scheduler", source, "", "/schedulerId is absent"},
		{"the branch", `"schedulerId": "s", "payload": {"env": {"MH_BRANCH": "my-try-branch"}}, ` + source, "its MH_BRANCH is my-try-branch", ""},
		{"another branch", `"schedulerId": "s", "payload": {"env": {"MH_BRANCH": "mozilla-central"}}, ` + source, "", ""},
		{"a branch that is no text", `"schedulerId": "s", "payload": {"env": {"MH_BRANCH": null}}, ` + source, "", "/payload/env/MH_BRANCH is null"},
		{"the repository", `"schedulerId": "s", "payload": {"env": {"GECKO_HEAD_REPOSITORY": "https://hg.mozilla.org/try"}}, ` + source, "https://hg.mozilla.org/try is a try repository", ""},
		{"a repository that holds the word", `"schedulerId": "s", "payload": {"env": {"GECKO_HEAD_REPOSITORY": "https://hg.mozilla.org/comm-try-2/x"}}, ` + source, "is a try repository", ""},
		{"the word later in the path", `"schedulerId": "s", "payload": {"env": {"GECKO_HEAD_REPOSITORY": "https://hg.mozilla.org/projects/try"}}, ` + source, "", ""},
		{"the word in the host", `"schedulerId": "s", "payload": {"env": {"GECKO_HEAD_REPOSITORY": "https://try.mozilla.org/a"}}, ` + source, "", ""},
		{"a repository that is no text", `"schedulerId": "s", "payload": {"env": {"GECKO_HEAD_REPOSITORY": 1}}, ` + source, "", "/payload/env/GECKO_HEAD_REPOSITORY is a number"},
		{"a repository that is no URL", `"schedulerId": "s", "payload": {"env": {"GECKO_HEAD_REPOSITORY": "https://[a"}}, ` + source, "", "it is no URL that can be split"},
		{"the source", `"schedulerId": "s", "metadata": {"source": "https://hg.mozilla.org/try/file/abc/x"}`, "is a try repository", ""},
		{"no source", `"schedulerId": "s"`, "", "/metadata is absent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := c.tryOf(graph.ReadTask("c6r8K9dzSIK3GDZLlgU9aQ", []byte("{"+tt.task+"}")))
			if (got.because == "") != (tt.because == "") || !strings.Contains(got.because, tt.because) {
				t.Errorf("got %q, want %q", got.because, tt.because)
			}
			if (got.err == nil) != (tt.problem == "") || got.err != nil && !strings.Contains(got.err.Error(), tt.problem) {
				t.Errorf("got %v, want %q", got.err, tt.problem)
			}
		})
	}
}
