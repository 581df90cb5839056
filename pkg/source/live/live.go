// Package live has the facts of services: it asks a Taskcluster deployment,
// GitHub and hg over the network (specification, section 2).
package live

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cotverify/pkg/source"
)

// Defaults of [Options].
const (
	// DefaultJobs is how many requests run side by side.
	DefaultJobs = 16
	// DefaultRequestTimeout is what a busy service may take to begin an answer.
	DefaultRequestTimeout = 30 * time.Second
	// DefaultTrouble is how long a fact is asked for again while its service
	// fails: time for a queue to restart, and for one that hangs to be asked
	// twice.
	DefaultTrouble = 45 * time.Second
	// defaultRetryDelay is the wait before the first further try. It doubles
	// with each, up to maxDelay.
	defaultRetryDelay = 250 * time.Millisecond
)

// Limits of what one connection may hold in memory.
const (
	// maxHeader is for the header of an answer. Storage sends a few kilobytes.
	maxHeader = 256 << 10
	// streamBuffer is what an HTTP/2 stream may send ahead of its reader: with
	// DefaultJobs streams 16 MiB, and still 20 MB/s at a distance of 50 ms.
	streamBuffer = 1 << 20
	// idleTimeout closes connections that nobody needs any more.
	idleTimeout = time.Minute
	// pingAfter is when a silent HTTP/2 connection is asked for a sign of life,
	// so that no further try runs into a dead one.
	pingAfter = 15 * time.Second
)

// Options say which services a [Source] asks, and how.
type Options struct {
	// RootURL is of the Taskcluster deployment.
	RootURL string
	// ProxyURL is of the Taskcluster proxy that a task has, or "". The queue is
	// then asked through it, and it signs what needs to be signed.
	ProxyURL string
	// Credentials are for private artifacts, and for what else the queue does
	// not show to everyone.
	Credentials Credentials

	// GitHubAPI and GitHubRaw are the base URLs of GitHub's API and of its
	// files. GitHubToken is sent to the first always, to the second for
	// private repositories, and nowhere else.
	GitHubAPI, GitHubRaw string
	GitHubToken          string
	// Sites are URLs of the other services. No host is asked but theirs, those
	// above, and where the queue says that an artifact is stored.
	Sites []string
	// Connect has by host, or host and port, the address and port to connect to
	// in its place. The host's name remains, in the request as in the
	// certificate that is expected, and no HTTP proxy is used for it.
	Connect map[string]string

	Jobs           int             // how many requests may run side by side; 0 is DefaultJobs
	RequestTimeout time.Duration   // how long a service may be silent; 0 is DefaultRequestTimeout
	Trouble        time.Duration   // how long a service may fail; 0 is DefaultTrouble
	RetryDelay     time.Duration   // the wait before the first further try; 0 is a quarter of a second
	RootCAs        *x509.CertPool  // authorities to trust in place of the system's
	Observer       source.Observer // is told of all requests, or nil
}

// Source is the [source.Source] of facts that services have: a Taskcluster deployment,
// GitHub and hg.
//
// A request that fails by chance (the connection, a server's error, too many
// requests) is made again, until the Trouble took too long; one to a host that
// name servers do not know, a few times. An answer that breaks off is asked for
// again from its beginning, and the body that its reader has goes on where it
// stopped; so a body ends only where the answer does, and any other end is an
// *source.UnavailableError of Read.
//
// An open body counts as one of the Jobs until it is closed: who reads one
// must not wait for another Open meanwhile.
//
// No environment is read but the proxies' (HTTPS_PROXY, NO_PROXY) and that of
// the system's certificates (SSL_CERT_FILE), by the standard library.
type Source struct {
	queue     string // the root URL that the queue is asked at
	insecure  bool   // the deployment has no TLS, nor need its storage
	sign      bool   // what is private needs a signed URL
	hosts     map[string]string
	api, raw  *url.URL
	options   Options
	transport *http.Transport
	redactor  redactor
	slots     chan struct{}
	requests  atomic.Uint64
	now       func() time.Time
	sleep     func(context.Context, time.Duration) error

	mu       sync.Mutex
	statuses map[string]*status
}

