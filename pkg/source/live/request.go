package live

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"cotverify/pkg/source"
)

// Limits of one try.
const (
	// maxRedirects is how often a request is sent on. Storage needs one or two.
	maxRedirects = 10
	// maxMessage is how much is read of an answer that is not the fact, for
	// what it says of why.
	maxMessage = 64 << 10
	// maxRetryAfter is the longest wait that a service may ask for. Whoever
	// asks for more is not asked again.
	maxRetryAfter = time.Minute
)

// service tells how a host is asked, and what its answers mean.
type service int

const (
	serviceQueue   service = iota // Taskcluster's queue
	serviceStorage                // wherever the queue says that an artifact is
	serviceAPI                    // GitHub's API
	serviceRaw                    // GitHub's files
	serviceSite                   // any other
)

// hop is one request on the way to a fact.
type hop struct {
	url     *url.URL
	service service
	// redirected says that a service named the URL, which may let anyone in
	// who has it.
	redirected bool
}

// shown returns a hop's URL for a person: of a redirect no more than its host.
func (h hop) shown(r redactor) string {
	if h.redirected {
		return r.text(h.url.Scheme + "://" + h.url.Host + "/…")
	}
	return r.text(h.url.String())
}

// ask is what to ask for a fact.
type ask struct {
	fact   source.Fact
	start  hop
	sign   bool // the first hop needs a signed URL
	noHTML bool // an HTML page is no answer
}

// attempt makes one try. What the queue does not show to everyone is asked for
// again as the client who has the credentials; where there is no need of them
// they are not sent, since bad ones break public reads, too.
func (l *Source) attempt(ctx context.Context, a ask) (*try, *failure) {
	got, fail := l.follow(ctx, a)
	if fail != nil && fail.unauthorized && l.sign && !a.sign {
		a.sign = true
		return l.follow(ctx, a)
	}
	return got, fail
}

// follow makes a request, and one of its own for each redirect.
func (l *Source) follow(ctx context.Context, a ask) (*try, *failure) {
	h := a.start
	if a.sign {
		h.url = l.options.Credentials.sign(h.url, l.now())
	}
	for range maxRedirects + 1 {
		w, fail := l.exchange(ctx, a.fact, h)
		if fail != nil {
			return nil, fail
		}
		switch w.response.StatusCode {
		case http.StatusOK:
			return l.accept(w, a, h)
		case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
			http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			location := w.response.Header.Get("Location")
			discard(w)
			if h, fail = l.next(a.fact, h, location); fail != nil {
				fail.reason = w.redactor.hide(fail.reason)
				return nil, fail
			}
			h.redirected = true
		default:
			return nil, l.refusal(w, a.fact, h)
		}
	}
	return nil, &failure{reason: fmt.Sprintf("%s and others redirect from one to the next without end", a.start.url.Hostname())}
}

// next returns where a redirect leads. The queue and its storage may name any
// host for an artifact, since artifacts may be anywhere; nothing of the user's goes there
// ([Source.header]), and what comes is worth no more than its hash. It must have
// TLS if the deployment has: a host without a certificate for its name, such
// as one inside a private network that a hostile artifact points to, is then
// not sent a request. All others stay among the hosts that may be asked.
func (l *Source) next(f source.Fact, from hop, location string) (hop, *failure) {
	to, err := from.url.Parse(location)
	if location == "" || err != nil {
		return hop{}, &failure{reason: from.url.Hostname() + " redirects to no URL"}
	}
	if from.service == serviceQueue && f.Kind != source.KindArtifact {
		return hop{}, &failure{reason: from.url.Hostname() + " redirects, which no queue does: see whether the root URL is right"}
	}
	if from.service != serviceStorage && from.service != serviceQueue {
		h, fail := l.site(to)
		if fail != nil {
			fail.reason = from.url.Hostname() + " redirects, and " + fail.reason
		}
		return h, fail
	}
	if l.redactor.hide(location) != location {
		return hop{}, &failure{reason: from.url.Hostname() + " redirects to a URL that holds what the request was signed with"}
	}
	to.Fragment, to.RawFragment = "", ""
	if to.Host == "" || to.User != nil || (to.Scheme != "https" && !(to.Scheme == "http" && l.insecure)) {
		return hop{}, &failure{reason: fmt.Sprintf("%s redirects to %s, which is no https URL", from.url.Hostname(), hop{url: to, redirected: true}.shown(l.redactor))}
	}
	return hop{url: to, service: serviceStorage}, nil
}

