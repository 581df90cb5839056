package fakeservices_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cotverify/internal/fakeservices"
	"cotverify/internal/memsource"
	"cotverify/pkg/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	taskID = "HHfi-erFQ0iZcpHBjIDsdw"
	queue  = "https://firefox-ci-tc.services.mozilla.com/api/queue/v1/task/"
)

// newClient returns a client that reaches a server under its services' names,
// follows no redirect and decodes nothing.
func newClient(t *testing.T, s *fakeservices.Server) *http.Client {
	t.Helper()
	ca, err := os.ReadFile(s.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, _, _ := net.SplitHostPort(address)
			return new(net.Dialer).DialContext(ctx, network, s.Connect()[host])
		},
		TLSClientConfig:    &tls.Config{RootCAs: roots},
		DisableCompression: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// get returns an answer and its body, decoded.
func get(t *testing.T, c *http.Client, target string, header ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := c.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body := io.Reader(response.Body)
	if response.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(response.Body); err != nil {
			t.Fatal(err)
		}
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(data)
}

func TestServerAnswersAsTheServicesDo(t *testing.T) {
	artifact := func(name string) source.Fact { return source.Artifact(taskID, name) }
	have := memsource.Texts{
		source.Task(taskID):                            `{"payload": {}}`,
		source.Artifacts(taskID):                       `{"artifacts":[{"name":"public/a"}]}`,
		artifact("public/a.json"):                      "{}",
		artifact("public/a.zip"):                       "zip",
		artifact("public/object"):                      "object",
		artifact("private"):                            "private",
		source.URL("https://hg.mozilla.org/x?a=1&b=2"): "hg",
		source.URL("https://api.github.com/repos/o/r"): "{}",
	}
	server := fakeservices.Start(t, have, fakeservices.Options{
		Stored: map[source.Fact]fakeservices.Stored{
			artifact("public/object"):  {Kind: fakeservices.Object},
			artifact("public/error"):   {Kind: fakeservices.Error, Reason: "file-missing-on-worker", Message: "no"},
			artifact("public/expired"): {Kind: fakeservices.Expired},
			artifact("public/lost"):    {Kind: fakeservices.Lost},
		},
		PrivateRepositories: []string{"o/r"}, GitHubToken: "token",
	})
	client := newClient(t, server)
	storage := "https://" + fakeservices.StorageHost + "/" + taskID + "/latest/"
	tests := []struct {
		url    string
		header []string
		status int
		body   string // a part of it
		check  map[string]string
	}{
		{queue + taskID, nil, 200, `{"payload": {}}`, nil},
		{queue + "evRtNIFnTLycLWznCUuKwA", nil, 404, `"code":"ResourceNotFound"`, nil},
		{queue + "no-slugid", nil, 400, `"code":"InvalidRequestArguments"`, nil},
		{queue + taskID + "?x=1", nil, 400, "InvalidRequestArguments", nil},
		{queue + taskID + "/nothing", nil, 404, "Not found", nil},
		{queue + taskID + "/status", nil, 200, `"state":"completed"`, nil},
		{queue + taskID + "/artifacts?continuationToken=", nil, 400, "InvalidRequestArguments", nil},
		{queue + taskID + "/artifacts?limit=0", nil, 500, "InternalServerError", nil},
		{queue + taskID + "/artifacts/public/a.json", nil, 303, `"storageType":"s3"`, map[string]string{"Location": storage + "public%2Fa.json"}},
		{queue + taskID + "/artifacts/public%2Fa.json", nil, 303, "", map[string]string{"X-Taskcluster-Artifact-Storage-Type": "s3"}},
		{queue + taskID + "/artifacts/public/a.json/", nil, 404, "ResourceNotFound", nil},
		{queue + taskID + "/artifacts/public//a.json", nil, 404, "ResourceNotFound", nil},
		{queue + taskID + "/artifacts/public/error", nil, 424, `"reason":"file-missing-on-worker"`, nil},
		{queue + taskID + "/artifacts/public/expired", nil, 410, "ResourceExpired", nil},
		{queue + taskID + "/artifacts/public/lost", nil, 303, "", nil},
		{queue + taskID + "/artifacts/private", nil, 403, "InsufficientScopes", nil},
		{queue + taskID + "/artifacts/not-there-but-private", nil, 403, "InsufficientScopes", nil},
		{queue + taskID + "/artifacts/private?bewit=x", nil, 401, "AuthenticationFailed", map[string]string{"Www-Authenticate": "hawk"}},
		{queue + taskID, []string{"Authorization", "Hawk x"}, 401, "AuthenticationFailed", nil},
		{storage + "public%2Fa.json", nil, 200, "{}", map[string]string{"Content-Encoding": "gzip"}},
		{storage + "public%2Fa.json", []string{"Accept-Encoding", "identity"}, 200, "{}", map[string]string{"Content-Encoding": "gzip"}},
		{storage + "public%2Fa.zip", nil, 200, "zip", map[string]string{"Content-Encoding": "", "Content-Length": "3"}},
		{storage + "public%2Fa.zip", []string{"Authorization", "x"}, 400, "<Code>InvalidArgument</Code>", nil},
		{storage + "public%2Fobject", nil, 403, "<Code>AccessDenied</Code>", nil},
		{storage + "public%2Flost", nil, 403, "<Code>AccessDenied</Code>", nil},
		{storage + "private", nil, 403, "<Code>AccessDenied</Code>", nil},
		{storage + "public%2Fnone", nil, 404, "<Code>NoSuchKey</Code>", nil},
		{"https://hg.mozilla.org/x?a=1&b=2", nil, 200, "hg", nil},
		{"https://hg.mozilla.org/x?a=1", nil, 404, "Not Found", nil},
		{"https://api.github.com/repos/o/r", nil, 404, "Not Found", nil},
		{"https://api.github.com/repos/o/r", []string{"Authorization", "Bearer token"}, 200, "{}", nil},
		{"https://api.github.com/repos/o/r", []string{"Authorization", "Bearer other"}, 401, "Bad credentials", nil},
		{"https://api.github.com/repos/o/r", []string{"User-Agent", ""}, 403, "forbidden", nil},
	}
	for _, test := range tests {
		response, body := get(t, client, test.url, test.header...)
		if response.StatusCode != test.status || !strings.Contains(body, test.body) {
			t.Errorf("%s %v: got %d, %s, want %d, %s", test.url, test.header, response.StatusCode, body, test.status, test.body)
		}
		for name, want := range test.check {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", test.url, name, got, want)
			}
		}
	}
	if got := len(server.Requests()); got != len(tests) {
		t.Errorf("kept %d requests, want %d", got, len(tests))
	}

	response, _ := get(t, client, queue+taskID+"/artifacts/public/object")
	if _, body := get(t, client, response.Header.Get("Location")); body != "object" {
		t.Errorf("the signed URL of an object: got %q", body)
	}
}

