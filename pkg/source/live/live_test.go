package live_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
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

func TestHostsSpelledOtherwise(t *testing.T) {
	_, l := start(t, fakeservices.Options{}, nil)
	f := source.URL("http://HG.mozilla.org:80/mozilla-central/raw-file/" + sha + "/.taskcluster.yml#fragment")
	if got, err := read(l, f); err != nil || got != some()[hgTemplate] {
		t.Errorf("got %.20q, %v", got, err)
	}
}
