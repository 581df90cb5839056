package report

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"cotverify/pkg/verify"
)

// walkedChain returns the chain of the reports' tests as a walk has it.
func walkedChain(problems ...verify.Problem) *verify.Graph {
	g := &verify.Graph{
		Schema:   verify.GraphSchema,
		Target:   verify.Target{TaskID: signingID, TaskType: "signing", Product: "glean", TaskTypeFrom: verify.FromFlag, ProductFrom: verify.FromFlag},
		Links:    chain(),
		Problems: problems,
	}
	if g.Problems == nil {
		g.Problems = []verify.Problem{}
	}
	return g
}

// brokenChain returns a chain with a problem of each kind, and a task that is
// named and not in it.
func brokenChain() *verify.Graph {
	g := walkedChain(
		verify.Problem{Kind: verify.Doubtful, Check: "two-types", TaskID: decisionID, Link: "signing:decision", Subject: "build", Message: "it was taken for a decision"},
		verify.Problem{Kind: verify.Wrong, Check: "worker", TaskID: build2ID, Link: "signing:build", Message: "two clues disagree", Expected: "docker-worker", Actual: "scriptworker"},
		verify.Problem{Kind: verify.Missing, Check: "task", TaskID: earlierID, Link: "signing:build:docker-image:decision", Message: "no answer", Hint: "try again"},
	)
	g.Links[2].Label = `a "label" with <odd> marks & #1 \n`
	g.Links[4].Dependencies = append(g.Links[4].Dependencies, verify.Dependency{TaskID: "notInTheChainAtAll0000", As: "build"})
	return g
}

func TestGraph(t *testing.T) {
	for name, g := range map[string]*verify.Graph{"graph": walkedChain(), "graph-broken": brokenChain()} {
		for ending, draw := range map[string]func(*bytes.Buffer) error{
			"txt":     func(b *bytes.Buffer) error { return GraphTree(b, g, TreeOptions{}) },
			"json":    func(b *bytes.Buffer) error { return GraphJSON(b, g) },
			"dot":     func(b *bytes.Buffer) error { return Dot(b, g) },
			"mermaid": func(b *bytes.Buffer) error { return Mermaid(b, g) },
		} {
			var buf bytes.Buffer
			if err := draw(&buf); err != nil {
				t.Fatal(err)
			}
			golden(t, name+"."+ending, buf.Bytes())
		}
	}
}

// TestGraphHasNoVerdict looks for what people or programs could take for one.
func TestGraphHasNoVerdict(t *testing.T) {
	for name, g := range map[string]*verify.Graph{"graph": walkedChain(), "graph-broken": brokenChain()} {
		for _, o := range []TreeOptions{{}, {ASCII: true}, {Verbose: true}} {
			var tree, dot, mermaid, program bytes.Buffer
			for _, err := range []error{GraphTree(&tree, g, o), Dot(&dot, g), Mermaid(&mermaid, g), GraphJSON(&program, g)} {
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

// hostileLabels are labels that a language of graphs could read as its own.
var hostileLabels = []string{
	`%%{init: {"themeCSS": ".bad{display:none}"}}%%`, "%% comment", "click n0 href", "style n0:x#c;", "classDef bad fill:#fff;",
	`"]:::good`, "`**bold**`", "_a_ *b* ~c~", "1. one", "- item", "    code", "# heading", "fa:fa-car", "$$x^2$$",
	"<img src=x onerror=alert(1)>", "&lt;b&gt;", "#35;", "#quot;", "ﬂ°°35¶ß", `\n\l\N\G`, `\`, `"`, `\"`, "a|b", "a --> b",
	"end", "@{ shape: circle }", "a\nb", "https://example.com/a", "www.example.com", "\u2028", "a\u3164b", "---", "{{a}}",
}

func TestGraphsOfHostileLabels(t *testing.T) {
	mermaid := regexp.MustCompile(`(?m)^  n0\["signing<br/>((?:[\pL\pM\p{Nd}]+(?:[ _/-][\pL\pM\p{Nd}])?|#[0-9]+;|[ _/-])*)<br/>`)
	dot := regexp.MustCompile(`(?m)^  "[^"]*" \[label="signing\\n((?:[^"\\&]|\\\\|\\"|&amp;)*)\\n`)
	for _, label := range hostileLabels {
		g := walkedChain()
		g.Links[0].Label = label
		for name, format := range map[string]struct {
			draw   func(*bytes.Buffer) error
			escape *regexp.Regexp
		}{
			"mermaid": {func(b *bytes.Buffer) error { return Mermaid(b, g) }, mermaid},
			"dot":     {func(b *bytes.Buffer) error { return Dot(b, g) }, dot},
		} {
			var b bytes.Buffer
			if err := format.draw(&b); err != nil {
				t.Fatal(err)
			}
			if !format.escape.MatchString(b.String()) {
				first, _, _ := strings.Cut(b.String()[strings.Index(b.String(), "signing"):], "\n  ")
				t.Errorf("%s of %q is not escaped: %s", name, label, first)
			}
		}
	}
}

func TestMermaidText(t *testing.T) {
	for in, want := range map[string]string{
		"build-linux/opt 日本":   "build-linux/opt 日本",
		"%%{init}%%":           "#37;#37;#123;init#125;#37;#37;",
		"_a_ b":                "#95;a_#32;b",
		"1. a":                 "1#46;#32;a",
		" - a--b":              "#32;#45;#32;a-#45;b",
		`a\b"c`:                "a#92;b#34;c",
		"W7_1GYpdJVQ-fKH_dxG3": "W7_1GYpdJVQ-fKH_dxG3",
	} {
		if got := mermaidText(in); got != want {
			t.Errorf("mermaidText(%q) = %q, want %q", in, got, want)
		}
	}
}
