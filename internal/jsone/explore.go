package jsone

import (
	"context"
	"strings"

	"cotverify/internal/value"
)

// Unknown stands in a context for a value that only an event will give. What is
// made of it is unknown too, and tells how it would be made.
type Unknown struct {
	Text  string   // as a template would have it: "${event.after}", "refs/${event.ref[11:]}"
	Reads []string // the paths of the context in it
}

// UnknownAt returns what stands for the value at a path of the context.
func UnknownAt(path string) *Unknown {
	return &Unknown{Text: "${" + path + "}", Reads: []string{path}}
}

// Explorer is asked, and told, while a template is looked at in a context of
// which not all is known.
type Explorer struct {
	// Decide says which way a condition goes that nobody knows.
	Decide func(condition *Unknown) bool
	// Missing is told of a path that the context does not have, which ends a
	// render. Where it returns true this one goes on, as if it were unknown.
	Missing func(path string, line int) bool
	// Read is told of each unknown path that is read, with the line.
	Read func(path string, line int)
}

// Explore renders a template in a context that may have [Unknown] values, one
// way through its conditions. The result has unknown values too. It is to look at
// templates, and no rendering: nobody may compare what it yields with a task.
func Explore(ctx context.Context, template *value.Node, vars map[string]any, x Explorer) (*Result, error) {
	r := newRenderer(ctx)
	r.explorer = &x
	s, err := r.outermost(vars)
	if err != nil {
		return nil, at(template, err)
	}
	t, err := r.render(template, s)
	if err != nil {
		return nil, at(template, err)
	}
	if t.value == (deleted{}) {
		t.value = nil
	}
	return &Result{Value: t.value, Origin: t.origin}, nil
}

// truthy is Python's truth of a value. Of an unknown one the explorer decides,
// but for text of which a part is known.
func (r *renderer) truthy(v any) bool {
	u, ok := v.(*Unknown)
	if !ok {
		return value.Truthy(v)
	}
	return u.prefix() != "" || r.explorer.Decide(u)
}

// prefix returns what is known of the text's start.
func (u *Unknown) prefix() string {
	known, _, _ := strings.Cut(u.Text, "${")
	return known
}

// source returns what stands for the value in an expression.
func source(v any) (text string, reads []string) {
	switch v := v.(type) {
	case *Unknown:
		inner, ok := strings.CutPrefix(v.Text, "${")
		if inner, closed := strings.CutSuffix(inner, "}"); ok && closed && !strings.Contains(inner, "${") {
			return inner, v.Reads
		}
		return "'" + v.Text + "'", v.Reads
	case string:
		return "'" + v + "'", nil
	}
	text, reads = jsonOf(v)
	return text, reads
}

// jsonOf writes a value as JSON in which unknown parts stand as they are made.
func jsonOf(v any) (text string, reads []string) {
	written, err := value.AppendJSON(nil, withTexts(v, &reads))
	if err != nil {
		return kind(v), reads
	}
	return string(written), reads
}

// withTexts returns a value with texts in place of what is unknown.
func withTexts(v any, reads *[]string) any {
	switch v := v.(type) {
	case *Unknown:
		*reads = union(*reads, v.Reads, MaxReads)
		return v.Text
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = withTexts(item, reads)
		}
		return list
	case *value.Object:
		o := &value.Object{}
		for key, item := range v.All() {
			o.Set(key, withTexts(item, reads))
		}
		return o
	}
	return v
}

// unknownOf returns what is made of values by an expression.
func unknownOf(expression string, reads ...[]string) *Unknown {
	u := &Unknown{Text: "${" + expression + "}"}
	for _, of := range reads {
		u.Reads = union(u.Reads, of, MaxReads)
	}
	return u
}

func isUnknown(v any) bool {
	_, ok := v.(*Unknown)
	return ok
}

// hasUnknown reports whether a value or a part of it is unknown.
func hasUnknown(v any) bool {
	var reads []string
	withTexts(v, &reads)
	return len(reads) > 0
}

// line returns the line of the template that an evaluator's expression is on.
func (ev *evaluator) line() int {
	text, _ := ev.node.Value.(string)
	offset, line := strings.Index(text, ev.text), ev.node.Line
	for _, l := range ev.node.Lines {
		if offset >= l.Offset {
			line = l.Line
		}
	}
	return line
}

