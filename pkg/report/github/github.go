// Package github writes reports for GitHub: as workflow commands, of which a
// step of GitHub Actions makes annotations, and as the annotations of the check
// that Taskcluster makes of a task.
package github

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"cotverify/internal/visible"
	"cotverify/pkg/report"
	"cotverify/pkg/report/internal/plain"
)

// maxCommands is how many errors, and how many warnings, GitHub takes of a step.
const maxCommands = 10

// NewCommands returns what writes workflow commands.
func NewCommands(w io.Writer) report.Sink {
	return &commands{w: w, errors: plain.NewFirst[command](maxCommands), warnings: plain.NewFirst[command](maxCommands)}
}

type commands struct {
	w                io.Writer
	errors, warnings *plain.First[command]
}

// command is one workflow command.
type command struct {
	name, title, message string
	line                 int // of the template; 0 for no place
}

// Report implements [report.Sink].
func (s *commands) Report(r *report.Report) error {
	named := plain.Of(r)
	for _, p := range named.Problems() {
		c := command{"error", "cotverify: " + named.Label(p.Check.TaskID), p.Title + "\n" + p.Text, plain.Line(p.Check)}
		list := s.errors
		if p.Check.Status == report.Warn {
			c.name, list = "warning", s.warnings
		}
		list.Add(c)
	}
	return nil
}

// Close implements [report.Sink].
func (s *commands) Close(report.Summary) error {
	w := bufio.NewWriter(s.w)
	for _, c := range s.errors.All(func(n int) command {
		return command{"error", "cotverify", fmt.Sprintf("%d more failures; the whole report has them", n), 0}
	}) {
		c.write(w)
	}
	for _, c := range s.warnings.All(func(n int) command {
		return command{"warning", "cotverify", fmt.Sprintf("%d more warnings; the whole report has them", n), 0}
	}) {
		c.write(w)
	}
	return w.Flush()
}

// The escapes of workflow commands.
var (
	ofMessages   = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	ofProperties = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func (c command) write(w io.Writer) {
	fmt.Fprintf(w, "::%s title=%s", c.name, ofProperties.Replace(c.title))
	if c.line > 0 {
		fmt.Fprintf(w, ",file=%s,line=%d", plain.Template, c.line)
	}
	fmt.Fprintf(w, "::%s\n", ofMessages.Replace(strings.TrimSuffix(c.message, "\n")))
}

// maxAnnotations is how many annotations GitHub takes of a check at once.
const maxAnnotations = 50

// NewAnnotations returns what writes the annotations of a check.
func NewAnnotations(w io.Writer) report.Sink {
	return &annotations{w, plain.NewFirst[annotation](maxAnnotations)}
}

type annotations struct {
	w    io.Writer
	list *plain.First[annotation]
}

type annotation struct {
	Path    string `json:"path"`
	Start   int    `json:"start_line"`
	End     int    `json:"end_line"`
	Level   string `json:"annotation_level"`
	Message string `json:"message"`
	Title   string `json:"title"`
}

// levels are how GitHub names what a status means.
var levels = map[report.Status]string{report.Fail: "failure", report.Error: "failure", report.Warn: "warning"}

// Report implements [report.Sink].
func (s *annotations) Report(r *report.Report) error {
	for _, p := range plain.Of(r).Problems() {
		line := plain.Line(p.Check)
		s.list.Add(annotation{plain.Template, line, line, levels[p.Check.Status], p.Text, visible.Cut(p.Title, maxTitle)})
	}
	return nil
}

// maxTitle is how many bytes the title of an annotation may have, but for the
// mark where it was cut.
const maxTitle = 250

// Close implements [report.Sink].
func (s *annotations) Close(report.Summary) error {
	list := s.list.All(func(n int) annotation {
		return annotation{plain.Template, 1, 1, levels[report.Fail], fmt.Sprintf("%d more; the whole report has them", n), "cotverify"}
	})
	if list == nil {
		list = []annotation{}
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(s.w, visible.JSON(string(text)+"\n"))
	return err
}
