package jsone

import (
	"math"
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
// functions, is no deeper than values may be, and no larger than most bytes.
// It returns the size, which is that as JSON or a little more.
func (r *renderer) checkOutput(v any, limit string, most int) (size int, err error) {
	c := &outputCheck{meter: r.meter, limit: limit, most: most}
	err = c.check(v, 0)
	return c.size, err
}

type outputCheck struct {
	meter *meter
	limit string
	most  int
	size  int
}

func (c *outputCheck) check(v any, depth int) error {
	if depth > maxValueDepth {
		return &LimitError{limitValueDepth, maxValueDepth}
	}
	size := len(",false")
	switch v := v.(type) {
	case nil, bool, value.Opaque:
	case float64:
		size = len(",-1.2345678901234567e-300")
	case *big.Int:
		size += v.BitLen() / 3
	case string:
		size = jsonSize(v)
	case []any:
		for _, item := range v {
			if err := c.check(item, depth+1); err != nil {
				return err
			}
		}
	case *value.Object:
		for key, field := range v.All() {
			size += jsonSize(key)
			if err := c.check(field, depth+1); err != nil {
				return err
			}
		}
	case *function:
		return problemf("the function %s is not called, and cannot be a value of the result", v.name)
	case deleted:
		return problem("a list that $match made holds nothing at some place")
	default:
		return problem("the context holds " + kind(v))
	}
	if c.size += size; c.size > c.most {
		return &LimitError{c.limit, c.most}
	}
	return c.meter.step(1 + size/bytesPerStep)
}

// jsonSize returns how long a text is as JSON, with its quotes and a comma.
func jsonSize(text string) int {
	size := len(text) + len(`,""`)
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ':
			size += len(`\u0000`) - 1
		case c == '"' || c == '\\':
			size++
		}
	}
	return size
}

// equal is Python's == of two values, or where depth is not 0 of two that lists
// or objects hold. It is value.Equal, but counts its steps, and knows functions
// and NaN: within lists and objects Python takes what is one object for equal
// without comparing, and all NaN that come from one file are one object.
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
	case float64:
		if f, ok := b.(float64); ok && depth > 0 && math.IsNaN(a) && math.IsNaN(f) {
			return true, nil
		}
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
