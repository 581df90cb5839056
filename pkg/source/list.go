package source

import (
	"context"
	"fmt"
	"io"

	"cotverify/internal/pyjson"
	"cotverify/internal/shape"
	"cotverify/internal/value"
)

// MaxList is how many bytes a list of artifacts has at most. The largest tasks
// have some thousand artifacts.
const MaxList = 64 << 20

// maxListName is for a name in it. The queue's storage takes names of at most
// 1,024 bytes.
const maxListName = 4 << 10

// listed keeps of a list of artifacts what is read of it.
func listed(key string) pyjson.Keep {
	if key == "artifacts" || key == "name" || key == "expires" {
		return listed
	}
	return nil
}

// ListNames returns the names of a task's latest artifacts, in the list's
// order. The error is as of [Source].
func ListNames(ctx context.Context, s Source, taskID string) ([]string, error) {
	list, err := List(ctx, s, taskID)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = a.Name
	}
	return names, nil
}

// Listed is an artifact in a list.
type Listed struct {
	Name    string
	Expires string // as the list says, "" where it does not
}

// List returns a task's latest artifacts, in the list's order. The error is as of
// [Source].
func List(ctx context.Context, s Source, taskID string) ([]Listed, error) {
	fact := Artifacts(taskID)
	answer, err := s.Open(ctx, fact)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body := &io.LimitedReader{R: answer.Body, N: MaxList + 1}
	malformed := func(err error) error {
		return &UnavailableError{Fact: fact, Reason: "the answer is malformed: " + err.Error()}
	}
	doc, err := pyjson.Scan(body, listed)
	if body.N == 0 {
		return nil, TooLarge(fact, MaxList)
	}
	switch err.(type) {
	case nil:
	case *pyjson.SyntaxError, *pyjson.NotObjectError:
		return nil, malformed(err)
	default:
		return nil, ReadError(ctx, fact, err)
	}
	entries, err := shape.Document("", doc.Value).List("artifacts")
	if err != nil {
		return nil, malformed(err)
	}
	list := make([]Listed, 0, len(entries))
	for _, entry := range entries {
		name, err := entry.Text("name")
		if err != nil {
			return nil, malformed(err)
		}
		if len(name) > maxListName {
			return nil, malformed(fmt.Errorf("a name of %d bytes; an artifact's has at most %d", len(name), maxListName))
		}
		expires, _ := value.LookupText(entry.Value, "expires") // only told, and not by all
		list = append(list, Listed{name, expires})
	}
	return list, nil
}
