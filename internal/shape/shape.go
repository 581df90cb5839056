// Package shape reads JSON values of any shape: each read says what it expects,
// and its error names the document, the place in it, and what is there.
package shape

import (
	"fmt"
	"math/big"
	"strconv"

	"cotverify/internal/value"
)

// Place is a value of a document, and where it stands in it. The errors of its
// methods are *value.ShapeErrors.
type Place struct {
	Value    any
	document string
	path     string // a JSON pointer
}

// Document returns the place of a document's whole value. The name is the one
// that errors have it by.
func Document(name string, v any) Place {
	return Place{Value: v, document: name}
}

// Document returns the name of the document.
func (p Place) Document() string { return p.document }

// Get returns the value at a path of object keys.
func (p Place) Get(keys ...string) (any, error) {
	return p.lookup("a value", keys)
}

// Text returns the text at a path of object keys.
func (p Place) Text(keys ...string) (string, error) {
	s, err := value.LookupText(p.Value, keys...)
	return s, value.ErrorIn(err, p.document, p.path)
}

// Object returns the object at a path of object keys.
func (p Place) Object(keys ...string) (*value.Object, error) {
	const want = "an object"
	v, err := p.lookup(want, keys)
	if err != nil {
		return nil, err
	}
	o, ok := v.(*value.Object)
	if !ok {
		return nil, p.isNot(want, value.Kind(v), keys)
	}
	return o, nil
}

// OptionalObject returns the object at a path of object keys, none where a key
// is absent. What is on the way to it must be objects.
func (p Place) OptionalObject(keys ...string) (*value.Object, error) {
	o, err := p.Object()
	for i := 0; i < len(keys) && err == nil; i++ {
		if _, ok := o.Get(keys[i]); !ok {
			return nil, nil
		}
		o, err = p.Object(keys[:i+1]...)
	}
	return o, err
}

// List returns the items of the list at a path of object keys.
func (p Place) List(keys ...string) ([]Place, error) {
	const want = "a list"
	v, err := p.lookup(want, keys)
	if err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok {
		return nil, p.isNot(want, value.Kind(v), keys)
	}
	items := make([]Place, len(list))
	for i, item := range list {
		items[i] = Place{Value: item, document: p.document, path: fmt.Sprintf("%s%s/%d", p.path, value.Pointer(keys...), i)}
	}
	return items, nil
}

// Items returns the items of the list at a path of object keys, of which there
// must be one.
func (p Place) Items(keys ...string) ([]Place, error) {
	items, err := p.List(keys...)
	if err == nil && len(items) == 0 {
		return nil, p.isNot("a list that is not empty", "empty", keys)
	}
	return items, err
}

// Refuse returns the error of a value at a path of object keys that is not what
// it must be, and shows it.
func (p Place) Refuse(want string, keys ...string) error {
	v, err := p.lookup(want, keys)
	if err != nil {
		return err
	}
	return p.isNot(want, shown(v), keys)
}

// maxShown is how much of a text an error shows.
const maxShown = 60

// shown returns a scalar as it is, cut, and the kind of all else.
func shown(v any) string {
	switch v := v.(type) {
	case string:
		if len(v) > maxShown {
			return strconv.Quote(v[:maxShown]) + "…"
		}
		return strconv.Quote(v)
	case *big.Int:
		if v.IsInt64() {
			return v.String()
		}
	}
	return value.Kind(v)
}

// lookup returns the value at a path of object keys. What is wanted there is for
// the error, where nothing is.
func (p Place) lookup(want string, keys []string) (any, error) {
	v, err := value.LookupFor(want, p.Value, keys...)
	return v, value.ErrorIn(err, p.document, p.path)
}

func (p Place) isNot(want, got string, keys []string) error {
	return &value.ShapeError{Where: p.document, Path: p.path + value.Pointer(keys...), Want: want, Got: got}
}
