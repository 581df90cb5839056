package jsone

import (
	"slices"
	"strings"

	"cotverify/internal/value"
)

// An operator renders a map that has its name as a key.
type operator func(r *renderer, n *value.Node, s *scope) (traced, error)

func operatorNamed(key string) operator {
	switch key {
	case "$eval":
		return evalOperator
	case "$find":
		return findOperator
	case "$flatten":
		return flattenOperator
	case "$flattenDeep":
		return flattenDeepOperator
	case "$fromNow":
		return fromNowOperator
	case "$if":
		return ifOperator
	case "$json":
		return jsonOperator
	case "$let":
		return letOperator
	case "$map":
		return mapOperator
	case "$match":
		return matchOperator
	case "$merge":
		return mergeOperator
	case "$mergeDeep":
		return mergeDeepOperator
	case "$reduce":
		return reduceOperator
	case "$reverse":
		return reverseOperator
	case "$sort":
		return sortOperator
	case "$switch":
		return switchOperator
	}
	return nil
}

// operatorOf returns the operator of a map, or nil where it has none.
func operatorOf(n *value.Node) (operator, error) {
	var found operator
	for _, f := range n.Fields {
		key, ok := f.Key.Value.(string)
		if !ok || f.Key.Kind != value.Scalar || !strings.HasPrefix(key, "$") {
			continue
		}
		if o := operatorNamed(key); o != nil {
			if found != nil {
				return nil, problemf("%s is a second operator; there can be one only", quoted(key))
			}
			found = o
		}
	}
	return found, nil
}

// checkKeys checks the keys of an operator's map. Python's implementation looks
// for them with a pattern that ends at the last alternative only: what starts
// with one of the others is let through, and has no effect.
func checkKeys(n *value.Node, last func(key string) bool, others ...string) error {
	for _, f := range n.Fields {
		key, err := textKey(f.Key)
		if err != nil {
			return at(f.Key, err)
		}
		known := last(key) || slices.ContainsFunc(others, func(o string) bool { return strings.HasPrefix(key, o) })
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
	if !isList(t.value) {
		return traced{}, at(n.Get(key), problemf("%s is given %s; it takes a list", key, kind(t.value)))
	}
	return t, nil
}

func evalOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	if err := checkKeys(n, exactly("$eval")); err != nil {
		return traced{}, err
	}
	t, err := r.evaluateNode(n.Get("$eval"), s)
	if err != nil {
		return traced{}, within(err, keyStep("$eval"))
	}
	return placed(n, t), nil
}

func ifOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	if err := checkKeys(n, exactly("else"), "$if", "then"); err != nil {
		return traced{}, err
	}
	holds, err := r.holds(n.Get("$if"), s)
	if err != nil {
		return traced{}, within(err, keyStep("$if"))
	}
	branch := "else"
	if holds {
		branch = "then"
	}
	if n.Get(branch) == nil {
		return traced{deleted{}, originAt(n)}, nil
	}
	return r.renderPart(n, branch, s)
}

// matchOperator lists what goes with each condition that holds, in the order of
// the conditions' text. A value that is deleted stays in the list, where it can
// not be part of a result.
func matchOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	if err := checkKeys(n, exactly("$match")); err != nil {
		return traced{}, err
	}
	cases, err := casesOf(n, "$match")
	if err != nil {
		return traced{}, err
	}
	slices.SortFunc(cases, func(a, b value.Field) int {
		return strings.Compare(a.Key.Value.(string), b.Key.Value.(string))
	})
	l := r.newList(originAt(n), len(cases))
	for _, c := range cases {
		t, holds, err := r.renderCase(c, s)
		if err == nil && holds {
			err = l.add(t)
		}
		if err != nil {
			return traced{}, within(err, keyStep("$match"))
		}
	}
	return l.done(), nil
}

const defaultCase = "$default"

// switchOperator renders what goes with the only condition that holds, or with
// "$default" if none does.
func switchOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	if err := checkKeys(n, exactly("$switch")); err != nil {
		return traced{}, err
	}
	cases, err := casesOf(n, "$switch")
	if err != nil {
		return traced{}, err
	}
	found := false
	var result traced
	for _, c := range cases {
		if c.Key.Value == defaultCase {
			continue
		}
		t, holds, err := r.renderCase(c, s)
		if err == nil && holds && found {
			err = at(c.Key, problemf("the condition %s of $switch holds, and so does one before it; only one may", quoted(c.Key.Value.(string))))
		}
		if err != nil {
			return traced{}, within(err, keyStep("$switch"))
		}
		if holds {
			found, result = true, t
		}
	}
	switch {
	case found:
		return result, nil
	case n.Get("$switch").Get(defaultCase) == nil:
		return traced{deleted{}, originAt(n)}, nil
	}
	result, err = r.renderPart(n.Get("$switch"), defaultCase, s)
	return result, within(err, keyStep("$switch"))
}

// casesOf returns the conditions of $match or $switch with what goes with them.
func casesOf(n *value.Node, key string) ([]value.Field, error) {
	cases := n.Get(key)
	if cases.Kind != value.Map {
		return nil, at(cases, problemf("%s is given %s; it takes an object", key, kindOfNode(cases)))
	}
	for _, f := range cases.Fields {
		if _, err := textKey(f.Key); err != nil {
			return nil, at(f.Key, err)
		}
	}
	return slices.Clone(cases.Fields), nil
}

