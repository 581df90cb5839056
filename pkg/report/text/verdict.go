package text

import "cotverify/pkg/report"

// verdict writes the last line of a report.
func (p *printer) verdict(r *report.Report) {
	word, rest := r.Sentence()
	color := p.colors.warn
	switch {
	case r.Verdict == report.Refused:
		color = p.colors.fail
	case r.Verdict == report.Verified && r.Signed() && !r.IsWhatIf():
		color = p.colors.pass
	}
	p.paragraph("", spans{{word + ": ", color}}, p.prose(rest), p.colors.plain)
}
