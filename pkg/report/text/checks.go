package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cotverify/pkg/report"
)

// How much of a link's checks is shown where nothing asks for all.
const (
	maxUnfolded    = 12 // failing checks of one link
	maxDifferences = 5  // of one decision
	maxLines       = 6  // of one text, such as a message or what was expected
)

// checks writes what people need to see of a link's checks.
func (p *printer) checks(prefix string, checks []report.Check) {
	if p.o.Verbose {
		for _, c := range checks {
			p.check(prefix, c)
		}
		return
	}
	bad := withStatus(checks, report.Fail, report.Error, report.Warn)
	for i, c := range bad {
		if i == maxUnfolded {
			p.more(prefix, len(bad)-i)
			break
		}
		p.check(prefix, c)
	}
	if len(withStatus(checks, report.Fail, report.Error)) == 0 {
		p.skipped(prefix, withStatus(checks, report.Skip))
	}
}

func (p *printer) more(prefix string, n int) {
	p.line(prefix, spans{{fmt.Sprintf("and %d more; --verbose lists them", n), p.colors.dim}})
}

// hintOf returns what to do next about a check.
func hintOf(c report.Check) string {
	if c.Hint == "" && (c.Status == report.Fail || c.Status == report.Error) {
		return "cotverify explain " + c.Check
	}
	return c.Hint
}

// check writes a check. A hint that was given before is not given again.
func (p *printer) check(prefix string, c report.Check) {
	head := spans{
		{p.symbols.of(c.Status), p.colors.of(c.Status)},
		{" ", p.colors.plain},
		{p.clean(c.Check), p.colors.strong},
		{spaces(gap), p.colors.plain},
	}
	if c.Subject == "" {
		p.line(prefix, head)
	} else {
		p.paragraph(prefix, head, p.clean(c.Subject), p.colors.plain)
	}
	prefix += spaces(gap)
	for _, line := range strings.Split(c.Message, "\n") {
		if line != "" {
			p.paragraph(prefix, nil, p.prose(line), p.colors.plain)
		}
	}
	p.detail(prefix, c.Detail)
	p.expectedAndFound(prefix, c)
	p.differences(prefix, c.Diff)
	if hint := hintOf(c); hint != "" && !p.hinted[hint] {
		p.hinted[hint] = true
		p.labelled(prefix, "hint", p.prose(hint))
	}
	if a := c.Accepted; a != nil {
		p.labelled(prefix, "accepted", p.prose(fmt.Sprintf("until %s by %s: %s", a.Until, a.By, a.Reason)))
	} else if term := c.Term(); term != "" && p.o.Verbose {
		p.labelled(prefix, "baseline", p.prose(term))
	}
}

// detail writes lines that stand as they are, one below the other.
func (p *printer) detail(prefix, text string) {
	if text == "" {
		return
	}
	prefix += spaces(gap)
	for line := range strings.SplitSeq(text, "\n") {
		start, _ := fit(p.prose(line), p.width-columns(prefix))
		p.line(prefix, spans{{start, p.colors.strong}})
	}
}

// skipped writes why checks were skipped, a line for each reason.
func (p *printer) skipped(prefix string, checks []report.Check) {
	var reasons []string
	names := map[string][]string{}
	count := map[string]int{}
	for _, c := range checks {
		if count[c.Message] == 0 {
			reasons = append(reasons, c.Message)
		}
		count[c.Message]++
		if !slices.Contains(names[c.Message], c.Check) {
			names[c.Message] = append(names[c.Message], c.Check)
		}
	}
	for _, reason := range reasons {
		text := fmt.Sprintf("%d skipped (%s): %s", count[reason], strings.Join(names[reason], ", "), reason)
		p.paragraph(prefix, spans{{p.symbols.skip + " ", p.colors.dim}}, p.prose(text), p.colors.dim)
	}
}

// paragraph writes clean text after a head. The lines that it wraps to stand
// below its beginning, and only the first few of them if it is long.
func (p *printer) paragraph(guides string, head spans, text string, color paint) {
	indent := head.columns()
	room := p.width - columns(guides) - indent
	lines := wrap(text, room)
	if len(lines) > maxLines && !p.o.Verbose {
		lines = lines[:maxLines]
		start, _ := fit(lines[maxLines-1], room-columns(p.symbols.cut))
		lines[maxLines-1] = start + p.symbols.cut
	}
	for i, line := range lines {
		if i > 0 {
			head = spans{{spaces(indent), p.colors.plain}}
		}
		p.line(guides, append(slices.Clone(head), span{line, color}))
	}
}

// labelColumns is the width of the column of labels: of the longest,
// "expected" and "inferred", and a gap.
const labelColumns = 8 + gap

func (p *printer) labelled(prefix, label, text string) {
	p.paragraph(prefix, p.label(label), text, p.colors.plain)
}

func (p *printer) label(label string) spans {
	return spans{{label + spaces(labelColumns-columns(label)), p.colors.dim}}
}

// expectedAndFound writes both values one below the other.
func (p *printer) expectedAndFound(prefix string, c report.Check) {
	expected, actual := p.clean(c.Expected), p.clean(c.Actual)
	if !p.o.Verbose {
		expected, actual = p.shorten(expected, actual, p.width-columns(prefix)-labelColumns)
	}
	if expected != "" {
		p.labelled(prefix, "expected", expected)
	}
	if actual != "" {
		p.labelled(prefix, "found", actual)
	}
}

// hash is what a hash looks like.
var hash = regexp.MustCompile(`\b[0-9a-f]{40,}\b`)

// hashColumns is how much of a hash is shown where all of it is too much.
const hashColumns = 16

// shorten shortens what was expected and found, if that is too much for a
// line each: hashes, and of two words all that is far from where they differ.
func (p *printer) shorten(expected, actual string, room int) (string, string) {
	if columns(expected) <= room && columns(actual) <= room {
		return expected, actual
	}
	cut := func(s string) string {
		return hash.ReplaceAllStringFunc(s, func(h string) string { return h[:hashColumns] + p.symbols.cut })
	}
	if a, b := cut(expected), cut(actual); a != b {
		expected, actual = a, b
	}
	if strings.Contains(expected+actual, " ") {
		return expected, actual
	}
	return cutToDifference(expected, actual, room, p.symbols.cut)
}

// differences writes where a rebuilt definition differs from the runtime one.
func (p *printer) differences(prefix string, diff []report.Difference) {
	for i, d := range diff {
		if i == maxDifferences && !p.o.Verbose {
			p.more(prefix, len(diff)-i)
			return
		}
		p.difference(prefix, d)
	}
}

func (p *printer) difference(prefix string, d report.Difference) {
	path := d.Path
	if path == "" {
		path = "the whole definition"
	}
	p.paragraph(prefix, nil, p.clean(path), p.colors.strong)
	prefix += spaces(gap)
	rebuilt, runtime := p.value(d.Rebuilt), p.value(d.Runtime)
	if !p.o.Verbose {
		rebuilt, runtime = cutToDifference(rebuilt, runtime, p.width-columns(prefix)-labelColumns, p.symbols.cut)
	}
	p.labelled(prefix, "rebuilt", rebuilt)
	p.labelled(prefix, "runtime", runtime)
	if origin := originOf(d); origin != "" {
		p.labelled(prefix, "from", p.clean(origin))
	}
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

// originOf says what of the template rendered a value, and from what.
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
	if len(d.Context) > 0 {
		b.WriteString("  " + strings.Join(d.Context, ", "))
	}
	return b.String()
}
