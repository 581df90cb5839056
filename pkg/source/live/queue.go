package live

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
	"sync"

	"cotverify/pkg/cot"
	"cotverify/pkg/source"

	tcurls "github.com/taskcluster/taskcluster-lib-urls"
)

// Limits of a list of artifacts.
const (
	// maxPage is for one page: 1,000 entries with the longest names that the
	// queue takes are of about 2 MiB.
	maxPage = 8 << 20
	// maxPages is room for 100,000 artifacts. The largest tasks have a few
	// thousand.
	maxPages = 100
	// maxStatus is for a task's status, which has an entry for each of at most
	// a few dozen runs.
	maxStatus = 1 << 20
)

// queueURL returns the URL of a path below a task's, at the queue.
func (l *Source) queueURL(taskID, below string) (*url.URL, *failure) {
	return l.queuePath("task/", taskID, below)
}

// queuePath returns the URL of a path below something at the queue that has the
// ID of a task.
func (l *Source) queuePath(above, taskID, below string) (*url.URL, *failure) {
	if !cot.IsSlugID(taskID) {
		return nil, &failure{missing: true, reason: "this is no taskId, which is 22 letters, digits, - and _ that hold a version 4 UUID"}
	}
	u, err := url.Parse(tcurls.API(l.queue, "queue", "v1", above+taskID+below))
	if err != nil {
		return nil, &failure{reason: "no URL can be made of it"}
	}
	return u, nil
}

func (l *Source) openTask(ctx context.Context, f source.Fact) (*source.Answer, error) {
	u, fail := l.queueURL(f.TaskID, "")
	if fail != nil {
		return nil, fail.of(f)
	}
	return l.open(ctx, ask{fact: f, start: hop{url: u, service: serviceQueue}, noHTML: true})
}

func (l *Source) openStatus(ctx context.Context, f source.Fact) (*source.Answer, error) {
	u, fail := l.queueURL(f.TaskID, "/status")
	if fail != nil {
		return nil, fail.of(f)
	}
	return l.open(ctx, ask{fact: f, start: hop{url: u, service: serviceQueue}, noHTML: true})
}

func (l *Source) openArtifact(ctx context.Context, f source.Fact) (*source.Answer, error) {
	if !isArtifactName(f.Name) {
		return nil, (&failure{missing: true, reason: "no artifact can have this name"}).of(f)
	}
	of := ""
	if f.Run != "" {
		of = "/runs/" + url.PathEscape(f.Run)
	}
	u, fail := l.queueURL(f.TaskID, of+"/artifacts/"+url.PathEscape(f.Name))
	if fail != nil {
		return nil, fail.of(f)
	}
	answer, err := l.open(ctx, ask{
		fact:   f,
		start:  hop{url: u, service: serviceQueue},
		sign:   l.sign && !cot.IsPublic(f.Name),
		noHTML: !isPage(f.Name),
	})
	if source.IsNotFound(err) && f.Run == "" {
		return nil, l.explainMissing(ctx, f, err)
	}
	return answer, err
}

// isArtifactName reports whether the queue can be asked for a name: printable
// ASCII, and none that a path of a URL loses on its way.
func isArtifactName(name string) bool {
	for _, c := range []byte(name) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return name != "" && name != "." && name != ".."
}

// isPage reports whether an artifact may well be a web page. Of any other, one
// is a sign that something in between answered in the place of its storage.
func isPage(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case "", ".htm", ".html", ".shtml", ".xhtml":
		return true
	}
	return false
}

// openArtifacts reads all pages of a list and joins their entries, as they
// are and in the queue's order. An empty list of a task of which a later run
// hides a completed one is not there, as its artifacts are.
func (l *Source) openArtifacts(ctx context.Context, f source.Fact) (*source.Answer, error) {
	const begin = `{"artifacts":[`
	joined := []byte(begin)
	err := eachPage(f, maxPages, func(token string) (string, error) {
		page, err := l.artifactsPage(ctx, f, token)
		if err != nil {
			return "", err
		}
		for _, entry := range page.Artifacts {
			if len(joined) > len(begin) {
				joined = append(joined, ',')
			}
			joined = append(joined, entry...)
		}
		if len(joined) > source.MaxList {
			return "", source.TooLarge(f, source.MaxList)
		}
		return page.ContinuationToken, nil
	})
	if err != nil {
		return nil, err
	}
	if len(joined) == len(begin) {
		if reason := l.hidden(ctx, f.TaskID); reason != "" {
			return nil, &source.NotFoundError{Fact: f, Reason: reason}
		}
	}
	return &source.Answer{Body: io.NopCloser(bytes.NewReader(append(joined, "]}"...))), ContentType: "application/json"}, nil
}

