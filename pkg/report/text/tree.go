package text

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"

	"cotverify/internal/visible"
	"cotverify/pkg/report"
)

// Tree writes a report for people: the chain as it hangs together, a line a
// link, with what failed unfolded below its link, and the verdict last.
func Tree(w io.Writer, r *report.Report, o TreeOptions) error {
	p := newPrinter(w, o)
	p.target(r.Target)
	p.links(r.Links, r.Checks)
	p.verdict(r)
	return p.w.Flush()
}

// NewSink returns what writes a tree for each report, with an empty line between
// two.
func NewSink(w io.Writer, o TreeOptions) report.Sink { return &sink{w: w, o: o} }

type sink struct {
	w       io.Writer
	o       TreeOptions
	written bool
}

// Report implements [report.Sink].
func (s *sink) Report(r *report.Report) error {
	if s.written {
		if _, err := io.WriteString(s.w, "\n"); err != nil {
			return err
		}
	}
	s.written = true
	return Tree(s.w, r, s.o)
}

// Close implements [report.Sink].
func (s *sink) Close(report.Summary) error { return nil }

// printer draws a tree. Errors of writing wait in w for its Flush.
type printer struct {
	w       *bufio.Writer
	o       TreeOptions
	width   int
	symbols symbols
	colors  palette
	clean   func(string) string
	prose   func(string) string // of messages and JSON, as clean is of texts
	hinted  map[string]bool     // the hints that were given
	walked  bool                // the tree is of a walk: what has no problem has no mark
}

func newPrinter(w io.Writer, o TreeOptions) *printer {
	p := &printer{
		w: bufio.NewWriter(w), o: o, width: o.Width,
		symbols: symbolsOf(o.ASCII), colors: paletteOf(o.Color), clean: visible.Clean, prose: visible.Prose,
		hinted: map[string]bool{},
	}
	if p.width == 0 {
		p.width = defaultWidth
	}
	p.width = max(p.width, minWidth)
	if o.ASCII {
		p.clean, p.prose = visible.CleanASCII, visible.ProseASCII
	}
	return p
}

// line writes a line after the guides of the tree.
func (p *printer) line(guides string, s spans) {
	s = append(spans{{guides, p.colors.dim}}, s...)
	fmt.Fprintln(p.w, noCommand(strings.TrimRight(s.String(), " ")))
}

// commands match what CI services take for a command in a log: that which a line
// begins with, and that which is anywhere in it.
var commands = regexp.MustCompile(`^ *::|##(\[|vso\[|teamcity\[)`)

// noCommand escapes commands in a line, since what is quoted in it may be made to
// hide what comes after it from who reads the log.
func noCommand(line string) string {
	return commands.ReplaceAllStringFunc(line, func(found string) string {
		if before, after, leads := strings.Cut(found, "::"); leads {
			return before + `\u003a:` + after
		}
		return `\u0023` + found[1:]
	})
}

// target says who chose what the target is taken for: the flags, the bundle, or
// where neither did, the definition.
func (p *printer) target(t report.Target) {
	for _, from := range []string{report.FromFlag, report.FromBundle} {
		var chosen []string
		if t.TaskTypeFrom == from {
			chosen = append(chosen, "task type "+t.TaskType)
		}
		if t.ProductFrom == from {
			chosen = append(chosen, "product "+t.Product)
		}
		if len(chosen) > 0 {
			p.labelled("", from, p.clean(strings.Join(chosen, ", ")))
		}
	}
	for _, text := range t.Inferred {
		p.labelled("", "inferred", p.clean(text))
	}
}

// row is a line of a link with what is below it.
type row struct {
	node    *node
	prefix  string // of the link's line
	details string // of the lines of its checks
	checks  []report.Check
	left    spans // the tree, the verdict and the task type
	label   string
	count   count
}

// count says how many checks a link has, in a few words and in fewer.
type count struct {
	long, short string
	color       paint
}

func (n count) text(short bool) string {
	if short {
		return n.short
	}
	return n.long
}

