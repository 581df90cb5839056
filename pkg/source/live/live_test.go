package live_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cotverify/internal/fakeservices"
	"cotverify/internal/memsource"
	"cotverify/pkg/source"
	"cotverify/pkg/source/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	taskID  = "HHfi-erFQ0iZcpHBjIDsdw"
	otherID = "evRtNIFnTLycLWznCUuKwA"
	sha     = "a841673d7c01561259c45fe51c7d85cc7d96aca4"
)

// The secrets that no service but its own may see, and nobody in a text.
const (
	accessToken = "SECRET-access-token"
	gitHubToken = "SECRET-github-token"
)

var (
	task       = source.Task(taskID)
	cot        = source.Artifact(taskID, "public/chain-of-trust.json")
	signature  = source.Artifact(taskID, "public/chain-of-trust.json.sig")
	apk        = source.Artifact(taskID, "public/build/target.apk")
	private    = source.Artifact(taskID, "project/private file?.txt")
	list       = source.Artifacts(taskID)
	template   = source.URL("https://raw.githubusercontent.com/mozilla/glean/" + sha + "/.taskcluster.yml")
	repository = source.URL("https://api.github.com/repos/mozilla/glean")
	landed     = source.URL("https://github.com/mozilla/glean/branch_commits/" + sha)
	push       = source.URL("https://hg.mozilla.org/mozilla-central/json-pushes?changeset=" + sha + "&version=2&full=1")
	hgTemplate = source.URL("http://hg.mozilla.org/mozilla-central/raw-file/" + sha + "/.taskcluster.yml")
)

// some are facts of every kind.
func some() memsource.Texts {
	return memsource.Texts{
		task:       `{"provisionerId": "proj", "payload": {}}`,
		cot:        `{"taskId": "` + taskID + `"}`,
		signature:  strings.Repeat("s", 64),
		apk:        strings.Repeat("apk ", 50_000),
		private:    "private",
		list:       `{"artifacts":[{"name":"public/a","x":1.0},{"name":"public/b"},{"name":"public/<c>"}]}`,
		template:   "version: 1",
		repository: `{"html_url": "x"}`,
		landed:     "main",
		push:       `{"pushes": {}}`,
		hgTemplate: strings.Repeat("version: 1\n", 500),
	}
}

