package jsone

import (
	"math/big"
	"strings"

	"cotverify/internal/pytext"
	"cotverify/internal/value"
)

// unaryOperator returns what an operator does with the number behind it.
func unaryOperator(operator tokenKind) func(v any) (any, error) {
	if operator == "-" {
		return negate
	}
	return plus
}

func plus(v any) (any, error) {
	if !isNumber(v) {
		return nil, problemf("the operator + in front of %s; it takes a number", kind(v))
	}
	return v, nil
}

func negate(v any) (any, error) {
	switch v := v.(type) {
	case *big.Int:
		return new(big.Int).Neg(v), nil
	case float64:
		return -v, nil
	}
	return nil, problemf("the operator - in front of %s; it takes a number", kind(v))
}

// infixOperator returns what an operator does with the operands around it.
func infixOperator(operator tokenKind) func(r *renderer, a, b any) (any, error) {
	switch operator {
	case "+":
		return sum
	case "-":
		return onNumbers("-", (*renderer).subtract)
	case "*":
		return onNumbers("*", (*renderer).multiply)
	case "/":
		return onNumbers("/", (*renderer).divide)
	case "**":
		return onNumbers("**", (*renderer).power)
	case "<":
		return ordering("<", func(order int) bool { return order < 0 })
	case "<=":
		return ordering("<=", func(order int) bool { return order <= 0 })
	case ">":
		return ordering(">", func(order int) bool { return order > 0 })
	case ">=":
		return ordering(">=", func(order int) bool { return order >= 0 })
	case "==":
		return equals
	case "!=":
		return differs
	case "in":
		return contains
	}
	panic("jsone: no operator of two values: " + string(operator)) // && and || ask for the truth only
}

func onNumbers(operator string, calculate func(r *renderer, a, b any) (any, error)) func(r *renderer, a, b any) (any, error) {
	return func(r *renderer, a, b any) (any, error) {
		if !isNumber(a) || !isNumber(b) {
			return nil, problemf("the operator %s between %s and %s; it takes two numbers", operator, kind(a), kind(b))
		}
		return calculate(r, a, b)
	}
}

// sum adds numbers, or joins texts.
func sum(r *renderer, a, b any) (any, error) {
	s, sText := a.(string)
	t, tText := b.(string)
	switch {
	case sText && tText:
		if err := r.makeText(len(s) + len(t)); err != nil {
			return nil, err
		}
		return s + t, nil
	case isNumber(a) && isNumber(b):
		return r.add(a, b)
	}
	return nil, problemf("the operator + between %s and %s; it takes two numbers or two texts", kind(a), kind(b))
}

// ordering compares two integers, two floats or two texts. An integer and a
// float have no order, though they can be equal.
func ordering(operator string, holds func(order int) bool) func(r *renderer, a, b any) (any, error) {
	return func(r *renderer, a, b any) (any, error) {
		switch x := a.(type) {
		case string:
			if y, ok := b.(string); ok {
				return holds(strings.Compare(x, y)), r.scan(x)
			}
		case *big.Int:
			if y, ok := b.(*big.Int); ok {
				return holds(x.Cmp(y)), nil
			}
		case float64:
			if y, ok := b.(float64); ok {
				order, ordered := value.Compare(x, y)
				return ordered && holds(order), nil
			}
		}
		return nil, problemf("the operator %s between %s and %s; it takes two integers, two floats or two texts", operator, describe(a), describe(b))
	}
}

// describe names the type of a value, with that of a number.
func describe(v any) string {
	switch v.(type) {
	case *big.Int:
		return "an integer"
	case float64:
		return "a float"
	}
	return kind(v)
}

func equals(r *renderer, a, b any) (any, error) { return r.equal(a, b, 0) }

func differs(r *renderer, a, b any) (any, error) {
	same, err := r.equal(a, b, 0)
	return !same, err
}

// contains looks for a value in a list, for text in text, or for a key in an
// object.
func contains(r *renderer, a, b any) (any, error) {
	text, isText := a.(string)
	switch b := b.(type) {
	case []any:
		for _, item := range b {
			if same, err := r.equal(a, item, 1); same || err != nil {
				return same, err
			}
		}
		return false, nil
	case *value.Object:
		if isText {
			_, ok := b.Get(text)
			return ok, nil
		}
	case string:
		if isText {
			return strings.Contains(b, text), r.scan(b)
		}
	}
	return nil, problemf(`the operator "in" between %s and %s; it takes text and text, text and an object, or anything and a list`, kind(a), kind(b))
}

// fieldAt returns an object's value at a key, null where it has none.
func fieldAt(object traced, key any) (traced, error) {
	k, ok := key.(string)
	if !ok {
		return traced{}, problemf("an object's key is %s; it has to be text", kind(key))
	}
	return object.field(k), nil
}

// element returns a list's item or a text's character at an index.
func (r *renderer) element(t traced, at any) (traced, error) {
	length, err := r.length(t.value)
	if err != nil {
		return traced{}, err
	}
	n, ok := index(at)
	if !ok {
		return traced{}, problemf("an index is %s; it has to be an integer", describe(at))
	}
	i := position(n, length)
	if i < 0 || i >= length {
		return traced{}, problemf("the index is out of range: there are %d elements", length)
	}
	if text, ok := t.value.(string); ok {
		return traced{cutText(text, i, i+1), t.origin}, nil
	}
	return t.item(i), nil
}

// interval returns part of a list or of a text. As in Python, what is null is
// the start or the end, and what lies outside is left out.
func (r *renderer) interval(t traced, from, to any) (traced, error) {
	length, err := r.length(t.value)
	if err != nil {
		return traced{}, err
	}
	start, end := 0, length
	if from != nil {
		n, ok := index(from)
		if !ok {
			return traced{}, problemf("an interval starts at %s; it has to be an integer", describe(from))
		}
		start = min(max(position(n, length), 0), length)
	}
	if to != nil {
		n, ok := index(to)
		if !ok {
			return traced{}, problemf("an interval ends at %s; it has to be an integer", describe(to))
		}
		end = min(max(position(n, length), 0), length)
	}
	end = max(start, end)
	if text, ok := t.value.(string); ok {
		return traced{cutText(text, start, end), t.origin}, nil
	}
	return t.slice(start, end), nil
}

// length returns how many elements a list or a text has.
func (r *renderer) length(v any) (int, error) {
	switch v := v.(type) {
	case []any:
		return len(v), nil
	case string:
		return pytext.CountRunes(v), r.step(1 + len(v)/bytesPerStep)
	}
	return 0, problemf("%s has no elements; only an object, a list or text has", kind(v))
}

// index returns what Python takes for an index: an integer or a boolean.
func index(v any) (*big.Int, bool) {
	switch v := v.(type) {
	case *big.Int:
		return v, true
	case bool:
		if v {
			return big.NewInt(1), true
		}
		return new(big.Int), true
	}
	return nil, false
}

// position returns the place of an index in so many elements: a negative one
// counts from the end. Far off ones are cut to just outside.
func position(n *big.Int, length int) int {
	switch {
	case n.Cmp(big.NewInt(int64(length))) > 0:
		return length
	case n.Cmp(big.NewInt(int64(-length))) < 0:
		return -1
	case n.Sign() < 0:
		return int(n.Int64()) + length
	}
	return int(n.Int64())
}

// cutText returns the characters of a text from one to before another.
func cutText(text string, start, end int) string {
	text = text[pytext.RuneOffset(text, start):]
	return text[:pytext.RuneOffset(text, end-start)]
}