// header returns what a request says besides its URL. The GitHub token goes
// to GitHub's API, and for private repositories to its files.
func (l *Source) header(f source.Fact, s service) http.Header {
	h := http.Header{}
	h.Set("User-Agent", "cotverify")
	h.Set("Accept-Encoding", "gzip")
	if s == serviceAPI {
		h.Set("Accept", "application/vnd.github+json")
		h.Set("X-GitHub-Api-Version", "2022-11-28")
	}
	if l.options.GitHubToken != "" && (s == serviceAPI || s == serviceRaw && f.Private) {
		h.Set("Authorization", "Bearer "+l.options.GitHubToken)
	}
	return h
}

// exchange sends one request and waits for the header of its answer.
func (l *Source) exchange(parent context.Context, f source.Fact, h hop) (*wire, *failure) {
	ctx, cancel := context.WithCancelCause(parent)
	w := &wire{
		live: l, ctx: ctx, cancel: cancel, ofQueue: h.service == serviceQueue, host: l.redactor.text(h.url.Hostname()), redactor: l.redactor, began: time.Now(),
		event: source.Event{Request: l.requests.Add(1), Fact: f, URL: h.shown(l.redactor), Size: -1},
	}
	if h.redirected {
		w.redactor = l.redactor.ofRedirect(h.url)
	}
	w.pacer = newPacer(l.options.RequestTimeout, func() { cancel(errSilent) })
	w.tell(source.Started)

	request := (&http.Request{Method: http.MethodGet, URL: h.url, Header: l.header(f, h.service)}).WithContext(ctx)
	w.pacer.start()
	response, err := l.transport.RoundTrip(request)
	w.pacer.stop(slowBytes) // a header is worth a stretch
	if err == nil && ctx.Err() != nil {
		// A server may well answer something as it sees that it was given up.
		_ = response.Body.Close()
		err = ctx.Err()
	}
	if err != nil {
		fail := w.broken(err)
		w.finish(fail)
		cancel(nil)
		return nil, fail
	}
	w.response = response
	w.event.Status, w.event.Size = response.StatusCode, response.ContentLength
	w.tell(source.Receiving)
	return w, nil
}

// accept makes of an answer of status 200 what the fact's reader gets.
func (l *Source) accept(w *wire, a ask, h hop) (*try, *failure) {
	r := w.response
	contentType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var decoded *try
	var fail *failure
	switch {
	case contentType == "text/html" && (a.noHTML || h.service == serviceAPI):
		fail = &failure{retry: true, reason: w.host + " answers with an HTML page in its place"}
	case r.ContentLength < 0 && r.ProtoMajor == 1 && len(r.TransferEncoding) == 0:
		fail = &failure{reason: w.host + " does not say where its answer ends, so that a cut connection would go unseen"}
	default:
		decoded, fail = decode(w)
	}
	if fail != nil {
		fail.status = r.StatusCode
		_ = w.Close()
	}
	return decoded, fail
}

// failure is why a try brought no fact.
type failure struct {
	status  int
	reason  string // in words for a person
	missing bool   // the service says that there is no such thing
	retry   bool   // another try may bring it
	noHost  bool   // there is no such host, say the name servers
	// unauthorized says that the queue wants to know who asks.
	unauthorized bool
	after        time.Duration // how long the service asks to wait before
}

func (f *failure) Error() string { return f.reason }

// of returns the error of [source.Source] for a failure.
func (f *failure) of(fact source.Fact) error {
	if f.missing {
		return &source.NotFoundError{Fact: fact, Reason: f.reason}
	}
	return &source.UnavailableError{Fact: fact, Status: f.status, Reason: f.reason, Passing: f.retry || f.after > 0}
}

