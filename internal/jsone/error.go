package jsone

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

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
		fmt.Fprintf(&b, ", at %s of the template", printable(shortened(e.TemplatePath)))
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
	before, after := []rune(printable(line[:at-start])), []rune(printable(line[at-start:]))
	if len(before) > maxExcerpt/2 {
		before = append([]rune("…"), before[len(before)-maxExcerpt/2:]...)
	}
	if len(after) > maxExcerpt/2 {
		after = append(after[:maxExcerpt/2:maxExcerpt/2], '…')
	}
	return string(before) + string(after) + "\n" + strings.Repeat(" ", len(before)) + "^"
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

// shortened cuts a text to what an error message shows of it.
func shortened(text string) string {
	n := 0
	for i := range text {
		if n == maxQuoted {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// quoted returns a text as an error message shows it.
func quoted(text string) string { return strconv.Quote(shortened(text)) }

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
	switch err := err.(type) {
	case problem, *syntaxError:
		return nil
	case *functionError:
		return err.cause
	}
	return err
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
		return "." + shortened(key)
	}
	return "[" + quoted(key) + "]"
}