// The columns of a link's line.
const (
	taskIDColumns = 22 // of a slugid
	typeColumns   = 20 // more is cut; the longest type has 12
	minLabel      = 8  // less of a label tells nothing
	gap           = 2  // between columns
)

// links writes the links, each with its checks.
func (p *printer) links(links []report.Link, list []report.Check) {
	checks := map[string][]report.Check{}
	for _, c := range list {
		checks[c.TaskID] = append(checks[c.TaskID], c)
	}
	roots := hang(links)
	step := p.step(roots)
	var rows []*row
	for _, root := range roots {
		rows = p.rows(rows, root, "", "", step, checks)
	}
	l := p.layout(rows)
	for _, row := range rows {
		p.line("", l.line(p, row))
		p.checks(row.details, row.checks)
		delete(checks, row.node.dep.TaskID)
	}
	p.strays(list, checks)
}

// strays writes the checks of tasks that are no links.
func (p *printer) strays(all []report.Check, checks map[string][]report.Check) {
	for _, c := range all {
		if list, ok := checks[c.TaskID]; ok {
			p.line("", spans{{p.clean(c.Link), p.colors.strong}, {"  " + p.clean(c.TaskID), p.colors.dim}})
			p.checks("   ", list)
			delete(checks, c.TaskID)
		}
	}
}

// step is how many columns a level of the tree takes: fewer in a deep one.
func (p *printer) step(roots []*node) int {
	depth := 0
	for _, root := range roots {
		depth = max(depth, root.depth())
	}
	for step := 3; step > 1; step-- {
		if depth*step <= p.width/5 {
			return step
		}
	}
	return 1
}

func (n *node) depth() int {
	depth := 0
	for _, child := range n.children {
		depth = max(depth, child.depth()+1)
	}
	return depth
}

// rows adds the rows of a node and of what hangs below it.
func (p *printer) rows(rows []*row, n *node, prefix, below string, step int, checks map[string][]report.Check) []*row {
	r := &row{node: n, prefix: prefix}
	if n.link != nil && n.shown == here {
		r.checks = checks[n.dep.TaskID]
	}
	bar := p.symbols.bar + spaces(step-1)
	r.details = below + spaces(max(2, step))
	if len(n.children) > 0 {
		r.details = below + p.symbols.bar + spaces(max(2, step)-1)
	}
	p.fill(r)
	rows = append(rows, r)
	for i, child := range n.children {
		corner, under := p.symbols.branch, bar
		if i == len(n.children)-1 {
			corner, under = p.symbols.last, spaces(step)
		}
		corner += strings.Repeat(p.symbols.line, max(0, step-2)) + spaces(min(1, step-1))
		rows = p.rows(rows, child, below+corner, below+under, step, checks)
	}
	return rows
}

// fill sets what a row shows.
func (p *printer) fill(r *row) {
	n := r.node
	mark, taskType, paintMark, paintType := "", "", p.colors.dim, p.colors.dim
	switch {
	case n.link == nil:
		mark, taskType = p.symbols.error, n.dep.As
		r.count = count{"not in the chain", "not there", p.colors.dim}
	case n.shown == above:
		mark, taskType = p.symbols.above, n.link.TaskType
		r.count = count{"above", "above", p.colors.dim}
	case n.shown == below:
		mark, taskType = p.symbols.below, n.link.TaskType
		r.count = count{"below", "below", p.colors.dim}
	default:
		status := worst(r.checks)
		mark, paintMark = p.symbols.of(status), p.colors.of(status)
		taskType, paintType = n.link.TaskType, p.colors.strong
		r.label = p.clean(n.link.Label)
		r.count = p.count(r.checks)
		if p.walked && len(r.checks) == 0 {
			mark = ""
		}
	}
	r.left = spans{{r.prefix, p.colors.dim}}
	if mark != "" {
		r.left = append(r.left, span{mark, paintMark}, span{" ", p.colors.plain})
	}
	r.left = append(r.left, span{cutMiddle(p.clean(taskType), typeColumns, p.symbols.cut), paintType})
}

