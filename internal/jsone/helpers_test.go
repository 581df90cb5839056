package jsone

import (
	"context"
	"errors"
	"testing"

	"cotverify/internal/pyyaml"
	"cotverify/internal/value"
)

// now is the time of all tests: that which the cases of the language's
// specification are for.
const now = "2017-01-19T16:27:20.974Z"

func parseYAML(t testing.TB, text string) *value.Node {
	t.Helper()
	n, err := pyyaml.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v in %.100s", err, text)
	}
	return n
}

// contextOf returns the context of a test: an object's fields, the time, and a
// function that returns its argument.
func contextOf(t testing.TB, n *value.Node) map[string]any {
	t.Helper()
	vars := map[string]any{
		"now": now,
		"as_slugid": Function(func(args []any) (any, error) {
			if len(args) != 1 {
				return nil, errors.New("it takes one argument")
			}
			return args[0], nil
		}),
	}
	if n == nil {
		return vars
	}
	v, err := n.Plain()
	if err != nil {
		t.Fatal(err)
	}
	o, _ := v.(*value.Object)
	for name, v := range o.All() {
		vars[name] = v
	}
	return vars
}

// render renders a YAML template in a YAML context.
func render(t testing.TB, template, vars string) (*Result, error) {
	t.Helper()
	return Render(context.Background(), parseYAML(t, template), contextOf(t, parseYAML(t, vars)))
}

// keysOf returns the keys of an object.
func keysOf(v any) []string {
	var keys []string
	o, _ := v.(*value.Object)
	for key := range o.All() {
		keys = append(keys, key)
	}
	return keys
}
