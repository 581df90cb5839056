package live

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"

	"cotverify/internal/scratch"
	"cotverify/pkg/source"
)

// Limits of a list of a task group. The queue serves at most 1,000 tasks a page,
// each of at most one MiB, which is too much for one answer: a page is asked for
// with fewer. The largest groups have some ten thousand tasks.
const (
	groupPageLimit = "200"
	maxGroupPage   = 256 << 20
	maxGroupPages  = 1_000
)

// groupPage is a page of the list of a task group.
type groupPage struct {
	Sealed            string            `json:"sealed"`
	Tasks             []json.RawMessage `json:"tasks"`
	ContinuationToken string            `json:"continuationToken"`
}

// openGroup reads all pages of the list of a task group, and joins their tasks.
// Pages are counted by their offset, so that a task which is made meanwhile
// shifts them: one that comes twice is dropped.
func (l *Source) openGroup(ctx context.Context, f source.Fact) (*source.Answer, error) {
	joined := &groupList{seen: map[string]bool{}}
	var sealed string
	err := eachPage(f, maxGroupPages, func(token string) (string, error) {
		page, err := l.groupPage(ctx, f, token)
		if err != nil {
			return "", err
		}
		sealed = page.Sealed
		return page.ContinuationToken, joined.add(f, page)
	})
	if err != nil {
		joined.file.Close()
		return nil, err
	}
	return joined.answer(f, sealed)
}

func (l *Source) groupPage(ctx context.Context, f source.Fact, token string) (*groupPage, error) {
	u, fail := l.queuePath("task-group/", f.TaskID, "/list")
	if fail != nil {
		return nil, fail.of(f)
	}
	query := url.Values{"limit": {groupPageLimit}}
	if token != "" {
		query.Set("continuationToken", token)
	}
	u.RawQuery = query.Encode()
	var page groupPage
	if err := l.readJSON(ctx, ask{fact: f, start: hop{url: u, service: serviceQueue}, noHTML: true}, maxGroupPage, &page); err != nil {
		return nil, err
	}
	if page.Tasks == nil {
		return nil, &source.UnavailableError{Fact: f, Reason: "the queue's answer holds no list of tasks"}
	}
	return &page, nil
}

// groupList is the list of a task group that is being joined.
type groupList struct {
	file scratch.File
	seen map[string]bool // the taskIds
}

// add writes the tasks of a page that did not come before.
func (g *groupList) add(f source.Fact, page *groupPage) error {
	for _, entry := range page.Tasks {
		var task struct {
			Status struct {
				TaskID string `json:"taskId"`
			} `json:"status"`
		}
		if err := json.Unmarshal(entry, &task); err != nil {
			return &source.UnavailableError{Fact: f, Reason: "the queue's answer is not the JSON that it should be"}
		}
		if g.seen[task.Status.TaskID] {
			continue
		}
		separator := ","
		if len(g.seen) == 0 {
			separator = fmt.Sprintf(`{"taskGroupId":%q,"tasks":[`, f.TaskID)
		}
		g.seen[task.Status.TaskID] = true
		if _, err := io.WriteString(&g.file, separator); err != nil {
			return err
		}
		if _, err := g.file.Write(entry); err != nil {
			return err
		}
	}
	return nil
}

// answer ends the list.
func (g *groupList) answer(f source.Fact, sealed string) (*source.Answer, error) {
	end := "]"
	if len(g.seen) == 0 {
		end = fmt.Sprintf(`{"taskGroupId":%q,"tasks":[]`, f.TaskID)
	}
	if sealed != "" {
		text, _ := json.Marshal(sealed)
		end += `,"sealed":` + string(text)
	}
	if _, err := io.WriteString(&g.file, end+"}"); err != nil {
		g.file.Close()
		return nil, err
	}
	return &source.Answer{Body: &groupBody{g.file.Reader(), &g.file}, ContentType: "application/json"}, nil
}

type groupBody struct {
	io.Reader
	io.Closer
}
