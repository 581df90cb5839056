package forge

import (
	"fmt"
	"strings"
	"testing"

	"cotverify/internal/memsource"
	"cotverify/pkg/policy"
)

const gitHubAPI = "https://api.github.com/repos/mozilla/glean"

func TestHasLanded(t *testing.T) {
	const (
		commit = "0123456789abcdef0123456789abcdef01234567"
		page   = "https://github.com/mozilla/renamed/branch_commits/"
	)
	repo := `{"html_url": "https://github.com/mozilla/renamed"}`
	tag := func(name, sha string) string { return fmt.Sprintf(`{"name": %q, "commit": {"sha": %q}}`, name, sha) }
	full := strings.Repeat(tag("other", "a")+",", tagsInPage-1) + tag("v1", commit)
	for _, tt := range []struct {
		name, revision string
		urls           map[string]string
		want           bool
		problem        string
	}{
		{"landed", commit, map[string]string{gitHubAPI: repo, page + commit: "<html>main"}, true, ""},
		{"not landed", commit, map[string]string{gitHubAPI: repo, page + commit: "\n\u00a0\n"}, false, ""},
		{"tag", "v1", map[string]string{gitHubAPI: repo, gitHubAPI + "/tags": "[" + tag("v1", commit) + "]", page + commit: "x"}, true, ""},
		{"tag on the second page", "v2", map[string]string{
			gitHubAPI: repo, gitHubAPI + "/tags": "[" + full + "]", gitHubAPI + "/tags?page=2": "[" + tag("v2", commit) + "]", page + commit: "x",
		}, true, ""},
		{"upper case is a tag", strings.ToUpper(commit), map[string]string{gitHubAPI: repo, gitHubAPI + "/tags": "[]"}, false, "0 tags of mozilla/glean are named"},
		{"two tags", "v1", map[string]string{gitHubAPI: repo, gitHubAPI + "/tags": "[" + tag("v1", "a") + "," + tag("v1", "b") + "]"}, false, "2 tags"},
		{"unknown repository", commit, map[string]string{}, false, gitHubAPI + " is not there"},
		{"another host", commit, map[string]string{gitHubAPI: `{"html_url": "https://evil.example/x"}`}, false, "which is not on https://github.com"},
		{"a page that is not UTF-8", commit, map[string]string{gitHubAPI: repo, page + commit: "<html>\xff"}, false, "the page is not UTF-8"},
		{"a blank page that is not UTF-8", commit, map[string]string{gitHubAPI: repo, page + commit: "\n\xa0"}, false, "the page is not UTF-8"},
		{"a page of a byte order mark", commit, map[string]string{gitHubAPI: repo, page + commit: "\ufeff\n"}, true, ""},
		{"a list for a repository", commit, map[string]string{gitHubAPI: "[]"}, false, "is a list; expected an object"},
		{"null for a repository", "v1", map[string]string{gitHubAPI: "null", gitHubAPI + "/tags": "[" + tag("v1", commit) + "]"}, false, "is null; expected an object"},
		{"no page of the repository", commit, map[string]string{gitHubAPI: "{}"}, false, "/html_url is absent"},
		{"a page of the repository that is no text", commit, map[string]string{gitHubAPI: `{"html_url": 1}`}, false, "/html_url is a number"},
		{"no page", commit, map[string]string{gitHubAPI: repo}, false, "is not there"},
		{"climbing", "../x", map[string]string{gitHubAPI: repo}, false, "cannot be part of a URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := GitHub{Source: memsource.URLs(tt.urls), Services: policy.Default().Services.GitHub}
			got, err := g.HasLanded(t.Context(), Repository{"mozilla", "glean"}, tt.revision)
			if tt.problem == "" && err != nil || tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)) {
				t.Fatalf("got %v, expected %q", err, tt.problem)
			}
			if got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
