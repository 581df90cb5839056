package forge

import (
	"strings"
	"testing"

	"cotverify/pkg/policy"
)

func TestParse(t *testing.T) {
	g := GitHub{Services: policy.GitHub{Web: "https://ghe.example"}}
	for url, want := range map[string]string{
		"https://ghe.example/mozilla/glean":             "mozilla/glean",
		"ssh://ghe.example/mozilla/glean.git":           "mozilla/glean",
		"git@ghe.example:mozilla/glean":                 "mozilla/glean",
		"https://ghe.example/mozilla/glean/pull/1":      "mozilla/glean",
		"https://ghe.example/mozilla/%67lean":           "mozilla/glean",
		"https://ghe.example/mozilla/git@ghe.example:x": "mozilla/ssh:",
		"https://github.com/mozilla/glean":              "! is no repository on GitHub: expected https://ghe.example/… or ssh://ghe.example/…",
		"http://ghe.example/mozilla/glean":              "! is no repository on GitHub",
		"https://ghe.example.evil/mozilla/glean":        "! is no repository on GitHub",
		"https://GHE.example/mozilla/glean":             "! is no repository on GitHub",
		"https://ghe.example/mozilla":                   "! has no owner and name of a repository",
		"https://ghe.example/../glean":                  "! owner and name of the repository cannot be part of a URL",
		"https://ghe.example/mozilla/a%3Fb":             "! owner and name of the repository cannot be part of a URL",
		"https://ghe.example//glean":                    "! has no owner and name of a repository",
	} {
		got, err := g.Parse(g.URL(url))
		problem, refused := strings.CutPrefix(want, "!")
		switch {
		case refused && (err == nil || !strings.Contains(err.Error(), problem)):
			t.Errorf("%s: got %v, %v; expected an error with %q", url, got, err, problem)
		case !refused && (err != nil || got.FullName() != want):
			t.Errorf("%s: got %v, %v; want %s", url, got, err, want)
		}
	}
}
