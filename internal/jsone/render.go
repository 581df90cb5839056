// Package jsone renders JSON-e templates. A decision task is trusted because it
// equals what the .taskcluster.yml of its source renders to, so the rendering
// has to be exact, and it has to be safe: the template is anyone's who can push
// to the repository.
//
// The language has a library in Go. It cannot serve here:
//
//   - Its numbers are floats: 1.0 becomes the text "1", and
//     12345678901234567890 is rounded. The reference implementation, in Python,
//     has integers of any size apart from floats.
//   - Its $json escapes <, > and &, and 1 == true does not hold. Both differ
//     from the reference.
//   - A template can make it run without end or fill the memory.
//   - No value of its result knows the line that it came from.
//
// This interpreter does as the Python implementation of JSON-e 4.8 does (see the
// specification, sections 6 and 7, for the decision): it yields the same values,
// in the same order, and fails where that fails, whatever the kind of
// exception. Integers, floats, equality and text are Python's, down to
// truthiness, the length of text in code points and the digits of a float. It
// differs in these ways:
//
//   - What a template takes of time and memory is bounded (limits.go); beyond
//     that is a [*LimitError].
//   - What depends on Python's memory addresses or inner workings, or has no JSON
//     type, is an error: a function written as text, a list with NaN in it
//     sorted, a complex number.
//   - A power of floats is the float closest to the exact one. The C library,
//     which Python asks, is off by the last digit in some cases of a thousand.
//
// Start with [Render]. A caller may trust that it ends in about a second at
// most, without a panic and within some 100 MiB, whatever the template; that the
// result holds values of package value only; and that [Origin] names for each of
// them the node that rendered it.
package jsone

import (
	"context"
	"maps"
	"slices"
	"strings"

	"cotverify/internal/value"
)

// Function is a function that a template may call, given in the context. The
// arguments are values, which are not to be changed. What it returns must be a
// value of package value; an error ends the render.
type Function func(args []any) (any, error)

// Result is what a template renders to.
type Result struct {
	Value  any
	Origin *Origin // of Value and of all within
}

// Render renders a template in a context: values by name, and [Function]s. As
// in the reference, the context's "now" is the time that offsets count from.
// Where there is none, the reference asks the clock, so that no two renders are
// the same; here that is an error. A template without a value, such as an $if
// without the branch that was chosen, renders to null.
//
// The error is an [*Error]: the template is wrong, exceeds a limit (there is a
// [*LimitError] in it), or ctx ended (there is its error in it).
func Render(ctx context.Context, template *value.Node, vars map[string]any) (*Result, error) {
	r := newRenderer(ctx)
	t, err := r.renderTop(template, vars)
	if err != nil {
		e := at(template, err)
		e.TemplatePath = strings.TrimPrefix(e.TemplatePath, ".")
		return nil, e
	}
	return &Result{Value: t.value, Origin: t.origin}, nil
}

func newRenderer(ctx context.Context) *renderer {
	return &renderer{
		meter:        &meter{ctx: ctx},
		expressions:  map[string]expression{},
		interpolated: map[string][]segment{},
		sources:      map[*value.Node]*Origin{},
	}
}

// A renderer renders one template once.
type renderer struct {
	*meter

	// What was parsed, by its text: loops come by the same text again and again.
	// The memory is counted as it is parsed.
	expressions  map[string]expression
	interpolated map[string][]segment

	// sources are the origins of scalars that $find renders as templates.
	sources map[*value.Node]*Origin

	// explorer is set where not all of the context is known. Without it no value
	// is [Unknown].
	explorer *Explorer
}

func (r *renderer) renderTop(template *value.Node, vars map[string]any) (traced, error) {
	s, err := r.outermost(vars)
	if err != nil {
		return traced{}, err
	}
	t, err := r.render(template, s)
	if err != nil {
		return traced{}, err
	}
	if t.value == (deleted{}) {
		return traced{nil, t.origin}, nil
	}
	_, err = r.checkOutput(t.value, limitOutput, maxOutput)
	return t, err
}

// outermost returns the scope of the whole template: the context's variables,
// and behind them the built-in functions.
func (r *renderer) outermost(vars map[string]any) (*scope, error) {
	s := &scope{vars: make(map[string]traced, len(vars)), parent: &scope{vars: builtins()}}
	for _, name := range slices.Sorted(maps.Keys(vars)) { // so that an error is the same each time
		v := vars[name]
		if !isIdentifier(name) {
			return nil, problemf("%s in the context is no name for a variable", quoted(name))
		}
		if f, ok := v.(Function); ok {
			v = contextFunction(name, f)
		}
		s.vars[name] = traced{v, &Origin{Reads: []string{name}, path: name}}
	}
	return s, nil
}

