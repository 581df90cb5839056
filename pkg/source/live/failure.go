package live

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"cotverify/pkg/source"
)

// Limits of what a service says of why it refuses.
const (
	// maxMessage is how much is read of an answer that is not the fact, for
	// what it says of why.
	maxMessage = 64 << 10
	// maxScopes is how many missing scopes are named: links of links are few.
	maxScopes = 20
	// maxRetryAfter is the longest wait that a service may ask for. Whoever
	// asks for more is not asked again.
	maxRetryAfter = time.Minute
)

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