// refusal tells what an answer means that has neither the fact nor where it is.
func (l *Source) refusal(w *wire, f source.Fact, h hop) *failure {
	r := w.response
	said := l.said(w)
	fail := &failure{
		status: r.StatusCode,
		reason: fmt.Sprintf("%s answers %d %s%s", w.host, r.StatusCode, http.StatusText(r.StatusCode), said.text()),
		after:  retryAfter(r.Header, l.now()),
	}
	fail.retry = r.StatusCode >= 500 || r.StatusCode == http.StatusTooManyRequests
	if fail.after > maxRetryAfter {
		fail.retry = false
		fail.reason += fmt.Sprintf("; it asks to come back in %s", fail.after.Round(time.Second))
	}
	switch h.service {
	case serviceQueue:
		l.queueRefusal(fail, f, said)
	case serviceStorage:
		storageRefusal(fail, said)
	case serviceAPI, serviceRaw:
		l.gitHubRefusal(fail, r.Header)
	default:
		fail.missing = r.StatusCode == http.StatusNotFound
		if fail.missing {
			fail.reason = ""
		}
	}
	return fail
}

// codeNotFound is how a queue says that there is no such thing. A 404 without
// it is of a proxy, or of a server that has no queue.
const codeNotFound = "ResourceNotFound"

// codeForbidden is how a queue says that who asks may not see it.
const codeForbidden = "InsufficientScopes"

// codeNoKey is how object storage says so.
const codeNoKey = "NoSuchKey"

func (l *Source) queueRefusal(fail *failure, f source.Fact, said message) {
	switch fail.status {
	case http.StatusForbidden:
		if !said.json || said.code != codeForbidden {
			break
		}
		fail.unauthorized = true
		other := ""
		if l.options.Credentials.given() || l.options.ProxyURL != "" {
			other = "other "
		}
		scopes := said.scopes
		if len(scopes) == 0 && f.Kind == source.KindArtifact {
			scopes = []string{"queue:get-artifact:" + f.Name}
		}
		fail.reason = fmt.Sprintf("it is private, and needs %sTaskcluster credentials", other)
		switch len(scopes) {
		case 0:
		case 1:
			fail.reason += " that have the scope " + scopes[0]
		default:
			fail.reason += " that have the scopes " + strings.Join(scopes, ", ")
		}
	case http.StatusNotFound:
		if !said.json || said.code != codeNotFound {
			fail.reason += ", but not as a queue does that knows no such thing: something else answered in its place, or the root URL is wrong"
			break
		}
		fail.missing, fail.reason = true, ""
	case http.StatusUnauthorized:
		fail.unauthorized = true
		fail.reason += ": it does not accept the Taskcluster credentials (they may have expired, or this computer's clock may be wrong)"
	case http.StatusGone:
		fail.reason = "it has expired, and the queue no longer has it"
	case http.StatusFailedDependency:
		fail.reason = "its worker could not upload it" + said.text()
	}
}

func storageRefusal(fail *failure, said message) {
	switch fail.status {
	case http.StatusNotFound:
		if said.code != codeNoKey {
			break
		}
		fail.missing = true
		fail.reason = "the queue knows it, but it is not in its storage: its upload may never have ended (" + fail.reason + ")"
	case http.StatusForbidden:
		fail.reason = "its storage does not hand it out: its upload may never have ended (" + fail.reason + ")"
	}
}

// gitHubRefusal tells of GitHub's limits: a first one of requests an hour,
// and a second one of requests in a short time.
func (l *Source) gitHubRefusal(fail *failure, header http.Header) {
	limited := fail.status == http.StatusForbidden || fail.status == http.StatusTooManyRequests
	token := l.options.GitHubToken != ""
	switch {
	case limited && header.Get("X-Ratelimit-Remaining") == "0":
		fail.retry = false
		fail.reason = "GitHub's limit of requests is used up"
		if reset, err := strconv.ParseInt(header.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
			fail.reason += " until " + time.Unix(reset, 0).UTC().Format("2006-01-02 15:04:05 UTC")
		}
		if !token {
			fail.reason += "; with a token (GITHUB_TOKEN) it is much higher"
		}
	case limited && fail.after > 0:
		fail.retry = fail.after <= maxRetryAfter
	case fail.status == http.StatusUnauthorized && token:
		fail.reason += ": it does not accept the GitHub token"
	case fail.status == http.StatusNotFound:
		fail.missing, fail.reason = true, ""
		if !token {
			fail.reason = "GitHub knows none, or one that needs a token (GITHUB_TOKEN) to be seen"
		}
	}
}

