package live_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cotverify/internal/fakeservices"
	"cotverify/internal/memsource"
	"cotverify/pkg/source"
	"cotverify/pkg/source/live"
)

// mustSee checks which requests carried credentials.
func mustSee(t *testing.T, s *fakeservices.Server, allowed func(fakeservices.Request) bool) {
	t.Helper()
	for _, r := range s.Requests() {
		carries := r.Header.Get("Authorization") != "" || strings.Contains(r.URI, "bewit")
		if carries != allowed(r) {
			t.Errorf("https://%s%s: carries credentials: %t", r.Host, r.URI, carries)
		}
		for _, name := range []string{"Referer", "Cookie"} {
			if r.Header.Get(name) != "" {
				t.Errorf("https://%s%s: carries a %s", r.Host, r.URI, name)
			}
		}
	}
}

func TestCredentialsStayWithTheirServices(t *testing.T) {
	server, l := start(t, fakeservices.Options{Fault: fakeservices.First(1, fakeservices.Status(503))}, nil)
	wantAll(t, l)
	privateTemplate := template
	privateTemplate.Private = true
	if _, err := read(l, privateTemplate); err != nil {
		t.Error(err)
	}
	n := 0
	mustSee(t, server, func(r fakeservices.Request) bool {
		if r.Host == fakeservices.RawHost {
			n++
			return n == 3 // twice for the template, once more for it as a private one
		}
		return r.Host == fakeservices.APIHost || strings.Contains(r.URI, "artifacts/project%2F")
	})
}

// A redirect of GitHub's own may keep the token, one that leaves it may not.
func TestRedirectsOfSites(t *testing.T) {
	moved := source.URL("https://api.github.com/repos/old/name")
	away := source.URL("https://api.github.com/repos/old/away")
	server := fakeservices.Start(t, some(), fakeservices.Options{GitHubToken: gitHubToken, Fault: fakeservices.Both(
		fakeservices.Where("/old/name", fakeservices.Redirect("/repos/mozilla/glean")),
		fakeservices.Where("/old/away", fakeservices.Redirect(landed.URL)),
	)})
	l := newLive(t, server, nil)
	for f, want := range map[source.Fact]string{moved: some()[repository], away: some()[landed]} {
		if got, err := read(l, f); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", f, got, err, want)
		}
	}
	mustSee(t, server, func(r fakeservices.Request) bool { return r.Host == fakeservices.APIHost })
}

func TestGitHub(t *testing.T) {
	hidden := fakeservices.Options{PrivateRepositories: []string{"mozilla/glean"}}
	_, l := start(t, hidden, nil)
	if got, err := read(l, repository); err != nil || got != some()[repository] {
		t.Errorf("a private repository: got %q, %v", got, err)
	}
	wantNotFound(t, l, template, "")
	privateTemplate := template
	privateTemplate.Private = true
	if got, err := read(l, privateTemplate); err != nil || got != some()[template] {
		t.Errorf("a file of a private repository: got %q, %v", got, err)
	}

	_, l = start(t, hidden, func(o *live.Options) { o.GitHubToken = "" })
	wantNotFound(t, l, repository, "needs a token (GITHUB_TOKEN)")
	_, l = start(t, hidden, func(o *live.Options) { o.GitHubToken = "SECRET-wrong" })
	wantUnavailable(t, l, repository, 401, "it does not accept the GitHub token")

	limit := fakeservices.Options{Fault: fakeservices.Status(403, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1760000000")}
	server, l := start(t, limit, nil)
	wantUnavailable(t, l, repository, 403, "GitHub's limit of requests is used up until 2025-10-09 08:53:20 UTC")
	if n := asked(server, ""); n != 1 {
		t.Errorf("%d requests against a limit, want 1", n)
	}
	_, l = start(t, limit, func(o *live.Options) { o.GitHubToken = "" })
	wantUnavailable(t, l, repository, 403, "with a token (GITHUB_TOKEN) it is much higher")

	server, l = start(t, fakeservices.Options{Fault: fakeservices.First(2, fakeservices.Status(403, "Retry-After", "2"))}, nil)
	if _, err := read(l, repository); err != nil || asked(server, "") != 3 {
		t.Errorf("a second limit: %v after %d requests", err, asked(server, ""))
	}
}

// A GitHub Enterprise server has its API and its pages on one host.
func TestGitHubEnterprise(t *testing.T) {
	api, web := source.URL("https://ghe.test/api/v3/repos/o/r"), source.URL("https://ghe.test/o/r/branch_commits/"+sha)
	server := fakeservices.Start(t, memsource.Texts{api: "{}", web: "main"}, fakeservices.Options{Hosts: []string{"ghe.test"}})
	l := newLive(t, server, func(o *live.Options) {
		o.GitHubAPI, o.GitHubRaw, o.Sites = "https://ghe.test/api/v3", "https://ghe.test/raw", []string{"https://ghe.test"}
	})
	for _, f := range []source.Fact{api, web} {
		if _, err := read(l, f); err != nil {
			t.Error(err)
		}
	}
	mustSee(t, server, func(r fakeservices.Request) bool { return strings.HasPrefix(r.URI, "/api/v3/") })
}

// The words of a service are shown, but not what it echoes of secrets, nor
// what a terminal would obey.
func TestWordsOfServices(t *testing.T) {
	echo := func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprintf(w, `{"message": "\u001b[2J %s %s"}`, url.QueryEscape(r.Header.Get("Authorization")), "https://x"+r.RequestURI)
		})
	}
	_, l := start(t, fakeservices.Options{Fault: echo}, nil)
	wantUnavailable(t, l, repository, 418, "[2J Bearer+REDACTED https://x/repos/mozilla/glean")
	wantUnavailable(t, l, private, 418, "?bewit=REDACTED")

	// Wherever a service writes what it was signed with.
	for name, fault := range map[string]func(w http.ResponseWriter, bewit string){
		"message":  func(w http.ResponseWriter, b string) { w.WriteHeader(418); fmt.Fprintf(w, `{"message": "not %s"}`, b) },
		"encoding": func(w http.ResponseWriter, b string) { w.Header().Set("Content-Encoding", b) },
		"location": func(w http.ResponseWriter, b string) {
			w.Header().Set("Location", "https://elsewhere.test/"+b)
			w.WriteHeader(303)
		},
		"host": func(w http.ResponseWriter, b string) {
			w.Header().Set("Location", "https://"+b+".test/")
			w.WriteHeader(303)
		},
	} {
		var made string
		var seen observed
		_, l := start(t, fakeservices.Options{Fault: func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				made = r.URL.Query().Get("bewit")
				fault(w, made)
			})
		}}, func(o *live.Options) { o.Observer = &seen })
		_, err := read(l, private)
		told := strings.ToLower(fmt.Sprint(err, seen.events))
		if err == nil || made == "" || strings.Contains(told, strings.ToLower(made)) {
			t.Errorf("%s: the bewit %q is told: %s", name, made, told)
		}
	}
}
