package value

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEqual(t *testing.T) {
	huge, _ := new(big.Int).SetString("9007199254740993", 10)
	nan := math.NaN()
	for _, tt := range []struct {
		name string
		a, b any
		want bool
	}{
		{"integer and float", Int(1), 1.0, true},
		{"integer and true", Int(1), true, true},
		{"float and false", 0.0, false, true},
		{"beyond floats", huge, 9007199254740992.0, false},
		{"infinity", math.Inf(1), math.Inf(1), true},
		{"infinity and a number", math.Inf(1), huge, false},
		{"NaN", nan, nan, false},
		{"NaN in a list", []any{nan}, []any{nan}, true},
		{"NaN and a number", nan, Int(1), false},
		{"null and false", nil, false, false},
		{"null", nil, nil, true},
		{"text and number", "1", Int(1), false},
		{"text", "ä", "ä", true},
		{"lists", []any{Int(1), "a"}, []any{true, "a"}, true},
		{"order of lists", []any{Int(1), Int(2)}, []any{Int(2), Int(1)}, false},
		{"length of lists", []any{Int(1)}, []any{Int(1), Int(1)}, false},
		{"order of keys", ObjectOf("a", nil, "b", nil), ObjectOf("b", nil, "a", nil), true},
		{"other keys", ObjectOf("a", nil), ObjectOf("b", nil), false},
		{"list and object", []any{}, &Object{}, false},
		{"dates", Opaque{"timestamp", "2020-01-01"}, Opaque{"timestamp", "2020-01-01"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Equal(tt.a, tt.b); got != tt.want {
				t.Errorf("Equal = %v", got)
			}
			if got := Equal(tt.b, tt.a); got != tt.want {
				t.Errorf("Equal the other way round = %v", got)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		a, b  any
		order int
		ok    bool
	}{
		{Int(1), 1.5, -1, true},
		{1.5, Int(1), 1, true},
		{true, Int(0), 1, true},
		{math.Inf(-1), Int(-1), -1, true},
		{Int(-1), math.Inf(-1), 1, true},
		{math.NaN(), Int(1), 0, false},
		{Int(1), math.NaN(), 0, false},
		{"a", Int(1), 0, false},
	} {
		if order, ok := Compare(tt.a, tt.b); ok != tt.ok || ok && order != tt.order {
			t.Errorf("Compare(%v, %v) = %d, %v", tt.a, tt.b, order, ok)
		}
	}
}

func TestTruthy(t *testing.T) {
	for _, v := range []any{nil, false, Int(0), 0.0, "", []any{}, &Object{}, Opaque{Tag: "set"}} {
		if Truthy(v) {
			t.Errorf("%#v is truthy", v)
		}
	}
	for _, v := range []any{true, Int(-1), math.NaN(), "0", "false", []any{nil}, ObjectOf("", nil), Opaque{Tag: "timestamp"}} {
		if !Truthy(v) {
			t.Errorf("%#v is falsy", v)
		}
	}
}

func TestObjectsAreNotChangedByCopies(t *testing.T) {
	o := ObjectOf("b", "1", "a", "2")
	changed := o.With("a", "3").Updated(ObjectOf("c", "4")).Without("b")
	if got, want := keys(o)+" "+keys(changed), "b=1,a=2 a=3,c=4"; got != want {
		t.Errorf("got %s, expected %s", got, want)
	}
	var none *Object
	if _, ok := none.Get("a"); ok || none.Len() != 0 || keys(none) != "" {
		t.Error("no object has keys")
	}
}

func keys(o *Object) string {
	var all []string
	for k, v := range o.All() {
		all = append(all, k+"="+v.(string))
	}
	return strings.Join(all, ",")
}

func TestDiff(t *testing.T) {
	a := ObjectOf("same", Int(1), "other", "x", "gone", nil, "list", []any{Int(1), ObjectOf("a/b", true), Int(3)})
	b := ObjectOf("same", 1.0, "other", "y", "list", []any{Int(1), ObjectOf("a/b", Int(1))}, "new", nil)
	differences, loose := Diff(a, b, EqualWithin)
	var got []string
	for _, d := range differences {
		side := "both"
		switch {
		case !d.InA:
			side = "b"
		case !d.InB:
			side = "a"
		}
		got = append(got, Pointer(d.Path...)+" "+side)
	}
	for _, path := range loose {
		got = append(got, Pointer(path...)+" loose")
	}
	want := []string{"/other both", "/gone a", "/list/2 a", "/new b", "/same loose", "/list/1/a~1b loose"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLookup(t *testing.T) {
	o := ObjectOf("a", ObjectOf("b", "text", "c", nil))
	if s, err := LookupText(o, "a", "b"); s != "text" || err != nil {
		t.Errorf("%q, %v", s, err)
	}
	for want, path := range map[string][]string{
		"/a/x is absent; expected text":    {"a", "x"},
		"/a/c is null; expected text":      {"a", "c"},
		"/a/b is text; expected an object": {"a", "b", "c"},
		"/x is absent; expected an object": {"x", "y"},
		"/a is an object; expected text":   {"a"},
	} {
		_, err := LookupText(o, path...)
		var shape *ShapeError
		if !errors.As(err, &shape) || err.Error() != want {
			t.Errorf("%v: %v, expected %s", path, err, want)
		}
	}
}

// TestPlainShares shows that nodes which are shared stay so: a few that double
// each other would else become more than there is memory.
func TestPlainShares(t *testing.T) {
	node := NodeOf("x")
	for range 100 {
		node = &Node{Kind: List, Items: []*Node{node, node}}
	}
	v, err := node.Plain()
	for range 100 {
		list, ok := v.([]any)
		if err != nil || !ok || len(list) != 2 {
			t.Fatalf("%v, %v", v, err)
		}
		v = list[0]
	}
	if v != "x" {
		t.Errorf("got %v", v)
	}
}

func TestPlainRefusesOtherKeys(t *testing.T) {
	node := &Node{Kind: Map, Fields: []Field{{Key: &Node{Line: 3, Column: 5, Value: Int(1)}, Value: NodeOf(nil)}}}
	var key *KeyError
	if _, err := node.Plain(); !errors.As(err, &key) || err.Error() != "line 3, column 5: a key is a number, not text" {
		t.Errorf("got %v", err)
	}
}