// count sums up a link's checks, or of a walk its problems.
func (p *printer) count(checks []report.Check) count {
	n := count{color: p.colors.of(worst(checks))}
	switch {
	case !p.walked:
		n.long, n.short = countOf(checks)
	case len(checks) > 0:
		n.long = plural(len(checks), "problem")
		n.short = n.long
	}
	return n
}

// worst returns the status that stands for all of a link's checks.
func worst(checks []report.Check) report.Status {
	for _, status := range []report.Status{report.Fail, report.Error, report.Warn, report.Pass} {
		if len(withStatus(checks, status)) > 0 {
			return status
		}
	}
	return report.Skip
}

func withStatus(checks []report.Check, statuses ...report.Status) []report.Check {
	var result []report.Check
	for _, c := range checks {
		for _, status := range statuses {
			if c.Status == status {
				result = append(result, c)
			}
		}
	}
	return result
}

// countOf sums up a link's checks.
func countOf(checks []report.Check) (long, short string) {
	made := len(checks) - len(withStatus(checks, report.Skip))
	status := worst(checks)
	words := map[report.Status]string{report.Fail: "failed", report.Error: "unknown", report.Warn: "warned"}
	word, bad := words[status]
	switch {
	case bad:
		n := len(withStatus(checks, status))
		return fmt.Sprintf("%d of %d %s", n, made, word), fmt.Sprintf("%d %s", n, word)
	case made == 0:
		return "not checked", "unchecked"
	}
	return plural(made, "check"), plural(made, "check")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// layout has the widths of the columns that the links' lines share.
type layout struct {
	left, worker, count int
	short               bool // write workers and counts short
}

// layout finds widths with which the lines fit the terminal. Where they do not,
// it shortens workers and counts first; labels are cut to what is left.
func (p *printer) layout(rows []*row) layout {
	l := p.columnsOf(rows, false)
	if l.left > p.roomForLeft(l) {
		l = p.columnsOf(rows, true)
	}
	l.left = max(0, min(l.left, p.roomForLeft(l)))
	return l
}

// columnsOf returns the widths that the columns need.
func (p *printer) columnsOf(rows []*row, short bool) layout {
	l := layout{short: short}
	for _, r := range rows {
		left := r.left.columns()
		if r.label != "" {
			left += gap + columns(r.label)
		}
		l.left = max(l.left, left)
		l.worker = max(l.worker, columns(p.worker(r, short)))
		l.count = max(l.count, columns(r.count.text(short)))
	}
	return l
}

// roomForLeft returns what the other columns leave of a line.
func (p *printer) roomForLeft(l layout) int {
	return p.width - gap - taskIDColumns - gap - l.worker - gap - l.count
}

// worker names the worker that a link ran on; the short name of docker-worker
// is docker.
func (p *printer) worker(r *row, short bool) string {
	if r.node.link == nil || r.node.shown != here {
		return ""
	}
	name := r.node.link.WorkerImplementation
	if short {
		name = strings.TrimSuffix(strings.TrimSuffix(name, "worker"), "-")
	}
	return cutEnd(p.clean(name), typeColumns, p.symbols.cut)
}

// line returns the line of a link.
func (l layout) line(p *printer, r *row) spans {
	s := append(spans{}, r.left...)
	if room := l.left - s.columns() - gap; r.label != "" && (room >= minLabel || room >= columns(r.label)) {
		s = append(s, span{spaces(gap) + cutMiddle(r.label, room, p.symbols.cut), p.colors.plain})
	}
	pad := func(width int) { s = append(s, span{spaces(width), p.colors.plain}) }
	pad(max(0, l.left-s.columns()) + gap)
	id := cutMiddle(p.clean(r.node.dep.TaskID), taskIDColumns, p.symbols.cut)
	s = append(s, span{id, p.colors.dim})
	pad(taskIDColumns - columns(id) + gap)
	worker, count := p.worker(r, l.short), r.count.text(l.short)
	s = append(s, span{worker, p.colors.plain})
	pad(l.worker - columns(worker) + gap + l.count - columns(count))
	return append(s, span{count, r.count.color})
}
