package text

import (
	"fmt"
	"slices"
	"strings"

	"cotverify/pkg/report"
)

// row is a line of a link, or of several that are folded.
type row struct {
	node   *node
	prefix string // of the tree
	left   spans  // the tree, the mark and the task type
	label  string
	notes  span   // the names of checks that did not pass, or where it is shown
	folded string // what stands for several links
}

// The columns of a link's line.
const (
	taskIDColumns = 22 // of a slugid
	typeColumns   = 20 // more is cut; the longest type has 12
	minLabel      = 8  // less of a label tells nothing
	gap           = 2  // between columns
	// minNotes is what of the names of checks is shown at least, or none of them.
	minNotes = 20
)

// How many links are shown where nothing asks for all.
const (
	maxRows  = 16 // then those are folded that hold
	maxAlike = 6  // of one type that fail alike below one link
)

// chart is the chain as it is drawn.
type chart struct {
	*printer
	checks map[string][]report.Check
	step   int
	folds  bool // what holds
	rows   []*row
}

// links writes the links, a line each.
func (p *printer) links(links []report.Link, list []report.Check) {
	roots := hang(links)
	c := &chart{printer: p, checks: map[string][]report.Check{}, step: p.step(roots)}
	for _, check := range list {
		c.checks[check.TaskID] = append(c.checks[check.TaskID], check)
	}
	n := 0
	for _, root := range roots {
		n += root.size()
	}
	c.folds = !p.o.All && (p.o.OnlyFailures || n > maxRows && !p.o.Verbose)
	for _, root := range roots {
		if !c.folds || root.shown == here && (len(roots) == 1 || c.status(root) != report.Pass) || root == roots[0] {
			c.draw(root, "", "")
		}
	}
	l := c.layout()
	for _, row := range c.rows {
		if row.folded != "" {
			p.paragraph(row.prefix, append(row.left, span{p.symbols.cut + " ", p.colors.dim}), row.folded, p.colors.dim)
			continue
		}
		p.line("", l.line(p, row))
	}
}

