package pyyaml

import (
	"strings"
	"testing"
)

func TestBlocks(t *testing.T) {
	check(t, []example{
		{"", `null`},
		{" \n# nothing\n", `null`},
		{"a: 1\nb: two words\n", `{"a": 1, "b": "two words"}`},
		{"- a\n- - b\n  - c\n-\n- d: e\n  f:\n", `["a", ["b", "c"], null, {"d": "e", "f": null}]`},
		{"a:\n- b\n- c\nd:\n  - e\n", `{"a": ["b", "c"], "d": ["e"]}`},
		{"? a\n: - b\n  - c\n? d\n", `{"a": ["b", "c"], "d": null}`},
		{"'a': 1\n\"b\" : 2\n", `{"a": 1, "b": 2}`},
		{"a:b: c:d\n", `{"a:b": "c:d"}`},
		{"a: b#c # d\n", `{"a": "b#c"}`},
		{"-a: -b\n?c: :d\n", `{"-a": "-b", "?c": ":d"}`},
		{"a: 1\r\nb: 2\r", `{"a": 1, "b": 2}`},
		{"\uFEFFa: 1", `{"a": 1}`},
		{"a: \uFEFFb", `{"a": "\ufeffb"}`},
		{"a:\u0085  b: c", `{"a": {"b": "c"}}`},
	})
	checkRefused(t, []example{
		{"a: b: c", `line 1, column 5: a value is not allowed here`},
		{"a: - b", `line 1, column 4: a list entry is not allowed here`},
		{"a: ? b", `line 1, column 4: a key is not allowed here`},
		{": a", `line 1, column 1: expected a key or the end of the object, found ":"`},
		{"a: b\n c: d", `line 2, column 3: a value is not allowed here`},
		{"a: b\nc\n", `line 2, column 1: expected ":" after this key, on its line and within 1024 characters`},
		{"a:\n  b: c\n d: e", `line 3, column 2: expected a key or the end of the object, found an object`},
		{"- a\nb: c", `line 2, column 1: expected a list entry or the end of the list, found a key`},
		{"a:\t b", `line 1, column 3: a tab is not allowed between tokens, use spaces`},
		{"a: b\t# c", `line 1, column 5: a tab is not allowed between tokens, use spaces`},
		{"\ta: b", `line 1, column 1: a tab is not allowed between tokens, use spaces`},
		{"a: %b", `line 1, column 4: '%' cannot start a value, put it in quotes`},
		{"a: @b", `line 1, column 4: '@' cannot start a value, put it in quotes`},
		{"a: ]", `line 1, column 4: "]" closes nothing`},
		{"a: ,", `line 1, column 4: expected a value, found ","`},
	})
}

func TestFlow(t *testing.T) {
	check(t, []example{
		{"[]", `[]`},
		{"{}", `{}`},
		{"[a, [b], {c: d}, ]", `["a", ["b"], {"c": "d"}]`},
		{"{a: 1, b, c: , 'd':2, ? e : f, ? g}", `{"a": 1, "b": null, "c": null, "d": 2, "e": "f", "g": null}`},
		{"{a:}", `{"a": null}`},
		{"{a:b, c:[d]}", `{"a:b": null, "c": ["d"]}`},
		{"[a: b, ? c]", `[{"a": "b"}, {"c": null}]`},
		{"[a,\nb\n]", `["a", "b"]`},
		{"{a: [\n1,\n  2]}", `{"a": [1, 2]}`},
		{"[a b, c\n d]", `["a b", "c d"]`},
		{"[http://x/y, a:b]", `["http://x/y", "a:b"]`},
	})
	checkRefused(t, []example{
		{"[a", `line 1, column 3: expected "," or "]", found the end of the document`},
		{"{a: b", `line 1, column 6: expected "," or "}", found the end of the document`},
		{"[a]]", `line 1, column 4: "]" closes nothing`},
		{"[a}", `line 1, column 3: expected "," or "]", found "}"`},
		{"[,]", `line 1, column 2: expected a value, found ","`},
		{"[a,,b]", `line 1, column 4: expected a value, found ","`},
		{"[- a]", `line 1, column 2: expected a value, found "-"`},
		{"[a\t]", `line 1, column 3: a tab is not allowed between tokens, use spaces`},
		{"[a?b]", `line 1, column 3: expected "," or "]", found a key`},
		{"[|\n a]", `line 1, column 2: '|' cannot start a value, put it in quotes`},
		{"[a\n---\n]", `line 2, column 1: expected "," or "]", found "---"`},
	})
}

