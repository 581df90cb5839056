// Package fakeservices plays the services that have the facts of a
// verification, over TLS, on this computer: a Taskcluster deployment's queue
// and proxy, the storage of its artifacts, GitHub and hg. It is for tests.
//
// [New] starts a server that has the facts of any [source.Source]. It answers
// as the services were seen to, slow or wrong as its faults say, and keeps what
// it was asked. A client reaches it under the services' own names:
// [Server.Connect] says where to connect to in their place, [Server.CAFile]
// whom to trust.
package fakeservices

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"cotverify/pkg/source"
)

// The hosts that a server plays besides the deployment's own and those of
// [Options].
const (
	StorageHost = "artifacts.storage.test"
	ProxyHost   = "proxy.taskcluster.test"
	APIHost     = "api.github.com"
	RawHost     = "raw.githubusercontent.com"
	WebHost     = "github.com"
	HgHost      = "hg.mozilla.org"
)

// Options say what a server has, and how it behaves. The zero value has only
// public artifacts of tasks that completed in their first run.
type Options struct {
	// RootURL is of the deployment; "" is Firefox CI's.
	RootURL string
	// Hosts are played too, as sites.
	Hosts []string
	// Dead are hosts that refuse connections.
	Dead []string
	// HTTP1 turns HTTP/2 off.
	HTTP1 bool

	// Stored says how artifacts are stored: see the kinds.
	Stored map[source.Fact]Stored
	// Runs has the states of tasks' runs, where not one that completed.
	Runs map[string][]string
	// AccessTokens are of the clients that may see private artifacts.
	AccessTokens map[string]string
	// Closed hides definitions, lists and status from who does not sign.
	Closed bool
	// LinkScopes are missing besides an artifact's own, as for a link.
	LinkScopes []string
	// Certificate is what temporary credentials must come with.
	Certificate string

	// GitHubToken is what the repositories of PrivateRepositories, each
	// "owner/name", need to be seen.
	GitHubToken         string
	PrivateRepositories []string

	// PageSize is how many artifacts or tasks a page of a list has; 0 is 1,000.
	PageSize int
	// Shifted has a task made between any two pages of a task group, so that the
	// last of each comes again.
	Shifted bool
	// Circle has the pages of a task group lead back to the first.
	Circle bool
	// Fault is what goes wrong, or nil.
	Fault Fault
}

// Server plays the services.
type Server struct {
	facts   source.Source
	options Options
	http    *httptest.Server
	dead    net.Listener // closed: its address refuses connections
	root    *url.URL
	caFile  string

	mu   sync.Mutex
	seen []Request
}

// Request is what a server was asked.
type Request struct {
	Host   string
	URI    string // path and query, as sent
	Header http.Header
	At     time.Time
}

// Start starts a server that is closed at the end of a test.
func Start(t testing.TB, facts source.Source, o Options) *Server {
	t.Helper()
	s, err := New(facts, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// New starts a server. Who calls it closes it.
func New(facts source.Source, o Options) (*Server, error) {
	if o.RootURL == "" {
		o.RootURL = "https://firefox-ci-tc.services.mozilla.com"
	}
	if o.PageSize == 0 {
		o.PageSize = 1000
	}
	root, err := url.Parse(o.RootURL)
	if err != nil {
		return nil, err
	}
	s := &Server{facts: facts, options: o, root: root}
	certificate, ca, err := newCertificate(s.hosts())
	if err != nil {
		return nil, err
	}
	if s.caFile, err = writeTemporary(ca); err != nil {
		return nil, err
	}
	if s.dead, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	_ = s.dead.Close()

	handler := http.Handler(http.HandlerFunc(s.answer))
	if o.Fault != nil {
		handler = o.Fault(handler)
	}
	s.http = httptest.NewUnstartedServer(s.keep(handler))
	s.http.TLS = certificate
	s.http.EnableHTTP2 = !o.HTTP1
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.http.StartTLS()
	return s, nil
}

// Close stops the server. Requests that it has not answered are cut.
func (s *Server) Close() {
	s.http.CloseClientConnections()
	s.http.Close()
	_ = os.Remove(s.caFile)
}

// RootURL returns the deployment's root URL.
func (s *Server) RootURL() string { return s.options.RootURL }

// ProxyURL returns the URL of the Taskcluster proxy that a task has.
func (s *Server) ProxyURL() string { return "https://" + ProxyHost }

// CAFile returns the file of the authority that the server's certificate is
// of, in PEM.
func (s *Server) CAFile() string { return s.caFile }

// Connect returns for each host the address to connect to in its place.
func (s *Server) Connect() map[string]string {
	connect := map[string]string{}
	for _, host := range s.hosts() {
		connect[host] = s.http.Listener.Addr().String()
	}
	for _, host := range s.options.Dead {
		connect[host] = s.dead.Addr().String()
	}
	return connect
}

// Requests returns what the server was asked so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.seen...)
}

func (s *Server) hosts() []string {
	hosts := []string{s.root.Hostname(), StorageHost, ProxyHost, APIHost, RawHost, WebHost, HgHost}
	return append(hosts, s.options.Hosts...)
}

// keep notes what is asked, before any fault.
func (s *Server) keep(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.seen = append(s.seen, Request{Host: r.Host, URI: r.RequestURI, Header: r.Header.Clone(), At: time.Now()})
		s.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

// answer answers as the service does whose host was asked.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	switch host, _, _ := strings.Cut(r.Host, ":"); host {
	case s.root.Hostname():
		s.answerQueue(w, r, false)
	case ProxyHost:
		s.answerQueue(w, r, true)
	case StorageHost:
		s.answerStorage(w, r)
	case APIHost, RawHost:
		s.answerGitHub(w, r)
	default:
		s.answerSite(w, r)
	}
}

// fact reads a fact whole. ok is false where there is none.
func (s *Server) fact(ctx context.Context, f source.Fact) (data []byte, contentType string, ok bool) {
	data, answer, err := source.ReadAll(ctx, s.facts, f, maxBuffered)
	if err != nil {
		return nil, "", false
	}
	return data, answer.ContentType, true
}