// retryAfter returns how long a service asks to wait: seconds, or until a time.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// message is what a service says of why it refuses.
type message struct {
	code, words string
	scopes      []string // that are missing
	json        bool     // the message is JSON, as those of Taskcluster are
}

// text returns the message to follow a sentence, or "".
func (m message) text() string {
	text := ""
	if m.code != "" {
		text += " (" + m.code + ")"
	}
	if m.words != "" {
		text += ": " + m.words
	}
	return text
}

// xmlCode finds what went wrong in the answer of an object storage.
var xmlCode = regexp.MustCompile(`<Code>([A-Za-z0-9]+)</Code>`)

// said reads what an answer says of itself, and closes it. Of a message the
// first line counts: Taskcluster adds a footer with the time, and what it was
// asked.
func (l *Source) said(w *wire) message {
	defer w.Close()
	decoded, fail := decode(w)
	if fail != nil {
		return message{}
	}
	body, _ := io.ReadAll(io.LimitReader(decoded, maxMessage))
	var fields struct {
		Code    string `json:"code"`
		Reason  string `json:"reason"` // of an artifact that is an error
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &fields) == nil {
		words, _, _ := strings.Cut(fields.Message, "\n")
		return message{code: w.redactor.text(fields.Code + fields.Reason), words: w.redactor.text(words), scopes: missingScopes(w.redactor, fields.Message), json: true}
	}
	if code := xmlCode.FindSubmatch(body); code != nil {
		return message{code: w.redactor.text(string(code[1]))}
	}
	return message{}
}

var (
	// fenced finds the first block of a message, which of InsufficientScopes
	// is what is missing: a scope, or an expression of several in JSON.
	fenced = regexp.MustCompile("(?s)```\\s*(.*?)\\s*```")
	// quoted finds the texts of an expression: scopes, which have a colon, and
	// the keys AllOf and AnyOf.
	quoted = regexp.MustCompile(`"([^"]*)"`)
)

// missingScopes returns the scopes that a message says are missing, for a link
// those of every name of its chain.
func missingScopes(r redactor, message string) []string {
	block := fenced.FindStringSubmatch(message)
	if block == nil {
		return nil
	}
	var scopes []string
	for _, text := range quoted.FindAllStringSubmatch(block[1], -1) {
		if strings.Contains(text[1], ":") && len(scopes) < maxScopes {
			scopes = append(scopes, r.text(text[1]))
		}
	}
	if scopes == nil && block[1] != "" {
		scopes = []string{r.text(block[1])}
	}
	return scopes
}

// maxScopes is how many missing scopes are named: links of links are few.
const maxScopes = 20

// errSilent is the cause of a request that was given up for its silence.
var errSilent = errors.New("silent")

// connectionFailure says in plain words why there is no answer, or no more of
// one.
func (l *Source) connectionFailure(w *wire, err error) *failure {
	host := w.host
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	var proxy *net.OpError
	fail := &failure{retry: true}
	named, check := host, "this computer's network"
	if errors.As(err, &proxy) && proxy.Op == "proxyconnect" {
		host, named = "the proxy to "+host, "of the proxy to "+host
		check = "the proxy's URL, and " + check
	} else if w.ofQueue {
		check = "the root URL, and " + check
	}
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		fail.noHost = true
		fail.reason = fmt.Sprintf("name servers know no host %s: check %s", named, check)
	case errors.As(err, &name):
		fail.reason = fmt.Sprintf("the address of %s could not be had", host)
	case errors.As(err, &certificate):
		fail.retry = false
		fail.reason = fmt.Sprintf("the certificate of %s is not trusted: %s", host, w.redactor.text(err.Error()))
	case errors.As(err, &noTLS):
		fail.retry = false
		fail.reason = fmt.Sprintf("%s does not speak TLS", host)
	case errors.Is(err, syscall.ECONNREFUSED):
		fail.reason = fmt.Sprintf("%s refuses the connection", host)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		fail.reason = fmt.Sprintf("the connection to %s was cut", host)
	default:
		fail.reason = fmt.Sprintf("the connection to %s failed: %s", host, w.redactor.text(err.Error()))
	}
	return fail
}
