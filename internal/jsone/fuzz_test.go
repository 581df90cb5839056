package jsone

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	jsonelib "github.com/json-e/json-e/v4"

	"cotverify/internal/pyyaml"
	"cotverify/internal/value"
)

// FuzzRender renders arbitrary templates in arbitrary contexts. That must end,
// without a panic and the same way each time, in a value whose every part has an
// origin, or in an error that can be shown.
func FuzzRender(f *testing.F) {
	for _, c := range expressions {
		f.Add(`{$eval: `+show(c.expression)+`}`, expressionContext)
	}
	for _, c := range badExpressions {
		f.Add(`"${`+c.expression+`}"`, expressionContext)
	}
	for _, c := range templates {
		f.Add(c.template, templateContext)
	}
	for _, c := range badTemplates {
		f.Add(c.template, templateContext)
	}
	f.Add(originTemplate, originContext)
	f.Fuzz(func(t *testing.T, template, vars string) {
		n, err := pyyaml.Parse([]byte(template))
		if err != nil {
			t.Skip()
		}
		values, ok := parseContext(vars)
		if !ok {
			t.Skip()
		}
		result, err := Render(t.Context(), n, values)
		again, errAgain := Render(t.Context(), n, values)
		if err != nil {
			checkError(t, err, errAgain)
			return
		}
		if errAgain != nil || !samePlain(result.Value, again.Value) {
			t.Errorf("rendered to %v, then to %v, %v", result.Value, again, errAgain)
		}
		eachPath(result.Value, nil, func(path []string) {
			if o := result.Origin.At(path...); o == nil || len(o.Reads) > MaxReads || len(o.Via) > maxVia {
				t.Errorf("%q has the origin %+v", path, o)
			}
		})
	})
}

// parseContext reads a context as YAML.
func parseContext(text string) (map[string]any, bool) {
	n, err := pyyaml.Parse([]byte(text))
	if err != nil {
		return nil, false
	}
	v, err := n.Plain()
	o, ok := v.(*value.Object)
	if err != nil || !ok {
		return nil, false
	}
	vars := map[string]any{"now": now, "as_slugid": Function(func(args []any) (any, error) { return "id", nil })}
	for name, v := range o.All() {
		vars[name] = v
	}
	return vars, true
}

func checkError(t *testing.T, err, again error) {
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *Error", err)
	}
	if again == nil || again.Error() != err.Error() {
		t.Errorf("failed with %v, then with %v", err, again)
	}
	if e.Offset < 0 || e.Offset > len(e.Expression) {
		t.Errorf("offset %d in %q", e.Offset, e.Expression)
	}
	if strings.Count(e.Excerpt(), "\n") > 1 || strings.Contains(e.Error(), "\n") {
		t.Errorf("the error is shown in too many lines: %q, %q", e.Error(), e.Excerpt())
	}
}

// samePlain reports whether two values are the same down to their types, NaN
// and dates included.
func samePlain(a, b any) bool {
	return fmt.Sprint(typed(a)) == fmt.Sprint(typed(b))
}

// typed returns a value with the types of its scalars and the order of keys.
func typed(v any) any {
	switch v := v.(type) {
	case []any:
		list := []any{"list"}
		for _, item := range v {
			list = append(list, typed(item))
		}
		return list
	case *value.Object:
		list := []any{"object"}
		for key, field := range v.All() {
			list = append(list, key, typed(field))
		}
		return list
	}
	return fmt.Sprintf("%T %v", v, v)
}

// FuzzAgainstLibrary renders templates of a part of the language in which the
// Go library does as the reference: integers that are exact as floats and no
// negative zeros, text of ASCII, comparison within a type, nothing deleted in
// $match.
func FuzzAgainstLibrary(f *testing.F) {
	for i := range 64 {
		f.Add([]byte(strings.Repeat(fmt.Sprintf("%c%c%c", i*3, 255-i*5, i*i), 40)))
	}
	vars := map[string]any{
		"now": now, "i": value.Int(3), "j": value.Int(-2), "s": "abc", "t": "x,y", "yes": true, "no": false,
		"il": []any{value.Int(3), value.Int(1), value.Int(2)}, "sl": []any{"b", "a"},
		"o": value.ObjectOf("b", value.Int(1), "a", value.Int(2)),
	}
	libraryVars := map[string]any{}
	for name, v := range vars {
		libraryVars[name] = libraryValue(v)
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		g := &generator{choices: choices}
		template := g.template(0)
		ours, err := Render(context.Background(), value.NodeOf(template), vars)
		theirs, theirErr := jsonelib.Render(libraryValue(template), libraryVars)
		if (err == nil) != (theirErr == nil) {
			t.Fatalf("%s: our error is %v, the library's %v", show(template), err, theirErr)
		}
		if err != nil {
			return
		}
		if got, want := asJSON(t, libraryValue(ours.Value)), asJSON(t, withoutNil(theirs)); got != want {
			t.Errorf("%s = %s, by the library %s", show(template), got, want)
		}
	})
}

