package jsone

import (
	"slices"
	"strings"

	"cotverify/internal/value"
)

// An operator renders a map that has its name as a key.
type operator struct {
	render func(r *renderer, n *value.Node, s *scope) (traced, error)

	// What keys the map may have. Python's implementation looks for them with a
	// pattern of alternatives whose end binds to the last one only: what starts
	// with one of the others is let through, and has no effect.
	last   func(key string) bool
	others []string
}

func operatorNamed(name string) (o operator, ok bool) {
	switch name {
	case "$eval":
		return operator{evalOperator, exactly("$eval"), nil}, true
	case "$find":
		return operator{findOperator, isLoop("each", 1, 2), []string{"$find"}}, true
	case "$flatten":
		return operator{flattenOperator, exactly("$flatten"), nil}, true
	case "$flattenDeep":
		return operator{flattenDeepOperator, exactly("$flattenDeep"), nil}, true
	case "$fromNow":
		return operator{fromNowOperator, exactly("from"), []string{"$fromNow"}}, true
	case "$if":
		return operator{ifOperator, exactly("else"), []string{"$if", "then"}}, true
	case "$json":
		return operator{jsonOperator, exactly("$json"), nil}, true
	case "$let":
		return operator{letOperator, exactly("in"), []string{"$let"}}, true
	case "$map":
		return operator{mapOperator, isLoop("each", 1, 2), []string{"$map"}}, true
	case "$match":
		return operator{matchOperator, exactly("$match"), nil}, true
	case "$merge":
		return operator{mergeOperator, exactly("$merge"), nil}, true
	case "$mergeDeep":
		return operator{mergeDeepOperator, exactly("$mergeDeep"), nil}, true
	case "$reduce":
		return operator{reduceOperator, isLoop("each", 2, 3), []string{"$reduce", "initial"}}, true
	case "$reverse":
		return operator{reverseOperator, exactly("$reverse"), nil}, true
	case "$sort":
		return operator{sortOperator, isLoop("by", 1, 1), []string{"$sort"}}, true
	case "$switch":
		return operator{switchOperator, exactly("$switch"), nil}, true
	}
	return operator{}, false
}

// operatorOf returns the operator of a map, if it has one.
func operatorOf(n *value.Node) (found operator, ok bool, err error) {
	for _, f := range n.Fields {
		key, err := textKey(f.Key)
		if err != nil || !strings.HasPrefix(key, "$") {
			continue
		}
		o, isOperator := operatorNamed(key)
		if isOperator && ok {
			return operator{}, false, problemf("%s is a second operator; there can be one only", quoted(key))
		}
		if isOperator {
			found, ok = o, true
		}
	}
	return found, ok, nil
}

// checkKeys checks the keys of the operator's map.
func (o *operator) checkKeys(n *value.Node) error {
	for _, f := range n.Fields {
		key, err := textKey(f.Key)
		if err != nil {
			return at(f.Key, err)
		}
		known := o.last(key) || slices.ContainsFunc(o.others, func(other string) bool { return strings.HasPrefix(key, other) })
		if !known {
			return at(f.Key, problemf("%s is none of the keys that go with this operator", quoted(key)))
		}
	}
	return nil
}

// exactly is the last alternative of a pattern. A line end may follow.
func exactly(name string) func(key string) bool {
	return func(key string) bool { return strings.TrimSuffix(key, "\n") == name }
}

// renderPart renders the value of a key of an operator's map, which the map has.
func (r *renderer) renderPart(n *value.Node, key string, s *scope) (traced, error) {
	t, err := r.render(n.Get(key), s)
	if err != nil {
		return traced{}, within(err, keyStep(key))
	}
	return t, nil
}

// renderList renders the value of a key of an operator's map, which has to give
// a list.
func (r *renderer) renderListPart(n *value.Node, key string, s *scope) (traced, error) {
	t, err := r.renderPart(n, key, s)
	if err != nil {
		return traced{}, err
	}
	t = r.asList(t)
	if !isList(t.value) {
		return traced{}, at(n.Get(key), problemf("%s is given %s; it takes a list", key, kind(t.value)))
	}
	return t, nil
}

func evalOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	t, err := r.evaluateNode(n.Get("$eval"), s)
	if err != nil {
		return traced{}, within(err, keyStep("$eval"))
	}
	return placed(n, t), nil
}

func letOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	definitions := n.Get("$let")
	if definitions.Kind != value.Map {
		return traced{}, at(definitions, problemf("$let is given %s; it takes an object", kindOfNode(definitions)))
	}
	t, err := r.renderPart(n, "$let", s)
	if err != nil {
		return traced{}, err
	}
	vars, ok := t.value.(*value.Object)
	if !ok {
		return traced{}, at(definitions, problemf("$let is given %s; it takes an object", kind(t.value)))
	}
	inner := s.inner()
	for name := range vars.All() {
		if !isIdentifier(name) {
			return traced{}, at(definitions, problemf("%s is no name for a variable", quoted(name)))
		}
		inner.vars[name] = t.field(name)
	}
	if err := r.makeParts(vars.Len(), fieldBytes); err != nil {
		return traced{}, at(n, err)
	}
	if n.Get("in") == nil {
		return traced{}, at(n, problem(`$let has no "in"`))
	}
	return r.renderPart(n, "in", inner)
}

func jsonOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	t, err := r.renderPart(n, "$json", s)
	if err != nil {
		return traced{}, err
	}
	if r.explorer != nil && hasUnknown(t.value) {
		text, reads := jsonOf(t.value)
		if isUnknown(t.value) {
			inner, _ := source(t.value)
			text = "${$json " + inner + "}"
		}
		return traced{&Unknown{Text: text, Reads: reads}, originAt(n).with(t.origin)}, nil
	}
	size, err := r.checkOutput(t.value, limitText, maxText)
	if err == nil {
		err = r.make(2 * size) // once to write it, once as text
	}
	if err != nil {
		return traced{}, err
	}
	text, err := value.AppendJSON(make([]byte, 0, size), t.value)
	if err != nil {
		return traced{}, err
	}
	o := originAt(n)
	o.add(t.origin)
	return traced{string(text), o}, r.addParts(o, t.origin, 0)
}

func fromNowOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	offset, err := r.renderPart(n, "$fromNow", s)
	if err != nil {
		return traced{}, err
	}
	var reference traced
	if n.Get("from") != nil {
		reference, err = r.renderPart(n, "from", s)
	} else {
		reference, _, err = r.lookup(s, "now")
	}
	if err != nil {
		return traced{}, err
	}
	text, ok := offset.value.(string)
	if !ok {
		return traced{}, problemf("$fromNow is given %s; it takes text", kind(offset.value))
	}
	sum, err := r.addOffset(text, reference.value)
	if err != nil {
		return traced{}, err
	}
	o := originAt(n)
	o.add(offset.origin)
	o.add(reference.origin)
	return traced{sum, o}, nil
}
