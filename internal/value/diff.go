package value

import (
	"math/big"
	"strconv"
)

// Difference is a place where two values differ.
type Difference struct {
	Path     []string // object keys and list indexes
	A, B     any
	InA, InB bool // whether that side has the place
}

// MaxDifferences is how many differences are kept, and how many places that are
// equal only across types. Two definitions with more have nothing in common.
const MaxDifferences = 200

// Diff compares two values. equal tells whether two values that are not both
// lists or both objects are equal. It returns the places that differ, in the
// order of a's keys and then of those that only b has, and those that are
// equal only across JSON types, such as 1 and true.
func Diff(a, b any, equal func(a, b any) bool) (differences []Difference, loose [][]string) {
	d := &differ{equal: equal}
	d.compare(nil, a, b)
	return d.differences, d.loose
}

type differ struct {
	equal       func(a, b any) bool
	differences []Difference
	loose       [][]string
}

func (d *differ) compare(path []string, a, b any) {
	switch a := a.(type) {
	case *Object:
		if b, ok := b.(*Object); ok {
			d.objects(path, a, b)
			return
		}
	case []any:
		if b, ok := b.([]any); ok {
			d.lists(path, a, b)
			return
		}
	}
	switch {
	case !d.equal(a, b):
		d.add(Difference{Path: path, A: a, B: b, InA: true, InB: true})
	case numberType(a) != numberType(b) && len(d.loose) < MaxDifferences:
		d.loose = append(d.loose, path)
	}
}

func (d *differ) objects(path []string, a, b *Object) {
	for key, v := range a.All() {
		if w, ok := b.Get(key); ok {
			d.compare(step(path, key), v, w)
		} else {
			d.add(Difference{Path: step(path, key), A: v, InA: true})
		}
	}
	for key, w := range b.All() {
		if _, ok := a.Get(key); !ok {
			d.add(Difference{Path: step(path, key), B: w, InB: true})
		}
	}
}

func (d *differ) lists(path []string, a, b []any) {
	for i := range max(len(a), len(b)) {
		at := step(path, strconv.Itoa(i))
		switch {
		case i >= len(b):
			d.add(Difference{Path: at, A: a[i], InA: true})
		case i >= len(a):
			d.add(Difference{Path: at, B: b[i], InB: true})
		default:
			d.compare(at, a[i], b[i])
		}
	}
}

func (d *differ) add(difference Difference) {
	if len(d.differences) < MaxDifferences {
		d.differences = append(d.differences, difference)
	}
}

// step returns a path with one more key, and leaves the shorter one alone.
func step(path []string, key string) []string {
	return append(path[:len(path):len(path)], key)
}

func numberType(v any) int {
	switch v.(type) {
	case bool:
		return 1
	case *big.Int:
		return 2
	case float64:
		return 3
	}
	return 0
}
