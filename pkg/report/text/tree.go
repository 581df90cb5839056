package text

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"

	"cotverify/internal/visible"
	"cotverify/pkg/report"
)

// Tree writes a report for people: the verdict with its cause, the chain as it
// hangs together, a line a link, then what a person should look at, and the
// verdict again.
func Tree(w io.Writer, r *report.Report, o TreeOptions) error {
	p := newPrinter(w, o)
	p.rootURL = rootOf(r.RootURL)
	p.headline(r)
	p.target(r)
	p.links(r.Links, r.Checks)
	p.problems("", r)
	if o.Verbose {
		p.holds(r)
	} else {
		p.skipped(r)
	}
	p.artifacts(r)
	p.verdict(r)
	return p.w.Flush()
}

// NewSink returns what writes a tree for each report, with an empty line between
// two.
func NewSink(w io.Writer, o TreeOptions) report.Sink { return &sink{w: w, o: o} }

type sink struct {
	w       io.Writer
	o       TreeOptions
	written bool
}

// Report implements [report.Sink].
func (s *sink) Report(r *report.Report) error {
	if s.written {
		if _, err := io.WriteString(s.w, "\n"); err != nil {
			return err
		}
	}
	s.written = true
	return Tree(s.w, r, s.o)
}

// Close implements [report.Sink].
func (s *sink) Close(report.Summary) error { return nil }

// printer draws a tree. Errors of writing wait in w for its Flush.
type printer struct {
	w       *bufio.Writer
	o       TreeOptions
	width   int
	rootURL string // of the deployment, "" where there is none to link to
	symbols symbols
	colors  palette
	clean   func(string) string
	prose   func(string) string // of messages and JSON, as clean is of texts
	hinted  map[string]bool     // the hints that were given
	walked  bool                // the tree is of a walk: what has no problem has no mark
}

func newPrinter(w io.Writer, o TreeOptions) *printer {
	p := &printer{
		w: bufio.NewWriter(w), o: o, width: max(o.Width, minWidth),
		symbols: symbolsOf(o.ASCII), colors: paletteOf(o.Color), clean: visible.Clean, prose: visible.Prose,
		hinted: map[string]bool{},
	}
	if o.Width == 0 {
		p.width = math.MaxInt32
	}
	if o.ASCII {
		p.clean, p.prose = visible.CleanASCII, visible.ProseASCII
	}
	return p
}

// limited reports whether lines must fit a width.
func (p *printer) limited() bool { return p.o.Width > 0 }

// line writes a line after the guides of the tree.
func (p *printer) line(guides string, s spans) {
	s = append(spans{{guides, p.colors.dim}}, s...)
	fmt.Fprintln(p.w, noCommand(strings.TrimRight(s.String(), " ")))
}

// commands match what CI services take for a command in a log: that which a line
// begins with, and that which is anywhere in it.
var commands = regexp.MustCompile(`^ *::|##(\[|vso\[|teamcity\[)`)

// noCommand escapes commands in a line, since what is quoted in it may be made to
// hide what comes after it from who reads the log.
func noCommand(line string) string {
	return commands.ReplaceAllStringFunc(line, func(found string) string {
		if before, after, leads := strings.Cut(found, "::"); leads {
			return before + `\u003a:` + after
		}
		return `\u0023` + found[1:]
	})
}

// worst returns the status that stands for all of a link's checks.
func worst(checks []report.Check) report.Status {
	for _, status := range []report.Status{report.Fail, report.Error, report.Warn, report.Pass} {
		if slices.ContainsFunc(checks, func(c report.Check) bool { return c.Status == status }) {
			return status
		}
	}
	return report.Skip
}

func withStatus(checks []report.Check, statuses ...report.Status) []report.Check {
	var result []report.Check
	for _, c := range checks {
		for _, status := range statuses {
			if c.Status == status {
				result = append(result, c)
			}
		}
	}
	return result
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
