// Package markdown writes reports as the Markdown that GitHub shows: as the
// summary of a job, the text of a check, or a comment.
//
// Whatever comes from a task stands in code, with the letters escaped that
// GitHub would make formatting, links or mentions of. GitHub drops a text that
// is too long, all of it, so that this one leaves out whole sections past a
// limit, and says so.
package markdown

import (
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"

	"cotverify/pkg/report"
	"cotverify/pkg/report/internal/plain"
)

// The limits of a text, in bytes.
const (
	// Comment is what a comment may have. The summary of a job may have more, but
	// nobody reads as much.
	Comment = 64_000
	// CheckText is what the text of a check that Taskcluster makes may have.
	CheckText = 50_000
)

// New returns what writes reports as Markdown of at most so many bytes.
func New(limit int) func(io.Writer) report.Sink {
	return func(w io.Writer) report.Sink { return &sink{w: w, room: limit - len(leftOut(1<<62))} }
}

func leftOut(sections int) string {
	return fmt.Sprintf("\n**%d more sections are left out here**, for which there is no room; the whole report has them.\n", sections)
}

type sink struct {
	w       io.Writer
	room    int // bytes that may follow
	dropped int // sections
	err     error
}

// section writes a part of the text, or leaves it out. What comes behind a part
// that was left out is less important than it.
func (s *sink) section(text string) {
	if s.dropped > 0 || len(text) > s.room {
		s.dropped++
		return
	}
	s.room -= len(text)
	s.write(text)
}

func (s *sink) write(text string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.w, text)
	}
}

// marks are how a status looks.
var marks = map[report.Status]string{report.Pass: "✅", report.Fail: "❌", report.Error: "❔", report.Warn: "⚠️", report.Skip: "➖"}

// verdicts are the statuses that verdicts look like.
var verdicts = map[report.Verdict]report.Status{report.Verified: report.Pass, report.Refused: report.Fail, report.Unknown: report.Error}

// Report implements [report.Sink].
func (s *sink) Report(r *report.Report) error {
	named := plain.Of(r)
	s.section(head(named))
	for _, p := range named.Problems() {
		s.section(problem(named, p))
	}
	s.section(links(named))
	return s.err
}

// Close implements [report.Sink].
func (s *sink) Close(report.Summary) error {
	if s.dropped > 0 {
		s.write(leftOut(s.dropped))
	}
	return s.err
}

func head(r *plain.Report) string {
	var b strings.Builder
	word, rest := r.Sentence()
	mark := marks[verdicts[r.Verdict]]
	if r.Verdict == report.Verified && (!r.Signed() || r.IsWhatIf()) {
		mark = marks[report.Warn]
	}
	fmt.Fprintf(&b, "## %s %s\n\n**%s**: %s\n\n| chain of trust | |\n|---|---|\n", mark, code(r.Label(r.Target.TaskID)), word, code(rest))
	for _, fact := range r.Facts() {
		fmt.Fprintf(&b, "| %s | %s |\n", fact.Name, code(fact.Text))
	}
	b.WriteString("\n")
	return b.String()
}

// problem is folded but for what fails, so that a page of warnings hides none of
// that.
func problem(r *plain.Report, p plain.Problem) string {
	open := ""
	if p.Check.Status == report.Fail {
		open = " open"
	}
	return fmt.Sprintf("<details%s><summary>%s %s of %s</summary>\n\n<pre>%s</pre>\n</details>\n\n",
		open, marks[p.Check.Status], code(p.Title), code(r.Label(p.Check.TaskID)), html.EscapeString(p.Text))
}

// links is a table of the chain.
func links(r *plain.Report) string {
	var b strings.Builder
	b.WriteString("<details><summary>All tasks of the chain</summary>\n\n| | task | taskId | type | worker | checks |\n|---|---|---|---|---|---|\n")
	for _, link := range r.Tasks() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %d |\n", marks[link.Status], code(link.Label), code(plain.Name(link.TaskID)),
			code(plain.Name(link.TaskType)), code(plain.Name(link.WorkerImplementation)), len(link.Checks))
	}
	b.WriteString("\n</details>\n\n")
	return b.String()
}

// code returns clean text as code of Markdown, for the middle of a line or a
// cell of a table. Back-ticks would need others around them, and do not keep
// cells together.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "<code>" + escape(text) + "</code>"
}

// special matches what may mean something in Markdown, in HTML, or to GitHub: a
// blank too, where there are several or it is at an end.
var special = regexp.MustCompile("[&<>\"'\\\\`*_~\\[\\]!#|@$^:]|(?i:www)\\.|^ | $|  +")

// escape writes what may mean something as HTML's references to letters.
func escape(text string) string {
	return special.ReplaceAllStringFunc(text, func(found string) string {
		var b strings.Builder
		for _, r := range found {
			if r == 'w' || r == 'W' {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, "&#%d;", r)
			}
		}
		return b.String()
	})
}
