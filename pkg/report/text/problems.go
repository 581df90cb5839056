package text

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cotverify/pkg/report"
)

// How much is shown where nothing asks for all.
const (
	maxProblems    = 12 // failures and causes
	maxDifferences = 5  // of one decision
	maxExplained   = 5  // tasks of one check that a cause explains
	maxLines       = 8  // of one text, such as a message or what was expected
)

// problems writes what a person should look at: causes with what they explain,
// then all else that failed, then what could not be told, then warnings.
func (p *printer) problems(prefix string, r *report.Report) {
	labels := labelsOf(r)
	explained := map[int]bool{}
	shown, more := 0, 0
	next := func(write func()) {
		if shown == maxProblems && !p.o.Verbose && !p.o.All {
			more++
			return
		}
		shown++
		write()
	}
	for _, c := range r.Causes {
		for _, i := range c.Explains {
			explained[i] = true
		}
		next(func() { p.cause(prefix, r, c, labels) })
	}
	for _, status := range []report.Status{report.Fail, report.Error, report.Warn} {
		for i, c := range r.Checks {
			if c.Status == status && (!explained[i] || p.o.Verbose) {
				next(func() { p.check(prefix, c, labels, !explained[i]) })
			}
		}
	}
	if more > 0 {
		p.line(prefix, spans{{fmt.Sprintf("and %d more; --all lists them", more), p.colors.dim}})
	}
}

// labelsOf returns what people call the tasks.
func labelsOf(r *report.Report) map[string]string {
	labels := map[string]string{}
	for _, l := range r.Links {
		labels[l.TaskID] = cmp.Or(l.Label, l.Name)
	}
	return labels
}

// cause writes a cause with what it explains.
func (p *printer) cause(prefix string, r *report.Report, c report.Cause, labels map[string]string) {
	var checks []report.Check
	for _, i := range c.Explains {
		if i >= 0 && i < len(r.Checks) {
			checks = append(checks, r.Checks[i])
		}
	}
	status := worst(checks)
	p.paragraph(prefix, spans{{p.symbols.of(status) + " ", p.colors.of(status)}}, p.prose(c.Title), p.colors.strong)
	in := prefix + spaces(gap)
	if c.Detail != "" {
		p.paragraph(in, nil, p.prose(c.Detail), p.colors.plain)
	}
	if len(checks) == 1 {
		p.check(in, checks[0], labels, noHint)
	} else {
		p.explained(in, checks, labels)
	}
	if c.Hint != "" {
		p.hint(in, c.Hint)
	}
}

// explained names the checks that a cause explains, by check.
func (p *printer) explained(prefix string, checks []report.Check, labels map[string]string) {
	byName := map[string][]report.Check{}
	var names []string
	for _, c := range checks {
		if byName[c.Check] == nil {
			names = append(names, c.Check)
		}
		byName[c.Check] = append(byName[c.Check], c)
	}
	label := "explains"
	for _, name := range names {
		tasks := map[string]bool{}
		for _, c := range byName[name] {
			if tasks[c.TaskID] {
				continue
			}
			if len(tasks) == maxExplained && !p.o.Verbose && !p.o.All {
				n := 0
				for _, c := range byName[name] {
					if !tasks[c.TaskID] {
						n++
					}
				}
				p.labelled(prefix, "", fmt.Sprintf("%s of %d more", p.clean(name), n))
				break
			}
			tasks[c.TaskID] = true
			p.ofTask(prefix, label, p.clean(name)+" of ", c.TaskID, labels[c.TaskID])
			label = ""
		}
	}
	for _, c := range checks {
		if len(c.Diff) > 0 {
			p.differences(prefix, c.Diff[:min(len(c.Diff), 2)], len(c.Diff))
			return
		}
	}
}

// ofTask names a task by its label and by its URL, which is never broken. Where
// there is none, or one of several tasks is named and there is no room, it is by
// its taskId.
func (p *printer) ofTask(prefix, label, before, taskID, name string) {
	name = p.clean(name)
	at := p.taskURL(taskID)
	if at == "" {
		at = p.clean(taskID)
	}
	head := p.label(label)
	where := p.linked(at, taskID, p.colors.dim)
	text := before + name
	tooLong := func() bool {
		return p.limited() && columns(prefix)+head.columns()+columns(text)+gap+columns(at) > p.width
	}
	if before != "" && tooLong() {
		at = p.clean(taskID)
		where = p.linked(at, taskID, p.colors.dim)
	}
	switch {
	case name == "":
		p.line(prefix, slices.Concat(head, spans{{before, p.colors.plain}}, where))
	case tooLong():
		p.paragraph(prefix, head, text, p.colors.plain)
		p.line(prefix, slices.Concat(p.label(""), where))
	default:
		p.line(prefix, slices.Concat(head, spans{{text + spaces(gap), p.colors.plain}}, where))
	}
}

