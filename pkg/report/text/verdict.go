package text

import (
	"fmt"
	"slices"
	"strings"

	"cotverify/pkg/report"
)

// verdict writes the last line of a report.
func (p *printer) verdict(r *report.Report) {
	n := r.Counts
	made := n.Pass + n.Fail + n.Error + n.Warn
	var word, rest string
	color := p.colors.fail
	switch {
	case r.Verdict == report.Verified:
		color, word = p.colors.pass, "verified"
		rest = fmt.Sprintf("%s passed, %s", plural(n.Pass, "check"), plural(n.Warn, "warning"))
	case r.Verdict == report.Unknown && n.Error == 0:
		color, word = p.colors.warn, "could not tell"
		rest = fmt.Sprintf("nothing failed, but the bundle leaves out what some checks need, %s", plural(n.Warn, "warning"))
	case r.Verdict == report.Unknown:
		color, word = p.colors.warn, "could not tell"
		rest = fmt.Sprintf("%d of %s could not be made%s, %s", n.Error, plural(made, "check"), p.names(r, report.Error), plural(n.Warn, "warning"))
	default:
		word = "refused"
		rest = fmt.Sprintf("%d of %s failed%s, %s", n.Fail, plural(made, "check"), p.names(r, report.Fail), plural(n.Warn, "warning"))
		if n.Error > 0 {
			rest += fmt.Sprintf(", %d unknown", n.Error)
		}
	}
	if n.Skip > 0 {
		rest += fmt.Sprintf(", %d skipped", n.Skip)
	}
	p.paragraph("", spans{{word + ": ", color}}, rest, p.colors.plain)
}

// names lists the names of the checks of a status, in brackets.
func (p *printer) names(r *report.Report, status report.Status) string {
	var names []string
	for _, c := range r.Checks {
		if c.Status == status && !slices.Contains(names, c.Check) {
			names = append(names, c.Check)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + p.clean(strings.Join(names, ", ")) + ")"
}
