package main

import "testing"

// TestWithoutSecretsKeepsTheRest shows what of a message stays. That secrets go
// is shown by testdata/secrets.txtar.
func TestWithoutSecretsKeepsTheRest(t *testing.T) {
	for text, want := range map[string]string{
		"bundle a/b.tar: there is no such file or folder": "bundle a/b.tar: there is no such file or folder",
		"git@github.com:mozilla/glean":                    "git@github.com:mozilla/glean",
		"https://hg.mozilla.org/a/b: no":                  "https://hg.mozilla.org/a/b: no",
		"policy.yaml:12: keys.docker-worker: wrong":       "policy.yaml:12: keys.docker-worker: wrong",
		`got "https://me:pw@hg.example.com/a"; expected`:  `got "https://REDACTED@hg.example.com/a"; expected`,
		"https://host/a?b=c&d=e is no path":               "https://host/a?b=REDACTED&d=REDACTED is no path",
	} {
		if got := withoutSecrets(text); got != want {
			t.Errorf("withoutSecrets(%q) = %q, want %q", text, got, want)
		}
	}
}
