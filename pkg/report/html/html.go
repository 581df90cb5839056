// Package html writes reports as a page that is complete without script and
// style, of headings, tables and details that unfold. Jenkins and other services
// show pages of a build only so.
//
// The page forbids by a policy of its own whatever it does not need: it loads
// nothing, runs nothing and sends nothing.
package html

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"cotverify/pkg/report"
	"cotverify/pkg/report/internal/plain"
)

//go:embed page.html
var source string

//go:embed style.css
var style string

// page has the templates "head", "report" and "tail". Whatever is put into them
// is escaped for where it stands.
var page = template.Must(template.New("").Funcs(template.FuncMap{
	"style":    func() template.CSS { return template.CSS(style) },
	"security": security,
	"mark":     func(s report.Status) string { return marks[s] },
	"word":     func(s report.Status) string { return words[s] },
	"subject":  plain.Subject,
}).Parse(source))

// security is the page's Content-Security-Policy: nothing but the style that
// stands in it.
func security() string {
	hash := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"
}

// How a status looks, and what it is called for who does not see it.
var (
	marks = map[report.Status]string{report.Pass: "✓", report.Fail: "✗", report.Error: "?", report.Warn: "!", report.Skip: "–"}
	words = map[report.Status]string{report.Pass: "holds", report.Fail: "failed", report.Error: "unknown", report.Warn: "warning", report.Skip: "not checked"}
)

// New returns what writes reports as one page.
func New(w io.Writer) report.Sink { return &sink{w: bufio.NewWriter(w)} }

type sink struct {
	w     *bufio.Writer
	begun bool
}

// Report implements [report.Sink].
func (s *sink) Report(r *report.Report) error {
	if err := s.begin(); err != nil {
		return err
	}
	return page.ExecuteTemplate(s.w, "report", contentOf(r))
}

// Close implements [report.Sink].
func (s *sink) Close(report.Summary) error {
	if err := s.begin(); err != nil {
		return err
	}
	if err := page.ExecuteTemplate(s.w, "tail", nil); err != nil {
		return err
	}
	return s.w.Flush()
}

// begin writes what comes before the first report.
func (s *sink) begin() error {
	if s.begun {
		return nil
	}
	s.begun = true
	return page.ExecuteTemplate(s.w, "head", nil)
}

// content is what a page shows of a report.
type content struct {
	Target, Word, Rest string
	Facts              []plain.Detail
	Problems           []shown
	Tasks              []task
	Artifacts          []artifact
}

type shown struct {
	Status report.Status
	Title  string
	Text   string
	Task   string
}

type task struct {
	Status                    report.Status
	Label, TaskID, Type, Pool string
	Worker                    string
	Checks                    []report.Check
}

type artifact struct {
	Path, Hash string
	Size       int64
}

func contentOf(r *report.Report) content {
	named := plain.Of(r)
	word, rest := r.Sentence()
	c := content{Target: named.Label(r.Target.TaskID), Word: word, Rest: rest, Facts: named.Facts()}
	for _, p := range named.Problems() {
		c.Problems = append(c.Problems, shown{p.Check.Status, p.Title, p.Text, named.Label(p.Check.TaskID)})
	}
	for _, t := range named.Tasks() {
		c.Tasks = append(c.Tasks, task{
			Status: t.Status, Label: t.Label, TaskID: plain.Name(t.TaskID), Type: plain.Name(t.TaskType),
			Pool: plain.Name(t.Pool), Worker: plain.Name(t.WorkerImplementation), Checks: t.Checks,
		})
	}
	for _, a := range r.Artifacts {
		hash := "sha256:" + a.SHA256
		if a.SHA256 == "" {
			hash = "sha512:" + a.SHA512
		}
		c.Artifacts = append(c.Artifacts, artifact{plain.Name(a.Path), plain.Name(hash), a.Size})
	}
	return c
}
