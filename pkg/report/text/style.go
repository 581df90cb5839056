package text

import (
	"fmt"
	"strings"

	"cotverify/pkg/report"

	"github.com/fatih/color"
)

// TreeOptions says how a tree is drawn. The zero value draws it without colour,
// and cuts nothing to a width.
type TreeOptions struct {
	Verbose      bool // list passing and skipped checks, and cut nothing
	All          bool // list all links and all failures, however many
	OnlyFailures bool // leave out links that hold
	ASCII        bool // use no letters or marks but ASCII's
	Color        bool
	Links        bool // make taskIds lead to the task, on terminals that know links
	Width        int  // of a line, in columns; 0 for no limit
}

// minWidth is the least that a line is cut to: below that nothing but fragments
// would fit.
const minWidth = 40

// symbols are the marks that a tree is drawn with.
type symbols struct {
	pass, fail, error, warn, skip string
	above, below                  string
	branch, last, line, bar       string // of the tree: ├ └ ─ │
	cut                           string // where text was left out
}

func symbolsOf(ascii bool) symbols {
	if ascii {
		return symbols{
			pass: "+", fail: "x", error: "?", warn: "!", skip: "-",
			above: "^", below: "v",
			branch: "|", last: "`", line: "-", bar: "|",
			cut: "...",
		}
	}
	return symbols{
		pass: "✓", fail: "✗", error: "?", warn: "!", skip: "–",
		above: "↑", below: "↓",
		branch: "├", last: "└", line: "─", bar: "│",
		cut: "…",
	}
}

// of returns the mark of a status.
func (s symbols) of(status report.Status) string {
	switch status {
	case report.Pass:
		return s.pass
	case report.Fail:
		return s.fail
	case report.Error:
		return s.error
	case report.Warn:
		return s.warn
	}
	return s.skip
}

// paint colours text.
type paint func(a ...any) string

// palette has the colours of a tree.
type palette struct {
	pass, fail, warn, dim, strong, plain paint
	removed, removedPart                 paint // of the first of two texts, and what differs in it
	added, addedPart                     paint // of the second
}

func paletteOf(enabled bool) palette {
	in := func(attributes ...color.Attribute) paint {
		c := color.New(attributes...)
		if enabled {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c.SprintFunc()
	}
	return palette{
		pass:   in(color.FgGreen),
		fail:   in(color.FgRed, color.Bold),
		warn:   in(color.FgYellow),
		dim:    in(color.Faint),
		strong: in(color.Bold),
		plain:  fmt.Sprint,

		removed:     in(color.FgRed),
		removedPart: in(color.FgRed, color.ReverseVideo),
		added:       in(color.FgGreen),
		addedPart:   in(color.FgGreen, color.ReverseVideo),
	}
}

// of returns the colour of a status.
func (p palette) of(status report.Status) paint {
	switch status {
	case report.Pass:
		return p.pass
	case report.Fail:
		return p.fail
	case report.Error, report.Warn:
		return p.warn
	}
	return p.dim
}

// span is a piece of a line in one colour.
type span struct {
	text  string // clean
	paint paint
}

// spans is a piece of a line.
type spans []span

func (s spans) columns() int {
	n := 0
	for _, piece := range s {
		n += columns(piece.text)
	}
	return n
}

func (s spans) String() string {
	var b strings.Builder
	for _, piece := range s {
		if piece.text != "" {
			b.WriteString(piece.paint(piece.text))
		}
	}
	return b.String()
}

func spaces(n int) string { return strings.Repeat(" ", max(0, n)) }
