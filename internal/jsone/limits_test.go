package jsone

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"cotverify/internal/value"
)

// nest puts a template into another one, over and over.
func nest(times int, inner *value.Node, around func(n *value.Node) *value.Node) *value.Node {
	for range times {
		inner = around(inner)
	}
	return inner
}

func text(s string) *value.Node { return &value.Node{Value: s} }

func list(items ...*value.Node) *value.Node {
	return &value.Node{Kind: value.List, Items: items}
}

// object returns a map of keys and values, in turn.
func object(keysAndValues ...any) *value.Node {
	n := &value.Node{Kind: value.Map}
	for i := 0; i < len(keysAndValues); i += 2 {
		n.Fields = append(n.Fields, value.Field{Key: text(keysAndValues[i].(string)), Value: keysAndValues[i+1].(*value.Node)})
	}
	return n
}

func eval(expression string) *value.Node { return object("$eval", text(expression)) }

// hostile are templates that would take more time or memory than there is.
func hostile() map[string]*value.Node {
	doubleText := func(n *value.Node) *value.Node {
		return object("$let", object("x", text("${x}${x}")), "in", n)
	}
	doubleList := func(n *value.Node) *value.Node {
		return object("$let", object("x", eval("[x, x]")), "in", n)
	}
	start := func(x string, n *value.Node) *value.Node {
		return object("$let", object("x", text(x)), "in", n)
	}
	shared := text("lol")
	for range 30 {
		shared = list(shared, shared, shared, shared, shared, shared, shared, shared, shared)
	}
	doubled := object("$reduce", eval("range(0, 60)"), "initial", text("x"), "each(x, i)", eval("[x, x]"))
	thousand := eval("range(0, 1000)")
	deepValue := object("$reduce", eval("range(0, 50000)"), "initial", text(""), "each(x, i)", list(eval("x")))
	return map[string]*value.Node{
		"range":                   eval("range(0, 1000000000)"),
		"range without end":       eval("range(0, 10 ** 300)"),
		"range within range":      object("$map", eval("range(0, 100000)"), "each(x)", eval("range(0, 100000)")),
		"nested $map":             nest(5, text("${x}"), func(n *value.Node) *value.Node { return object("$map", thousand, "each(x)", n) }),
		"nested $map of nothing":  nest(5, object("$if", text("false")), func(n *value.Node) *value.Node { return object("$map", thousand, "each(x)", n) }),
		"text doubled by $let":    start("x", nest(64, text("${x}"), doubleText)),
		"list doubled by $let":    start("x", nest(64, eval("x"), doubleList)),
		"list doubled, as JSON":   start("x", nest(64, object("$json", eval("x")), doubleList)),
		"list doubled, flattened": start("x", nest(64, object("$flattenDeep", eval("x")), doubleList)),
		"list doubled, found":     start("x", nest(64, object("$find", eval("[x]"), "each(y)", text("true")), doubleList)),
		"list doubled, joined":    start("x", nest(64, eval("join(x, '')"), doubleList)),
		"list doubled, in a call": start("x", nest(64, eval("as_slugid(x)"), doubleList)),
		"aliases":                 shared,
		"aliases in $reduce":      object("$reduce", list(), "initial", shared, "each(x, y)", text("")),
		"text doubled in a loop":  object("$reduce", thousand, "initial", text("x"), "each(x, i)", eval("x + x")),
		"list doubled, compared":  object("$let", object("a", doubled, "b", doubled), "in", eval("a == b")),
		"many powers":             object("$map", eval("range(0, 100000)"), "each(x)", eval("9 ** 9000 / 7 ** 10000")),
		"power of powers":         eval("9 ** 9 ** 9"),
		"many powers of floats":   object("$map", eval("range(0, 100000)"), "each(x)", eval("1.0000001 ** 0.1234567")),
		"long expression":         eval("1" + strings.Repeat("+1", 5<<20)),
		"long number":             eval(strings.Repeat("1", 10<<20)),
		"long interpolation":      text("${" + strings.Repeat(" ", 10<<20) + "1}"),
		"many interpolations":     list(text(strings.Repeat("${1}", 1<<20)), text(strings.Repeat("${1}", 1<<20))),
		"deep parentheses":        eval(strings.Repeat("(", 30_000) + "1" + strings.Repeat(")", 30_000)),
		"deep brackets":           eval(strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000)),
		"deep objects":            eval(strings.Repeat("{a:", 20_000) + "1" + strings.Repeat("}", 20_000)),
		"deep calls":              eval(strings.Repeat("abs(", 15_000) + "1" + strings.Repeat(")", 15_000)),
		"deep negation":           eval(strings.Repeat("!", 60_000) + "1"),
		"deep powers":             eval("1" + strings.Repeat("**1", 20_000)),
		"deep sum":                eval("1" + strings.Repeat("+1", 30_000)),
		"deep list":               nest(100_000, text(""), func(n *value.Node) *value.Node { return list(n) }),
		"deep object":             nest(100_000, text(""), func(n *value.Node) *value.Node { return object("a", n) }),
		"deep $if":                nest(100_000, text(""), func(n *value.Node) *value.Node { return object("$if", text("true"), "then", n) }),
		"deep value":              deepValue,
		"deep value as JSON":      object("$json", deepValue),
		"deep value compared":     object("$let", object("a", deepValue, "b", deepValue), "in", eval("a == b")),
		"deep value flattened":    object("$flattenDeep", deepValue),
		"deep value joined":       object("$let", object("a", deepValue), "in", eval("join(a, '')")),
		"deep value found":        object("$find", list(deepValue), "each(x)", text("true")),
		"deep merge":              object("$mergeDeep", list(deepObject(), deepObject())),
		"growing list":            object("$reduce", eval("range(0, 100000)"), "initial", list(), "each(x, i)", object("$flatten", list(eval("x"), eval("[i]")))),
		"growing object":          object("$reduce", eval("range(0, 100000)"), "initial", object(), "each(x, i)", object("$merge", list(eval("x"), object("k${i}", text(""))))),
		"growing text":            object("$reduce", eval("range(0, 100000)"), "initial", text(""), "each(x, i)", text("${x}${i}")),
		"long text searched":      object("$let", object("a", text(strings.Repeat("a", 4<<20))), "in", object("$map", eval("range(0, 100000)"), "each(x)", eval("'ab' in a"))),
		"long text cut":           object("$let", object("a", text(strings.Repeat("a", 4<<20))), "in", object("$map", eval("range(0, 100000)"), "each(x)", eval("a[-1]"))),
		"long text compared":      object("$let", object("a", text(strings.Repeat("a", 4<<20)), "b", text(strings.Repeat("a", 4<<20))), "in", object("$map", eval("range(0, 100000)"), "each(x)", eval("a == b"))),
		"long text split":         object("$let", object("a", text(strings.Repeat("a", 4<<20))), "in", eval("split(a, '')")),
		"long text in upper case": object("$let", object("a", text(strings.Repeat("ΰ", 1<<20))), "in", object("$map", eval("range(0, 100000)"), "each(x)", eval("uppercase(a)"))),
		"names far away":          object("$let", object("a", text("")), "in", nest(400, object("$map", eval("range(0, 100000)"), "each(x)", eval("[a,a,a,a,a,a,a,a]")), func(n *value.Node) *value.Node { return object("$let", object("b", text("")), "in", n) })),
		"many reads":              object("$map", eval("range(0, 20000)"), "each(x)", text(manyReads())),
		"sorting":                 object("$map", eval("range(0, 1000)"), "each(x)", object("$sort", eval("range(10000, 0, -1)"))),
	}
}

func deepObject() *value.Node {
	return object("$reduce", eval("range(0, 50000)"), "initial", text(""), "each(x, i)", object("a", eval("x")))
}

func manyReads() string {
	var b strings.Builder
	for i := range 40 {
		fmt.Fprintf(&b, "${o.k%d}", i)
	}
	return b.String()
}

func hostileContext() map[string]any {
	o := &value.Object{}
	for i := range 40 {
		o.Set(fmt.Sprint("k", i), "")
	}
	return map[string]any{
		"now": now, "s": "s", "o": o,
		"as_slugid": Function(func([]any) (any, error) { return "", nil }),
	}
}

func TestHostile(t *testing.T) {
	for name, template := range hostile() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := Render(context.Background(), template, hostileContext())
			var limit *LimitError
			if !errors.As(err, &limit) {
				t.Errorf("rendered to %.100v, %v, want a LimitError", result, err)
			}
		})
	}
}
