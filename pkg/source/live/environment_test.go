package live_test

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
	"cotverify/internal/memsource"
	"cotverify/pkg/source"
	"cotverify/pkg/source/live"
)

// childVariable makes of this test's program what the test runs: the
// environment of proxies and certificates is read once in a process.
const childVariable = "COTVERIFY_TEST_LIVE_ENVIRONMENT"

// The standard library's environment counts: a proxy, those without it, and
// the authorities to trust.
func TestHonoursTheEnvironment(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		readByEnvironment(t)
		return
	}
	server := fakeservices.Start(t, memsource.Texts{environmentFact: "version: 1"}, fakeservices.Options{Hosts: []string{"raw.test"}})
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
		child := exec.Command(os.Args[0], "-test.run=^TestHonoursTheEnvironment$", "-test.v")
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
	l, err := live.New(live.Options{
		RootURL: "https://tc.test", GitHubAPI: "https://api.github.com", GitHubRaw: "https://raw.test",
		Trouble: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got, err := read(l, environmentFact)
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

// deploymentVariable makes of this test's program what prints the name of a
// deployment.
const deploymentVariable = "COTVERIFY_TEST_DEPLOYMENT"

// The cache tells apart who answers: another deployment, another address that
// is connected to, another proxy. A setting that changes no request is none.
func TestDeploymentNamesTheWay(t *testing.T) {
	if os.Getenv(deploymentVariable) != "" {
		t.Log("deployment " + deploymentOf(t, nil))
		return
	}
	byEnvironment := func(variables ...string) string {
		t.Helper()
		child := exec.Command(os.Args[0], "-test.run=^TestDeploymentNamesTheWay$", "-test.v")
		for _, v := range os.Environ() {
			if name, _, _ := strings.Cut(v, "="); !strings.HasSuffix(strings.ToUpper(name), "_PROXY") {
				child.Env = append(child.Env, v)
			}
		}
		child.Env = append(child.Env, append(variables, deploymentVariable+"=1")...)
		out, err := child.CombinedOutput()
		_, name, ok := strings.Cut(string(out), "deployment ")
		if err != nil || !ok || strings.Contains(string(out), "SECRET") {
			t.Fatalf("%v: %v, %s", variables, err, out)
		}
		name, _, _ = strings.Cut(name, "\n")
		return name
	}
	const proxy = "HTTPS_PROXY=http://user:SECRET@proxy.test:3128"
	plain := byEnvironment()
	names := map[string]string{
		"no proxy":                     plain,
		"a proxy":                      byEnvironment(proxy),
		"another proxy":                byEnvironment("HTTPS_PROXY=http://user:SECRET@proxy.test:3129"),
		"another user":                 byEnvironment("HTTPS_PROXY=http://other:SECRET@proxy.test:3128"),
		"a proxy for http":             byEnvironment("HTTP_PROXY=http://proxy.test:3128"),
		"no proxy for the deployment":  byEnvironment(proxy, "NO_PROXY=tc.test"),
		"no proxy for GitHub's files":  byEnvironment(proxy, "NO_PROXY=raw.test"),
		"a proxy that is no URL":       byEnvironment("HTTPS_PROXY=http://[SECRET"),
		"another deployment":           deploymentOf(t, func(o *live.Options) { o.RootURL = "https://tc2.test" }),
		"a Taskcluster proxy":          deploymentOf(t, func(o *live.Options) { o.ProxyURL = "http://taskcluster" }),
		"an address":                   deploymentOf(t, func(o *live.Options) { o.Connect = map[string]string{"tc.test": "127.0.0.1:1"} }),
		"another address":              deploymentOf(t, func(o *live.Options) { o.Connect = map[string]string{"tc.test": "127.0.0.1:2"} }),
		"an address of GitHub's files": deploymentOf(t, func(o *live.Options) { o.Connect = map[string]string{"raw.test": "127.0.0.1:1"} }),
	}
	by := map[string]string{}
	for what, name := range names {
		if other, ok := by[name]; ok {
			t.Errorf("%s and %s have one name", what, other)
		}
		by[name] = what
	}
	for what, pair := range map[string][2]string{
		"the same":                             {plain, deploymentOf(t, nil)},
		"the same proxy":                       {names["a proxy"], byEnvironment(proxy)},
		"a proxy in small letters":             {names["a proxy"], byEnvironment(strings.Replace(proxy, "HTTPS_PROXY", "https_proxy", 1))},
		"NO_PROXY of all":                      {plain, byEnvironment(proxy, "NO_PROXY=*")},
		"NO_PROXY of another host":             {names["a proxy"], byEnvironment(proxy, "NO_PROXY=elsewhere.test")},
		"NO_PROXY without a proxy":             {plain, byEnvironment("NO_PROXY=tc.test")},
		"ALL_PROXY, which Go does not look at": {plain, byEnvironment("ALL_PROXY=http://proxy.test:3128")},
		"a slash after the root URL":           {plain, deploymentOf(t, func(o *live.Options) { o.RootURL += "/" })},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s has another name", what)
		}
	}
}

// deploymentOf returns the name of a deployment, by the environment and options.
func deploymentOf(t *testing.T, change func(*live.Options)) string {
	t.Helper()
	o := live.Options{
		RootURL: "https://tc.test", GitHubAPI: "https://api.github.com", GitHubRaw: "https://raw.test",
		Sites: []string{"http://plain.test"},
	}
	if change != nil {
		change(&o)
	}
	l, err := live.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Deployment()
}
