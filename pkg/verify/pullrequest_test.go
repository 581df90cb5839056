package verify

import (
	"strings"
	"testing"

	"cotverify/pkg/forge"
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