// newLive returns a live source of a server, which waits for nothing between
// tries.
func newLive(t *testing.T, s *fakeservices.Server, change func(*live.Options)) *live.Source {
	t.Helper()
	ca, err := os.ReadFile(s.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	o := live.Options{
		RootURL:     s.RootURL(),
		Credentials: live.Credentials{ClientID: "client", AccessToken: accessToken},
		GitHubAPI:   "https://api.github.com",
		GitHubRaw:   "https://raw.githubusercontent.com",
		GitHubToken: gitHubToken,
		Sites:       []string{"https://github.com", "https://hg.mozilla.org"},
		Connect:     s.Connect(),
		RootCAs:     roots,
	}
	if change != nil {
		change(&o)
	}
	l, err := live.New(o)
	if err != nil {
		t.Fatal(err)
	}
	l.SetSleep(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// start returns a server of some facts, and a live source of it.
func start(t *testing.T, o fakeservices.Options, change func(*live.Options)) (*fakeservices.Server, *live.Source) {
	t.Helper()
	o.AccessTokens = map[string]string{"client": accessToken}
	o.GitHubToken = gitHubToken
	server := fakeservices.Start(t, some(), o)
	return server, newLive(t, server, change)
}

func read(s source.Source, f source.Fact) (string, error) {
	data, _, err := source.ReadAll(context.Background(), s, f, 1<<30)
	return string(data), err
}

// wantUnavailable checks that a fact could not be had, why, and that nothing
// secret is told.
func wantUnavailable(t *testing.T, s source.Source, f source.Fact, status int, reason string) {
	t.Helper()
	got, err := read(s, f)
	var unavailable *source.UnavailableError
	switch {
	case !errors.As(err, &unavailable):
		t.Errorf("%s: got %.40q, error %v, want an *UnavailableError", f, got, err)
	case unavailable.Status != status, !strings.Contains(unavailable.Reason, reason):
		t.Errorf("%s: got status %d, %q, want %d, %q", f, unavailable.Status, unavailable.Reason, status, reason)
	case strings.Contains(err.Error(), "SECRET"):
		t.Errorf("%s: the error tells a secret: %v", f, err)
	}
}

func wantNotFound(t *testing.T, s source.Source, f source.Fact, reason string) {
	t.Helper()
	_, err := read(s, f)
	var missing *source.NotFoundError
	if !errors.As(err, &missing) || !strings.Contains(missing.Reason, reason) || reason == "" && missing.Reason != "" {
		t.Errorf("%s: got error %v, want a *NotFoundError with %q", f, err, reason)
	}
}

// wantAll checks all facts of some, side by side.
func wantAll(t *testing.T, s source.Source) {
	t.Helper()
	var wg sync.WaitGroup
	for f, want := range some() {
		wg.Go(func() {
			got, err := read(s, f)
			if err != nil || got != want {
				t.Errorf("%s: got %.80q, %v, want %.80q", f, got, err, want)
			}
		})
	}
	wg.Wait()
}

// asked counts the requests for paths that hold a text.
func asked(s *fakeservices.Server, text string) int {
	n := 0
	for _, r := range s.Requests() {
		if strings.Contains(r.Host+r.URI, text) {
			n++
		}
	}
	return n
}

func TestReadsEveryKindOfFact(t *testing.T) {
	for _, http1 := range []bool{false, true} {
		_, l := start(t, fakeservices.Options{HTTP1: http1, PageSize: 2}, nil)
		wantAll(t, l)
	}
}

// Whatever goes wrong once is made good by asking again, also where a body
// breaks off within.
func TestEveryRequestFailsOnce(t *testing.T) {
	faults := map[string]fakeservices.Fault{
		"a server's error":  fakeservices.Status(http.StatusServiceUnavailable),
		"too many requests": fakeservices.Status(http.StatusTooManyRequests, "Retry-After", "1"),
		"a short body":      fakeservices.Short(),
		"a hung server":     fakeservices.Hang(),
	}
	for seed := range uint64(4) {
		faults[fmt.Sprintf("a cut connection, seed %d", seed)] = fakeservices.Cut(seed)
	}
	for name, fault := range faults {
		for _, http1 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, HTTP/1 %t", name, http1), func(t *testing.T) {
				_, l := start(t, fakeservices.Options{HTTP1: http1, PageSize: 2, Fault: fakeservices.First(1, fault)},
					func(o *live.Options) { o.RequestTimeout = time.Second })
				wantAll(t, l)
			})
		}
	}
}

// many is how often a fact is asked for until the time for trouble is over:
// chance has a part in it.
const many = -1