// New returns a live source. The error says which option is unusable.
func New(o Options) (*Source, error) {
	if o.Jobs <= 0 {
		o.Jobs = DefaultJobs
	}
	if o.RequestTimeout <= 0 {
		o.RequestTimeout = DefaultRequestTimeout
	}
	if o.Trouble <= 0 {
		o.Trouble = DefaultTrouble
	}
	if o.RetryDelay <= 0 {
		o.RetryDelay = defaultRetryDelay
	}
	if err := o.Credentials.check(); err != nil {
		return nil, err
	}
	if strings.ContainsFunc(o.GitHubToken, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return nil, errors.New("the GitHub token holds a space, a line break or another character that no token has")
	}
	l := &Source{
		queue:    o.RootURL,
		sign:     o.Credentials.given() && o.ProxyURL == "",
		hosts:    map[string]string{},
		options:  o,
		redactor: newRedactor(o.GitHubToken, o.Credentials.AccessToken, o.Credentials.Certificate),
		slots:    make(chan struct{}, o.Jobs),
		now:      time.Now,
		sleep:    sleep,
		statuses: map[string]*status{},
	}
	if o.Credentials.given() {
		l.redactor = l.redactor.withPatterns(bewitPatterns(o.Credentials.ClientID)...)
	}
	root, err := baseURL("the root URL", o.RootURL)
	if err != nil {
		return nil, err
	}
	l.insecure = root.Scheme == "http"
	if o.ProxyURL != "" {
		if _, err := baseURL("the Taskcluster proxy's URL", o.ProxyURL); err != nil {
			return nil, err
		}
		l.queue = o.ProxyURL
	}
	if l.api, err = baseURL("the URL of GitHub's API", o.GitHubAPI); err != nil {
		return nil, err
	}
	if l.raw, err = baseURL("the URL of GitHub's files", o.GitHubRaw); err != nil {
		return nil, err
	}
	l.hosts[hostOf(l.api)] = l.api.Scheme
	l.hosts[hostOf(l.raw)] = l.raw.Scheme
	for _, site := range o.Sites {
		u, err := baseURL("a service's URL", site)
		if err != nil {
			return nil, err
		}
		l.hosts[hostOf(u)] = u.Scheme
	}
	l.transport = o.transport()
	return l, nil
}

// Close closes the connections that are idle. Bodies that are still open
// remain readable.
func (l *Source) Close() error {
	l.transport.CloseIdleConnections()
	return nil
}

// Deployment names who answers, for a cache: the Taskcluster deployment, and by
// which way each service is reached. The way is the one that the requests
// themselves take, whatever variables of the environment it comes from. It is a
// hash, as the URL of a proxy may hold a password.
func (l *Source) Deployment() string {
	root, queue := strings.TrimRight(l.options.RootURL, "/"), strings.TrimRight(l.queue, "/")
	proxies := map[string]string{}
	for host, scheme := range l.hosts {
		proxies[host] = l.proxyOf(scheme + "://" + host)
	}
	way, err := json.Marshal([]any{root, queue, l.proxyOf(queue), proxies, l.options.Connect})
	if err != nil {
		panic(err) // it is of texts alone
	}
	sum := sha256.Sum256(way)
	return hex.EncodeToString(sum[:])
}

// proxyOf returns the HTTP proxy that a URL is asked through, or "".
func (l *Source) proxyOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return err.Error() // it is asked through none either
	}
	switch proxy, err := l.transport.Proxy(&http.Request{URL: u}); {
	case err != nil:
		return err.Error()
	case proxy != nil:
		return proxy.String()
	}
	return ""
}

