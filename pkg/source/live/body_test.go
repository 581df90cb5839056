package live_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cotverify/internal/fakeservices"
	"cotverify/internal/memsource"
	"cotverify/pkg/source"
	"cotverify/pkg/source/live"
)

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