func TestFaultsThatStay(t *testing.T) {
	tests := []struct {
		name   string
		fault  fakeservices.Fault
		fact   source.Fact
		status int
		reason string
		asked  int // how often, or many
	}{
		{"a storm of 503", fakeservices.Status(503), task, 503, "answers 503 Service Unavailable: a fault for the sake of it", many},
		{"a storm of 503 at the storage", fakeservices.Where("storage", fakeservices.Status(503)), cot, 503, "artifacts.storage.test answers 503", many},
		{"too many requests", fakeservices.Status(429, "Retry-After", "5"), task, 429, "answers 429 Too Many Requests", many},
		{"too long a wait", fakeservices.Status(429, "Retry-After", "3600"), task, 429, "it asks to come back in 1h0m0s", 1},
		{"a refusal", fakeservices.Status(403), task, 403, "answers 403 Forbidden", 1},
		{"a teapot", fakeservices.Status(418), push, 418, "hg.mozilla.org answers 418", 1},
		{"another good status", fakeservices.Status(204), push, 204, "answers 204", 1},
		{"a web page for a definition", fakeservices.HTML(), task, 200, "HTML page", many},
		{"a web page for an artifact", fakeservices.Where("storage", fakeservices.HTML()), apk, 200, "artifacts.storage.test answers with an HTML page", many},
		{"a web page for a list", fakeservices.HTML(), list, 200, "HTML page", many},
		{"a web page from the API", fakeservices.HTML(), repository, 200, "HTML page", many},
		{"a queue's 404 by another", fakeservices.Status(404), task, 404, "firefox-ci-tc.services.mozilla.com answers 404 Not Found: a fault for the sake of it, but not as a queue does", 1},
		{"an unknown route", reply("", `{"error":"Not found"}`, 404), task, 404, "not as a queue does", 1},
		{"a 404 page for an artifact", reply("", "<html>", 404), cot, 404, "not as a queue does", 1},
		{"a 404 page for a list", reply("", "<Error><Code>ResourceNotFound</Code></Error>", 404), list, 404, "not as a queue does", 1},
		{"a 404 page of the storage", fakeservices.Where("storage", reply("", "<html>", 404)), cot, 404, "artifacts.storage.test answers 404 Not Found", 2},
		{"a redirect of the queue to a site", fakeservices.Where("firefox-ci", fakeservices.Redirect("https://github.com/none")), task, 0, "redirects, which no queue does", 1},
		{"a redirect of the queue", fakeservices.Redirect("https://elsewhere.test/"), task, 0, "redirects, which no queue does", 1},
		{"a redirect loop of the storage", fakeservices.Where("storage", fakeservices.Loop()), cot, 0, "redirect from one to the next without end", 11},
		{"a redirect loop of a site", fakeservices.Loop(), landed, 0, "without end", 11},
		{"a redirect to another host", fakeservices.Redirect("https://elsewhere.test/"), landed, 0, "elsewhere.test is none of those", 1},
		{"a redirect to http", fakeservices.Where("storage", fakeservices.Redirect("http://127.0.0.1/?sig=SECRET")), cot, 0, "redirects to http://127.0.0.1/…, which is no https URL", 2},
		{"a redirect with a user", fakeservices.Where("storage", fakeservices.Redirect("https://SECRET@h/")), cot, 0, "no https URL", 2},
		{"a redirect to nowhere", fakeservices.Where("storage", fakeservices.Status(302)), cot, 0, "redirects to no URL", 2},
		{"a short body", fakeservices.Short(), task, 0, "was cut after", many},
		{"an answer without an end", endless10, push, 200, "hg.mozilla.org does not say where its answer ends", 1},
		{"an unknown encoding", reply("br", "", 0), task, 200, `the encoding "br"`, 1},
		{"a body that is no gzip", reply("gzip", "not gzip at all", 0), task, 200, "gzip encoding does not hold", many},
		{"a gzip that ends early", reply("gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 0), task, 0, "gzip encoding does not hold", many},
		{"a page that is no JSON", reply("", "{", 0), list, 0, "not the JSON that it should be", 1},
		{"a page without a list", reply("", "{}", 0), list, 0, "holds no list of artifacts", 1},
		{"a page too large", reply("", `"`+strings.Repeat("x", 9<<20)+`"`, 0), list, 0, "which is the limit for it", 1},
		{"pages in a circle", reply("", `{"artifacts":[{}],"continuationToken":"x"}`, 0), list, 0, "round in a circle", 2},
		{"the worker's error", reply("", `{"reason":"file-missing-on-worker","message":"no file\nmore"}`, 424), cot, 424,
			"its worker could not upload it (file-missing-on-worker): no file", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server, l := start(t, fakeservices.Options{HTTP1: true, Fault: test.fault}, nil)
			wantUnavailable(t, l, test.fact, test.status, test.reason)
			if n := asked(server, ""); n != test.asked && (test.asked != many || n < 8) {
				t.Errorf("%d requests, want %d", n, test.asked)
			}
		})
	}
}

// endless10 is a fault that answers as HTTP/1.0 may: the end of the connection
// is that of the body.
func endless10(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connection, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = buffer.WriteString("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nsome of it")
		_ = buffer.Flush()
		_ = connection.Close()
	})
}

// reply is a fault that answers with a body, and with a status if it is not 0.
func reply(encoding, body string, status int) fakeservices.Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", encoding)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(max(status, http.StatusOK))
			_, _ = io.WriteString(w, body)
		})
	}
}

func TestSilentServices(t *testing.T) {
	tests := []struct {
		name   string
		fault  fakeservices.Fault
		reason string
	}{
		{"hung", fakeservices.Hang(), "raw.githubusercontent.com does not answer within 100ms"},
		{"dripping", fakeservices.Drip(10 * time.Millisecond), "raw.githubusercontent.com sends too slowly"},
	}
	for _, test := range tests {
		for _, http1 := range []bool{false, true} {
			t.Run(test.name, func(t *testing.T) {
				server := fakeservices.Start(t, memsource.Texts{template: strings.Repeat("x", 1000)}, fakeservices.Options{HTTP1: http1, Fault: test.fault})
				l := newLive(t, server, func(o *live.Options) {
					o.RequestTimeout, o.Trouble = 100*time.Millisecond, 150*time.Millisecond
				})
				wantUnavailable(t, l, template, 0, test.reason)
			})
		}
	}
}