// Open asks the service that has the fact, as [source.Source] has it.
func (l *Source) Open(ctx context.Context, f source.Fact) (*source.Answer, error) {
	switch f.Kind {
	case source.KindTask:
		return l.openTask(ctx, f)
	case source.KindArtifact:
		return l.openArtifact(ctx, f)
	case source.KindArtifacts:
		return l.openArtifacts(ctx, f)
	case source.KindStatus:
		return l.openStatus(ctx, f)
	case source.KindGroup:
		return l.openGroup(ctx, f)
	}
	return l.openURL(ctx, f)
}

func (l *Source) openURL(ctx context.Context, f source.Fact) (*source.Answer, error) {
	u, err := url.Parse(f.URL)
	if err != nil {
		return nil, &source.UnavailableError{Fact: f, Reason: "this is no URL"}
	}
	h, fail := l.site(u)
	if fail != nil {
		return nil, fail.of(f)
	}
	return l.open(ctx, ask{fact: f, start: h})
}

// site returns how a URL is asked, if its host is one that may be. Of a host
// that is known by https, a URL of http means the same.
func (l *Source) site(u *url.URL) (hop, *failure) {
	to := *u
	to.Host, to.Fragment, to.RawFragment = hostOf(u), "", ""
	scheme, known := l.hosts[hostOf(u)]
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return hop{}, &failure{reason: fmt.Sprintf("URLs of scheme %q are not asked", l.redactor.text(u.Scheme))}
	case u.User != nil:
		return hop{}, &failure{reason: "URLs that hold a user are not asked"}
	case !known:
		return hop{}, &failure{reason: fmt.Sprintf("the host %s is none of those that the policy names", l.redactor.text(u.Host))}
	}
	if u.Scheme == "http" {
		to.Scheme = scheme
	}
	switch {
	case isBelow(&to, l.api):
		return hop{url: &to, service: serviceAPI}, nil
	case isBelow(&to, l.raw):
		return hop{url: &to, service: serviceRaw}, nil
	}
	return hop{url: &to, service: serviceSite}, nil
}

// isBelow reports whether a URL is below a base URL.
func isBelow(u, base *url.URL) bool {
	path := strings.TrimSuffix(base.Path, "/") + "/"
	return u.Scheme == base.Scheme && hostOf(u) == hostOf(base) && strings.HasPrefix(u.Path, path)
}

// hostOf returns a URL's host and port in one spelling.
func hostOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if u.Scheme == "http" {
		return strings.TrimSuffix(host, ":80")
	}
	return strings.TrimSuffix(host, ":443")
}

func baseURL(name, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%s must be https://HOST with or without a path, but is %q", name, newRedactor().text(text))
	}
	return u, nil
}

func (o Options) transport() *http.Transport {
	dialer := &net.Dialer{Timeout: o.RequestTimeout, KeepAlive: idleTimeout}
	return &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) {
			if _, ok := o.connect(net.JoinHostPort(r.URL.Hostname(), port(r.URL))); ok {
				return nil, nil
			}
			return http.ProxyFromEnvironment(r)
		},
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if to, ok := o.connect(address); ok {
				address = to
			}
			return dialer.DialContext(ctx, network, address)
		},
		TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs},
		TLSHandshakeTimeout:    o.RequestTimeout,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{MaxReceiveBufferPerStream: streamBuffer, SendPingTimeout: pingAfter},
		DisableCompression:     true, // Content-Encoding is for this package to see
		MaxIdleConnsPerHost:    o.Jobs,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// connect returns where to connect to for an address, if elsewhere.
func (o Options) connect(address string) (string, bool) {
	if to, ok := o.Connect[address]; ok {
		return to, true
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "", false
	}
	to, ok := o.Connect[host]
	return to, ok
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// acquire waits until another request may run.
func (l *Source) acquire(ctx context.Context) error {
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *Source) release() { <-l.slots }
