package diagram

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"cotverify/internal/testreport"
)

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
		g := testreport.Walked()
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