func TestHostsThatCannotBeReached(t *testing.T) {
	_, l := start(t, fakeservices.Options{Dead: []string{fakeservices.APIHost}}, nil)
	wantUnavailable(t, l, repository, 0, "api.github.com refuses the connection (asked ")

	server, l := start(t, fakeservices.Options{}, func(o *live.Options) { o.RootCAs = x509.NewCertPool() })
	wantUnavailable(t, l, repository, 0, "the certificate of api.github.com is not trusted")
	if n := asked(server, ""); n != 0 {
		t.Errorf("%d requests to a host that is not trusted", n)
	}
}

// A body that breaks off goes on with what the same answer has; it is never
// made of two.
func TestBodyIsNeverOfTwoAnswers(t *testing.T) {
	var mu sync.Mutex
	n := 0
	_, l := start(t, fakeservices.Options{HTTP1: true, Fault: fakeservices.Where("raw.", func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			n++
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, strings.Repeat(fmt.Sprint(n), 50_000))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
	})}, nil)
	wantUnavailable(t, l, template, 0, "another answer when it was asked again")
}

func TestAsksNothingOfImpossibleNames(t *testing.T) {
	server, l := start(t, fakeservices.Options{}, nil)
	for _, id := range []string{"", "x", "../" + taskID[3:], taskID + "\n", strings.Repeat("a", 22)} {
		wantNotFound(t, l, source.Task(id), "no taskId")
		wantNotFound(t, l, source.Artifacts(id), "no taskId")
		wantNotFound(t, l, source.Artifact(id, "public/x"), "no taskId")
	}
	for _, name := range []string{"", ".", "..", "public/é", "public/\n"} {
		wantNotFound(t, l, source.Artifact(taskID, name), "no artifact can have this name")
	}
	for _, u := range []string{
		"https://elsewhere.test/", "https://hg.mozilla.org.elsewhere.test/", "https://hg.mozilla.org:444/",
		"https://user:password@hg.mozilla.org/", "ssh://hg.mozilla.org/", "file:///etc/passwd", "//hg.mozilla.org/", "%", "",
	} {
		wantUnavailable(t, l, source.URL(u), 0, "")
	}
	if n := asked(server, ""); n != 0 {
		t.Errorf("%d requests, want none: %v", n, server.Requests())
	}
}

func TestArtifactKinds(t *testing.T) {
	elsewhere := "https://elsewhere.test/file?x=SECRET"
	stored := func(name string, s fakeservices.Stored) (source.Fact, fakeservices.Stored) {
		return source.Artifact(taskID, "public/"+name), s
	}
	object, asObject := stored("object", fakeservices.Stored{Kind: fakeservices.Object})
	gzipped, asGzip := stored("gzipped.zip", fakeservices.Stored{Encoding: fakeservices.Gzip})
	plain, asPlain := stored("plain.json", fakeservices.Stored{Encoding: fakeservices.Plain})
	empty, asEmpty := stored("empty.json", fakeservices.Stored{})
	reference, asReference := stored("reference", fakeservices.Stored{Kind: fakeservices.Reference, Location: elsewhere})
	page, asPage := stored("page.html", fakeservices.Stored{})
	odd, asOdd := stored("a/../b//c%2F?bewit=x#é"[:19], fakeservices.Stored{})
	failed, asFailed := stored("failed", fakeservices.Stored{Kind: fakeservices.Error, Reason: "invalid-resource", Message: "it was a folder"})
	expired, asExpired := stored("expired", fakeservices.Stored{Kind: fakeservices.Expired})
	lost, asLost := stored("lost", fakeservices.Stored{Kind: fakeservices.Lost})
	gone, asGone := stored("gone", fakeservices.Stored{})

	have := memsource.Texts{source.URL(elsewhere): "elsewhere"}
	for _, f := range []source.Fact{object, gzipped, plain, page, odd} {
		have[f] = "the content of " + f.Name
	}
	have[empty] = ""
	server := fakeservices.Start(t, have, fakeservices.Options{
		Hosts: []string{"elsewhere.test"},
		Stored: map[source.Fact]fakeservices.Stored{
			object: asObject, gzipped: asGzip, plain: asPlain, empty: asEmpty, reference: asReference, page: asPage,
			odd: asOdd, failed: asFailed, expired: asExpired, lost: asLost, gone: asGone,
		},
	})
	l := newLive(t, server, nil)
	have[reference] = have[source.URL(elsewhere)]
	for _, f := range []source.Fact{object, gzipped, plain, empty, reference, page, odd} {
		if got, err := read(l, f); err != nil || got != have[f] {
			t.Errorf("%s: got %q, %v, want %q", f, got, err, have[f])
		}
	}
	wantUnavailable(t, l, failed, 424, "its worker could not upload it (invalid-resource): it was a folder")
	wantUnavailable(t, l, expired, 410, "it has expired")
	wantUnavailable(t, l, lost, 403, "its upload may never have ended (artifacts.storage.test answers 403 Forbidden (AccessDenied))")
	wantNotFound(t, l, gone, "the queue knows it, but it is not in its storage: its upload may never have ended (artifacts.storage.test answers 404 Not Found (NoSuchKey))")
}

