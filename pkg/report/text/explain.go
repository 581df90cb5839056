package text

import (
	"io"

	"cotverify/pkg/report"
)

// EachExplanation writes what is to be said of each check, for people.
func EachExplanation(w io.Writer, list []report.Explanation, o TreeOptions) error {
	p := newPrinter(w, o)
	for i, e := range list {
		if i > 0 {
			p.line("", nil)
		}
		p.explanation(e)
	}
	return p.w.Flush()
}

// explanation writes what is to be said of a check.
func (p *printer) explanation(e report.Explanation) {
	kind := "a check"
	if e.Warning {
		kind = "a warning, which refuses only under --strict"
	}
	p.line("", spans{{e.Check, p.colors.strong}, {": " + kind, p.colors.dim}})
	p.section("What it means", e.Meaning)
	p.section("Why it exists", e.Why)
	p.section("How it fails", e.Fails...)
	p.section("What to do", e.Do)
}

// section writes a heading with texts, as a list if there are several.
func (p *printer) section(heading string, texts ...string) {
	p.line("", nil)
	p.line("", spans{{heading, p.colors.strong}})
	for _, text := range texts {
		var bullet spans
		if len(texts) > 1 {
			bullet = spans{{"- ", p.colors.dim}}
		}
		p.paragraph("  ", bullet, text, p.colors.plain)
	}
}

// Explanations writes a line for each check, for people.
func Explanations(w io.Writer, list []report.Explanation, o TreeOptions) error {
	p := newPrinter(w, o)
	name := 0
	for _, e := range list {
		name = max(name, columns(e.Check))
	}
	for _, warning := range []bool{false, true} {
		heading := "Checks"
		if warning {
			heading = "Warnings, which refuse only under --strict"
			p.line("", nil)
		}
		p.line("", spans{{heading, p.colors.dim}})
		for _, e := range list {
			if e.Warning == warning {
				head := spans{{e.Check, p.colors.strong}, {spaces(name - columns(e.Check) + gap), p.colors.plain}}
				p.paragraph("  ", head, e.Meaning, p.colors.plain)
			}
		}
	}
	return p.w.Flush()
}