func TestScalarsOfManyLines(t *testing.T) {
	check(t, []example{
		{"a\n b\n  c", `"a b c"`},
		{"a: b\n  c\n\n\n  d", `{"a": "b c\n\nd"}`},
		{"a: b\u2028  c", `{"a": "b\u2028c"}`},
		{"a\n# b", `"a"`},
		{"'a\n\n  b ''c'' \\'", `"a\nb 'c' \\"`},
		{"\"a\n  b \\\n  c\\n\\\n\n d\"", `"a b c\n\nd"`},
		{"\"a \t \n \t b\"", `"a b"`},
		{`"\0\a\b\t\n\v\f\r\e\ \"\/\\\N\_\L\P"`, `"\x00\a\b\t\n\v\f\r\x1b \"/\\\u0085\u00a0\u2028\u2029"`},
		{`"\x41\u00e9\U0001F600"`, `"A\u00e9\U0001f600"`},
		{`"\ud83d\ude00"`, `"\xed\xa0\xbd\xed\xb8\x80"`}, // two characters to Python
	})
	checkRefused(t, []example{
		{"'a", `line 1, column 1: the quote is not closed`},
		{"\"a", `line 1, column 1: the quote is not closed`},
		{"'a\n---\nb'", `line 2, column 1: a document marker is not allowed in quotes`},
		{"\"a\\\n... b\"", `line 2, column 1: a document marker is not allowed in quotes`},
		{`"\q"`, `line 1, column 2: there is no escape of 'q'`},
		{`"\x4"`, `line 1, column 5: expected 2 hexadecimal digits`},
		{`"\U00110000"`, `line 1, column 2: there is no character of that number`},
		{"'a' b", `line 1, column 5: expected the end of the document, found text`},
	})
}

func TestBlockScalars(t *testing.T) {
	check(t, []example{
		{"|\n a\n  b\n\n c\n", `"a\n b\n\nc\n"`},
		{"|\n a\n\n\n", `"a\n"`},
		{"|-\n a\n\n", `"a"`},
		{"|+\n a\n\n\n", `"a\n\n\n"`},
		{"|+\n\n\n", `"\n\n"`},
		{"|", `""`},
		{"|\n\n  \n   a\n", `"\n\na\n"`},
		{"|1\n  a\n b\n", `" a\nb\n"`},
		{"a: |2-\n    b\n", `{"a": "  b"}`},
		{"a: |-2\n    b\n", `{"a": "  b"}`},
		{"a: | # comment\n  b # text\nc: d", `{"a": "b # text\n", "c": "d"}`},
		{"|\n \ta\n", `"\ta\n"`},
		{">\n a\n b\n\n c\n  d\n e\n", `"a b\nc\n d\ne\n"`},
		{">-\n a\n\n\n b\n", `"a\n\nb"`},
		{">+\n a\n\n", `"a\n\n"`},
		{">\n a\n \tb\n", `"a\n\tb\n"`},
		{">\n a\u2028 b\n", `"a\u2028b\n"`},
		{"- |\n a\n- >\n b", `["a\n", "b"]`},
	})
	checkRefused(t, []example{
		{"|0\n a", `line 1, column 2: expected a space, found '0'`},
		{"|++\n a", `line 1, column 3: expected a space, found '+'`},
		{"| a\n", `line 1, column 3: expected the end of the line, found 'a'`},
		{"|\n  \n a\n", `line 3, column 2: expected the end of the document, found text`}, // the empty line is deeper
	})
}

