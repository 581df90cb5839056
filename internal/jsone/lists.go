package jsone

import (
	"math"
	"math/big"
	"math/bits"
	"slices"
	"strings"

	"cotverify/internal/value"
)

func flattenOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
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

// sortOperator sorts a list of numbers or of texts, or by a number or text that
// it computes for each item.
func sortOperator(r *renderer, n *value.Node, s *scope) (traced, error) {
	list, err := r.renderListPart(n, "$sort", s)
	if err != nil {
		return traced{}, err
	}
	keys := list.value.([]any)
	if slices.ContainsFunc(n.Fields, func(f value.Field) bool { return strings.HasPrefix(f.Key.Value.(string), "by(") }) {
		if keys, err = r.sortKeys(n, list, s); err != nil {
			return traced{}, err
		}
	}
	order, err := r.sortedOrder(keys)
	if err != nil {
		return traced{}, at(n.Get("$sort"), err)
	}
	l := r.newList(originAt(n), len(order))
	for _, i := range order {
		if err := l.add(list.item(i)); err != nil {
			return traced{}, err
		}
	}
	return l.done(), nil
}

// sortKeys evaluates what to sort by for each item.
func (r *renderer) sortKeys(n *value.Node, list traced, s *scope) ([]any, error) {
	l, err := loopOf(n, "$sort", "by")
	if err != nil {
		return nil, err
	}
	inner := s.inner()
	keys := make([]any, len(list.value.([]any)))
	for i := range keys {
		l.assign(inner, list.item(i))
		t, err := r.evaluateNode(l.body, inner)
		if err != nil {
			return nil, within(err, keyStep(l.key))
		}
		keys[i] = t.value
	}
	return keys, nil
}

// sortedOrder returns the places of keys in their order.
func (r *renderer) sortedOrder(keys []any) ([]int, error) {
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	if len(keys) == 0 {
		return order, nil
	}
	sortable := isSortable(keys[0])
	work := 0
	for _, key := range keys {
		if f, ok := key.(float64); ok && math.IsNaN(f) && len(keys) > 1 {
			return nil, problem("NaN cannot be sorted: it is neither less nor more than anything")
		}
		if !sortable(key) {
			return nil, problemf("%s and %s cannot be sorted; all have to be numbers of one kind, or all text", describe(keys[0]), describe(key))
		}
		text, _ := key.(string)
		work += 1 + len(text)/bytesPerStep
	}
	// Each key is compared about as often as the number of keys has bits.
	if err := r.step(work * bits.Len(uint(len(keys)))); err != nil {
		return nil, err
	}
	slices.SortStableFunc(order, func(i, j int) int { return compareKeys(keys[i], keys[j]) })
	return order, nil
}

// isSortable returns which values can be sorted with a first one. Python takes
// booleans behind an integer for integers, but none in first place.
func isSortable(first any) func(v any) bool {
	switch first.(type) {
	case *big.Int:
		return func(v any) bool { _, ok := index(v); return ok }
	case float64:
		return func(v any) bool { _, ok := v.(float64); return ok }
	case string:
		return isText
	}
	return func(any) bool { return false }
}

func compareKeys(a, b any) int {
	if s, ok := a.(string); ok {
		return strings.Compare(s, b.(string))
	}
	order, _ := value.Compare(a, b)
	return order
}
