package jsone

import (
	"context"
	"os"
	"strings"
	"testing"

	"cotverify/internal/value"
)

// TestCases runs the cases of the language's own specification, where they are
// at hand.
func TestCases(t *testing.T) {
	data, err := os.ReadFile("../../../shared/jsone/cases.yml")
	if err != nil {
		t.Skip("the cases are not here: ", err)
	}
	for doc := range strings.SplitSeq(string(data), "\n---\n") {
		n := parseYAML(t, doc)
		title, _ := n.Get("title").Value.(string)
		section, _ := n.Get("section").Value.(string)
		t.Run(section+"/"+title, func(t *testing.T) {
			checkCase(t, n)
		})
	}
}

func checkCase(t *testing.T, n *value.Node) {
	result, err := Render(context.Background(), n.Get("template"), contextOf(t, n.Get("context")))
	if wantError := n.Get("error"); wantError != nil {
		if err == nil {
			t.Errorf("rendered to %v, want the error %v", result.Value, wantError.Value)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	want, err := n.Get("result").Plain()
	if err != nil {
		t.Fatal(err)
	}
	if !value.Equal(result.Value, want) {
		t.Errorf("rendered to %s, want %s", show(result.Value), show(want))
	}
}

// show writes a value for a test's message.
func show(v any) string {
	text, err := value.AppendJSON(nil, v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
