package text

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/pkg/report"
	"cotverify/pkg/report/diagram"
)

func TestGraph(t *testing.T) {
	for name, g := range map[string]*report.Graph{"graph": testreport.Walked(), "graph-broken": testreport.Broken()} {
		for ending, draw := range map[string]func(*bytes.Buffer) error{
			"txt":     func(b *bytes.Buffer) error { return GraphTree(b, g, TreeOptions{Width: 80}) },
			"json":    func(b *bytes.Buffer) error { return report.GraphJSON(b, g) },
			"dot":     func(b *bytes.Buffer) error { return diagram.Dot(b, g) },
			"mermaid": func(b *bytes.Buffer) error { return diagram.Mermaid(b, g) },
		} {
			var buf bytes.Buffer
			if err := draw(&buf); err != nil {
				t.Fatal(err)
			}
			testreport.Golden(t, name+"."+ending, buf.Bytes())
		}
	}
}

// TestGraphHasNoVerdict looks for what people or programs could take for one.
func TestGraphHasNoVerdict(t *testing.T) {
	for name, g := range map[string]*report.Graph{"graph": testreport.Walked(), "graph-broken": testreport.Broken()} {
		for _, o := range []TreeOptions{{Width: 80}, {ASCII: true}, {Verbose: true}} {
			var tree, dot, mermaid, program bytes.Buffer
			for _, err := range []error{GraphTree(&tree, g, o), diagram.Dot(&dot, g), diagram.Mermaid(&mermaid, g), report.GraphJSON(&program, g)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			all := tree.String() + dot.String() + mermaid.String() + program.String()
			if found := regexp.MustCompile(`(?i)✓|(^|[^.a-z])\+ |\bpass|verdict|counts|"status"|[^s] verified|refused`).FindString(all); found != "" {
				t.Errorf("%s, %+v: %q is in\n%s", name, o, found, all)
			}
			if !strings.HasSuffix(tree.String(), "; nothing is verified\n") {
				t.Errorf("%s: the last line does not say that nothing is verified:\n%s", name, tree.String())
			}
		}
	}
}
