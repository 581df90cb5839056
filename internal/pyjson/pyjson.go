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

// Parse reads a whole document of at most a million values. The error is a
// [*SyntaxError].
func Parse(data []byte) (*Document, error) {
	return ParseWithin(data, maxValues)
}

// ParseWithin reads a whole document as [Parse] does, of at most so many values:
// lists, objects and what is in them, keys apart.
func ParseWithin(data []byte, values int) (*Document, error) {
	p := &parser{in: inputOf(data), room: values}
	p.space()
	v, err := p.value(true)
	if err != nil {
		return nil, err
	}
	return p.document(v)
}

// Scan reads a document that is an object, and keeps the entries whose key
// keep accepts. It holds no more than them, a small buffer and the longest
// key in memory. Keys that are repeated in what is not kept are not reported.
//
// The error is a [*SyntaxError], a [*NotObjectError], or the one that r
// returned.
func Scan(r io.Reader, keep func(key string) bool) (*Document, error) {
	p := &parser{in: newInput(r), room: maxScanned}
	p.space()
	if p.in.peek() == '{' {
		o, err := p.object(keep)
		if err != nil {
			return nil, err
		}
		return p.document(o)
	}
	skipped, err := p.value(false)
	if err != nil {
		return nil, err
	}
	if _, err := p.document(nil); err != nil {
		return nil, err
	}
	return nil, &NotObjectError{Kind: value.Kind(skipped)}
}
