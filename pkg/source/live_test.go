package source_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"io"
	"maps"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cotverify/internal/fakeservices"
	"cotverify/pkg/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	taskID  = "HHfi-erFQ0iZcpHBjIDsdw"
	otherID = "evRtNIFnTLycLWznCUuKwA"
	sha     = "a841673d7c01561259c45fe51c7d85cc7d96aca4"
)

// facts is a source that has what it holds.
type facts map[source.Fact]string

func (s facts) Open(_ context.Context, f source.Fact) (*source.Answer, error) {
	data, ok := s[f]
	if !ok {
		return nil, &source.NotFoundError{Fact: f}
	}
	return &source.Answer{Body: io.NopCloser(bytes.NewReader([]byte(data))), ContentType: "text/plain"}, nil
}

// some are facts of every kind.
func some() facts {
	return facts{
		source.Task(taskID): `{"provisionerId": "proj", "payload": {}}`,
		source.Artifact(taskID, "public/chain-of-trust.json"):                                                   `{"taskId": "` + taskID + `"}`,
		source.Artifact(taskID, "public/chain-of-trust.json.sig"):                                               "0123456789012345678901234567890123456789012345678901234567890123",
		source.Artifact(taskID, "public/build/target.apk"):                                                      string(bytes.Repeat([]byte("apk "), 50_000)),
		source.Artifact(taskID, "project/private file?.txt"):                                                    "private",
		source.Artifacts(taskID):                                                                                `{"artifacts":[{"name":"public/a","x":1.0},{"name":"public/b"},{"name":"public/<c>"}]}`,
		source.URL("https://raw.githubusercontent.com/mozilla/glean/" + sha + "/.taskcluster.yml"):              "version: 1",
		source.URL("https://api.github.com/repos/mozilla/glean"):                                                `{"html_url": "x"}`,
		source.URL("https://github.com/mozilla/glean/branch_commits/" + sha):                                    "main",
		source.URL("https://hg.mozilla.org/mozilla-central/json-pushes?changeset=" + sha + "&version=2&full=1"): `{"pushes": {}}`,
	}
}

// newLive returns a live source of a server, that waits for nothing.
func newLive(t *testing.T, s *fakeservices.Server, change func(*source.LiveOptions)) *source.Live {
	t.Helper()
	ca, err := os.ReadFile(s.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	o := source.LiveOptions{
		RootURL:   s.RootURL(),
		GitHubAPI: "https://api.github.com",
		GitHubRaw: "https://raw.githubusercontent.com",
		Sites:     []string{"https://github.com", "https://hg.mozilla.org"},
		Connect:   s.Connect(),
		RootCAs:   roots,
	}
	if change != nil {
		change(&o)
	}
	l, err := source.NewLive(o)
	if err != nil {
		t.Fatal(err)
	}
	l.SetSleep(func(ctx context.Context, _ time.Duration) error { return ctx.Err() })
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func read(t *testing.T, s source.Source, f source.Fact) (string, error) {
	t.Helper()
	data, _, err := source.ReadAll(context.Background(), s, f, 1<<30)
	return string(data), err
}

func TestLiveReadsEveryKindOfFact(t *testing.T) {
	for _, http1 := range []bool{false, true} {
		want := some()
		server := fakeservices.Start(t, want, fakeservices.Options{
			HTTP1: http1, PageSize: 2, AccessTokens: map[string]string{"client": "token"},
		})
		live := newLive(t, server, func(o *source.LiveOptions) {
			o.Credentials = source.Credentials{ClientID: "client", AccessToken: "token"}
		})
		for f := range maps.Keys(want) {
			got, err := read(t, live, f)
			if err != nil || got != want[f] {
				t.Errorf("%s: got %.80q, %v, want %.80q", f, got, err, want[f])
			}
		}
	}
}
