// Package forge asks the places that source trees are at, GitHub and hg, what
// they know of a task's revision (specification, sections 2, 7 and 10).
//
// Start with [GitHub]. What a forge answers is nothing that a task's author
// could sign: [GitHub.HasLanded] is to be believed as far as GitHub is, and what
// a repository is named says nothing of whether it is trusted.
package forge

import (
	"context"
	"fmt"
	"strings"

	"cotverify/internal/pyjson"
	"cotverify/internal/shape"
	"cotverify/internal/value"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/source"
)

// Refusal says why a forge cannot tell: not for want of an answer, but because
// what was asked or answered forbids it.
type Refusal struct {
	About   About
	Message string
}

// About says what a refusal is about.
type About int

// What a refusal is about.
const (
	AboutAnswer About = iota // what was answered
	AboutURL                 // a URL or a revision that is to be asked for
	AboutPush                // a push that is not there
)

func (e *Refusal) Error() string { return e.Message }

func refuse(about About, format string, args ...any) error {
	return &Refusal{About: about, Message: fmt.Sprintf(format, args...)}
}

// HostingOf returns where the repository of a decision task is: the product's
// only hosting, or of a product with several the one that the decision task
// shows (specification, section 7). The error is a *value.ShapeError.
func (g GitHub) HostingOf(decision *graph.Task, product *policy.Product) (string, error) {
	if len(product.Hostings) == 1 {
		return product.Hostings[0], nil
	}
	made, err := g.Made(decision)
	if err != nil {
		return "", err
	}
	if made {
		return policy.HostingGitHub, nil
	}
	return policy.HostingHg, nil
}

// Made reports whether a task is GitHub's: by its scheduler, by what it is for,
// or by its source (specification, section 10). The error is a
// *value.ShapeError.
func (g GitHub) Made(task *graph.Task) (bool, error) {
	tasksFor := ""
	if v, ok := task.Extra.Get("tasks_for"); ok {
		if tasksFor, ok = v.(string); !ok {
			return false, &value.ShapeError{Path: "/extra/tasks_for", Want: "text", Got: value.Kind(v)}
		}
	}
	scheduler, _ := task.Definition.Get("schedulerId")
	sourceURL, err := task.Source()
	if err != nil {
		return false, err
	}
	return scheduler == "taskcluster-github" || strings.HasPrefix(tasksFor, "github-") || g.Has(sourceURL), nil
}

// maxAnswer is how many bytes of an API's answer are read. Real pushes have
// some thousand changesets.
const maxAnswer = 32 << 20

// Fetch returns the body of a URL, which must not be a web page: an error page
// that is sent with status 200 is no answer (specification, section 2). The
// error is one of a [source.Source].
func Fetch(ctx context.Context, src source.Source, fact source.Fact, limit int64) ([]byte, error) {
	data, answer, err := source.ReadAll(ctx, src, fact, limit)
	if err != nil {
		return nil, err
	}
	contentType, _, _ := strings.Cut(answer.ContentType, ";")
	if strings.EqualFold(strings.TrimSpace(contentType), "text/html") {
		return nil, source.WrongAnswer(fact, "a web page", data)
	}
	return data, nil
}

func parseAnswer(url string, data []byte) (shape.Place, error) {
	doc, err := pyjson.Parse(data)
	if err != nil {
		return shape.Place{}, source.WrongAnswer(source.URL(url), "no JSON ("+err.Error()+")", data)
	}
	return shape.Document(url, doc.Value), nil
}
