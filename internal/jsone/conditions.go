package jsone

import (
	"slices"
	"strings"

	"cotverify/internal/value"
)

func ifOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
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