// explored evaluates what an unknown operand makes otherwise than usual. It
// returns false for all that is evaluated as ever.
func (ev *evaluator) explored(operator string, operands ...any) (v any, ok bool) {
	if ev.explorer == nil {
		return nil, false
	}
	known := true
	for _, o := range operands {
		known = known && !hasUnknown(o)
	}
	if known {
		return nil, false
	}
	switch operator {
	case "!", "&&", "||":
		return nil, false // they ask for the truth only
	}
	if len(operands) == 1 {
		text, reads := source(operands[0])
		return unknownOf(operator+text, reads), true
	}
	a, b := operands[0], operands[1]
	left, leftReads := source(a)
	right, rightReads := source(b)
	all := unknownOf(left+" "+operator+" "+right, leftReads, rightReads)
	switch same, told := sameText(a, b); {
	case told && operator == "==":
		return same, true
	case told && operator == "!=":
		return !same, true
	}
	if operator == "in" && isUnknown(a) {
		if list, ok := b.([]any); ok {
			return inList(a, list, all), true
		}
	}
	if object, ok := b.(*value.Object); ok && operator == "in" {
		if key, ok := a.(string); ok {
			_, has := object.Get(key)
			return has, true
		}
	}
	if operator == "+" {
		return &Unknown{Text: textOf(a) + textOf(b), Reads: all.Reads}, true
	}
	return all, true
}

func textOf(v any) string {
	switch v := v.(type) {
	case *Unknown:
		return v.Text
	case string:
		return v
	}
	text, _ := source(v)
	return text
}

// inList looks for an unknown value in a list; what cannot be one of the items is
// told apart.
func inList(v any, list []any, otherwise *Unknown) any {
	possible := false
	for _, item := range list {
		same, told := sameText(v, item)
		if told && same {
			return true
		}
		possible = possible || !told
	}
	if !possible {
		return false
	}
	return otherwise
}

// sameText tells whether two values are the same, where that can be told.
func sameText(a, b any) (same, told bool) {
	x, xUnknown := a.(*Unknown)
	y, yUnknown := b.(*Unknown)
	switch {
	case xUnknown && yUnknown:
		return true, x.Text == y.Text
	case yUnknown:
		return sameText(b, a)
	case !xUnknown:
		return false, false
	}
	text, isText := b.(string)
	if isText && !strings.HasPrefix(text, x.prefix()) || b == nil && x.prefix() != "" {
		return false, true
	}
	return false, false
}

// part returns the part of an unknown value at a property or in brackets.
func (ev *evaluator) part(of traced, step string) traced {
	u := of.value.(*Unknown)
	text, _ := source(u)
	whole := of.origin != nil && of.origin.path == text
	next := unknownOf(text+step, u.Reads)
	origin := &Origin{Line: ev.node.Line, Column: ev.node.Column, Reads: u.Reads}
	if whole && strings.HasPrefix(step, ".") {
		next = UnknownAt(text + step)
		origin.Reads, origin.path = next.Reads, text+step
	}
	return traced{next, origin}
}

// partIn returns what is in brackets behind an unknown value, or at an unknown
// place of a known one.
func (ev *evaluator) partIn(e *access, t, left, right traced) traced {
	ev.told(t)
	ev.told(left)
	ev.told(right)
	text, reads := source(t.value)
	step, leftReads := "[", []string(nil)
	if e.left != nil {
		from, of := source(left.value)
		step, leftReads = step+from, of
	}
	var rightReads []string
	if e.interval {
		step += ":"
		if e.right != nil {
			to, of := source(right.value)
			step, rightReads = step+to, of
		}
	}
	return ev.made(unknownOf(text+step+"]", reads, leftReads, rightReads), t.origin, left.origin, right.origin)
}

// calls returns what a function makes of unknown arguments.
func (ev *evaluator) calls(f *function, args []any) *Unknown {
	var texts []string
	var all [][]string
	for _, a := range args {
		text, reads := source(a)
		texts, all = append(texts, text), append(all, reads)
		ev.told(traced{value: a})
	}
	return unknownOf(f.name+"("+strings.Join(texts, ", ")+")", all...)
}

// missing tells that a part of the context is not there, and returns what stands
// for it, and whether to go on with that.
func (ev *evaluator) missing(path string) (t traced, goOn bool) {
	if ev.explorer == nil || !ev.explorer.Missing(path, ev.line()) {
		return traced{}, false
	}
	return traced{UnknownAt(path), &Origin{Line: ev.node.Line, Column: ev.node.Column, Reads: []string{path}, path: path}}, true
}

// told tells of the paths that were read.
func (ev *evaluator) told(t traced) traced {
	if u, ok := t.value.(*Unknown); ok && ev.explorer != nil && len(u.Reads) == 1 && u.Text == "${"+u.Reads[0]+"}" {
		ev.explorer.Read(u.Reads[0], ev.line())
	}
	return t
}

// asList returns what stands for an unknown list: one with one unknown item.
func (r *renderer) asList(t traced) traced {
	if u, ok := t.value.(*Unknown); ok {
		text, reads := source(u)
		return traced{[]any{unknownOf(text+"[0]", reads)}, t.origin.copy()}
	}
	return t
}
