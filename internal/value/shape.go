package value

import (
	"fmt"
	"strconv"
	"strings"
)

// ShapeError says that a place of a JSON document has not the value that it
// must have.
type ShapeError struct {
	Where string // the document, "" where it is clear: "https://api.github.com/…"
	Path  string // a JSON pointer, "/payload/env"
	Want  string // "an object"
	Got   string // "null"; "" where there is no value
}

func (e *ShapeError) Error() string {
	path := e.Path
	if path == "" {
		path = "the document"
	}
	if e.Where != "" {
		path = e.Where + ": " + path
	}
	if e.Got == "" {
		return fmt.Sprintf("%s is absent; expected %s", path, e.Want)
	}
	return fmt.Sprintf("%s is %s; expected %s", path, e.Got, e.Want)
}

// ErrorIn returns an error about a part of a document as one about the
// document: under its name, and under the part's place in it. The error itself
// is not changed; one that is no *ShapeError is returned as it is.
func ErrorIn(err error, document, path string) error {
	shape, ok := err.(*ShapeError)
	if !ok {
		return err
	}
	in := *shape
	in.Where, in.Path = document, path+shape.Path
	return &in
}

// Pointer returns the JSON pointer of a path.
func Pointer(path ...string) string {
	var b strings.Builder
	for _, key := range path {
		b.WriteByte('/')
		b.WriteString(pointerEscaper.Replace(key))
	}
	return b.String()
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// Lookup returns the value at a path of object keys. The error is a
// *ShapeError that names the first place of the path that is not as expected.
func Lookup(v any, path ...string) (any, error) {
	return LookupFor("a value", v, path...)
}

// LookupFor returns the value at a path of object keys, as [Lookup] does. What is
// wanted there is for the error, where nothing is.
func LookupFor(want string, v any, path ...string) (any, error) {
	for i, key := range path {
		o, ok := v.(*Object)
		if !ok {
			return nil, &ShapeError{Path: Pointer(path[:i]...), Want: "an object", Got: Kind(v)}
		}
		if v, ok = o.Get(key); !ok {
			if i < len(path)-1 {
				want = "an object"
			}
			return nil, &ShapeError{Path: Pointer(path[:i+1]...), Want: want}
		}
	}
	return v, nil
}

// At returns the value at a path of object keys and of places in lists.
func At(v any, path ...string) (any, bool) {
	for _, step := range path {
		switch at := v.(type) {
		case *Object:
			var ok bool
			if v, ok = at.Get(step); !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// LookupText returns the text at a path of object keys. The error is a
// *ShapeError.
func LookupText(v any, path ...string) (string, error) {
	found, err := LookupFor("text", v, path...)
	if err != nil {
		return "", err
	}
	s, ok := found.(string)
	if !ok {
		return "", &ShapeError{Path: Pointer(path...), Want: "text", Got: Kind(found)}
	}
	return s, nil
}
