// Package value holds JSON values as the reference implementation, a Python
// program, holds them: integers of any size apart from floats, objects that
// keep the order of their keys, and equality as Python's == has it.
//
// A value is one of
//
//	nil, bool, *big.Int, float64, string, []any, *Object, Opaque
//
// and is never changed once it was made. Text is UTF-8, but for lone
// surrogates (JSON's "\ud800"): each is kept as the three bytes that UTF-8
// would give it, so that texts which differ in Python differ here.
package value

import (
	"iter"
	"math"
	"math/big"
)

// Opaque is a value that YAML can make and JSON cannot, such as a date. It
// equals nothing, itself included.
type Opaque struct {
	Tag  string // the YAML tag, "timestamp"
	Text string // as it was written
}

// Object is a JSON object. Its keys keep the order of their first mention.
// The zero value is empty and ready for Set.
type Object struct {
	keys   []string
	fields map[string]any
}

// ObjectOf returns an object of the given keys and values, in turn: a string,
// then its value.
func ObjectOf(keysAndValues ...any) *Object {
	o := &Object{}
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		o.Set(keysAndValues[i].(string), keysAndValues[i+1])
	}
	return o
}

// Set gives a key a value. It is for whoever makes the object, before anyone
// else has it. A repeated key keeps its first place and takes the new value,
// as in a Python dict.
func (o *Object) Set(key string, v any) {
	if _, ok := o.fields[key]; !ok {
		o.keys = append(o.keys, key)
	}
	if o.fields == nil {
		o.fields = map[string]any{}
	}
	o.fields[key] = v
}

// Get returns a key's value, and whether the object has the key. A nil object
// has none.
func (o *Object) Get(key string) (any, bool) {
	if o == nil {
		return nil, false
	}
	v, ok := o.fields[key]
	return v, ok
}

// Len returns the number of keys.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.keys)
}

// All yields keys and values in order.
func (o *Object) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		if o == nil {
			return
		}
		for _, k := range o.keys {
			if !yield(k, o.fields[k]) {
				return
			}
		}
	}
}

// With returns a copy that has key set to v.
func (o *Object) With(key string, v any) *Object {
	return o.Updated(ObjectOf(key, v))
}

// Updated returns a copy that has the keys of another object put over its own.
func (o *Object) Updated(other *Object) *Object {
	c := &Object{}
	for _, from := range []*Object{o, other} {
		for k, v := range from.All() {
			c.Set(k, v)
		}
	}
	return c
}

// Without returns a copy that lacks the given keys.
func (o *Object) Without(keys ...string) *Object {
	drop := make(map[string]bool, len(keys))
	for _, k := range keys {
		drop[k] = true
	}
	c := &Object{}
	for k, v := range o.All() {
		if !drop[k] {
			c.Set(k, v)
		}
	}
	return c
}

// Int returns an integer value.
func Int(n int64) *big.Int { return big.NewInt(n) }

// Truthy reports whether Python takes the value for true: all but null,
// false, zero, and what is empty.
func Truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case *big.Int:
		return v.Sign() != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case *Object:
		return v.Len() > 0
	case Opaque:
		return v.Tag == "timestamp" || v.Text != ""
	}
	return true
}

// Kind names the JSON type of a value for a person, with its article: "an
// object", "a list", "text", "a number", "true", "false", "null".
func Kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		if v {
			return "true"
		}
		return "false"
	case *big.Int, float64:
		return "a number"
	case string:
		return "text"
	case []any:
		return "a list"
	case *Object:
		return "an object"
	case Opaque:
		return "a " + v.Tag
	}
	return "a value of no JSON type"
}

// Equal reports whether two values are equal as Python compares them: numbers
// and booleans by their exact value (1, 1.0 and true are equal), text by code
// point, lists by order, objects by key. NaN equals nothing, but as part of a
// list or an object: there Python takes JSON's NaN for one and the same thing.
func Equal(a, b any) bool {
	if isNumber(a) && isNumber(b) {
		return compareNumbers(a, b) == 0
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case string:
		s, ok := b.(string)
		return ok && a == s
	case []any:
		l, ok := b.([]any)
		if !ok || len(a) != len(l) {
			return false
		}
		for i := range a {
			if !EqualWithin(a[i], l[i]) {
				return false
			}
		}
		return true
	case *Object:
		o, ok := b.(*Object)
		if !ok || a.Len() != o.Len() {
			return false
		}
		for k, v := range a.All() {
			w, ok := o.Get(k)
			if !ok || !EqualWithin(v, w) {
				return false
			}
		}
		return true
	}
	return false
}

// EqualWithin is Equal for parts of a list or an object.
func EqualWithin(a, b any) bool {
	return Equal(a, b) || isNaN(a) && isNaN(b)
}

func isNaN(v any) bool {
	f, ok := v.(float64)
	return ok && math.IsNaN(f)
}

func isNumber(v any) bool {
	switch v.(type) {
	case bool, *big.Int, float64:
		return true
	}
	return false
}

// unordered is what compareNumbers returns where NaN takes part.
const unordered = 2

// Compare orders two numbers, booleans among them, by their exact value: -1,
// 0 or 1. ok is false where one is no number or NaN takes part.
func Compare(a, b any) (order int, ok bool) {
	if !isNumber(a) || !isNumber(b) {
		return 0, false
	}
	c := compareNumbers(a, b)
	return c, c != unordered
}

func compareNumbers(a, b any) int {
	x, xf := number(a)
	y, yf := number(b)
	switch {
	case x != nil && y != nil:
		return x.Cmp(y)
	case x == nil && y == nil:
		return compareFloats(xf, yf)
	case x != nil:
		if c := compareFloatInt(yf, x); c != unordered {
			return -c
		}
		return unordered
	default:
		return compareFloatInt(xf, y)
	}
}

// number returns an integer, or where there is none the float.
func number(v any) (*big.Int, float64) {
	switch v := v.(type) {
	case bool:
		if v {
			return big.NewInt(1), 0
		}
		return new(big.Int), 0
	case *big.Int:
		return v, 0
	}
	return nil, v.(float64)
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return unordered
}

func compareFloatInt(f float64, n *big.Int) int {
	switch {
	case math.IsNaN(f):
		return unordered
	case math.IsInf(f, 0):
		if f > 0 {
			return 1
		}
		return -1
	}
	return new(big.Float).SetFloat64(f).Cmp(new(big.Float).SetInt(n))
}
