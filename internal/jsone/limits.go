package jsone

import (
	"context"
	"fmt"
	"strings"
)

// A template comes from a repository that anyone may have pushed to, so what it
// can take of time and memory is bounded. The largest templates known take a
// hundredth of any of these.
const (
	// maxSteps bounds time. Each node of a template, each part of an expression
	// and each element that something loops over is a step; work on long text or
	// large integers counts as more than one. A million take some tenths of a
	// second.
	maxSteps = 1_000_000

	// maxMade bounds memory: the bytes of all that is made while rendering,
	// whether it is still in use or not. Twice as much, for the garbage
	// collector, is well below 100 MiB.
	maxMade = 40 << 20

	// maxText bounds a single text, in bytes. The queue takes no definition of
	// more than a mebibyte.
	maxText = 8 << 20

	// maxOutput bounds a result, in bytes of text and nodes as written out.
	// Shared values count each time they occur, since whoever reads the result
	// will come by them each time.
	maxOutput = 16 << 20

	// maxDepth bounds how deep templates and expressions are nested in each
	// other. Python, whose stack holds 1,000 frames, stops a little later where
	// the least frames are taken.
	maxDepth = 450

	// maxValueDepth bounds how deep lists and objects of values are nested.
	// Loops can nest them without any nesting in the template. Python's stack
	// bounds this too.
	maxValueDepth = 900

	// maxNesting bounds parentheses and brackets within an expression. Python's
	// parser takes about ten frames a level, so it stops at 97 at best.
	maxNesting = 90

	// maxExpression bounds an expression's length in bytes. The longest known
	// has a few hundred.
	maxExpression = 64 << 10

	// maxRange bounds how many numbers range() may make.
	maxRange = 100_000

	// maxIntBits bounds integers. It is more than twice what Python writes as
	// text or reads from it, so no larger one can be seen in a result.
	maxIntBits = 1 << 15
)

// LimitError says that a template asks for more time or memory than a render
// may take. Such a template is refused, but it need not be wrong.
type LimitError struct {
	Limit string // what was exceeded, such as "steps"
	Max   int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the template exceeds a limit: at most %d %s", e.Max, e.Limit)
}

// What LimitError.Limit says.
const (
	limitSteps      = "steps of work"
	limitMade       = "bytes of memory in use"
	limitText       = "bytes in a text"
	limitOutput     = "bytes of output"
	limitDepth      = "levels of nested templates and expressions"
	limitValueDepth = "levels of nested lists and objects"
	limitNesting    = "levels of nested brackets in an expression"
	limitExpression = "bytes in an expression"
	limitRange      = "numbers in a range"
	limitInt        = "bits in an integer"
)

// stepsBetweenChecks is how often the caller's context is asked whether to go on.
const stepsBetweenChecks = 1 << 10

// A meter counts what a render takes.
type meter struct {
	ctx       context.Context
	steps     int
	nextCheck int
	made      int
	depth     int
}

// step counts n steps of work.
func (m *meter) step(n int) error {
	m.steps += n
	if m.steps > maxSteps {
		return &LimitError{limitSteps, maxSteps}
	}
	if m.steps >= m.nextCheck {
		m.nextCheck = m.steps + stepsBetweenChecks
		return m.ctx.Err()
	}
	return nil
}

// make counts n bytes of memory.
func (m *meter) make(n int) error {
	m.made += n
	if m.made > maxMade {
		return &LimitError{limitMade, maxMade}
	}
	return nil
}

// bytesPerStep is how much text is worth a step where text is looked through
// byte by byte.
const bytesPerStep = 64

// scan counts the work of looking through a text.
func (m *meter) scan(text string) error { return m.step(1 + len(text)/bytesPerStep) }

// makeText counts a text of n bytes that is about to be made.
func (m *meter) makeText(n int) error {
	if n > maxText {
		return &LimitError{limitText, maxText}
	}
	if err := m.step(1 + n/bytesPerStep); err != nil {
		return err
	}
	return m.make(n)
}

// A textMaker makes a text of pieces.
type textMaker struct {
	meter *meter
	out   strings.Builder
}

// builderGrowth is how many bytes a strings.Builder takes for each that is
// written to it, at worst: it is doubled when full, and what it outgrew is left.
const builderGrowth = 3

func (t *textMaker) write(pieces ...string) error {
	for _, piece := range pieces {
		if t.out.Len()+len(piece) > maxText {
			return &LimitError{limitText, maxText}
		}
		if err := t.meter.scan(piece); err != nil {
			return err
		}
		if err := t.meter.make(builderGrowth * len(piece)); err != nil {
			return err
		}
		t.out.WriteString(piece)
	}
	return nil
}

// What things take in memory.
const (
	originBytes = 160
	objectBytes = 500 // without its fields
	itemBytes   = 48  // of a list
	fieldBytes  = 200 // of an object
	intBytes    = 80
	nodeBytes   = 200 // of a value that becomes a template
)

// makeParts counts n parts, of so many bytes each, of a list or an object that
// is about to be made.
func (m *meter) makeParts(n, bytes int) error {
	if err := m.step(n); err != nil {
		return err
	}
	return m.make(n * bytes)
}

// enter goes one level deeper into a template or an expression. Where it
// returns no error, leave must follow.
func (m *meter) enter() error {
	if m.depth == maxDepth {
		return &LimitError{limitDepth, maxDepth}
	}
	m.depth++
	return m.step(1)
}

func (m *meter) leave() { m.depth-- }
