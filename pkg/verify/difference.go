package verify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cotverify/internal/pyjson"
	"cotverify/internal/pytime"
	"cotverify/internal/value"
	"cotverify/pkg/graph"
)

// difference is a place where a definition differs from what it must equal.
type difference struct {
	value.Difference
	reordered bool // both are lists of the same items, in another order
}

// maxReordered is how many items a list may have whose order is looked at.
const maxReordered = 200

// withReordered returns the differences of two values, with one in place of all
// that are within lists which hold the same items in another order.
func withReordered(a, b any, found []value.Difference) []difference {
	var differences []difference
	done := ""
	for _, d := range found {
		list, path := reorderedAt(a, b, d.Path)
		pointer := value.Pointer(path...)
		switch {
		case list == nil:
			differences = append(differences, difference{Difference: d})
		case len(differences) == 0 || pointer != done:
			other, _ := value.At(b, path...)
			differences = append(differences, difference{value.Difference{Path: path, A: list, B: other, InA: true, InB: true}, true})
			done = pointer
		}
	}
	return differences
}

// reorderedAt returns the outermost list on a path that holds in both values the
// same items in another order, and where it is; nil where there is none.
func reorderedAt(a, b any, path []string) (any, []string) {
	for i := range len(path) {
		v, _ := value.At(a, path[:i]...)
		w, _ := value.At(b, path[:i]...)
		planned, isList := v.([]any)
		actual, wasList := w.([]any)
		if isList && wasList && haveSameItems(planned, actual) {
			return v, path[:i]
		}
	}
	return nil, nil
}

func haveSameItems(a, b []any) bool {
	if len(a) != len(b) || len(a) > maxReordered {
		return false
	}
	left := slices.Clone(b)
	for _, item := range a {
		i := slices.IndexFunc(left, func(other any) bool { return value.EqualWithin(item, other) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

// note says what kind of difference it is, to follow where it is; "" where that
// is plain.
func (d difference) note(task *graph.Task) string {
	a, isText := d.A.(string)
	b, wasText := d.B.(string)
	switch {
	case d.reordered:
		return ": the same items, in another order"
	case isQuoted(d.A, d.B) || isQuoted(d.B, d.A):
		return ": the same value, once as text and once not"
	case !isText || !wasText:
		return ""
	case isSameJSON(a, b):
		return ": both texts are the same JSON, written in two ways"
	}
	if apart, ok := timesApart(a, b); ok {
		return fmt.Sprintf(": the two times are %s apart", apart)
	}
	return ""
}

// isQuoted reports whether one value is the other's JSON, as text.
func isQuoted(v, text any) bool {
	s, isText := text.(string)
	if _, alsoText := v.(string); !isText || alsoText {
		return false
	}
	written, err := value.AppendJSON(nil, v)
	return err == nil && string(written) == s
}

// isSameJSON reports whether two texts are JSON of one object or list.
func isSameJSON(a, b string) bool {
	for _, text := range []string{a, b} {
		if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
			return false
		}
	}
	first, err := pyjson.ParseWithin([]byte(a), maxCompared)
	if err != nil {
		return false
	}
	second, err := pyjson.ParseWithin([]byte(b), maxCompared)
	return err == nil && value.Equal(first.Value, second.Value)
}

// maxCompared is how many values a text of JSON may hold that is compared.
const maxCompared = 10_000

// timesApart returns how far two times are apart.
func timesApart(a, b string) (time.Duration, bool) {
	first, err := pytime.ParseISO(a)
	if err != nil {
		return 0, false
	}
	second, err := pytime.ParseISO(b)
	if err != nil {
		return 0, false
	}
	return second.Sub(first).Abs(), true
}

// isTimeOfCreated reports whether two times differ by what the created of a
// definition lacks, which has no milliseconds.
func isTimeOfCreated(task *graph.Task, d value.Difference) bool {
	a, isText := d.A.(string)
	b, wasText := d.B.(string)
	created, err := value.LookupText(task.Definition, "created")
	if !isText || !wasText || err != nil || strings.Contains(created, ".") && !strings.HasSuffix(created, ".000Z") {
		return false
	}
	apart, ok := timesApart(a, b)
	return ok && apart > 0 && apart < time.Second
}

// maxSide is how many bytes of a value are shown. Of a larger one only what it is
// made of is told.
const maxSide = 300

// sides writes the two sides of a difference so that they never look alike.
func sides(d value.Difference) (a, b string) {
	a, b = orAbsent(d.A, d.InA), orAbsent(d.B, d.InB)
	if d.InA && d.InB && value.Kind(d.A) != value.Kind(d.B) {
		return withKind(a, d.A), withKind(b, d.B)
	}
	return a, b
}

func withKind(text string, v any) string {
	switch v.(type) {
	case bool, nil: // which are what they are called
		return text
	}
	return text + " (" + value.Kind(v) + ")"
}

func orAbsent(v any, there bool) string {
	if !there {
		return "absent"
	}
	text := asJSON(v)
	if len(text) <= maxSide {
		return text
	}
	switch v := v.(type) {
	case *value.Object:
		var keys []string
		for key := range v.All() {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		return "an object with the keys " + list(keys, "")
	case []any:
		return fmt.Sprintf("a list of %d items", len(v))
	}
	return text
}

// asJSON writes a value as JSON, and one that JSON cannot hold as it was
// written, with what it is.
func asJSON(v any) string {
	if opaque, ok := v.(value.Opaque); ok {
		return fmt.Sprintf("%s (%s, as YAML reads it without quotes)", opaque.Text, strings.Replace(value.Kind(opaque), "a timestamp", "a date", 1))
	}
	text, err := value.AppendJSON(nil, v)
	if err != nil {
		return value.Kind(v)
	}
	return string(text)
}

// inWords writes a value beside others that are text, without quotes.
func inWords(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return asJSON(v)
}
