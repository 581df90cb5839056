package jsone

import "cotverify/internal/value"

// mergeOperator makes one object of a list of them. Of a key that several have
// the last counts.
func mergeOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
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

// renderObjects renders the value of a key of an operator's map, which has to
// give a list of objects.
func (r *renderer) renderObjects(n *value.Node, key string, s *scope) (traced, error) {
	list, err := r.renderListPart(n, key, s)
	if err != nil {
		return traced{}, err
	}
	for i, item := range list.value.([]any) {
		if isUnknown(item) {
			list.value.([]any)[i] = &value.Object{}
			continue
		}
		if !isObject(item) {
			return traced{}, at(n.Get(key), problemf("item %d of %s is %s; it has to be an object", i, key, kind(item)))
		}
	}
	return list, r.step(len(list.value.([]any)))
}