func TestDocuments(t *testing.T) {
	check(t, []example{
		{"---", `null`},
		{"--- a", `"a"`},
		{"---\n...\n", `null`},
		{"a\n...\n...\n# end\n", `"a"`},
		{"%YAML 1.1\n---\na: b", `{"a": "b"}`},
		{"%YAML 1.2 # comment\n--- a", `"a"`},
		{"%YAML 01.3\n--- a", `"a"`},
		{"%FOO bar baz\n--- a", `"a"`},
		{"a: ---\nb: ...", `{"a": "---", "b": "..."}`},
		{"---a", `"---a"`},
	})
	checkRefused(t, []example{
		{"a\n---\nb", `line 2, column 1: a second document starts here`},
		{"---\n---\n", `line 2, column 1: a second document starts here`},
		{"a\n...\n%YAML 1.1\n", `line 3, column 1: a second document starts here`},
		{"a\n...\nb", `line 3, column 1: expected the end of the document, found text`},
		{"...\n", `line 1, column 1: expected a value, found "..."`},
		{"%YAML 1.1\na", `line 2, column 1: expected "---", found text`},
		{"%YAML 2.0\n--- a", `line 1, column 1: YAML 2 is not known, 1.1 is`},
		{"%YAML 1\n--- a", `line 1, column 8: expected a version such as 1.1`},
		{"%YAML 1.1#c\n--- a", `line 1, column 10: expected a space, found '#'`},
		{"%YAML 1.1\n%YAML 1.1\n--- a", `line 2, column 1: a second YAML directive`},
		{"%TAG ! !x\n%TAG ! !x\n--- a", `line 2, column 1: a second TAG directive for "!"`},
		{"%TAG !x y\n--- a", `line 1, column 8: expected "!" at the end of a tag's handle`},
		{"%TAG x y\n--- a", `line 1, column 6: expected "!", found 'x'`},
		{"% a\n--- a", `line 1, column 2: expected the name of a directive`},
	})
}

func TestCharacters(t *testing.T) {
	checkRefused(t, []example{
		{"a: \xff", `line 1, column 4: byte 0xff is no valid UTF-8`},
		{"é: \xed\xa0\x80", `line 1, column 4: byte 0xed is no valid UTF-8`},
		{"a\n# \x00", `line 2, column 3: the character U+0000 is not allowed`},
		{"a: \x7f", `line 1, column 4: the character U+007F is not allowed`},
		{"a: '\u0080'", `line 1, column 5: the character U+0080 is not allowed`},
		{"a: \uFFFE", `line 1, column 4: the character U+FFFE is not allowed`},
		{"\xff\xfea\x00", `line 1, column 1: byte 0xff is no valid UTF-8`},
	})
	check(t, []example{{"\u00a0\uFFFD\U0010FFFF", `"\u00a0\ufffd\U0010ffff"`}})
}

// A key must be on one line, and its colon within 1024 characters.
func TestLongKeys(t *testing.T) {
	long := strings.Repeat("é", maxSimpleKey)
	for _, test := range []struct {
		text string
		ok   bool
	}{
		{long + ": v", true},
		{long + "x: v", false},
		{"{" + long + ": v}", true},
		{"{" + long + "x: v}", false},
		{"[" + long[:len(long)-4] + "]: v", false},
		{"? " + long + "x\n: v", true},
		{"- " + long + "x", true},
		{"'a\n b': v", false},
	} {
		if _, err := Parse([]byte(test.text)); (err == nil) != test.ok {
			t.Errorf("%.20q of %d bytes: got error %v", test.text, len(test.text), err)
		}
	}
}
