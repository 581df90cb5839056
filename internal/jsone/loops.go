package jsone

import (
	"strings"

	"cotverify/internal/pytext"
	"cotverify/internal/value"
)

// A loop is what an operator does for each element of a list: the value of a
// key such as "each(x, i)".
type loop struct {
	key   string
	names []string
	body  *value.Node
}

// isLoop returns a test for keys such as "each(x, i)", with a number of names
// from least to most. A line end may follow.
func isLoop(word string, least, most int) func(key string) bool {
	return func(key string) bool {
		names, ok := strings.CutPrefix(key, word+"(")
		if !ok {
			return false
		}
		if names, ok = strings.CutSuffix(strings.TrimSuffix(names, "\n"), ")"); !ok {
			return false
		}
		parts := strings.Split(names, ",")
		for i, name := range parts {
			if i > 0 {
				name = strings.TrimLeftFunc(name, pytext.IsSpace)
			}
			if !isIdentifier(name) || strings.HasSuffix(name, "\n") {
				return false
			}
		}
		return least <= len(parts) && len(parts) <= most
	}
}

// loopOf returns the one loop of an operator's map, whose keys were checked.
func loopOf(n *value.Node, operator, word string) (loop, error) {
	var loops []loop
	for _, f := range n.Fields {
		key, _ := f.Key.Value.(string)
		if !strings.HasPrefix(key, word+"(") {
			continue
		}
		// As in Python's implementation the last character is taken for the
		// parenthesis, whatever it is.
		names := strings.Split(key[len(word)+1:len(key)-1], ",")
		for i := range names {
			names[i] = strings.TrimFunc(names[i], pytext.IsSpace)
		}
		loops = append(loops, loop{key, names, f.Value})
	}
	if len(loops) != 1 {
		return loop{}, problemf("%s has %d keys %s(…); it takes one", operator, len(loops), word)
	}
	return loops[0], nil
}

// mapOperator renders its loop for each item of a list. Of an object it does so
// for each key and value, and merges the objects that this gives.
func mapOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	over, err := r.renderPart(n, "$map", s)
	if err != nil {
		return traced{}, err
	}
	over = r.asList(over)
	l, err := loopOf(n, "$map", "each")
	if err != nil {
		return traced{}, err
	}
	switch {
	case isList(over.value):
		return r.mapList(n, l, over, s)
	case isObject(over.value):
		return r.mapObject(n, l, over, s)
	}
	return traced{}, at(n.Get("$map"), problemf("$map is given %s; it takes a list or an object", kind(over.value)))
}

func (r *renderer) mapList(n *value.Node, l loop, over traced, s *scope) (traced, error) {
	list := r.newList(originAt(n), 0)
	inner := s.inner()
	for i := range over.value.([]any) {
		l.assign(inner, over.item(i), traced{value: value.Int(int64(i))})
		t, err := r.renderLoop(l, inner)
		if err == nil && t.value != (deleted{}) {
			err = list.add(t)
		}
		if err != nil {
			return traced{}, err
		}
	}
	return list.done(), nil
}

func (r *renderer) mapObject(n *value.Node, l loop, over traced, s *scope) (traced, error) {
	object := r.newObject(originAt(n), 0)
	inner := s.inner()
	for key := range over.value.(*value.Object).All() {
		if len(l.names) == 2 {
			l.assign(inner, over.field(key), traced{value: key})
		} else {
			l.assign(inner, keyAndValue(key, over.field(key)))
		}
		t, err := r.renderLoop(l, inner)
		switch {
		case err != nil:
			return traced{}, err
		case t.value == (deleted{}):
			continue
		case !isObject(t.value):
			return traced{}, at(l.body, problemf("%s gives %s; where $map goes over an object it has to give an object", l.key, kind(t.value)))
		}
		if err := object.setAll(t); err != nil {
			return traced{}, err
		}
	}
	return object.done()
}

// keyAndValue returns what a loop over an object calls its one name.
func keyAndValue(key string, field traced) traced {
	return traced{
		value.ObjectOf("key", key, "val", field.value),
		&Origin{Fields: map[string]*Origin{"key": nil, "val": field.origin}},
	}
}

// assign gives the loop's names their values for one round. A value without a
// name is left.
func (l *loop) assign(s *scope, values ...traced) {
	for i, name := range l.names {
		s.vars[name] = values[i]
	}
}

// renderLoop renders a loop's body for one round.
func (r *renderer) renderLoop(l loop, s *scope) (traced, error) {
	t, err := r.render(l.body, s)
	return t, within(err, keyStep(l.key))
}