// Whether a check is written with what to do about it.
const (
	withHint = true
	noHint   = false
)

// check writes a check, with the task that it is of where labels are given. A
// hint that was given before is not given again.
func (p *printer) check(prefix string, c report.Check, labels map[string]string, hint bool) {
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
	if labels != nil {
		p.ofTask(prefix, "of", "", c.TaskID, labels[c.TaskID])
	}
	for _, line := range strings.Split(c.Message, "\n") {
		if line != "" {
			p.paragraph(prefix, nil, p.prose(line), p.colors.plain)
		}
	}
	p.detail(prefix, c.Detail)
	p.expectedAndFound(prefix, c)
	p.differences(prefix, c.Diff, len(c.Diff))
	if hint {
		p.hint(prefix, hintOf(c))
	}
	if a := c.Accepted; a != nil {
		p.labelled(prefix, "accepted", p.prose(fmt.Sprintf("until %s by %s: %s", a.Until, a.By, a.Reason)))
	} else if term := c.Term(); term != "" && p.o.Verbose {
		p.labelled(prefix, "baseline", p.prose(term))
	}
}

// hint says what to do next, once.
func (p *printer) hint(prefix, hint string) {
	if hint == "" || p.hinted[hint] {
		return
	}
	p.hinted[hint] = true
	p.labelled(prefix, "hint", p.prose(hint))
}

// hintOf returns what to do next about a check.
func hintOf(c report.Check) string {
	if c.Hint == "" && (c.Status == report.Fail || c.Status == report.Error) {
		return "cotverify explain " + c.Check
	}
	return c.Hint
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

// skipped says what was not checked: for what failed before in a line, else with
// the reasons.
func (p *printer) skipped(r *report.Report) {
	skips := withStatus(r.Checks, report.Skip)
	if len(skips) == 0 {
		return
	}
	mark := spans{{p.symbols.skip + " ", p.colors.dim}}
	if r.Counts.Fail+r.Counts.Error > 0 {
		text := fmt.Sprintf("%s not made for want of these: %s (-v says why)", wasOrWere(len(skips)), names(skips))
		p.paragraph("", mark, p.prose(text), p.colors.dim)
		return
	}
	var reasons []string
	by := map[string][]report.Check{}
	for _, c := range skips {
		if by[c.Message] == nil {
			reasons = append(reasons, c.Message)
		}
		by[c.Message] = append(by[c.Message], c)
	}
	for i, reason := range reasons {
		if i == maxExplained {
			p.line("", spans{{fmt.Sprintf("and for %d more reasons; -v says them", len(reasons)-i), p.colors.dim}})
			return
		}
		text := fmt.Sprintf("%d skipped (%s): %s", len(by[reason]), names(by[reason]), reason)
		p.paragraph("", mark, p.prose(text), p.colors.dim)
	}
}

func wasOrWere(n int) string {
	if n == 1 {
		return "1 check was"
	}
	return fmt.Sprintf("%d checks were", n)
}

// names lists the names of checks, each once.
func names(checks []report.Check) string {
	var list []string
	for _, c := range checks {
		if !slices.Contains(list, c.Check) {
			list = append(list, c.Check)
		}
	}
	return strings.Join(list, ", ")
}

// holds lists, link by link, the checks that passed and those that were not made.
func (p *printer) holds(r *report.Report) {
	labels := labelsOf(r)
	by := map[string][]report.Check{}
	var tasks []string
	for _, c := range r.Checks {
		if c.Status != report.Pass && c.Status != report.Skip {
			continue
		}
		if by[c.TaskID] == nil {
			tasks = append(tasks, c.TaskID)
		}
		by[c.TaskID] = append(by[c.TaskID], c)
	}
	for _, id := range tasks {
		p.line("", slices.Concat(spans{{p.clean(labels[id]), p.colors.strong}, {spaces(gap), p.colors.plain}}, p.linked(p.clean(id), id, p.colors.dim)))
		for _, c := range by[id] {
			p.check("  ", c, nil, noHint)
		}
	}
}

// paragraph writes clean text after a head. The lines that it wraps to stand
// below its beginning, and only the first few of them if it is long.
func (p *printer) paragraph(guides string, head spans, text string, color paint) {
	indent := head.columns()
	lines := []string{text}
	if p.limited() {
		room := p.width - columns(guides) - indent
		if lines = wrap(text, room); len(lines) > maxLines && !p.o.Verbose {
			lines = lines[:maxLines]
			start, _ := fit(lines[maxLines-1], room-columns(p.symbols.cut))
			lines[maxLines-1] = start + p.symbols.cut
		}
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
