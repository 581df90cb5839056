// Package pyyaml reads YAML as the reference implementation reads it, which is
// as yaml.safe_load of PyYAML 6 does from a file in UTF-8 (specification,
// section 6, "decision", and section 8). A template that is read differently
// renders to another definition, so what PyYAML refuses is refused here, and
// what is read here has the value that PyYAML gives it.
//
// Start with [Parse]. It returns nodes with their places, so that a
// difference in a rendered definition can be traced to its line. What JSON
// does not have, such as a date, is a [value.Opaque]. Aliases share their node.
// The nodes form no cycles, and aliases nest no deeper than the text may, so a
// walk may recurse; one that does not mind the sharing can take exponential
// time.
//
// The scanner is our own, after PyYAML's grammar, which is a dialect. The
// library for Go that comes nearest, go.yaml.in/yaml/v3, reads the key of {a:}
// as "a:", takes tabs between tokens and lets anchors repeat; and it cannot be
// corrected from outside, since only a scanner knows where a tab or a colon
// stands.
//
// A few things that PyYAML reads are refused, as no template has use for them:
// a node that contains itself; a non-specific tag ("!") on a quoted scalar; a
// scalar tag on a list or an object; an explicit !!int, !!float or !!timestamp
// that would not be one without quotes (but for !!float 1 and 1e3); an alias of
// a key "="; and what exceeds a limit.
package pyyaml

import (
	"fmt"

	"cotverify/internal/value"
)

const (
	// maxSize is the largest document in bytes. The largest that the
	// reference reads are parameters.yml files, which stay far below it.
	maxSize = 16 << 20

	// maxNodes is how many nodes a document may have, aliases and merged
	// fields included, since a node takes much more memory than its text.
	maxNodes = 1_000_000

	// maxDepth is how deep lists and objects may be nested, aliases followed.
	// Python, with two frames a level, ends at its recursion limit of 1,000.
	// This is a little lower than the reference gets.
	maxDepth = 450
)

// Error says why a document was refused, and where.
type Error struct {
	Line, Column int // in characters, from 1
	Message      string
}

func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// mark is a place in a document, counted from 0.
type mark struct{ line, column int }

func (m mark) errorf(format string, args ...any) error {
	return &Error{Line: m.line + 1, Column: m.column + 1, Message: fmt.Sprintf(format, args...)}
}

// after returns the place of the next character on the line.
func (m mark) after() mark { return mark{m.line, m.column + 1} }

// Parse reads a document. An empty one is a null. The error is an [*Error].
func Parse(data []byte) (*value.Node, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	root, err := parse(text)
	if err != nil {
		return nil, err
	}
	c := &constructor{}
	return c.value(root)
}
