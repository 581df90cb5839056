package jsone

import (
	"fmt"
	"strings"
	"testing"

	"cotverify/internal/pyyaml"
	"cotverify/internal/value"
)

// TestExplore looks at templates in a context in which event.ref is unknown, and
// everything that only an event decides is true.
func TestExplore(t *testing.T) {
	for _, tt := range []struct{ template, want, told string }{
		{"${event.ref}", "«${event.ref}»", "read event.ref:1"},
		{"a${event.ref}b", "«a${event.ref}b»", "read event.ref:1"},
		{"{$eval: 'event.ref[11:]'}", "«${event.ref[11:]}»", "read event.ref:1"},
		{"{$eval: 'event.ref + \"x\"'}", "«${event.ref}x»", "read event.ref:1"},
		{"{$json: {$eval: event.ref}}", "«${$json event.ref}»", "read event.ref:1"},
		{"{$json: {a: '${event.ref}'}}", `«{"a":"${event.ref}"}»`, "read event.ref:1"},
		{"{$eval: 'lowercase(event.ref)'}", "«${lowercase(event.ref)}»", "read event.ref:1"},
		{"{$if: 'event.ref == \"x\"', then: 1, else: 2}", "1", "read event.ref:1 decide event.ref == 'x'"},
		{"{$if: '!(event.ref)', then: 1, else: 2}", "2", "read event.ref:1 decide event.ref"},
		{"{$if: 'event.ref in [\"a\"]', then: 1, else: 2}", "1", "read event.ref:1 decide event.ref in [\"a\"]"},
		{"{$if: 'event.ref == event.ref', then: 1, else: 2}", "1", "read event.ref:1 read event.ref:1"},
		{"{$let: {x: 'v${event.ref}'}, in: {$if: 'x == \"w\"', then: 1, else: 2}}", "2", "read event.ref:1"},
		{"{$let: {x: 'v${event.ref}'}, in: {$if: x, then: 1, else: 2}}", "1", "read event.ref:1"},
		{"{$if: '\"ref\" in event && !(\"other\" in event)', then: 1, else: 2}", "1", ""},
		{"{$eval: event.other}", "«${event.other}»", "missing event.other:1 read event.other:1"},
		{"{$eval: open.a.b}", "«${open.a.b}»", "read open.a.b:1"},
		{"{$map: {$eval: open.list}, 'each(x)': '${x.name}'}", "[«${open.list[0].name}»]", "read open.list:1 read open.list[0].name:1"},
		{"{$flatten: [[1], {$eval: open.list}]}", "[1 «${open.list}»]", "read open.list:1"},
		{"{$merge: [{a: 1}, {$eval: open.object}]}", "{a:1}", "read open.object:1"},
		{"{'${event.ref}_X': 1}", "{${event.ref}_X:1}", "read event.ref:1"},
		{"a: >\n  one\n  ${event.ref}\n", "{a:«one ${event.ref}\n»}", "read event.ref:3"},
		{"{$switch: {'event.ref == \"a\"': 1, 'known == 1': 2}}", "error", "read event.ref:1 decide event.ref == 'a'"},
	} {
		node, err := pyyaml.Parse([]byte(tt.template))
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		result, err := Explore(t.Context(), node, map[string]any{
			"known": value.Int(1), "open": UnknownAt("open"), "event": value.ObjectOf("ref", UnknownAt("event.ref")),
		}, Explorer{
			Decide: func(c *Unknown) bool {
				text, _ := source(c)
				told = append(told, "decide "+text)
				return true
			},
			Missing: func(path string, line int) bool {
				told = append(told, fmt.Sprintf("missing %s:%d", path, line))
				return true
			},
			Read: func(path string, line int) { told = append(told, fmt.Sprintf("read %s:%d", path, line)) },
		})
		got := "error"
		if err == nil {
			got = written(result.Value)
		}
		if all := strings.Join(told, " "); got != tt.want || all != tt.told {
			t.Errorf("%s:\n%s, want %s\n%s, want %s", tt.template, got, tt.want, all, tt.told)
		}
	}
}

func written(v any) string {
	switch v := v.(type) {
	case *Unknown:
		return "«" + v.Text + "»"
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, written(item))
		}
		return "[" + strings.Join(items, " ") + "]"
	case *value.Object:
		var fields []string
		for key, item := range v.All() {
			fields = append(fields, key+":"+written(item))
		}
		return "{" + strings.Join(fields, " ") + "}"
	}
	return fmt.Sprint(v)
}
