package forge

import (
	"testing"

	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
)

func TestHostingOf(t *testing.T) {
	both := policy.OneOrMore{policy.HostingHg, policy.HostingGitHub}
	const hgSource = `"metadata": {"source": "https://hg.mozilla.org/mozilla-central/file/abc/x"}`
	for _, tt := range []struct {
		name, task string
		hostings   policy.OneOrMore
		want       string // "" for an error
	}{
		{"hg's", `{` + hgSource + `}`, both, policy.HostingHg},
		{"by its source", `{"metadata": {"source": "https://github.com/mozilla-firefox/firefox/blob/abc/x"}}`, both, policy.HostingGitHub},
		{"by ssh", `{"metadata": {"source": "ssh://github.com/mozilla-firefox/firefox/blob/abc/x"}}`, both, policy.HostingGitHub},
		{"a host like it", `{"metadata": {"source": "https://github.com.example/mozilla-firefox/firefox"}}`, both, policy.HostingHg},
		{"calls itself GitHub's by its scheduler", `{"schedulerId": "taskcluster-github", ` + hgSource + `}`, both, policy.HostingGitHub},
		{"calls itself GitHub's by what it is for", `{"extra": {"tasks_for": "github-push"}, ` + hgSource + `}`, both, policy.HostingGitHub},
		{"tasks_for is no text", `{"extra": {"tasks_for": 1}, ` + hgSource + `}`, both, ""},
		{"no source", `{}`, both, ""},
		{"the only hosting", `{"schedulerId": "taskcluster-github", ` + hgSource + `}`, policy.OneOrMore{policy.HostingHg}, policy.HostingHg},
	} {
		t.Run(tt.name, func(t *testing.T) {
			task := graph.ReadTask("c6r8K9dzSIK3GDZLlgU9aQ", []byte(tt.task))
			got, err := GitHub{Services: policy.Default().Services.GitHub}.HostingOf(task, &policy.Product{Hostings: tt.hostings})
			if got != tt.want || (err != nil) != (tt.want == "") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