// step is how many columns a level of the tree takes: fewer in a deep one.
func (p *printer) step(roots []*node) int {
	depth := 0
	for _, root := range roots {
		depth = max(depth, root.depth())
	}
	for step := 3; step > 1; step-- {
		if depth*step <= min(p.width, 160)/5 {
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

// size counts the lines of a node and of what hangs below it.
func (n *node) size() int {
	size := 1
	for _, child := range n.children {
		size += child.size()
	}
	return size
}

// status stands for a node and all that hangs below it: pass where it holds.
func (c *chart) status(n *node) report.Status {
	own := report.Pass
	if n.link == nil {
		own = report.Error
	} else if n.shown == here {
		own = c.own(n)
	}
	for _, child := range n.children {
		own = worse(own, c.status(child))
	}
	return own
}

// own is the status of a link's own checks. What was only skipped holds, as far
// as is known: what it was skipped for is told elsewhere.
func (c *chart) own(n *node) report.Status {
	if status := worst(c.checks[n.dep.TaskID]); status != report.Skip {
		return status
	}
	return report.Pass
}

// worse returns the worse of two statuses.
func worse(a, b report.Status) report.Status {
	order := []report.Status{report.Fail, report.Error, report.Warn, report.Pass}
	if slices.Index(order, b) < slices.Index(order, a) {
		return b
	}
	return a
}

// draw adds the rows of a node and of what hangs below it.
func (c *chart) draw(n *node, prefix, below string) {
	c.rows = append(c.rows, c.row(n, prefix))
	children, folded := n.children, []*node(nil)
	if c.folds {
		children, folded = c.fold(n)
	}
	rest := c.summary(folded)
	for i, child := range children {
		corner, under := c.corner(i == len(children)-1 && rest == "")
		c.draw(child, below+corner, below+under)
	}
	if rest != "" {
		corner, _ := c.corner(true)
		c.rows = append(c.rows, &row{prefix: below, left: spans{{corner, c.colors.dim}}, folded: rest})
	}
}

// corner returns what leads to a child, and what to its children.
func (c *chart) corner(last bool) (corner, under string) {
	corner, under = c.symbols.branch, c.symbols.bar+spaces(c.step-1)
	if last {
		corner, under = c.symbols.last, spaces(c.step)
	}
	return corner + strings.Repeat(c.symbols.line, max(0, c.step-2)) + spaces(min(1, c.step-1)), under
}

// fold returns the children that are shown, and those that are not: what holds
// with all below it, and of many that fail alike all but the first few.
// References to what is shown elsewhere are left out.
func (c *chart) fold(n *node) (shown, folded []*node) {
	alike := map[string]int{}
	for _, child := range n.children {
		switch {
		case child.link != nil && child.shown != here:
			continue
		case c.status(child) == report.Pass:
			folded = append(folded, child)
			continue
		}
		if child.link != nil && c.failsAlone(child) {
			kind := child.link.TaskType + " " + c.notes(child)
			if alike[kind]++; alike[kind] > maxAlike {
				folded = append(folded, child)
				continue
			}
		}
		shown = append(shown, child)
	}
	return shown, folded
}

// failsAlone reports whether all that is shown below a node holds.
func (c *chart) failsAlone(n *node) bool {
	return !slices.ContainsFunc(n.children, func(child *node) bool {
		return child.link == nil || child.shown == here && c.status(child) != report.Pass
	})
}

// summary says how many tasks of which types are folded.
func (c *chart) summary(folded []*node) string {
	counts := map[string]int{}
	var order []string
	var add func(*node)
	add = func(n *node) {
		if n.link != nil && n.shown == here {
			kind := n.link.TaskType + "\n"
			if c.own(n) != report.Pass {
				kind += c.notes(n)
			}
			if counts[kind]++; counts[kind] == 1 {
				order = append(order, kind)
			}
		}
		for _, child := range n.children {
			add(child)
		}
	}
	for _, n := range folded {
		add(n)
	}
	if len(order) == 0 {
		return ""
	}
	slices.SortStableFunc(order, func(a, b string) int { return counts[b] - counts[a] })
	var hold, fail []string
	for _, kind := range order {
		taskType, notes, _ := strings.Cut(kind, "\n")
		one := fmt.Sprintf("%d more %s", counts[kind], cutEnd(c.clean(taskType), typeColumns, c.symbols.cut))
		if len(hold)+len(fail) > 0 {
			one = strings.Replace(one, " more", "", 1)
		}
		if notes == "" {
			hold = append(hold, one)
		} else {
			fail = append(fail, one+" fail alike ("+notes+")")
		}
	}
	text := strings.Join(fail, ", ")
	if len(hold) > 0 {
		verb := " hold"
		if c.walked {
			verb = ""
		} else if len(folded) == 1 && len(hold) == 1 && strings.HasPrefix(hold[0], "1 ") {
			verb = " holds"
		}
		text = strings.TrimPrefix(text+", "+strings.Join(hold, ", ")+verb, ", ")
	}
	if c.o.OnlyFailures {
		return text
	}
	return text + " (--all lists them)"
}

// row returns the row of a node.
func (c *chart) row(n *node, prefix string) *row {
	r := &row{node: n, prefix: prefix}
	mark, taskType, paintMark, paintType := "", "", c.colors.dim, c.colors.dim
	switch {
	case n.link == nil:
		mark, taskType = c.symbols.error, n.dep.As
		r.notes = span{"not there", c.colors.dim}
	case n.shown == above:
		mark, taskType = c.symbols.above, n.link.TaskType
		r.notes = span{"above", c.colors.dim}
	case n.shown == below:
		mark, taskType = c.symbols.below, n.link.TaskType
		r.notes = span{"below", c.colors.dim}
	default:
		taskType, paintType = n.link.TaskType, c.colors.strong
		r.label = c.clean(n.link.Label)
		r.notes = span{c.notes(n), c.colors.of(c.own(n))}
		mark, paintMark = c.mark(n)
		if r.notes.text == "" && !c.walked && c.status(n) != report.Pass {
			r.notes = span{"below it", c.colors.dim}
		}
	}
	r.left = spans{{prefix, c.colors.dim}}
	if mark != "" {
		r.left = append(r.left, span{mark, paintMark}, span{" ", c.colors.plain})
	}
	r.left = append(r.left, span{cutMiddle(c.clean(taskType), typeColumns, c.symbols.cut), paintType})
	return r
}

// mark returns the mark of a link: that of its own checks where these do not
// hold, else dimmed that of what is below it.
func (c *chart) mark(n *node) (string, paint) {
	checks := c.checks[n.dep.TaskID]
	if c.walked && len(checks) == 0 {
		return "", c.colors.dim
	}
	own := worst(checks)
	all := c.status(n)
	if c.walked || worse(all, own) == own || own == report.Skip && all == report.Pass {
		return c.symbols.of(own), c.colors.of(own)
	}
	return c.symbols.of(all), c.colors.dim
}

// notes says of a link which of its checks did not pass.
func (c *chart) notes(n *node) string {
	checks := c.checks[n.dep.TaskID]
	var names []string
	counts := map[string]int{}
	for _, status := range []report.Status{report.Fail, report.Error, report.Warn} {
		for _, check := range withStatus(checks, status) {
			name := c.clean(check.Check)
			if counts[name]++; counts[name] == 1 {
				names = append(names, name)
			}
		}
	}
	for i, name := range names {
		if n := counts[name]; n > 1 {
			names[i] = fmt.Sprintf("%d %s", n, name)
		}
	}
	text := strings.Join(names, ", ")
	skipped := len(withStatus(checks, report.Skip))
	switch {
	case text == "" && !c.walked && c.o.Verbose && len(checks) > skipped:
		return plural(len(checks)-skipped, "check")
	case text == "" && skipped > 0:
		return fmt.Sprintf("%d skipped", skipped)
	case text == "" && !c.walked && len(checks) == 0:
		return "not checked"
	}
	return text
}

// layout has the widths of the columns that the links' lines share.
type layout struct{ left, worker, notes int }

// layout finds widths with which the lines fit. Where they do not, columns are
// dropped before labels are cut: taskIds never are.
func (c *chart) layout() layout {
	var l layout
	for _, r := range c.rows {
		if r.folded != "" {
			continue
		}
		left := r.left.columns()
		if r.label != "" {
			left += gap + columns(r.label)
		}
		l.left = max(l.left, left)
		l.notes = max(l.notes, columns(r.notes.text))
		if c.o.Verbose {
			l.worker = max(l.worker, columns(c.worker(r)))
		}
	}
	room := func() int { return c.width - l.left - gap - taskIDColumns - withGap(l.worker) - withGap(l.notes) }
	if room() < 0 {
		l.worker = 0
	}
	if room() < 0 {
		l.notes = min(l.notes, minNotes)
	}
	if short := -room(); short > 0 {
		l.left = max(l.left-short, c.least())
	}
	if room() < 0 {
		l.notes = 0
	}
	l.left = max(0, min(l.left, c.width-gap-taskIDColumns-withGap(l.notes)))
	return l
}

// least is what the left column needs for something of each label to be seen.
func (c *chart) least() int {
	least := 0
	for _, r := range c.rows {
		if r.folded == "" {
			least = max(least, r.left.columns()+min(gap+minLabel, gap+columns(r.label)))
		}
	}
	return least
}

func withGap(n int) int {
	if n == 0 {
		return 0
	}
	return gap + n
}

// worker names the worker that a link ran on.
func (p *printer) worker(r *row) string {
	if r.node.link == nil || r.node.shown != here {
		return ""
	}
	return cutEnd(p.clean(r.node.link.WorkerImplementation), typeColumns, p.symbols.cut)
}

// line returns the line of a row.
func (l layout) line(p *printer, r *row) spans {
	s := append(spans{}, r.left...)
	if room := l.left - s.columns() - gap; r.label != "" && (room >= minLabel || room >= columns(r.label)) {
		s = append(s, span{spaces(gap) + cutMiddle(r.label, room, p.symbols.cut), p.colors.plain})
	}
	pad := func(width int) { s = append(s, span{spaces(width), p.colors.plain}) }
	pad(max(0, l.left-s.columns()) + gap)
	id := p.clean(r.node.dep.TaskID)
	if p.limited() && s.columns()+columns(id) > p.width && columns(id) > taskIDColumns {
		id = cutMiddle(id, taskIDColumns, p.symbols.cut) // it is none
	}
	s = append(s, p.linked(id, r.node.dep.TaskID, p.colors.dim)...)
	pad(taskIDColumns - columns(id))
	if l.worker > 0 {
		worker := p.worker(r)
		s = append(s, span{spaces(gap) + worker + spaces(l.worker-columns(worker)), p.colors.plain})
	}
	if l.notes > 0 && r.notes.text != "" {
		notes := r.notes
		if p.limited() {
			notes.text = cutEnd(notes.text, max(l.notes, p.width-s.columns()-gap), p.symbols.cut)
		}
		s = append(s, span{spaces(gap), p.colors.plain}, notes)
	}
	return s
}
