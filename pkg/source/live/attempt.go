package live

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cotverify/pkg/source"
)

// Limits of one try.
const (
	// maxRedirects is how often a request is sent on. Storage needs one or two.
	maxRedirects = 10
	// slowBytes is what must come within each RequestTimeout of waiting for
	// it, half a kilobyte a second by default, and for trouble to be over.
	slowBytes = 16 << 10
	// readBuffer is for what is read ahead to decode it.
	readBuffer = 32 << 10
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

// discard reads what little may be left of a body, for the connection to be
// used again, and closes it.
func discard(body io.ReadCloser) {
	_, _ = io.Copy(io.Discard, io.LimitReader(body, maxMessage))
	_ = body.Close()
}

// try is the body of one try, decoded. Its errors are *failure.
type try struct {
	wire        *wire
	decoded     io.Reader
	contentType string
	left        int64 // until MaxBody
}

// decode undoes the Content-Encoding of an answer.
func decode(w *wire) (*try, *failure) {
	t := &try{wire: w, decoded: w, contentType: w.redactor.hide(w.response.Header.Get("Content-Type")), left: source.MaxBody}
	encoding := strings.Join(w.response.Header.Values("Content-Encoding"), ",")
	switch strings.ToLower(encoding) {
	case "", "identity":
	case "gzip", "x-gzip":
		unzip, err := gzip.NewReader(bufio.NewReaderSize(w, readBuffer))
		switch {
		case err == io.EOF: // nothing, which some servers call encoded
			t.decoded = strings.NewReader("")
		case err != nil:
			return nil, t.failure(err)
		default:
			t.decoded = unzip
		}
	default:
		return nil, &failure{reason: fmt.Sprintf("%s answers in the encoding %q, which it was not asked for", w.host, w.redactor.text(encoding))}
	}
	return t, nil
}

func (t *try) Read(p []byte) (int, error) {
	n, err := t.decoded.Read(p)
	if t.left -= int64(n); t.left < 0 {
		return 0, &failure{reason: fmt.Sprintf("it is larger than %d bytes, which is the limit for it", int64(source.MaxBody))}
	}
	if err != nil && err != io.EOF {
		return n, t.failure(err)
	}
	return n, err
}

// failure returns what ended an answer: its connection, or its encoding.
func (t *try) failure(err error) *failure {
	var fail *failure
	if errors.As(err, &fail) {
		return fail
	}
	return &failure{retry: true, reason: fmt.Sprintf("what %s sends is damaged: its gzip encoding does not hold", t.wire.host)}
}

func (t *try) Close() error { return t.wire.Close() }

// wire is one request and the body of its answer, as it is sent. Its errors
// are io.EOF and *failure.
type wire struct {
	live     *Source
	host     string   // as it is shown
	ofQueue  bool     // the host is the deployment's
	redactor redactor // knows what is secret of the URL
	ctx      context.Context
	cancel   context.CancelCauseFunc
	pacer    *pacer
	response *http.Response
	began    time.Time
	event    source.Event
}

func (w *wire) Read(p []byte) (int, error) {
	w.pacer.start()
	n, err := w.response.Body.Read(p)
	w.pacer.stop(n)
	w.event.Bytes += int64(n)
	if err == io.EOF && w.ctx.Err() != nil {
		err = w.ctx.Err() // a server may end its answer as it sees that it was given up
	}
	switch {
	case err == io.EOF:
		w.finish(nil)
	case err != nil:
		fail := w.broken(err)
		w.finish(fail)
		return n, fail
	default:
		w.tell(source.Receiving)
	}
	return n, err
}

// Close ends the request, if it has not ended.
func (w *wire) Close() error {
	w.finish(nil)
	err := w.response.Body.Close()
	w.cancel(nil)
	return err
}

// broken tells why the answer does not come, or no more of it.
func (w *wire) broken(err error) *failure {
	limit := w.live.options.RequestTimeout
	began := w.response != nil
	silent := context.Cause(w.ctx) == errSilent
	switch {
	case silent && began:
		return &failure{retry: true, reason: fmt.Sprintf("%s sends too slowly: less than %d bytes in %s, after %d of them", w.host, slowBytes, limit, w.event.Bytes)}
	case silent:
		return &failure{retry: true, reason: fmt.Sprintf("%s does not answer within %s", w.host, limit)}
	case w.ctx.Err() != nil && began:
		return &failure{reason: fmt.Sprintf("%s had not sent all, but %d bytes", w.host, w.event.Bytes)}
	case w.ctx.Err() != nil:
		return &failure{reason: w.host + " had not answered"}
	}
	fail := w.live.connectionFailure(w, err)
	if began {
		fail.reason += fmt.Sprintf(" after %d bytes", w.event.Bytes)
		if w.event.Size >= 0 {
			fail.reason += fmt.Sprintf(" of %d", w.event.Size)
		}
	}
	return fail
}

// tell tells the observer how far the request is.
func (w *wire) tell(s source.State) {
	if o := w.live.options.Observer; o != nil {
		w.event.State, w.event.Elapsed = s, time.Since(w.began)
		o.Observe(w.event)
	}
}

// finish tells, once, that the request is over.
func (w *wire) finish(fail *failure) {
	if w.event.State == source.Finished {
		return
	}
	w.event.State = source.Finished
	if fail != nil {
		w.event.Failure = fail.reason
	}
	w.tell(source.Finished)
}

// errSilent is the cause of a request that was given up for its silence.
var errSilent = errors.New("silent")

// pacer gives up a service that is silent or drips: in each stretch of waiting
// for it slowBytes must come. Time in which nobody waits does not count.
type pacer struct {
	timer *time.Timer
	limit time.Duration
	left  time.Duration // of the stretch
	since time.Time
	got   int // in the stretch
}

func newPacer(limit time.Duration, giveUp func()) *pacer {
	p := &pacer{timer: time.AfterFunc(limit, giveUp), limit: limit, left: limit}
	p.timer.Stop()
	return p
}

func (p *pacer) start() {
	p.since = time.Now()
	p.timer.Reset(max(0, p.left))
}

func (p *pacer) stop(n int) {
	p.timer.Stop()
	p.left -= time.Since(p.since)
	if p.got += n; p.got >= slowBytes {
		p.left, p.got = p.limit, 0
	}
}
