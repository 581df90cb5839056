package jsone

import (
	"math/big"

	"cotverify/internal/value"
)

// Besides the values of package value, templates handle two that no result may
// hold: functions, and what is deleted.

// deleted stands for no value, as of an $if without the branch that was chosen.
// Lists and objects leave it out.
type deleted struct{}

// A function is what an expression can call. It equals itself only.
type function struct {
	name string
	call func(c *callContext, args []any) (any, error)

	// readsParts says that the result is made of the parts of lists and objects
	// among the arguments.
	readsParts bool
}

// A callContext is what a function may use besides its arguments.
type callContext struct {
	*renderer
	scope  *scope
	origin *Origin // of the result
}

// kind names the type of a value, with its article.
func kind(v any) string {
	switch v.(type) {
	case *function:
		return "a function"
	case deleted:
		return "nothing"
	}
	return value.Kind(v)
}

// isNumber reports whether a value is a number. A boolean is none.
func isNumber(v any) bool {
	switch v.(type) {
	case *big.Int, float64:
		return true
	}
	return false
}

// checkOutput checks a value that is about to be written out: that it holds no
// functions, and is no larger than so many bytes and no deeper than values may
// be.
func (r *renderer) checkOutput(v any, limit string, most int) error {
	left := most
	return r.checkPart(v, &left, &LimitError{limit, most}, 0)
}

func (r *renderer) checkPart(v any, left *int, tooLarge error, depth int) error {
	if depth > maxValueDepth {
		return &LimitError{limitValueDepth, maxValueDepth}
	}
	size := 1
	switch v := v.(type) {
	case nil, bool, float64, value.Opaque:
	case *function:
		return problemf("the function %s is not called, and cannot be a value of the result", v.name)
	case deleted:
		return problem("a list that $match made holds nothing at some place")
	case string:
		size += len(v)
	case *big.Int:
		size += v.BitLen() / 3
	case []any:
		for _, item := range v {
			if err := r.checkPart(item, left, tooLarge, depth+1); err != nil {
				return err
			}
		}
	case *value.Object:
		for key, field := range v.All() {
			size += len(key)
			if err := r.checkPart(field, left, tooLarge, depth+1); err != nil {
				return err
			}
		}
	default:
		return problem("the context holds " + kind(v))
	}
	if *left -= size; *left < 0 {
		return tooLarge
	}
	return r.step(1)
}

// equal is Python's ==. It is value.Equal, but counts its steps, and knows
// functions.
func (r *renderer) equal(a, b any, depth int) (bool, error) {
	if depth > maxValueDepth {
		return false, &LimitError{limitValueDepth, maxValueDepth}
	}
	if err := r.step(1); err != nil {
		return false, err
	}
	switch a := a.(type) {
	case []any:
		if b, ok := b.([]any); ok {
			return r.equalLists(a, b, depth)
		}
		return false, nil
	case *value.Object:
		if b, ok := b.(*value.Object); ok {
			return r.equalObjects(a, b, depth)
		}
		return false, nil
	case string:
		b, ok := b.(string)
		if !ok || len(a) != len(b) {
			return false, nil
		}
		return a == b, r.scan(a)
	case *function:
		return any(a) == b, nil
	case deleted:
		return any(a) == b, nil
	case value.Opaque:
		return a.Tag == timestamp && any(a) == b, nil
	}
	return value.Equal(a, b), nil
}

func (r *renderer) equalLists(a, b []any, depth int) (bool, error) {
	if len(a) != len(b) {
		return false, nil
	}
	for i := range a {
		if same, err := r.equal(a[i], b[i], depth+1); !same {
			return false, err
		}
	}
	return true, nil
}

func (r *renderer) equalObjects(a, b *value.Object, depth int) (bool, error) {
	if a.Len() != b.Len() {
		return false, nil
	}
	for key, v := range a.All() {
		w, ok := b.Get(key)
		if !ok {
			return false, nil
		}
		if same, err := r.equal(v, w, depth+1); !same {
			return false, err
		}
	}
	return true, nil
}
