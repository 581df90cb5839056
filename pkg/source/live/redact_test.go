package live

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestRedact(t *testing.T) {
	r := newRedactor("ghp_to/ken", "access-token", "")
	tests := []struct{ in, want string }{
		{"nothing secret: a=b", "nothing secret: a=b"},
		{"https://h/p?bewit=AAA", "https://h/p?bewit=REDACTED"},
		{"/p?limit=1&bewit=AAA, and more", "/p?limit=REDACTED&bewit=REDACTED and more"},
		{"https://s/k?X-Amz-Signature=AAA&X-Amz-Expires=1", "https://s/k?X-Amz-Signature=REDACTED&X-Amz-Expires=REDACTED"},
		{"https://hg.mozilla.org/json-pushes?changeset=abc&version=2&full=1", "https://hg.mozilla.org/json-pushes?changeset=abc&version=2&full=1"},
		{"proxy http://user:pass@proxy:3128 refuses", "proxy http://REDACTED@proxy:3128 refuses"},
		{"http://us@er:pa@ss@proxy/", "http://REDACTED@proxy/"},
		{"token ghp_to/ken is bad", "token REDACTED is bad"},
		{"token ghp_to%2Fken is bad", "token REDACTED is bad"},
		{"access-tokenaccess-token", "REDACTEDREDACTED"},
		{"a\x1b[31mred\nline\u202e", "a [31mred line"},
		{strings.Repeat("é", 400), strings.Repeat("é", 300) + "…"},
		{"\xff", "\ufffd"},
	}
	for _, test := range tests {
		if got := r.text(test.in); got != test.want {
			t.Errorf("text(%q) is %q, want %q", test.in, got, test.want)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("https://user:SECRET@host/?a=1&bewit=SECRET#x")
	f.Add("SESECRETCRET")
	f.Add("SEC\x00RET\n")
	r := newRedactor("SECRET")
	f.Fuzz(func(t *testing.T, text string) {
		got := r.text(text)
		if strings.Contains(got, "SECRET") || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("text(%q) is %q", text, got)
		}
		if again := r.text("https://user:" + text + "@host"); strings.Contains(again, "user:") && !strings.ContainsAny(text, " \t\n\r\f\v/?#\"'") {
			t.Errorf("text of a URL with the password %q is %q", text, again)
		}
	})
}

// Every bewit of a client is hidden, however a service echoes it.
func TestRedactBewits(t *testing.T) {
	for _, id := range []string{"a", "me", "abc", "mozilla-auth0/ad|Mozilla-LDAP|someone/x", strings.Repeat("i", 90)} {
		r := newRedactor("key").withPatterns(bewitPatterns(id)...)
		made := bewit(&url.URL{Scheme: "https", Host: "h", Path: "/p"}, id, "key", "", time.Now())
		plain, err := base64.RawURLEncoding.DecodeString(made)
		if err != nil {
			t.Fatal(err)
		}
		for _, echo := range []string{made, strings.ToLower(made), string(plain), url.QueryEscape(string(plain)), strings.ReplaceAll(string(plain), `\`, `\\`)} {
			if got := r.text("bad " + echo + " here"); got != "bad REDACTED here" {
				t.Errorf("client %q: %q is shown as %q", id, echo, got)
			}
		}
	}
}

// What a redirect's URL holds is hidden where its service echoes it.
func TestRedactRedirects(t *testing.T) {
	u := &url.URL{Path: "/k/token-of-the-path/file", RawQuery: "sig=token%2Fof+the+query"}
	r := newRedactor().ofRedirect(u)
	for _, text := range []string{"token-of-the-path", "token/of the query", "token%2Fof+the+query"} {
		if got := r.text("no " + text + " here"); got != "no REDACTED here" {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}