// reduceOperator renders its loop for each item of a list, with the result of
// the round before. The first round has what "initial" holds, as it is written.
func reduceOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	list, err := r.renderListPart(n, "$reduce", s)
	if err != nil {
		return traced{}, err
	}
	l, err := loopOf(n, "$reduce", "each")
	if err != nil {
		return traced{}, err
	}
	initial := n.Get("initial")
	if initial == nil || len(n.Fields) != 3 {
		return traced{}, problem(`$reduce takes three keys: "$reduce", "initial" and each(…)`)
	}
	written := &writtenValue{r, map[*value.Node]traced{}}
	result, err := written.of(initial, 0)
	if err != nil {
		return traced{}, err
	}
	inner := s.inner()
	for i := range list.value.([]any) {
		l.assign(inner, result, list.item(i), traced{value: value.Int(int64(i))})
		t, err := r.renderLoop(l, inner)
		if err != nil {
			return traced{}, err
		}
		if t.value != (deleted{}) {
			result = t
		}
	}
	return result, nil
}

// A writtenValue is a node's value as it is written. Shared nodes become shared
// values.
type writtenValue struct {
	*renderer
	done map[*value.Node]traced
}

func (w *writtenValue) of(n *value.Node, depth int) (t traced, err error) {
	if t, ok := w.done[n]; ok {
		return t, nil
	}
	if depth > maxValueDepth {
		return traced{}, at(n, &LimitError{limitValueDepth, maxValueDepth})
	}
	switch n.Kind {
	case value.List:
		t, err = w.list(n, depth)
	case value.Map:
		t, err = w.object(n, depth)
	default:
		t = traced{n.Value, originAt(n)}
	}
	if err == nil {
		err = w.make(originBytes)
	}
	if err != nil {
		return traced{}, at(n, err)
	}
	w.done[n] = t
	return t, nil
}

func (w *writtenValue) list(n *value.Node, depth int) (traced, error) {
	l := w.newList(originAt(n), len(n.Items))
	for _, item := range n.Items {
		t, err := w.of(item, depth+1)
		if err == nil {
			err = l.add(t)
		}
		if err != nil {
			return traced{}, err
		}
	}
	return l.done(), nil
}

func (w *writtenValue) object(n *value.Node, depth int) (traced, error) {
	o := w.newObject(originAt(n), len(n.Fields))
	for _, f := range n.Fields {
		key, err := textKey(f.Key)
		if err != nil {
			return traced{}, err
		}
		t, err := w.of(f.Value, depth+1)
		if err == nil {
			err = o.set(key, t)
		}
		if err != nil {
			return traced{}, err
		}
	}
	return o.done()
}

// findOperator renders the first item of a list for which its loop, an
// expression, holds. It renders the item: a text with "${" in it is interpolated
// with the loop's variables, wherever the item comes from.
func findOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	list, err := r.renderListPart(n, "$find", s)
	if err != nil {
		return traced{}, err
	}
	l, err := loopOf(n, "$find", "each")
	if err != nil {
		return traced{}, err
	}
	if l.body.Kind != value.Scalar || !isText(l.body.Value) {
		return traced{}, at(l.body, problemf("%s of $find is %s; it takes an expression", l.key, kindOfNode(l.body)))
	}
	inner := s.inner()
	for i := range list.value.([]any) {
		l.assign(inner, list.item(i), traced{value: value.Int(int64(i))})
		holds, err := r.holds(l.body, inner)
		if err != nil {
			return traced{}, within(err, keyStep(l.key))
		}
		if holds {
			return r.renderValue(n, list.item(i), inner)
		}
	}
	return traced{deleted{}, originAt(n)}, nil
}

// renderValue renders a value as if it were a template.
func (r *renderer) renderValue(n *value.Node, t traced, s *scope) (traced, error) {
	template, err := r.nodeOf(n, t, 0)
	if err != nil {
		return traced{}, err
	}
	return r.render(template, s)
}

// nodeOf returns the node of a value, at the place of what rendered the value.
func (r *renderer) nodeOf(around *value.Node, t traced, depth int) (*value.Node, error) {
	if depth > maxValueDepth {
		return nil, &LimitError{limitValueDepth, maxValueDepth}
	}
	if err := r.makeParts(1, nodeBytes); err != nil {
		return nil, err
	}
	n := &value.Node{Line: around.Line, Column: around.Column}
	if t.origin != nil && t.origin.Line > 0 {
		n.Line, n.Column = t.origin.Line, t.origin.Column
	}
	switch v := t.value.(type) {
	case []any:
		n.Kind = value.List
		for i := range v {
			item, err := r.nodeOf(n, t.item(i), depth+1)
			if err != nil {
				return nil, err
			}
			n.Items = append(n.Items, item)
		}
	case *value.Object:
		n.Kind = value.Map
		for key := range v.All() {
			field, err := r.nodeOf(n, t.field(key), depth+1)
			if err != nil {
				return nil, err
			}
			n.Fields = append(n.Fields, value.Field{Key: &value.Node{Value: key, Line: n.Line, Column: n.Column}, Value: field})
		}
	default:
		n.Value = v
		r.sources[n] = t.origin
	}
	return n, nil
}
