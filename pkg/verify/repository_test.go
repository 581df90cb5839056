package verify

import (
	"testing"

	"cotverify/pkg/forge"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

func TestContains(t *testing.T) {
	for _, tt := range []struct {
		repository, source string
		want               bool
	}{
		{"https://github.com/a/b", "https://github.com/a/b/blob/c/d", true},
		{"https://github.com/a/b.git", "ssh://git@GitHub.com:22/a/b/blob/c", true},
		{"https://github.com/a/b", "https://github.com/a/bc/blob/c", false},
		{"git@github.com:a/b.git", "https://github.com/a/b/blob/c", true},
		{"https://hg.mozilla.org/git@github.com:a", "https://hg.mozilla.org/git@github.com:a/file/c", false},
		{"https://hg.mozilla.org/git@github.com:a", "https://hg.mozilla.org/ssh://github.com/a/file/c", true},
		{"https://gİthub.com/a", "https://gi̇thub.com/a/b", true},
		{"https://gİthub.com/a", "https://github.com/a/b", false},
		{"https://github.com%A/a", "https://github.com%a/a/b", false},
	} {
		got, err := contains(tt.repository, tt.source, forge.GitHub{Services: policy.GitHub{Web: "https://github.com"}})
		if err != nil || got != tt.want {
			t.Errorf("contains(%q, %q) = %v, %v; want %v", tt.repository, tt.source, got, err, tt.want)
		}
	}
}

func TestSourceOfTwoRepositories(t *testing.T) {
	p := policy.Default()
	const gecko, comm = `"GECKO_HEAD_REPOSITORY": "https://github.com/mozilla/enterprise-firefox"`, `"COMM_HEAD_REPOSITORY": "https://github.com/thunderbird/thunderbird-desktop"`
	for _, tt := range []struct {
		name, env, source string
		want              report.Status
	}{
		{"the one", gecko, "mozilla/enterprise-firefox/x", report.Pass},
		{"not the one", gecko, "thunderbird/thunderbird-desktop/x", report.Fail},
		{"the other before the one", gecko + "," + comm, "thunderbird/thunderbird-desktop/x", report.Pass},
		{"only the one of two", gecko + "," + comm, "mozilla/enterprise-firefox/x", report.Fail},
		{"the one, as the other is nothing but slashes", gecko + `, "COMM_HEAD_REPOSITORY": "//"`, "mozilla/enterprise-firefox/x", report.Pass},
		{"the one, as the other is null", gecko + `, "COMM_HEAD_REPOSITORY": null`, "mozilla/enterprise-firefox/x", report.Pass},
		{"the one is no text", `"GECKO_HEAD_REPOSITORY": 1,` + comm, "thunderbird/thunderbird-desktop/x", report.Fail},
		{"the one is no URL", `"GECKO_HEAD_REPOSITORY": "https://a]/",` + comm, "thunderbird/thunderbird-desktop/x", report.Fail},
		{"neither", "", "mozilla/enterprise-firefox/x", report.Pass},
	} {
		t.Run(tt.name, func(t *testing.T) {
			task := graph.ReadTask("c6r8K9dzSIK3GDZLlgU9aQ", []byte(`{"payload": {"env": {`+tt.env+`}}, "metadata": {"source": "https://github.com/`+tt.source+`"}}`))
			c := &Chain{product: p.Products["enterprise"], policy: p}
			checks := checkRepository(c, &Link{Link: &graph.Link{Task: task}})
			if len(checks) != 1 || checks[0].Status != tt.want {
				t.Errorf("got %+v, want %s", checks, tt.want)
			}
		})
	}
}
