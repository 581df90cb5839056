package pyyaml

import (
	"fmt"
	"strings"
	"testing"

	"cotverify/internal/value"
)

func TestKeys(t *testing.T) {
	check(t, []example{
		{"{a: 1, b: 2, a: 3}", `{"a": 3, "b": 2}`},
		{"{1: a, 1.0: b, true: c, yes: d, 0x1: e}", `{1: "e"}`},
		{"{false: a, 0: b, -0.0: c}", `{false: "c"}`},
		{"{1: a, '1': b}", `{1: "a", "1": "b"}`},
		{"{null: a, ~: b, '': c}", `{null: "b", "": "c"}`},
		{"{1.5: a, 1:1.5: b, 61.5: c}", `{1.5: "a", 61.5: "c"}`},
		{"{.nan: a, .NaN: b, .inf: c, -.inf: d}", `{NaN: "b", +Inf: "c", -Inf: "d"}`},
		{"{2024-02-29: a, 2024-02-29: b}", `{<timestamp 2024-02-29>: "b"}`},
		{"{=: a}", `{"=": "a"}`},
		{"{100000000000000000000: a, 1.0e+20: b}", `{100000000000000000000: "b"}`},
	})
	checkRefused(t, []example{
		{"{[a]: b}", `line 1, column 2: a key cannot be a list`},
		{"? {a: b}\n: c", `line 1, column 3: a key cannot be an object`},
		{"? !!set {a}\n: c", `line 1, column 3: a key cannot be an object`},
		{"a: =", `line 1, column 4: "=" can only be a key, put it in quotes`},
		{"- <<", `line 1, column 3: "<<" can only be a key, put it in quotes`},
	})
}

func TestMerge(t *testing.T) {
	const base = "- &a {x: 1, y: 2}\n- &b {y: 3, z: 4}\n- "
	const shown = `[{"x": 1, "y": 2}, {"y": 3, "z": 4}, `
	check(t, []example{
		{base + "{<<: *a, y: 5}", shown + `{"x": 1, "y": 5}]`},
		{base + "{y: 5, w: 6, <<: *a}", shown + `{"x": 1, "y": 5, "w": 6}]`},
		{base + "{<<: [*a, *b]}", shown + `{"y": 2, "z": 4, "x": 1}]`},
		{base + "{<<: *a, <<: *b}", shown + `{"x": 1, "y": 3, "z": 4}]`},
		{base + "{<<: {<<: *b, z: 7}, x: 8}", shown + `{"y": 3, "z": 7, "x": 8}]`},
		{base + "{<<: []}", shown + `{}]`},
		{base + "{<<: !unknown {x: 1}}", shown + `{"x": 1}]`},
		{base + "{'<<': *a}", shown + `{"<<": {"x": 1, "y": 2}}]`},
		{base + "{!!merge x: *a}", shown + `{"x": 1, "y": 2}]`},
		{base + "!!set {<<: *a}", shown + `<set>]`},
	})
	checkRefused(t, []example{
		{"<<: a", `line 1, column 5: a scalar cannot be merged into an object`},
		{"<<: [{}, a]", `line 1, column 10: a scalar cannot be merged into an object`},
		{"<<: [[{}]]", `line 1, column 6: a list cannot be merged into an object`},
		{"<<: {a: !!int b}", `line 1, column 9: "b" is no valid int`},
	})
}