func TestRunsThatHideArtifacts(t *testing.T) {
	tests := []struct {
		runs   []string
		reason string
	}{
		{[]string{"completed", "pending"}, "run 1 (pending) hides the artifacts of run 0, which completed"},
		{[]string{"exception", "completed", "exception", "running"}, "run 3 (running) hides the artifacts of run 1, which completed"},
		{[]string{"failed", "running"}, "the state of the task's latest run, 1, is running"},
		{[]string{}, "no run of the task has begun"},
	}
	for _, test := range tests {
		server, l := start(t, fakeservices.Options{Runs: map[string][]string{taskID: test.runs}}, nil)
		wantNotFound(t, l, cot, test.reason)
		wantNotFound(t, l, signature, test.reason)
		wantNotFound(t, l, list, test.reason)
		if n := asked(server, "/status"); n != 1 {
			t.Errorf("%v: the status was asked for %d times, want once", test.runs, n)
		}
	}

	_, l := start(t, fakeservices.Options{}, nil)
	wantNotFound(t, l, source.Artifact(taskID, "public/none"), "")
	wantNotFound(t, l, source.Artifact(otherID, "public/none"), "")
	wantNotFound(t, l, source.Task(otherID), "")
	wantNotFound(t, l, source.Artifacts(otherID), "")

	server := fakeservices.Start(t, memsource.Texts{task: "{}", list: `{"artifacts":[]}`}, fakeservices.Options{})
	if got, err := read(newLive(t, server, nil), list); err != nil || got != `{"artifacts":[]}` {
		t.Errorf("an empty list of a completed task: got %q, %v", got, err)
	}
}

