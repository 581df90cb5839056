package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cotverify/pkg/report"
)

// expectedAndFound writes both values one below the other.
func (p *printer) expectedAndFound(prefix string, c report.Check) {
	expected, actual := p.clean(c.Expected), p.clean(c.Actual)
	if expected != "" && actual != "" {
		p.pair(prefix, p.label("expected"), p.label("found"), expected, actual, false)
		return
	}
	if expected != "" {
		p.labelled(prefix, "expected", expected)
	}
	if actual != "" {
		p.labelled(prefix, "found", actual)
	}
}

// differences writes where a rebuilt definition differs from the runtime one, of
// so many places.
func (p *printer) differences(prefix string, diff []report.Difference, of int) {
	if len(diff) == 0 {
		return
	}
	p.line(prefix, spans{
		{"- ", p.colors.removed}, {"as .taskcluster.yml gives it", p.colors.dim},
		{"  + ", p.colors.added}, {"as it ran", p.colors.dim},
	})
	for i, d := range diff {
		if i == maxDifferences && !p.o.Verbose && !p.o.All {
			of, diff = len(diff), diff[:i]
			break
		}
		p.difference(prefix, d)
	}
	if n := of - len(diff); n > 0 {
		p.line(prefix, spans{{fmt.Sprintf("and %d more; -v lists them", n), p.colors.dim}})
	}
}

func (p *printer) difference(prefix string, d report.Difference) {
	path := d.Path
	if path == "" {
		path = "the whole definition"
	}
	p.paragraph(prefix, nil, p.clean(path), p.colors.strong)
	prefix += spaces(gap)
	minus, plus := spans{{"- ", p.colors.removed}}, spans{{"+ ", p.colors.added}}
	switch {
	case d.Rebuilt == nil:
		p.paragraph(prefix, plus, p.value(d.Runtime), p.colors.added)
	case d.Runtime == nil:
		p.paragraph(prefix, minus, p.value(d.Rebuilt), p.colors.removed)
	default:
		p.pair(prefix, minus, plus, p.value(d.Rebuilt), p.value(d.Runtime), true)
	}
	if origin := originOf(d); origin != "" {
		p.labelled(prefix, "from", p.clean(origin))
	}
	for _, path := range d.Context {
		if v := d.Values[path]; v != nil {
			p.labelled(prefix, "", p.clean(path)+" = "+p.value(v))
		}
	}
}

// maxPair is what is shown of two long texts at least: some hashes fit in it.
const maxPair = 160

// pair writes two clean texts one below the other, with what differs in them
// marked. Of long values only what is around that is shown, where cut says so.
func (p *printer) pair(prefix string, headA, headB spans, a, b string, cut bool) {
	room := p.width - columns(prefix) - headA.columns()
	if cut && p.limited() && !p.o.Verbose && max(columns(a), columns(b)) > max(2*room, maxPair) {
		a, b = cutToDifference(a, b, room, p.symbols.cut)
	}
	if max(columns(a), columns(b)) > room {
		p.paragraph(prefix, headA, a, p.colors.plain)
		p.paragraph(prefix, headB, b, p.colors.plain)
		return
	}
	before, after := alike(a, b)
	write := func(head spans, s string, color, marked paint) {
		end := len(s) - after
		p.line(prefix, slices.Concat(head, spans{{s[:before], color}, {s[before:end], marked}, {s[end:], color}}))
	}
	write(headA, a, p.colors.removed, p.colors.removedPart)
	write(headB, b, p.colors.added, p.colors.addedPart)
	// What has no colour is marked below it, unless most of it differs.
	width := columns(b[before : len(b)-after])
	if other := columns(a[before : len(a)-after]); !p.o.Color && before+after > max(2, width, other) && a != b {
		p.line(prefix, spans{{spaces(headB.columns()+columns(b[:before])) + strings.Repeat("^", max(1, width)), p.colors.dim}})
	}
}

// alike returns how many bytes two texts have in common at their beginnings and
// at their ends, by whole letters.
func alike(a, b string) (before, after int) {
	for _, r := range a {
		size := len(string(r))
		if !strings.HasPrefix(b[before:], string(r)) {
			break
		}
		before += size
	}
	restA, restB := []rune(a[before:]), []rune(b[before:])
	for n := 1; n <= min(len(restA), len(restB)) && restA[len(restA)-n] == restB[len(restB)-n]; n++ {
		after += len(string(restA[len(restA)-n]))
	}
	return before, after
}

// value returns a JSON value as one line of clean text.
func (p *printer) value(raw json.RawMessage) string {
	if raw == nil {
		return "absent"
	}
	var line bytes.Buffer
	if err := json.Compact(&line, raw); err != nil {
		return p.clean(string(raw))
	}
	return p.prose(line.String())
}

// originOf says what of the template rendered a value, and from what, where the
// values of that are not known.
func originOf(d report.Difference) string {
	if d.Line == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, ".taskcluster.yml:%d", d.Line)
	for i, line := range d.Via {
		separator := ", "
		switch {
		case i == 0 && len(d.Via) == 1:
			separator = " via line "
		case i == 0:
			separator = " via lines "
		}
		fmt.Fprint(&b, separator, line)
	}
	var unknown []string
	for _, path := range d.Context {
		if d.Values[path] == nil {
			unknown = append(unknown, path)
		}
	}
	if len(unknown) > 0 {
		b.WriteString("  " + strings.Join(unknown, ", "))
	}
	return b.String()
}
