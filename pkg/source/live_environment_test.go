package source_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"cotverify/internal/fakeservices"
	"cotverify/pkg/source"
)

// childVariable makes of this test's program what the test runs: the
// environment of proxies and certificates is read once in a process.
const childVariable = "COTVERIFY_TEST_LIVE_ENVIRONMENT"

// The standard library's environment counts: a proxy, those without it, and
// the authorities to trust.
func TestLiveHonoursTheEnvironment(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		readByEnvironment(t)
		return
	}
	server := fakeservices.Start(t, facts{environmentFact: "version: 1"}, fakeservices.Options{Hosts: []string{"raw.test"}})
	connects := make(chan string, 1000)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connects <- r.Method + " " + r.Host
		tunnel(w, server.Connect()["raw.test"])
	}))
	defer proxy.Close()

	trusted := "SSL_CERT_FILE=" + server.CAFile()
	tests := []struct {
		name      string
		variables []string
		want      string // of the output
		connects  int    // of the proxy
	}{
		{"a proxy", []string{trusted, "HTTPS_PROXY=" + proxy.URL}, "read: version: 1", 1},
		{"another authority", []string{"SSL_CERT_FILE=" + os.DevNull, "SSL_CERT_DIR=" + t.TempDir(), "HTTPS_PROXY=" + proxy.URL},
			"the certificate of raw.test is not trusted", 1},
		{"a dead proxy", []string{trusted, "HTTPS_PROXY=http://user:SECRET@127.0.0.1:1"}, "the proxy to raw.test refuses the connection", 0},
		{"a host without the proxy", []string{trusted, "HTTPS_PROXY=" + proxy.URL, "NO_PROXY=raw.test"}, "raw.test", 0},
	}
	for _, test := range tests {
		child := exec.Command(os.Args[0], "-test.run=^TestLiveHonoursTheEnvironment$", "-test.v")
		child.Env = append(os.Environ(), append(test.variables, childVariable+"=1")...)
		out, err := child.CombinedOutput()
		if err != nil || !strings.Contains(string(out), test.want) || strings.Contains(string(out), "SECRET") {
			t.Errorf("%s: got %v, %s, want %q", test.name, err, out, test.want)
		}
		if len(connects) != test.connects {
			t.Errorf("%s: the proxy was asked %d times, want %d", test.name, len(connects), test.connects)
		}
		for len(connects) > 0 {
			if got := <-connects; got != "CONNECT raw.test:443" {
				t.Errorf("%s: the proxy was asked to %s", test.name, got)
			}
		}
	}
}

// environmentFact is of a host that no name server knows.
var environmentFact = source.URL("https://raw.test/o/r/" + sha + "/.taskcluster.yml")

func readByEnvironment(t *testing.T) {
	live, err := source.NewLive(source.LiveOptions{
		RootURL: "https://tc.test", GitHubAPI: "https://api.github.com", GitHubRaw: "https://raw.test",
		Trouble: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	got, err := read(live, environmentFact)
	t.Logf("read: %s, %v", got, err)
}

// tunnel joins a CONNECT request with an address.
func tunnel(w http.ResponseWriter, address string) {
	to, err := net.Dial("tcp", address)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer to.Close()
	from, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer from.Close()
	_, _ = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(to, bufio.NewReader(buffer))
		_ = to.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(from, to)
}
