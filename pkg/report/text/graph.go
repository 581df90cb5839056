package text

import (
	"io"

	"cotverify/pkg/report"
)

// GraphTree writes the chain for people as [Tree] does. Only links with a problem
// are marked, and nothing of it looks like a verdict.
func GraphTree(w io.Writer, g *report.Graph, o TreeOptions) error {
	p := newPrinter(w, o)
	p.walked = true
	p.chosen(g.Target)
	checks := checksOf(g.Problems)
	p.links(g.Links, checks)
	p.problems("", &report.Report{Links: g.Links, Checks: checks})
	p.expiry(g.Expiry)
	p.size(g)
	return p.w.Flush()
}

// statusOf has the mark that a problem is drawn with.
var statusOf = map[report.ProblemKind]report.Status{report.Wrong: report.Fail, report.Missing: report.Error, report.Doubtful: report.Warn}

// checksOf returns problems as the checks that a tree is drawn of.
func checksOf(problems []report.Problem) []report.Check {
	var checks []report.Check
	for _, p := range problems {
		checks = append(checks, report.Check{
			Check: p.Check, Status: statusOf[p.Kind], TaskID: p.TaskID, Link: p.Link, Subject: p.Subject,
			Message: p.Message, Expected: p.Expected, Actual: p.Actual, Hint: p.Hint,
		})
	}
	return checks
}

// expiry writes when the links expire, a line for each.
func (p *printer) expiry(list []report.Expiry) {
	for i, e := range list {
		when := e.Expires
		if when == "" {
			when = "not known "
		}
		text := p.clean(e.Label) + spaces(gap) + p.clean(e.TaskID)
		color := p.colors.plain
		if i == 0 && e.Expires != "" {
			text += spaces(gap) + "first"
			color = p.colors.strong
		}
		if e.Cached {
			text += spaces(gap) + "cached"
		}
		if e.Unknown != "" {
			text += spaces(gap) + p.prose(e.Unknown)
		}
		p.paragraph("", spans{{when + spaces(gap), color}}, text, color)
	}
}

// size writes the last line of a graph.
func (p *printer) size(g *report.Graph) {
	text := "walked " + plural(len(g.Links), "link")
	if len(g.Problems) > 0 {
		text += ", " + plural(len(g.Problems), "problem")
	}
	p.paragraph("", nil, text+"; nothing is verified", p.colors.strong)
}