func TestListOfManyPages(t *testing.T) {
	var entries []string
	for i := range 250 {
		entries = append(entries, fmt.Sprintf(`{"name":"public/%d"}`, i))
	}
	want := `{"artifacts":[` + strings.Join(entries, ",") + `]}`
	server := fakeservices.Start(t, memsource.Texts{list: want}, fakeservices.Options{PageSize: 3})
	if got, err := read(newLive(t, server, nil), list); err != nil || got != want {
		t.Errorf("got %.80q, %v", got, err)
	}
	server = fakeservices.Start(t, memsource.Texts{list: want}, fakeservices.Options{PageSize: 2})
	wantUnavailable(t, newLive(t, server, nil), list, 0, "more than 100 pages")

	// Each page may be large, but not all of them together.
	pages := 0
	large := func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			pages++
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"artifacts":[{"name":"%s"}],"continuationToken":"%d"}`, strings.Repeat("x", 4<<20), pages)
		})
	}
	server = fakeservices.Start(t, memsource.Texts{}, fakeservices.Options{Fault: large})
	wantUnavailable(t, newLive(t, server, nil), list, 0, "it is larger than 67108864 bytes")
	if pages > 16 {
		t.Errorf("%d pages of 4 MiB were read", pages)
	}
}

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

func TestPrivateArtifacts(t *testing.T) {
	certificate := `{"version": 1, "signature": "SECRET"}`
	_, l := start(t, fakeservices.Options{Certificate: certificate}, func(o *live.Options) {
		o.Credentials.Certificate = `{"version":1,"signature":"SECRET"}`
	})
	if got, err := read(l, private); err != nil || got != "private" {
		t.Errorf("temporary credentials: got %q, %v", got, err)
	}
	_, l = start(t, fakeservices.Options{Certificate: certificate}, nil)
	wantUnavailable(t, l, private, 401, "does not accept the Taskcluster credentials")

	_, l = start(t, fakeservices.Options{}, func(o *live.Options) { o.Credentials = live.Credentials{} })
	wantUnavailable(t, l, private, 403, "it is private, and needs Taskcluster credentials that have the scope queue:get-artifact:project/private file?.txt")

	_, l = start(t, fakeservices.Options{}, func(o *live.Options) { o.Credentials.AccessToken = "SECRET-wrong" })
	wantUnavailable(t, l, private, 401, "does not accept the Taskcluster credentials")
	if _, err := read(l, cot); err != nil {
		t.Errorf("bad credentials broke a public read: %v", err)
	}

	server, l := start(t, fakeservices.Options{}, func(o *live.Options) { o.ProxyURL = "https://" + fakeservices.ProxyHost + "/" })
	if got, err := read(l, private); err != nil || got != "private" {
		t.Errorf("through the proxy of a task: got %q, %v", got, err)
	}
	mustSee(t, server, func(fakeservices.Request) bool { return false })
}

// Where anonymous may see nothing, definitions, lists and status are asked for
// again, signed.
func TestClosedDeployments(t *testing.T) {
	closed := fakeservices.Options{Closed: true, PageSize: 2, Runs: map[string][]string{otherID: {"completed", "pending"}}}
	server, l := start(t, closed, nil)
	for _, f := range []source.Fact{task, list, cot, private} {
		if got, err := read(l, f); err != nil || got != some()[f] {
			t.Errorf("%s: got %q, %v", f, got, err)
		}
	}
	anonymous := map[string]bool{}
	for _, r := range server.Requests() {
		path, query, _ := strings.Cut(r.URI, "?")
		bewit := strings.Contains(query, "bewit=")
		switch public := strings.Contains(path, "public%2F") || r.Host == fakeservices.StorageHost; {
		case bewit && public:
			t.Errorf("%s %s is signed without need", r.Host, path)
		case bewit && !anonymous[path] && !strings.Contains(path, "project%2F"):
			t.Errorf("%s is signed before it was asked for without", path)
		}
		anonymous[path] = true
	}
	wantNotFound(t, l, source.Task(otherID), "")

	_, l = start(t, closed, func(o *live.Options) { o.Credentials = live.Credentials{} })
	wantUnavailable(t, l, task, 403, "it is private, and needs Taskcluster credentials that have the scope queue:get-task:"+taskID)
	_, l = start(t, closed, func(o *live.Options) { o.Credentials.AccessToken = "SECRET-wrong" })
	wantUnavailable(t, l, task, 401, "does not accept the Taskcluster credentials")

	_, l = start(t, fakeservices.Options{LinkScopes: []string{"queue:get-artifact:a", "queue:get-artifact:b"}},
		func(o *live.Options) { o.Credentials = live.Credentials{} })
	wantUnavailable(t, l, private, 403, "that have the scopes queue:get-artifact:project/private file?.txt, queue:get-artifact:a, queue:get-artifact:b")
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

// How long the waits between tries are.
func TestWaits(t *testing.T) {
	var waits []time.Duration
	waitsOf := func(fault fakeservices.Fault) []time.Duration {
		_, l := start(t, fakeservices.Options{Fault: fault}, nil)
		waits = nil
		l.SetSleep(func(_ context.Context, d time.Duration) error {
			waits = append(waits, d)
			return nil
		})
		_, _ = read(l, task)
		return waits
	}
	upper := 250 * time.Millisecond
	var all time.Duration
	for i, d := range waitsOf(fakeservices.Status(500)) {
		all += d
		if (d < upper/2 && all < 44*time.Second) || d > upper {
			t.Errorf("wait %d is %s, want %s to %s", i, d, upper/2, upper)
		}
		upper = min(2*upper, 10*time.Second)
	}
	if all < 44*time.Second || all > 45*time.Second {
		t.Errorf("waits %s in all, want the 45s that trouble may take", all)
	}
	for _, d := range waitsOf(fakeservices.Status(503, "Retry-After", "7")) {
		if d < 7*time.Second || d > 10*time.Second {
			t.Errorf("waits %s, want at least the 7s that were asked for", d)
		}
	}
	until := time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat)
	for _, d := range waitsOf(fakeservices.Status(429, "Retry-After", until)) {
		if d < 20*time.Second || d > 30*time.Second {
			t.Errorf("waits %s, want until %s", d, until)
		}
	}
	if n := len(waits); n != 2 {
		t.Errorf("%d waits of 30s, want 2", n)
	}
}

// A service that is away for a while is waited for, however often it fails
// meanwhile; one that always breaks off at the same byte is given up.
func TestOutages(t *testing.T) {
	for name, fault := range map[string]fakeservices.Fault{
		"no answer": fakeservices.First(7, fakeservices.Status(502)), "a cut one": fakeservices.First(7, fakeservices.Short()),
	} {
		_, l := start(t, fakeservices.Options{HTTP1: true, Fault: fault}, nil)
		if got, err := read(l, template); err != nil || got != some()[template] {
			t.Errorf("%s, seven times: got %q, %v", name, got, err)
		}
	}
}

// A host that name servers do not know is given up soon; where they cannot be
// asked, it is tried for as long as any other trouble may take.
func TestHostsWithoutAnAddress(t *testing.T) {
	_, l := start(t, fakeservices.Options{}, nil)
	var waited time.Duration
	l.SetSleep(func(_ context.Context, d time.Duration) error {
		waited += d
		return nil
	})
	var dials int
	fails := func(err error) {
		dials, waited = 0, 0
		l.SetDial(func(context.Context, string, string) (net.Conn, error) {
			dials++
			return nil, &net.OpError{Op: "dial", Err: err}
		})
	}
	fails(&net.DNSError{Err: "no such host", Name: "tc.example", IsNotFound: true})
	wantUnavailable(t, l, task, 0, "name servers know no host firefox-ci-tc.services.mozilla.com: check the root URL, and this computer's network (asked 4 times)")
	if dials != live.MaxLookups || waited > 5*time.Second {
		t.Errorf("tried %d times, for %s", dials, waited)
	}
	wantUnavailable(t, l, repository, 0, "name servers know no host api.github.com: check this computer's network")

	fails(&net.DNSError{Err: "server misbehaving", Name: "tc.example", IsTemporary: true})
	wantUnavailable(t, l, task, 0, "the address of firefox-ci-tc.services.mozilla.com could not be had")
	if dials <= live.MaxLookups || waited < 40*time.Second {
		t.Errorf("tried %d times, for %s", dials, waited)
	}

	// Tries that fail otherwise meanwhile begin the count anew.
	dials = 0
	l.SetDial(func(context.Context, string, string) (net.Conn, error) {
		if dials++; dials%live.MaxLookups == 0 {
			return nil, syscall.ECONNREFUSED
		}
		return nil, &net.DNSError{Err: "no such host", Name: "tc.example", IsNotFound: true}
	})
	wantUnavailable(t, l, task, 0, "asked")
	if dials <= live.MaxLookups {
		t.Errorf("given up after %d tries", dials)
	}
}

// When the time is up, who is blamed is the host that was waited for.
func TestBlamesTheHostThatHung(t *testing.T) {
	server, l := start(t, fakeservices.Options{Fault: fakeservices.Where("storage", fakeservices.Hang())}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for asked(server, "storage") == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	_, err := l.Open(ctx, cot)
	if !errors.Is(err, context.Canceled) || err.Error() != fakeservices.StorageHost+" had not answered" {
		t.Errorf("got %v", err)
	}
}

func TestStopsWithItsContext(t *testing.T) {
	server, l := start(t, fakeservices.Options{Fault: fakeservices.Where("raw.", fakeservices.Hang())}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		_, err := l.Open(ctx, template)
		ended <- err
	}()
	for asked(server, "raw.") == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("a request under way: got %v, want context.Canceled", err)
	}
	if _, err := l.Open(ctx, task); !errors.Is(err, context.Canceled) {
		t.Errorf("another: got %v, want context.Canceled", err)
	}

	ctx, cancel = context.WithCancel(context.Background())
	answer, err := l.Open(ctx, apk)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	cancel()
	if _, err := io.Copy(io.Discard, answer.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("a body: got %v, want context.Canceled", err)
	}
}

// No more requests run than there are jobs.
func TestJobs(t *testing.T) {
	var mu sync.Mutex
	running, most := 0, 0
	count := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(5 * time.Millisecond)
			next.ServeHTTP(w, r)
			mu.Lock()
			running--
			mu.Unlock()
		})
	}
	_, l := start(t, fakeservices.Options{Fault: count}, func(o *live.Options) { o.Jobs = 3 })
	var wg sync.WaitGroup
	for range 5 {
		for f := range some() {
			wg.Go(func() {
				if _, err := read(l, f); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if most > 3 {
		t.Errorf("%d requests at once, want at most 3", most)
	}
}

func TestNewRefusesUnusableOptions(t *testing.T) {
	good := live.Options{RootURL: "https://tc.test", GitHubAPI: "https://api.test", GitHubRaw: "https://raw.test"}
	if l, err := live.New(good); err != nil {
		t.Fatal(err)
	} else {
		_ = l.Close()
	}
	for name, change := range map[string]func(*live.Options){
		"no root URL":               func(o *live.Options) { o.RootURL = "" },
		"a root URL without scheme": func(o *live.Options) { o.RootURL = "tc.test" },
		"a root URL with a user":    func(o *live.Options) { o.RootURL = "https://u:SECRET@tc.test" },
		"a proxy that is no URL":    func(o *live.Options) { o.ProxyURL = "http:/x" },
		"no API":                    func(o *live.Options) { o.GitHubAPI = "" },
		"no files":                  func(o *live.Options) { o.GitHubRaw = "ftp://x" },
		"a site that is none":       func(o *live.Options) { o.Sites = []string{"hg.test"} },
		"a token of two lines":      func(o *live.Options) { o.GitHubToken = "SECRET\nx" },
		"half of the credentials":   func(o *live.Options) { o.Credentials.AccessToken = "SECRET" },
	} {
		o := good
		change(&o)
		if _, err := live.New(o); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: got error %v, want one without the secret", name, err)
		}
	}
}

// A deployment without TLS, as developers run it, may have storage without it;
// others may not.
func TestWithoutTLS(t *testing.T) {
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "the artifact")
	}))
	defer storage.Close()
	queue := httptest.NewServer(http.RedirectHandler(storage.URL, http.StatusSeeOther))
	defer queue.Close()
	for root, want := range map[string]string{queue.URL: "", "https://tc.test": "which is no https URL"} {
		l, err := live.New(live.Options{
			RootURL: root, ProxyURL: queue.URL, GitHubAPI: "https://api.test", GitHubRaw: "https://raw.test",
		})
		if err != nil {
			t.Fatal(err)
		}
		if want != "" {
			wantUnavailable(t, l, cot, 0, want)
		} else if got, err := read(l, cot); err != nil || got != "the artifact" {
			t.Errorf("got %q, %v", got, err)
		}
		_ = l.Close()
	}
}

// observed keeps the events that it is told of.
type observed struct {
	mu     sync.Mutex
	events []source.Event
}

func (o *observed) Observe(e source.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, e)
}

func TestTellsOfItsRequests(t *testing.T) {
	var seen observed
	server, l := start(t, fakeservices.Options{Fault: fakeservices.First(1, fakeservices.Status(503))},
		func(o *live.Options) { o.Observer = &seen })
	wantAll(t, l)
	last := map[uint64]source.Event{}
	for _, e := range seen.events {
		before, known := last[e.Request]
		switch {
		case known != (e.State != source.Started), known && before.State == source.Finished:
			t.Errorf("request %d: %v after %v", e.Request, e.State, before.State)
		case e.Bytes < before.Bytes:
			t.Errorf("request %d: %d bytes after %d", e.Request, e.Bytes, before.Bytes)
		case strings.Contains(fmt.Sprintf("%+v", e), "SECRET"), strings.Contains(e.URL, "bewit=") && !strings.HasSuffix(e.URL, "bewit=REDACTED"):
			t.Errorf("an event tells a secret: %+v", e)
		}
		last[e.Request] = e
	}
	if got, want := len(last), len(server.Requests()); got != want {
		t.Errorf("events of %d requests, want of %d", got, want)
	}
	for _, e := range last {
		if e.State != source.Finished || e.Status == 0 || e.Size >= 0 && e.Bytes != e.Size {
			t.Errorf("the last event of request %d: %+v", e.Request, e)
		}
	}
}

// endless is a source of one artifact that is as large as is read of it.
type endless struct{ size int64 }

func (s endless) Open(_ context.Context, f source.Fact) (*source.Answer, error) {
	if f != apk {
		return nil, &source.NotFoundError{Fact: f}
	}
	return &source.Answer{Body: io.NopCloser(io.LimitReader(zeros{}, s.size))}, nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// What a service sends is not gathered in memory on its way.
func TestStreams(t *testing.T) {
	const size = 64 << 20
	server := fakeservices.Start(t, endless{size}, fakeservices.Options{})
	l := newLive(t, server, nil)
	answer, err := l.Open(context.Background(), apk)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if n, err := io.Copy(io.Discard, answer.Body); n != size || err != nil {
		t.Errorf("read %d bytes, %v, want %d", n, err, size)
	}
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

func TestHostsSpelledOtherwise(t *testing.T) {
	_, l := start(t, fakeservices.Options{}, nil)
	f := source.URL("http://HG.mozilla.org:80/mozilla-central/raw-file/" + sha + "/.taskcluster.yml#fragment")
	if got, err := read(l, f); err != nil || got != some()[hgTemplate] {
		t.Errorf("got %.20q, %v", got, err)
	}
}