// eachPage reads the pages of a list, of which there may be at most so many. read
// reads the one of a token, the first with an empty one, and returns the token
// of the next; an empty one ends the list.
func eachPage(f source.Fact, most int, read func(token string) (next string, err error)) error {
	seen := map[string]bool{}
	for token := ""; ; {
		var err error
		if token, err = read(token); err != nil {
			return err
		}
		if token == "" {
			return nil
		}
		if seen[token] {
			return &source.UnavailableError{Fact: f, Reason: "the queue's pages of it go round in a circle"}
		}
		seen[token] = true
		if len(seen) == most {
			return &source.UnavailableError{Fact: f, Reason: fmt.Sprintf("it has more than %d pages, which is the limit for it", most)}
		}
	}
}

// artifactsPage is a page of a list.
type artifactsPage struct {
	Artifacts         []json.RawMessage `json:"artifacts"`
	ContinuationToken string            `json:"continuationToken"`
}

func (l *Source) artifactsPage(ctx context.Context, f source.Fact, token string) (*artifactsPage, error) {
	u, fail := l.queueURL(f.TaskID, "/artifacts")
	if fail != nil {
		return nil, fail.of(f)
	}
	if token != "" {
		u.RawQuery = url.Values{"continuationToken": {token}}.Encode()
	}
	var page artifactsPage
	if err := l.readJSON(ctx, ask{fact: f, start: hop{url: u, service: serviceQueue}, noHTML: true}, maxPage, &page); err != nil {
		return nil, err
	}
	if page.Artifacts == nil {
		return nil, &source.UnavailableError{Fact: f, Reason: "the queue's answer holds no list of artifacts"}
	}
	return &page, nil
}

// readJSON reads a whole answer of the queue's own making.
func (l *Source) readJSON(ctx context.Context, a ask, limit int64, into any) error {
	answer, err := l.open(ctx, a)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if err != nil {
		return err
	}
	if int64(len(data)) > limit {
		return &source.UnavailableError{Fact: a.fact, Reason: fmt.Sprintf("an answer of more than %d bytes, which is the limit for it", limit)}
	}
	if err := json.Unmarshal(data, into); err != nil {
		return &source.UnavailableError{Fact: a.fact, Reason: "the queue's answer is not the JSON that it should be"}
	}
	return nil
}

// status is what became of the question why a task's artifacts are missing.
type status struct {
	sync.Mutex // while the queue is asked
	asked      bool
	reason     string
}

// explainMissing adds to an artifact's *source.NotFoundError what the task's runs
// tell of it. The storage's own reason is the better one where there is one.
func (l *Source) explainMissing(ctx context.Context, f source.Fact, err error) error {
	if missing, ok := err.(*source.NotFoundError); !ok || missing.Reason != "" {
		return err
	}
	return &source.NotFoundError{Fact: f, Reason: l.hidden(ctx, f.TaskID)}
}

// hidden tells why the latest run of a task has no artifacts though it could
// be thought to, or "". Latest is the highest run, whatever its state: one
// that a rerun or a lost worker made hides a completed one before it. The
// queue is asked once a task, and where it fails nothing more is known.
func (l *Source) hidden(ctx context.Context, taskID string) string {
	l.mu.Lock()
	s := l.statuses[taskID]
	if s == nil {
		s = &status{}
		l.statuses[taskID] = s
	}
	l.mu.Unlock()

	s.Lock()
	defer s.Unlock()
	if !s.asked {
		s.reason = l.askHidden(ctx, taskID)
		s.asked = ctx.Err() == nil
	}
	return s.reason
}

func (l *Source) askHidden(ctx context.Context, taskID string) string {
	u, fail := l.queueURL(taskID, "/status")
	if fail != nil {
		return ""
	}
	var answer struct {
		Status struct {
			Runs []struct {
				State string `json:"state"`
			} `json:"runs"`
		} `json:"status"`
	}
	if err := l.readJSON(ctx, ask{fact: source.Task(taskID), start: hop{url: u, service: serviceQueue}, noHTML: true}, maxStatus, &answer); err != nil {
		return ""
	}
	runs := answer.Status.Runs
	last := len(runs) - 1
	switch {
	case last < 0:
		return "no run of the task has begun"
	case runs[last].State == "completed":
		return ""
	}
	state := l.redactor.text(runs[last].State)
	for i := last - 1; i >= 0; i-- {
		if runs[i].State == "completed" {
			return fmt.Sprintf("run %d (%s) hides the artifacts of run %d, which completed", last, state, i)
		}
	}
	return fmt.Sprintf("the state of the task's latest run, %d, is %s", last, state)
}
