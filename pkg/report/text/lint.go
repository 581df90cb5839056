package text

import (
	"fmt"
	"io"
	"strings"

	"cotverify/pkg/decision"
	"cotverify/pkg/report"
)

// Lint writes for people what was found in a template.
func Lint(w io.Writer, file string, found []decision.Finding, o TreeOptions) error {
	p := newPrinter(w, o)
	notes := 0
	for _, f := range found {
		status := report.Fail
		if f.Note {
			status = report.Warn
			notes++
		}
		place := p.clean(file)
		if f.Line > 0 {
			place += fmt.Sprintf(":%d", f.Line)
		}
		p.line("", spans{{p.symbols.of(status) + " ", p.colors.of(status)}, {place + "  ", p.colors.dim}, {p.clean(f.Subject), p.colors.strong}})
		p.paragraph(spaces(gap), nil, p.prose(f.Message), p.colors.plain)
		p.labelled(spaces(gap), "for", p.clean(strings.Join(f.For, ", ")))
	}
	color := p.colors.pass
	if len(found) > notes {
		color = p.colors.fail
	}
	p.paragraph("", nil, plural(len(found)-notes, "problem")+", "+plural(notes, "note"), color)
	return p.w.Flush()
}
