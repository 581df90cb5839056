package text

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"cotverify/pkg/diagnose"
	"cotverify/pkg/report"
)

// consequences are how a person is told what becomes of a chain. Both changes of
// a verdict stand out: what would newly verify may be what nobody should trust.
var consequences = map[diagnose.Consequence]struct {
	status report.Status
	words  string
}{
	diagnose.Unchanged:      {report.Pass, "unchanged"},
	diagnose.WouldBreak:     {report.Fail, "would break"},
	diagnose.WouldVerify:    {report.Warn, "would newly verify"},
	diagnose.NotRehearsable: {report.Error, "not rehearsable"},
}

// maxRehearsedChecks is how many checks of a chain are told.
const maxRehearsedChecks = 10

// Rehearsal writes for people what chains would be under something else.
func Rehearsal(w io.Writer, r *diagnose.Rehearsal, o TreeOptions) error {
	p := newPrinter(w, o)
	for _, change := range r.Changes {
		p.labelled("", "what if", p.clean(change))
	}
	for _, c := range r.Chains {
		p.rehearsed(c)
	}
	for _, b := range r.Rebuild {
		p.rebuild(b)
	}
	color := p.colors.pass
	if r.Counts.Unchanged < r.Counts.Chains {
		color = p.colors.fail
	}
	p.paragraph("", nil, r.Sentence(), color)
	return p.w.Flush()
}

func (p *printer) rehearsed(c diagnose.Rehearsed) {
	told := consequences[c.Consequence]
	words := told.words
	if c.Consequence == diagnose.Unchanged && c.Recorded == report.Refused {
		words += ", refused as before"
	}
	of := strings.TrimSpace(p.clean(c.Target.Label) + "  " + p.clean(c.Target.TaskID))
	p.line("", spans{
		{p.symbols.of(told.status) + " ", p.colors.of(told.status)},
		{words, p.colors.of(told.status)},
		{"  " + p.clean(c.Bundle), p.colors.strong},
		{"  " + of, p.colors.dim},
	})
	if c.Why != "" {
		p.paragraph(spaces(gap), nil, "not rehearsable: "+p.prose(c.Why), p.colors.plain)
	}
	if len(c.Checks) > 0 && c.Consequence == diagnose.WouldVerify {
		p.paragraph(spaces(gap), nil, "these fail now, and would not:", p.colors.plain)
	}
	for i, check := range c.Checks {
		if i == maxRehearsedChecks {
			p.line(spaces(gap), spans{{fmt.Sprintf("and %d more", len(c.Checks)-i), p.colors.dim}})
			break
		}
		p.paragraph(spaces(gap), nil, "of "+p.clean(check.Link)+"  "+p.clean(check.TaskID), p.colors.dim)
		p.check(spaces(gap), check, nil, withHint)
	}
}

// rebuild writes what to make again, and last on its line the input of the
// action, for a person to copy.
func (p *printer) rebuild(b diagnose.Rebuild) {
	if len(b.Input.Labels) > 0 {
		input, err := json.Marshal(b.Input)
		if err != nil {
			return // texts have no such error
		}
		p.line("", spans{{"rebuild-cached-tasks of " + p.clean(b.Decision) + ": ", p.colors.strong}, {p.clean(string(input)), p.colors.plain}})
	}
	if len(b.Others) > 0 {
		p.paragraph("", spans{{"not cached, and made again by a new push: ", p.colors.dim}}, p.clean(strings.Join(b.Others, ", ")), p.colors.plain)
	}
}
