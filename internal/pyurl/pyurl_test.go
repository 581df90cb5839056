package pyurl

import (
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		in                         string
		scheme, netloc, path, host string
	}{
		{"https://github.com/mozilla/glean", "https", "github.com", "/mozilla/glean", "github.com"},
		{" \x00HTTPS://GitHub.COM:443/a", "https", "GitHub.COM:443", "/a", "github.com"},
		{"ssh://git@github.com/a/b.git", "ssh", "git@github.com", "/a/b.git", "github.com"},
		{"https://github.com@evil.example/a", "https", "github.com@evil.example", "/a", "evil.example"},
		{"https://hg.mozilla.org/a?b#c", "https", "hg.mozilla.org", "/a", "hg.mozilla.org"},
		{"https://hg.mozilla.org?b", "https", "hg.mozilla.org", "", "hg.mozilla.org"},
		{"https://h/a;b/c;d", "https", "h", "/a;b/c", "h"},
		{"ssh://h/a;b/c;d", "ssh", "h", "/a;b/c;d", "h"},
		{"git@github.com:a/b;c", "", "", "git@github.com:a/b", ""},
		{"git@github.com:a/b", "", "", "git@github.com:a/b", ""},
		{"https://HG.Mozilla.org%41B/a", "https", "HG.Mozilla.org%41B", "/a", "hg.mozilla.org%41B"},
		{"https://ΑΣ/a", "https", "ΑΣ", "/a", "ας"},
		{"ht\ntps://h/\ta", "https", "h", "/a", "h"},
		{"1https://h/a", "", "", "1https://h/a", ""},
		{"https:/h/a", "https", "", "/h/a", ""},
		{"https://GİTHUB.com/a", "https", "GİTHUB.com", "/a", "gi\u0307thub.com"},
		{"https://\u212A.example/a", "https", "\u212A.example", "/a", "k.example"},
		{"https://ΑΣ.example/a", "https", "ΑΣ.example", "/a", "ασ.example"},
		{"https://Github.com%2EEvil/a", "https", "Github.com%2EEvil", "/a", "github.com%2EEvil"},
		{"", "", "", "", ""},
	} {
		u, err := Parse(tt.in)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.in, err)
			continue
		}
		if u.Scheme != tt.scheme || u.Netloc != tt.netloc || u.Path != tt.path || u.Host() != tt.host {
			t.Errorf("Parse(%q) = %+v, host %q", tt.in, u, u.Host())
		}
	}
	for _, in := range []string{"https://[::1]/a", "https://a]/", "https://exa\uFF0Fmple/a", "https://\xff/"} {
		if u, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", in, u)
		}
	}
}

func TestUnquote(t *testing.T) {
	for in, want := range map[string]string{
		"/a%2Fb":       "/a/b",
		"/%zz%4":       "/%zz%4",
		"%C3%A4":       "ä",
		"%C3x":         "\uFFFDx",
		"%FF%FE":       "\uFFFD\uFFFD",
		"%E2%82x%E2":   "\uFFFDx\uFFFD",
		"%F0%9F%E2%28": "\uFFFD\uFFFD(",
		"%ED%A0%80":    "\uFFFD\uFFFD\uFFFD",
		"100%":         "100%",
		"%25%32%35":    "%25",
		"no escapes":   "no escapes",
		"%E2%82%ACurо": "€urо",
	} {
		if got := Unquote(in); got != want {
			t.Errorf("Unquote(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSegments(t *testing.T) {
	u, _ := Parse("https://h//a%2Fb/c")
	if got := u.Segments(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("Segments = %q", got)
	}
}
