package jsone

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	jsonelib "github.com/json-e/json-e/v4"
	"go.yaml.in/yaml/v3"
)

// hgTemplate returns the largest of the real templates with a context for it.
func hgTemplate(b *testing.B) (data []byte, vars string) {
	data, err := os.ReadFile("../../../shared/templates/gecko/.taskcluster.yml")
	if err != nil {
		b.Skip("the template is not here: ", err)
	}
	return data, `{
		"tasks_for": "hg-push",
		"now": "2017-01-19T16:27:20.974Z",
		"ownTaskId": "IJbJTQLOTsuAce5W4sVfnw",
		"repository": {"url": "https://hg.mozilla.org/try", "project": "try", "level": "1", "type": "hg"},
		"push": {"owner": "someone@example.com", "revision": "0123456789abcdef0123456789abcdef01234567",
			"base_revision": "0123456789abcdef0123456789abcdef01234567", "comment": " ", "pushlog_id": "12345", "pushdate": 1700000000}
	}`
}

func BenchmarkRender(b *testing.B) {
	data, vars := hgTemplate(b)
	template := parseYAML(b, string(data))
	context := context.Background()
	values := contextOf(b, parseYAML(b, strings.Join(strings.Fields(vars), " ")))
	values["as_slugid"] = Function(func([]any) (any, error) { return "TzcmAgOaS_-fKH_dxG3yoQ", nil })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Render(context, template, values); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLibrary renders the same with the library.
func BenchmarkLibrary(b *testing.B) {
	data, vars := hgTemplate(b)
	var template any
	if err := yaml.Unmarshal(data, &template); err != nil {
		b.Fatal(err)
	}
	template = floats(template)
	var values map[string]any
	if err := json.Unmarshal([]byte(vars), &values); err != nil {
		b.Fatal(err)
	}
	values["as_slugid"] = jsonelib.WrapFunction(func(string) string { return "TzcmAgOaS_-fKH_dxG3yoQ" })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := jsonelib.Render(template, values); err != nil {
			b.Fatal(err)
		}
	}
}

// floats returns a value with the only type of number that the library knows.
func floats(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = floats(v[k])
		}
	}
	return v
}