func TestAliases(t *testing.T) {
	n, err := Parse([]byte("a: &x [1]\nb: *x\nc: &y text\n*y : *y\n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"a": [1], "b": [1], "c": "text", "text": "text"}`; show(n) != want {
		t.Fatalf("got %s, want %s", show(n), want)
	}
	if n.Get("a") != n.Get("b") || n.Get("c") != n.Get("text") || n.Get("c") != n.Fields[3].Key {
		t.Error("an alias is not the anchor's node")
	}
	checkRefused(t, []example{
		{"a: *x", `line 1, column 4: there is no anchor "x" before this alias`},
		{"- *x\n- &x a", `line 1, column 3: there is no anchor "x" before this alias`},
		{"- &x a\n- &x b", `line 2, column 3: a second anchor "x"`},
		{"&x [*x]", `line 1, column 5: the anchor "x" is around its alias`},
		{"&x {<<: *x}", `line 1, column 9: the anchor "x" is around its alias`},
		{"&x *x", `line 1, column 4: expected the end of the document, found an alias`},
		{"& a", `line 1, column 2: expected the name of an anchor, of ASCII letters, digits, - and _`},
		{"&é a", `line 1, column 2: expected the name of an anchor, of ASCII letters, digits, - and _`},
		{"&a.b c", `line 1, column 3: '.' is not allowed in the name of an anchor`},
	})
}

func TestPlaces(t *testing.T) {
	const text = `# comment
é: first
list:
- a
- &anchor [b, {c: d}]
- *anchor
empty:
text: |
  lines
? !!str key
: "quoted"
text: 'last'
`
	n, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var walk func(n *value.Node)
	walk = func(n *value.Node) {
		got = append(got, fmt.Sprintf("%d:%d", n.Line, n.Column))
		for _, item := range n.Items {
			walk(item)
		}
		for _, f := range n.Fields {
			walk(f.Key)
			walk(f.Value)
		}
	}
	walk(n)
	want := "2:1 2:1 2:4 3:1 4:1 4:3 5:3 5:12 5:15 5:16 5:19 5:3 5:12 5:15 5:16 5:19 7:1 7:7 8:1 12:7 10:3 11:3"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}

func TestLimits(t *testing.T) {
	// chain returns anchors of which each holds the one before it.
	chain := func(n int, format string) string {
		var b strings.Builder
		b.WriteString("- &a0 {k0: 1}\n")
		for i := 1; i < n; i++ {
			fmt.Fprintf(&b, format, i, i, i-1)
		}
		return b.String()
	}
	for _, test := range []struct {
		name, text string
		ok         bool
	}{
		{"lists", strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth), true},
		{"lists too deep", strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), false},
		{"blocks", strings.Repeat("- ", maxDepth) + "a", true},
		{"blocks too deep", strings.Repeat("- ", maxDepth+1) + "a", false},
		{"very deep", strings.Repeat("[", maxSize), false},
		{"aliases", chain(maxDepth-1, "- &a%[2]d [*a%[3]d]\n"), true},
		{"aliases too deep", chain(maxDepth+1, "- &a%[2]d [*a%[3]d]\n"), false},
		{"billion laughs", chain(maxDepth-1, "- &a%[2]d [*a%[3]d, *a%[3]d, *a%[3]d]\n"), true},
		{"merges", chain(1000, "- &a%[2]d {<<: [*a%[3]d, *a%[3]d], k%[1]d: 1}\n"), true},
		{"too many merged fields", chain(2000, "- &a%[2]d {<<: [*a%[3]d, *a%[3]d], k%[1]d: 1}\n"), false},
		{"too many nodes", "[" + strings.Repeat("a,", maxNodes) + "]", false},
		{"too many aliases", "- &a x\n- [" + strings.Repeat("*a ,", maxNodes) + "]", false},
		{"too large", strings.Repeat(" ", maxSize+1), false},
		{"digits", strings.Repeat("1", maxDigits), true},
		{"too many digits", strings.Repeat("1", maxDigits+1), false},
		{"too many digits in base 60", "1" + strings.Repeat(":1", maxDigits/2), false},
		{"too large a base", "1" + strings.Repeat(":1", 200) + ".5", false},
		{"long number", "0x" + strings.Repeat("f", maxNumber-2), true},
		{"too long a number", "0x" + strings.Repeat("f", maxNumber), false},
		{"text like a long number", strings.Repeat("1", maxNumber+1) + "z", true},
	} {
		if _, err := Parse([]byte(test.text)); (err == nil) != test.ok {
			t.Errorf("%s: got error %v", test.name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"a: 1\nb:\n- x\n- y: |\n    z\n- {c: [d, 'e', \"f\\n\"]}\n",
		"&a x: &b [*a]\n? *a\n: !!str 1\n<<: {y: z}\n",
		"%YAML 1.1\n%TAG !e! tag:yaml.org,2002:\n--- !e!int 0x1F\n...\n",
		"- >+1\n  a\n\n b\n- 12:30:45.5\n- 2024-02-29\n- !!binary aGk=\n- !!omap [a: b]\n",
		"'a\n\n b': \"\\x41\\\n  c\"\r\n",
		"\uFEFFa:\u2028 b", "a:\tb", "[a", "{a:}", "- - -\n-", "? ? a", "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := Parse(data)
		if err != nil {
			e, ok := err.(*Error)
			if !ok || e.Line < 1 || e.Column < 1 || e.Message == "" {
				t.Fatalf("got error %#v", err)
			}
			return
		}
		checkNode(t, n, 0, map[*value.Node]bool{})
		withCarriageReturns, err := Parse([]byte(strings.ReplaceAll(string(data), "\n", "\r\n")))
		if strings.Contains(string(data), "\r") {
			return
		}
		if err != nil || len(data) < 1000 && show(withCarriageReturns) != show(n) {
			t.Fatalf("with other line ends: got %v", err)
		}
	})
}

// checkNode checks what Parse promises of a node, which stands so deep.
func checkNode(t *testing.T, n *value.Node, depth int, seen map[*value.Node]bool) {
	if depth > maxDepth {
		t.Fatalf("nested deeper than %d levels", maxDepth)
	}
	if n.Line < 1 || n.Column < 1 {
		t.Fatalf("a node at line %d, column %d", n.Line, n.Column)
	}
	if seen[n] {
		return
	}
	seen[n] = true
	for _, item := range n.Items {
		checkNode(t, item, depth+1, seen)
	}
	keys := map[any]bool{}
	for _, field := range n.Fields {
		if field.Key.Kind != value.Scalar || keys[identity(field.Key.Value)] {
			t.Fatalf("a bad or repeated key %s", show(field.Key))
		}
		keys[identity(field.Key.Value)] = true
		checkNode(t, field.Key, depth+1, seen)
		checkNode(t, field.Value, depth+1, seen)
	}
}