// renderCase renders what goes with a condition, if that holds.
func (r *renderer) renderCase(c value.Field, s *scope) (t traced, holds bool, err error) {
	holds, err = r.holds(c.Key, s)
	if err == nil && holds {
		t, err = r.render(c.Value, s)
		err = within(err, keyStep(c.Key.Value.(string)))
	}
	return t, holds, err
}

func letOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	if err := checkKeys(n, exactly("in"), "$let"); err != nil {
		return traced{}, err
	}
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
	if err := checkKeys(n, exactly("$json")); err != nil {
		return traced{}, err
	}
	t, err := r.renderPart(n, "$json", s)
	if err != nil {
		return traced{}, err
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
	if err := checkKeys(n, exactly("from"), "$fromNow"); err != nil {
		return traced{}, err
	}
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

// mergeOperator makes one object of a list of them. Of a key that several have
// the last counts.
func mergeOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	if err := checkKeys(n, exactly("$merge")); err != nil {
		return traced{}, err
	}
	list, err := r.renderObjects(n, "$merge", s)
	if err != nil {
		return traced{}, err
	}
	merged := r.newObject(originAt(n), 0)
	for i := range list.value.([]any) {
		if err := merged.setAll(list.item(i)); err != nil {
			return traced{}, err
		}
	}
	return merged.done()
}

// mergeDeepOperator makes one object of a list of them, and likewise of the
// objects that several have at a key. Lists are joined.
func mergeDeepOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	if err := checkKeys(n, exactly("$mergeDeep")); err != nil {
		return traced{}, err
	}
	list, err := r.renderObjects(n, "$mergeDeep", s)
	if err != nil {
		return traced{}, err
	}
	objects := make([]traced, len(list.value.([]any)))
	for i := range objects {
		objects[i] = list.item(i)
	}
	return r.mergeObjects(originAt(n), objects)
}

// renderObjects renders the value of a key of an operator's map, which has to
// give a list of objects.
func (r *renderer) renderObjects(n *value.Node, key string, s *scope) (traced, error) {
	list, err := r.renderListPart(n, key, s)
	if err != nil {
		return traced{}, err
	}
	for i, item := range list.value.([]any) {
		if !isObject(item) {
			return traced{}, at(n.Get(key), problemf("item %d of %s is %s; it has to be an object", i, key, kind(item)))
		}
	}
	return list, r.step(len(list.value.([]any)))
}

// mergeObjects merges objects one after the other into one.
func (r *renderer) mergeObjects(origin *Origin, objects []traced) (traced, error) {
	if err := r.enter(); err != nil {
		return traced{}, err
	}
	defer r.leave()
	var keys []string
	values := map[string][]traced{}
	for _, o := range objects {
		for key := range o.value.(*value.Object).All() {
			if err := r.makeParts(1, fieldBytes); err != nil {
				return traced{}, err
			}
			if _, ok := values[key]; !ok {
				keys = append(keys, key)
			}
			values[key] = append(values[key], o.field(key))
		}
	}
	merged := r.newObject(origin, len(keys))
	for _, key := range keys {
		t, err := r.mergeValues(values[key])
		if err == nil {
			err = merged.set(key, t)
		}
		if err != nil {
			return traced{}, err
		}
	}
	return merged.done()
}

// mergeValues merges what several objects have at a key. Lists that follow each
// other are joined, objects that do are merged, and anything else replaces what
// is before it. So only the last values of one type count.
func (r *renderer) mergeValues(values []traced) (traced, error) {
	last := values[len(values)-1]
	first := len(values) - 1
	for first > 0 && mergeable(values[first-1].value, last.value) {
		first--
	}
	values = values[first:]
	if len(values) == 1 {
		return last, nil
	}
	origin := &Origin{}
	if o := values[0].origin; o != nil {
		origin = o.whole()
	}
	for _, v := range values[1:] {
		origin.add(v.origin)
	}
	if isObject(last.value) {
		return r.mergeObjects(origin, values)
	}
	l := r.newList(origin, 0)
	for _, v := range values {
		if err := l.addAll(v); err != nil {
			return traced{}, err
		}
	}
	return l.done(), nil
}

func mergeable(a, b any) bool {
	return isList(a) && isList(b) || isObject(a) && isObject(b)
}

func flattenOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	if err := checkKeys(n, exactly("$flatten")); err != nil {
		return traced{}, err
	}
	list, err := r.renderListPart(n, "$flatten", s)
	if err != nil {
		return traced{}, err
	}
	l := r.newList(originAt(n), 0)
	for i, item := range list.value.([]any) {
		if isList(item) {
			err = l.addAll(list.item(i))
		} else {
			err = l.add(list.item(i))
		}
		if err != nil {
			return traced{}, err
		}
	}
	return l.done(), nil
}

func flattenDeepOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	if err := checkKeys(n, exactly("$flattenDeep")); err != nil {
		return traced{}, err
	}
	list, err := r.renderListPart(n, "$flattenDeep", s)
	if err != nil {
		return traced{}, err
	}
	l := r.newList(originAt(n), 0)
	if err := l.addDeep(list, 0); err != nil {
		return traced{}, err
	}
	return l.done(), nil
}

func reverseOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	if err := checkKeys(n, exactly("$reverse")); err != nil {
		return traced{}, err
	}
	list, err := r.renderListPart(n, "$reverse", s)
	if err != nil {
		return traced{}, err
	}
	length := len(list.value.([]any))
	l := r.newList(originAt(n), length)
	for i := range length {
		if err := l.add(list.item(length - 1 - i)); err != nil {
			return traced{}, err
		}
	}
	return l.done(), nil
}