func contextFunction(name string, f Function) *function {
	return &function{name: name, readsParts: true, call: func(_ *callContext, args []any) (any, error) {
		v, err := f(args)
		if err != nil {
			return nil, &functionError{name, err}
		}
		return v, nil
	}}
}

// A functionError is what a function from the context failed with.
type functionError struct {
	name  string
	cause error
}

func (e *functionError) Error() string { return e.name + "() failed: " + e.cause.Error() }

// render renders a node where it stands. Text is interpolated; a map with an
// operator is what the operator makes of it; other lists and maps are made of
// what they hold.
func (r *renderer) render(n *value.Node, s *scope) (traced, error) {
	if err := r.enter(); err != nil {
		return traced{}, at(n, err)
	}
	defer r.leave()
	t, err := r.renderNode(n, s)
	if err == nil {
		err = r.make(originBytes)
	}
	if err != nil {
		return traced{}, at(n, err)
	}
	return t, nil
}

func (r *renderer) renderNode(n *value.Node, s *scope) (traced, error) {
	switch n.Kind {
	case value.List:
		return r.renderList(n, s)
	case value.Map:
		o, ok, err := operatorOf(n)
		switch {
		case err != nil:
			return traced{}, err
		case ok:
			return r.operate(&o, n, s)
		}
		return r.renderMap(n, s)
	}
	t := traced{n.Value, originAt(n)}
	if text, ok := n.Value.(string); ok {
		var err error
		if t, err = r.interpolate(n, text, s); err != nil {
			return traced{}, err
		}
	}
	t.origin.add(r.sources[n])
	return t, nil
}

func (r *renderer) operate(o *operator, n *value.Node, s *scope) (traced, error) {
	if err := o.checkKeys(n); err != nil {
		return traced{}, err
	}
	return o.render(r, n, s)
}

func (r *renderer) renderList(n *value.Node, s *scope) (traced, error) {
	l := r.newList(originAt(n), len(n.Items))
	for i, item := range n.Items {
		t, err := r.render(item, s)
		if err != nil {
			return traced{}, within(err, indexStep(i))
		}
		if t.value == (deleted{}) {
			continue
		}
		if err := l.add(t); err != nil {
			return traced{}, err
		}
	}
	return l.done(), nil
}

func (r *renderer) renderMap(n *value.Node, s *scope) (traced, error) {
	o := r.newObject(originAt(n), len(n.Fields))
	for _, f := range n.Fields {
		key, err := r.renderKey(f.Key, s)
		if err != nil {
			return traced{}, err
		}
		name := key.value.(string)
		t, err := r.render(f.Value, s)
		if err != nil {
			return traced{}, within(err, keyStep(name))
		}
		if t.value == (deleted{}) {
			continue
		}
		if err := o.set(name, t.under(key.origin)); err != nil {
			return traced{}, err
		}
	}
	return o.done()
}

// renderKey renders a key of a map: what starts with "$$" is a key that starts
// with "$"; of the others, "$" and a name is reserved for operators.
func (r *renderer) renderKey(n *value.Node, s *scope) (traced, error) {
	key, err := textKey(n)
	if err != nil {
		return traced{}, at(n, err)
	}
	if strings.HasPrefix(key, "$$") {
		return traced{value: key[1:]}, nil
	}
	if strings.HasPrefix(key, "$") && isIdentifier(key[1:]) {
		return traced{}, at(n, problemf("there is no operator %s (a key that starts with $ is written with $$)", quoted(key)))
	}
	t, err := r.interpolate(n, key, s)
	if u, ok := t.value.(*Unknown); ok {
		t.value = u.Text
	}
	return t, err
}

// textKey returns the text of a map's key.
func textKey(n *value.Node) (string, error) {
	if n.Kind == value.Scalar {
		if key, ok := n.Value.(string); ok {
			return key, nil
		}
	}
	return "", problemf("a key is %s, not text", kindOfNode(n))
}

func kindOfNode(n *value.Node) string {
	switch n.Kind {
	case value.List:
		return "a list"
	case value.Map:
		return "an object"
	}
	return kind(n.Value)
}
