// Package pyjson reads JSON as the reference implementation reads it, which
// is as json.load of Python 3.11 does from a file (specification, section 4).
// A document that a worker signed can mean one thing to one reader and
// something else to another; what this package returns is what the reference
// acts on, and what the reference refuses is refused here.
//
// It differs from encoding/json in that keys are case-sensitive; that
// integers are exact at any size and apart from floats; that NaN, Infinity
// and -Infinity are numbers, and 1e400 is infinite; that a lone surrogate
// escape is kept; and that a byte order mark, invalid UTF-8, integers of more
// than 4,300 digits and nesting of more than 950 levels are refused. Of a
// repeated key the last counts, as there, but the caller is told.
//
// Start with [Parse]. [Scan] is for a document that is too large to hold: it
// reads a stream and keeps the entries that the caller wants. Both check the
// whole document.
package pyjson

import (
	"fmt"
	"io"

	"cotverify/internal/value"
)

// Document is what was read.
type Document struct {
	Value any // as package value has it
	// Repeated holds JSON pointers of the keys that an object has more than
	// once, in the order of the file, one for each repetition. There are at
	// most 100, and a long key is cut in them.
	Repeated []string
	// Values is how many values were kept: lists, objects and what is in them.
	Values int
}

// SyntaxError says why a text is no JSON, and where.
type SyntaxError struct {
	Offset       int64 // in bytes, from 0
	Line, Column int   // in characters, from 1
	Message      string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// NotObjectError says that a document is well-formed JSON, but not the object
// that it should be.
type NotObjectError struct {
	Kind string // what it is, as value.Kind names it
}

func (e *NotObjectError) Error() string {
	return "expected an object, found " + e.Kind
}

// Keep says what of an object is kept: for each key it returns what is kept of
// the key's value, nil for nothing. Of a list, each item is kept alike.
type Keep func(key string) Keep

// All keeps everything.
func All(string) Keep { return All }

// Parse reads a whole document of at most 300,000 values. The error is a
// [*SyntaxError].
func Parse(data []byte) (*Document, error) {
	return ParseWithin(data, maxValues)
}

// ParseWithin reads a whole document as [Parse] does, of at most so many values:
// lists, objects and what is in them, keys apart.
func ParseWithin(data []byte, values int) (*Document, error) {
	p := &parser{in: inputOf(data), most: values}
	p.space()
	v, err := p.value(All)
	if err != nil {
		return nil, err
	}
	return p.document(v)
}

// Scan reads a document that is an object, and keeps at most 300,000 values of
// it, which keep says. It holds no more than them, a small buffer and the
// longest key in memory. Keys that are repeated in what is not kept are not
// reported.
//
// The error is a [*SyntaxError], a [*NotObjectError], or the one that r
// returned.
func Scan(r io.Reader, keep Keep) (*Document, error) {
	p := &parser{in: newInput(r), most: maxValues, kept: 1} // the object itself
	var o *value.Object
	err := p.only(func() (err error) {
		o, err = p.object(keep)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p.document(o)
}

// Extent is where a value stands in a document, in bytes.
type Extent struct{ Offset, Length int64 }

// Index reads a document that is an object, and returns where the values stand
// of those of its keys that wanted accepts, at most 200,000. Of a repeated key
// the last value counts, and repeated has its JSON pointer as [Document] has.
// It holds as much in memory as [Scan] does; errors are as there.
func Index(r io.Reader, wanted func(key string) bool) (index map[string]Extent, repeated []string, err error) {
	p := &parser{in: newInput(r)}
	index = map[string]Extent{}
	err = p.only(func() error {
		return p.entries(func() error { return p.extent(index, wanted) })
	})
	if err != nil {
		return nil, nil, err
	}
	_, err = p.document(nil)
	return index, p.repeated, err
}

// extent reads an entry, and indexes it if it is wanted.
func (p *parser) extent(index map[string]Extent, wanted func(key string) bool) error {
	text, err := p.key(true)
	if err != nil {
		return err
	}
	key := string(text)
	if err := p.colon(); err != nil {
		return err
	}
	start := p.in.read()
	if _, err := p.value(nil); err != nil || !wanted(key) {
		return err
	}
	end := p.in.read()
	if _, ok := index[key]; ok {
		p.repeat(key)
	} else if len(index) == maxIndexed {
		return p.in.errorf("more entries than are read of one document, which are %d", maxIndexed)
	}
	index[key] = Extent{Offset: start, Length: end - start}
	return nil
}

// Each reads a document that is an object, and calls each for every item of its
// list of that name, which keeps what keep says, at most 300,000 values of an
// item. It holds one item in memory. Of the other keys keep says too what is
// kept, in the document that is returned. Errors are as of [Scan], with a
// *NotListError where the list is none or is not there, and each's own, which
// ends the reading.
func Each(r io.Reader, list string, keep Keep, each func(item any) error) (*Document, error) {
	p := &parser{in: newInput(r), most: maxValues}
	o := &value.Object{}
	found := false
	err := p.only(func() error {
		return p.entries(func() error {
			text, err := p.key(true)
			if err != nil {
				return err
			}
			if string(text) != list {
				return p.valueOf(o, text, keep)
			}
			if found {
				return p.in.errorf("the list %q is there twice", list)
			}
			found = true
			if err := p.colon(); err != nil {
				return err
			}
			return p.items(list, keep(list), each)
		})
	})
	if err == nil && !found {
		err = &NotListError{Name: list}
	}
	if err != nil {
		return nil, err
	}
	return p.document(o)
}

// NotListError says that a document has no list of a name.
type NotListError struct{ Name string }

func (e *NotListError) Error() string { return fmt.Sprintf("/%s is absent, or no list", e.Name) }

// items reads the list of a name, and calls each for every item.
func (p *parser) items(name string, keep Keep, each func(item any) error) error {
	if p.in.peek() != '[' {
		return &NotListError{Name: name}
	}
	return p.sequence(']', func(int) error {
		kept := p.kept
		item, err := p.value(keep)
		if err != nil {
			return err
		}
		p.kept = kept
		return each(item)
	})
}

// only reads an object with read. What is something else is read too, since it
// may be no JSON at all, and refused.
func (p *parser) only(read func() error) error {
	p.space()
	if p.in.peek() == '{' {
		return read()
	}
	skipped, err := p.value(nil)
	if err != nil {
		return err
	}
	if _, err := p.document(nil); err != nil {
		return err
	}
	return &NotObjectError{Kind: value.Kind(skipped)}
}
