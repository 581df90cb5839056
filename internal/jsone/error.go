package jsone

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"cotverify/internal/value"
)

// Error says why a template cannot be rendered, and where. A [*LimitError] or
// the error of a context that ended is found in it with [errors.As] and
// [errors.Is].
type Error struct {
	Line, Column int    // of the template node; 0 where it came from no file
	TemplatePath string // of the template node, "tasks[0].payload.env"; empty for the whole
	Expression   string // where the node was text: the expression that failed, if one did
	Offset       int    // of the place in Expression, in bytes
	Message      string // what is wrong, in plain words

	cause error
}

// Error returns the message with its place in one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d, column %d: ", e.Line, e.Column)
	}
	b.WriteString(e.Message)
	if e.Expression != "" {
		fmt.Fprintf(&b, ", in the expression %s", quoted(e.Expression))
	}
	if e.TemplatePath != "" {
		fmt.Fprintf(&b, ", at %s of the template", printable(firstRunes(e.TemplatePath, maxPathShown)))
	}
	return b.String()
}

// Unwrap returns the [*LimitError], the context's error or the error of a
// function from the context that is the cause; else nil.
func (e *Error) Unwrap() error { return e.cause }

// maxExcerpt is how many characters of an expression Excerpt shows.
const maxExcerpt = 72

// Excerpt returns the line of the expression that failed, and below it a caret
// under the place. It is empty where no expression failed. What is left out at
// either end of a long line shows as "…".
func (e *Error) Excerpt() string {
	if e.Expression == "" {
		return ""
	}
	at := min(e.Offset, len(e.Expression))
	start := strings.LastIndexByte(e.Expression[:at], '\n') + 1
	line := e.Expression[start:]
	if end := strings.IndexByte(e.Expression[at:], '\n'); end >= 0 {
		line = e.Expression[start : at+end]
	}
	before, after := printable(lastRunes(line[:at-start], maxExcerpt/2)), printable(firstRunes(line[at-start:], maxExcerpt/2))
	return before + after + "\n" + strings.Repeat(" ", utf8.RuneCountInString(before)) + "^"
}

// lastRunes returns the last characters of a text, and a sign where there are
// more.
func lastRunes(text string, most int) string {
	start := len(text)
	for range most {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	if start == 0 {
		return text
	}
	return "…" + text[start:]
}

// firstRunes returns the first characters of a text, and a sign where there are
// more.
func firstRunes(text string, most int) string {
	n := 0
	for i := range text {
		if n == most {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// printable replaces what a terminal would act on or could not show by spaces.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

// maxQuoted is how many characters an error message shows of a text.
const maxQuoted = 60

// maxPathShown is how many characters it shows of a template path.
const maxPathShown = 200

// quoted returns a text as an error message shows it.
func quoted(text string) string { return strconv.Quote(firstRunes(text, maxQuoted)) }

// A problem is what is wrong, before it is known where.
type problem string

func (p problem) Error() string { return string(p) }

func problemf(format string, args ...any) error {
	return problem(fmt.Sprintf(format, args...))
}

// at says that a template node failed. An error that already has a place keeps
// it: the innermost is the best.
func at(n *value.Node, err error) *Error {
	if e, ok := err.(*Error); ok {
		return e
	}
	return &Error{Line: n.Line, Column: n.Column, Message: err.Error(), cause: cause(err)}
}

// atExpression says that an expression of a template node failed.
func atExpression(n *value.Node, text string, offset int, err error) *Error {
	if e, ok := err.(*Error); ok {
		return e
	}
	return &Error{Line: n.Line, Column: n.Column, Expression: text, Offset: offset, Message: err.Error(), cause: cause(err)}
}

// cause returns what a caller may look for in an error.
func cause(err error) error {
	if f, ok := err.(*functionError); ok {
		return f.cause
	}
	if _, ok := err.(*LimitError); ok || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// within says in which part of a template node an error is.
func within(err error, step string) error {
	if e, ok := err.(*Error); ok {
		e.TemplatePath = step + e.TemplatePath
	}
	return err
}

func indexStep(i int) string { return "[" + strconv.Itoa(i) + "]" }

// keyStep returns the step to a key's value, short enough that the steps of a
// whole path stay so.
func keyStep(key string) string {
	if isIdentifier(strings.TrimPrefix(key, "$")) {
		return "." + firstRunes(key, maxQuoted)
	}
	return "[" + quoted(key) + "]"
}