// A token that arrives broken starts over, silently.
func TestServerPages(t *testing.T) {
	server := fakeservices.Start(t, memsource.Texts{source.Artifacts(taskID): `{"artifacts":[1,2,3]}`}, fakeservices.Options{PageSize: 2})
	client := newClient(t, server)
	page := func(query string) (artifacts string, token *string) {
		_, body := get(t, client, queue+taskID+"/artifacts"+query)
		var p struct {
			Artifacts         json.RawMessage
			ContinuationToken *string
		}
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatal(err)
		}
		return string(p.Artifacts), p.ContinuationToken
	}
	first, token := page("")
	if first != "[1,2]" || token == nil || !strings.Contains(*token, "+") {
		t.Fatalf("the first page: %s, token %v", first, token)
	}
	if last, none := page("?continuationToken=" + url.QueryEscape(*token)); last != "[3]" || none != nil {
		t.Errorf("the last page: %s, token %v", last, none)
	}
	if again, _ := page("?continuationToken=" + *token); again != "[1,2]" {
		t.Errorf("a token that was not escaped: %s", again)
	}
	if one, _ := page("?limit=1"); one != "[1]" {
		t.Errorf("a limit: %s", one)
	}
}

func TestServerFaults(t *testing.T) {
	site := "https://hg.mozilla.org/x"
	body := strings.Repeat("x", 1000)
	ask := func(f fakeservices.Fault) (status int, got string, err error) {
		server := fakeservices.Start(t, memsource.Texts{source.URL(site): body}, fakeservices.Options{HTTP1: true, Fault: f})
		client := newClient(t, server)
		client.Timeout = 2 * time.Second
		response, err := client.Get(site)
		if err != nil {
			return 0, "", err
		}
		defer response.Body.Close()
		data, err := io.ReadAll(response.Body)
		return response.StatusCode, string(data), err
	}
	if _, got, err := ask(fakeservices.Latency(time.Millisecond)); got != body || err != nil {
		t.Errorf("Latency: %q, %v", got, err)
	}
	if status, _, _ := ask(fakeservices.Status(503)); status != 503 {
		t.Errorf("Status: %d", status)
	}
	if status, got, _ := ask(fakeservices.HTML()); status != 200 || !strings.Contains(got, "<html>") {
		t.Errorf("HTML: %d, %q", status, got)
	}
	if status, _, _ := ask(fakeservices.Loop()); status != 302 {
		t.Errorf("Loop: %d", status)
	}
	if _, got, err := ask(fakeservices.Wrong(1)); err != nil || len(got) != len(body) || got == body {
		t.Errorf("Wrong: %v, the same %t", err, got == body)
	}
	if _, got, err := ask(fakeservices.Drip(0)); err != nil || got != body {
		t.Errorf("Drip: %q, %v", got, err)
	}
	for name, f := range map[string]fakeservices.Fault{
		"Cut": fakeservices.Cut(1), "Short": fakeservices.Short(), "Hang": fakeservices.Hang(),
	} {
		if _, _, err := ask(f); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if status, _, _ := ask(fakeservices.Where("github", fakeservices.Status(503))); status != 200 {
		t.Errorf("Where: %d of another host", status)
	}

	server := fakeservices.Start(t, memsource.Texts{source.URL(site): body}, fakeservices.Options{Fault: fakeservices.First(2, fakeservices.Status(503))})
	client := newClient(t, server)
	var statuses []int
	for i := range 3 {
		response, _ := get(t, client, site+fmt.Sprintf("?%d", i))
		statuses = append(statuses, response.StatusCode)
	}
	if fmt.Sprint(statuses) != "[503 503 404]" {
		t.Errorf("First(2): %v", statuses)
	}

	dead := fakeservices.Start(t, memsource.Texts{}, fakeservices.Options{Dead: []string{fakeservices.HgHost}})
	if _, err := newClient(t, dead).Get(site); err == nil {
		t.Error("a dead host answers")
	}
}
