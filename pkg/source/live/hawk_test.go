package live

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	hawk "github.com/tent/hawk-go"
)

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// The vectors are of the tests of Hawk's first implementation.
func TestBewitVectors(t *testing.T) {
	tests := []struct {
		url     string
		expires int64
		want    string
	}{
		{"https://example.com:8080/resource/4?a=1&b=2", 4511484621,
			"MTIzNDU2XDQ1MTE0ODQ2MjFcMzFjMmNkbUJFd1NJRVZDOVkva1NFb2c3d3YrdEVNWjZ3RXNmOGNHU2FXQT1cc29tZS1hcHAtZGF0YQ"},
		{"https://example.com:8080/resource/4", 4511484641,
			"MTIzNDU2XDQ1MTE0ODQ2NDFcZm1CdkNWT3MvcElOTUUxSTIwbWhrejQ3UnBwTmo4Y1VrSHpQd3Q5OXJ1cz1cc29tZS1hcHAtZGF0YQ"},
	}
	for _, test := range tests {
		got := bewit(parse(t, test.url), "123456", "werxhqb98rpaxn39848xrunpaw3489ruxnpa98w4rxn", "some-app-data", time.Unix(test.expires, 0))
		if got != test.want {
			t.Errorf("bewit of %s: got %s, want %s", test.url, got, test.want)
		}
	}
}

// What this package signs, another implementation accepts, and only for the
// URL that was signed.
func TestSignedURLIsAccepted(t *testing.T) {
	credentials := Credentials{ClientID: "mozilla-auth0/ad|Mozilla-LDAP|someone/", AccessToken: "key_-", Certificate: `{"version": 1}`}
	for _, text := range []string{
		"https://tc.example/api/queue/v1/task/x/artifacts/project%2Fa%20b%3F",
		"https://tc.example:8443/api",
		"https://TC.example/api?limit=3&continuationToken=%2B",
		"http://localhost/x",
	} {
		now := time.Now()
		u := parse(t, text)
		signed := credentials.sign(u, now)
		auth, err := hawk.ParseBewit(signed.Query().Get("bewit"))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if auth.Credentials.ID != credentials.ClientID {
			t.Errorf("%s: client %q", text, auth.Credentials.ID)
		}
		if ext, _ := base64.StdEncoding.DecodeString(auth.Ext); string(ext) != `{"certificate":{"version": 1}}` {
			t.Errorf("%s: ext is %q", text, ext)
		}
		if life := auth.Timestamp.Sub(now); life > bewitLifetime || life < bewitLifetime-time.Minute {
			t.Errorf("%s: good for %s, want %s", text, life, bewitLifetime)
		}
		auth.Credentials.Key, auth.Credentials.Hash = credentials.AccessToken, sha256.New
		auth.RequestURI, auth.Host, auth.Port = u.RequestURI(), strings.ToLower(u.Hostname()), port(u)
		if err := auth.Valid(); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		auth.RequestURI += "x"
		if err := auth.Valid(); err == nil {
			t.Errorf("%s: its bewit is good for another URL too", text)
		}
	}
}

func TestCredentialsThatAreUnusable(t *testing.T) {
	for name, c := range map[string]Credentials{
		"no token":       {ClientID: "client"},
		"no client":      {AccessToken: "SECRET"},
		"a backslash":    {ClientID: `a\b`, AccessToken: "SECRET"},
		"no certificate": {ClientID: "client", AccessToken: "SECRET", Certificate: "SECRET"},
		"a list":         {ClientID: "client", AccessToken: "SECRET", Certificate: "[]"},
	} {
		err := c.check()
		if err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: got error %v, want one that does not tell the secret", name, err)
		}
	}
	if err := (Credentials{}).check(); err != nil {
		t.Errorf("no credentials: %v", err)
	}
}
