package source

import (
	"context"

	"cotverify/internal/pyjson"
	"cotverify/internal/value"
)

// maxList limits the size in bytes of a list of artifacts. The largest tasks
// have some thousand.
const maxList = 64 << 20

// ListNames returns the names of a task's latest artifacts, in the list's
// order. The error is as of [Source].
func ListNames(ctx context.Context, s Source, taskID string) ([]string, error) {
	fact := Artifacts(taskID)
	data, _, err := ReadAll(ctx, s, fact, maxList)
	if err != nil {
		return nil, err
	}
	malformed := func(err error) error {
		return &UnavailableError{Fact: fact, Reason: "the answer is malformed: " + err.Error()}
	}
	doc, err := pyjson.Parse(data)
	if err != nil {
		return nil, malformed(err)
	}
	list, err := value.Lookup(doc.Value, "artifacts")
	if err != nil {
		return nil, malformed(err)
	}
	entries, ok := list.([]any)
	if !ok {
		return nil, malformed(&value.ShapeError{Path: "/artifacts", Want: "a list", Got: value.Kind(list)})
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		name, err := value.LookupText(entry, "name")
		if err != nil {
			return nil, malformed(err)
		}
		names = append(names, name)
	}
	return names, nil
}
