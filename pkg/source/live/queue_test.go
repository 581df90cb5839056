package live_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cotverify/internal/fakeservices"
	"cotverify/internal/memsource"
	"cotverify/pkg/source"
	"cotverify/pkg/source/live"
)

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