// libraryValue returns a value as the library has it.
func libraryValue(v any) any {
	switch v := v.(type) {
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f
	case []any:
		list := []any{}
		for _, item := range v {
			list = append(list, libraryValue(item))
		}
		return list
	case *value.Object:
		fields := map[string]any{}
		for key, field := range v.All() {
			fields[key] = libraryValue(field)
		}
		return fields
	}
	return v
}

// withoutNil returns a value of the library with its empty lists that are nil
// made empty lists.
func withoutNil(v any) any {
	switch v := v.(type) {
	case []any:
		list := []any{}
		for _, item := range v {
			list = append(list, withoutNil(item))
		}
		return list
	case map[string]any:
		for key := range v {
			v[key] = withoutNil(v[key])
		}
	}
	return v
}

func asJSON(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A generator makes a template of choices. Without any left it takes the first
// of what there is to choose, which is always the end of a branch.
type generator struct{ choices []byte }

func (g *generator) choose(n int) int {
	if len(g.choices) == 0 {
		return 0
	}
	c := int(g.choices[0]) % n
	g.choices = g.choices[1:]
	return c
}

func (g *generator) pick(from ...string) string { return from[g.choose(len(from))] }

const maxGenerated = 4 // levels

func (g *generator) template(depth int) any {
	if depth == maxGenerated {
		return "end"
	}
	t := func() any { return g.template(depth + 1) }
	o := value.ObjectOf
	switch g.choose(20) {
	case 0:
		return g.pick("text", "a ${s}", "${"+g.text(depth)+"}${"+g.integer(depth)+"}", "$${s}")
	case 1:
		return value.Int(int64(g.choose(10)))
	case 2:
		return []any{t(), t()}
	case 3:
		return o("a", t(), "k${i}", t(), "$$x", t())
	case 4:
		return o("$eval", g.expression(depth))
	case 5:
		return o("$if", g.condition(depth), "then", t(), "else", t())
	case 6:
		return []any{o("$if", g.condition(depth), "then", t()), "after"}
	case 7:
		return o("$let", o("s", "${"+g.text(depth)+"}", "i", o("$eval", g.integer(depth))), "in", t())
	case 8:
		return o("$map", o("$eval", g.integers(depth)), "each(i)", t())
	case 9:
		return o("$map", o("$eval", g.texts(depth)), "each(s, i)", t())
	case 10:
		return o("$map", o("a", value.Int(1), "b", t()), "each(v, t)", o("k${t}", t()))
	case 11:
		return o("$reduce", o("$eval", g.integers(depth)), "initial", value.Int(1), "each(i, j)", o("$eval", g.integer(depth)))
	case 12:
		return o("$find", o("$eval", g.integers(depth)), "each(i)", g.condition(depth))
	case 13:
		return o("$switch", o(g.condition(depth), t(), "$default", t()))
	case 14:
		return o("$match", o(g.condition(depth), []any{t()}, "true", []any{t()}))
	case 15:
		return o("$merge", []any{o("a", t(), "b", t()), o("a", t()), o("$eval", "o")})
	case 16:
		return o("$mergeDeep", []any{o("a", o("x", t()), "b", []any{t()}), o("a", o("x", t()), "b", []any{t()})})
	case 17:
		return o(g.pick("$flatten", "$flattenDeep", "$reverse"), []any{t(), []any{t(), []any{t()}}})
	case 18:
		return o("$sort", o("$eval", g.integers(depth)), "by(i)", g.integer(depth))
	}
	return o("$fromNow", g.pick("", "1 day", "-2 hours 3 minutes", "1y2mo", "x"))
}

func (g *generator) expression(depth int) string {
	switch g.choose(5) {
	case 0:
		return g.integer(depth)
	case 1:
		return g.text(depth)
	case 2:
		return g.condition(depth)
	case 3:
		return g.integers(depth)
	}
	return "{a: " + g.integer(depth) + ", b: " + g.texts(depth) + "}"
}

func (g *generator) integer(depth int) string {
	if depth >= maxGenerated {
		return "i"
	}
	e := func() string { return g.integer(depth + 1) }
	switch g.choose(12) {
	case 0:
		return g.pick("i", "j", "7", "0", "o.a", "il[1]", "unknown")
	case 1:
		return e() + " + " + e()
	case 2:
		return e() + " - " + e()
	case 3:
		return "(" + e() + ") * 3"
	case 4:
		return "(" + e() + ")"
	case 5:
		return "0 - (" + e() + ")"
	case 6:
		return "len(" + g.text(depth+1) + ")"
	case 7:
		return "len(" + g.integers(depth+1) + ")"
	case 8:
		return g.pick("min", "max") + "(" + e() + ", " + e() + ")"
	case 9:
		return "abs(" + e() + ")"
	case 10:
		return g.integers(depth+1) + "[0]"
	}
	return g.pick("ceil", "floor") + "(" + e() + ")"
}

func (g *generator) text(depth int) string {
	if depth >= maxGenerated {
		return "s"
	}
	e := func() string { return g.text(depth + 1) }
	switch g.choose(10) {
	case 0:
		return g.pick("s", "t", "'q'", "\" r \"", "sl[0]", "''")
	case 1:
		return e() + " + " + e()
	case 2:
		return "uppercase(" + e() + ")"
	case 3:
		return "lowercase(" + e() + ")"
	case 4:
		return "strip(" + e() + ")"
	case 5:
		return "(" + e() + ")[1:]"
	case 6:
		return "(" + e() + ")[:2]"
	case 7:
		return "str(" + g.integer(depth+1) + ")"
	case 8:
		return "typeof(" + g.expression(depth+1) + ")"
	}
	return "join(" + g.texts(depth+1) + ", '-')"
}

func (g *generator) condition(depth int) string {
	if depth >= maxGenerated {
		return "yes"
	}
	e := func() string { return g.condition(depth + 1) }
	integer := func() string { return g.integer(depth + 1) }
	text := func() string { return g.text(depth + 1) }
	switch g.choose(12) {
	case 0:
		return g.pick("yes", "no", "true", "false")
	case 1:
		return integer() + g.pick(" == ", " != ", " < ", " <= ", " > ", " >= ") + integer()
	case 2:
		return text() + g.pick(" == ", " != ", " < ", " <= ", " > ", " >= ") + text()
	case 3:
		return "(" + e() + ")" + g.pick(" && ", " || ") + "(" + e() + ")"
	case 4:
		return e() + g.pick(" && ", " || ") + g.expression(depth+1)
	case 5:
		return "!(" + e() + ")"
	case 6:
		return integer() + " in " + g.integers(depth+1)
	case 7:
		return text() + " in " + g.texts(depth+1)
	case 8:
		return text() + " in " + text()
	case 9:
		return text() + " in o"
	case 10:
		return "defined('" + g.pick("s", "unknown") + "')"
	}
	return g.integers(depth+1) + g.pick(" == ", " != ") + g.integers(depth+1)
}

func (g *generator) integers(depth int) string {
	if depth >= maxGenerated {
		return "il"
	}
	switch g.choose(4) {
	case 0:
		return "il"
	case 1:
		return "[" + g.integer(depth+1) + ", " + g.integer(depth+1) + "]"
	case 2:
		return "range(" + g.pick("0", "2", "-1") + ", " + g.pick("3", "5", "1") + g.pick("", ", 2", ", -1") + ")"
	}
	return g.integers(depth+1) + g.pick("[1:]", "[:2]", "[-1:]")
}

func (g *generator) texts(depth int) string {
	if depth >= maxGenerated {
		return "sl"
	}
	switch g.choose(4) {
	case 0:
		return "sl"
	case 1:
		return "[" + g.text(depth+1) + ", " + g.text(depth+1) + "]"
	case 2:
		return "split(" + g.text(depth+1) + ", " + g.pick("','", "''", "'a'") + ")"
	}
	return g.texts(depth+1) + g.pick("[1:]", "[:2]", "[-1:]")
}
