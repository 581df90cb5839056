package pyyaml

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cotverify/internal/value"
)

// show writes a node so that a table can have it: as JSON, but with 1 apart
// from 1.0, keys of all kinds, and what JSON has not as <timestamp …>.
func show(n *value.Node) string {
	var parts []string
	switch n.Kind {
	case value.List:
		for _, item := range n.Items {
			parts = append(parts, show(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case value.Map:
		for _, f := range n.Fields {
			parts = append(parts, show(f.Key)+": "+show(f.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	switch v := n.Value.(type) {
	case nil:
		return "null"
	case *big.Int:
		return v.String()
	case float64:
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(s, ".eIN") {
			s += ".0"
		}
		return s
	case string:
		return strconv.QuoteToASCII(v)
	case value.Opaque:
		return strings.TrimSpace("<"+v.Tag+" "+v.Text) + ">"
	}
	return fmt.Sprint(n.Value)
}

type example struct{ text, want string }

func check(t *testing.T, examples []example) {
	t.Helper()
	for _, e := range examples {
		n, err := Parse([]byte(e.text))
		if err != nil {
			t.Errorf("%q: %v", e.text, err)
		} else if got := show(n); got != e.want {
			t.Errorf("%q: got %s, want %s", e.text, got, e.want)
		}
	}
}

func checkRefused(t *testing.T, examples []example) {
	t.Helper()
	for _, e := range examples {
		n, err := Parse([]byte(e.text))
		var located *Error
		switch {
		case err == nil:
			t.Errorf("%q: got %s, want an error", e.text, show(n))
		case !errors.As(err, &located):
			t.Errorf("%q: got a %T, want an *Error", e.text, err)
		case err.Error() != e.want:
			t.Errorf("%q: got error %q, want %q", e.text, err, e.want)
		}
	}
}

func TestPlainScalars(t *testing.T) {
	for _, test := range []struct{ texts, want string }{
		{"null Null NULL ~", "null"},
		{"true True TRUE yes Yes YES on On ON", "true"},
		{"false False FALSE no No NO off Off OFF", "false"},
		{"0 -0 +0 00 0_0 0b0 0x0", "0"},
		{"420 0644 +0644 4_2_0 0x1A4 0x1_a4 0b110100100 7:0", "420"},
		{"-420 -0644 -7:00 -0x1a4", "-420"},
		{"12345678901234567890", "12345678901234567890"},
		{"190:20:30", "685230"},
		{"1.0 1. 1_0.0e-1 01.0", "1.0"},
		{"0.5 .5 5.0e-1", "0.5"},
		{"100.0 1.0e+2 1:40.0", "100.0"},
		{"-0.0", "-0.0"},
		{"90.5 1:30.5", "90.5"},
		{".inf .Inf .INF +.inf 1.0e+400", "+Inf"},
		{"-.inf", "-Inf"},
		{".nan .NaN .NAN", "NaN"},
	} {
		for text := range strings.FieldsSeq(test.texts) {
			check(t, []example{{text, test.want}})
		}
	}
	// What other versions of YAML, or a glance, would take for something else.
	for text := range strings.FieldsSeq("y n Y N tRUE nULL 0o10 08 09 1e3 1.0e3 1e+3 0b2 0xg _1 -.5 +.5 0:30 1:60 1:2:3.4:5 .iNF -.nan . + 1.2.3 == <<< 2020-1-1 2020-01-1 ٣") {
		check(t, []example{{text, strconv.QuoteToASCII(text)}})
	}
}

func TestTimestamps(t *testing.T) {
	for _, text := range []string{
		"2024-02-29", "2024-02-29T12:30:45Z", "2024-2-9 1:30:45", "2024-02-29t12:30:45.678 -05:30", "2024-02-29T12:30:45+5",
	} {
		check(t, []example{{text, "<timestamp " + text + ">"}})
	}
	checkRefused(t, []example{
		{"2023-02-29", `line 1, column 1: "2023-02-29" is no valid timestamp`},
		{"a: 0000-01-01", `line 1, column 4: "0000-01-01" is no valid timestamp`},
		{"2024-02-29T24:00:00", `line 1, column 1: "2024-02-29T24:00:00" is no valid timestamp`},
		{"2024-02-29T00:00:00+24:00", `line 1, column 1: "2024-02-29T00:00:00+24:00" is no valid timestamp`},
	})
}

func TestTags(t *testing.T) {
	check(t, []example{
		{"!!str 12", `"12"`},
		{"!!str", `""`},
		{"!!int '0x1F'", "31"},
		{"!!float 1", "1.0"},
		{"!!float 1e3", "1000.0"},
		{"!!bool YeS", "true"},
		{"!!null anything", "null"},
		{"!!timestamp 2024-02-29", "<timestamp 2024-02-29>"},
		{"!!binary aGk=", "<binary aGk=>"},
		{"!!binary 'aG-k='", "<binary aG-k=>"},
		{"!!seq [a]", `["a"]`},
		{"!!map {a: b}", `{"a": "b"}`},
		{"!!set {a, b}", "<set>"},
		{"!!omap [a: 1, b: 2]", "[<pair>, <pair>]"},
		{"!!pairs [a: 1, a: 2]", "[<pair>, <pair>]"},
		{"!!omap []", "[]"},
		{"! 12", "12"},
		{"! [a]", `["a"]`},
		{"!<tag:yaml.org,2002:str> 12", `"12"`},
		{"!!s%74r 12", `"12"`},
		{"%TAG !e! tag:yaml.org,2002:\n--- !e!str 12", `"12"`},
		{"%TAG ! tag:yaml.org,2002:\n--- !str 12", `"12"`},
		{"&a !!str 12", `"12"`},
		{"!!str &a 12", `"12"`},
	})
	checkRefused(t, []example{
		{"!!int foo", `line 1, column 1: "foo" is no valid int`},
		{"!!int 1.5", `line 1, column 1: "1.5" is no valid int`},
		{"!!int ''", `line 1, column 1: "" is no valid int`},
		{"!!float foo", `line 1, column 1: "foo" is no valid float`},
		{"!!bool 1", `line 1, column 1: "1" is no valid bool`},
		{"!!timestamp now", `line 1, column 1: "now" is no valid timestamp`},
		{"!!binary a", `line 1, column 1: "a" is no valid binary`},
		{"!!binary é", `line 1, column 1: "é" is no valid binary`},
		{"0b_", `line 1, column 1: "0b_" is no valid int`},
		{"a: !foo b", `line 1, column 4: the tag "!foo" is not known for a scalar`},
		{"!!python/none x", `line 1, column 1: the tag "!!python/none" is not known for a scalar`},
		{"!foo [a]", `line 1, column 1: the tag "!foo" is not known for a list`},
		{"!!str {a: b}", `line 1, column 1: the tag "!!str" is not known for an object`},
		{"!!seq a", `line 1, column 1: the tag "!!seq" is not known for a scalar`},
		{"!!map [a]", `line 1, column 1: the tag "!!map" is not known for a list`},
		{"!!omap [a]", `line 1, column 9: the tag "!!omap" needs objects with one key each`},
		{"!!pairs [{a: 1, b: 2}]", `line 1, column 10: the tag "!!pairs" needs objects with one key each`},
		{"! '12'", `line 1, column 1: the tag "!" is not supported here`},
		{"!e!str 12", `line 1, column 1: the tag's handle "!e!" is not defined`},
		{"!!str,a b", `line 1, column 1: the tag "!!str,a" is not known for a scalar`},
		{"[!!str, a]", `line 1, column 2: the tag "!!str," is not known for a scalar`},
		{"!!str%4 a", `line 1, column 8: expected 2 hexadecimal digits`},
		{"!%ff a", `line 1, column 2: the escapes in the tag are no valid UTF-8`},
		{"!<str a", `line 1, column 6: expected ">" at the end of the tag`},
		{"!é a", `line 1, column 2: expected a tag`},
		{"!a\tb", "line 1, column 3: expected a space, found '\\t'"},
		{"!!str !!str a", `line 1, column 7: expected the end of the document, found a tag`},
	})
}

// TestLines shows where in a text each of its lines begins.
func TestLines(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []value.LineStart
	}{
		{"a: >\n  one\n  two\n\n  three\n", []value.LineStart{{Offset: 0, Line: 2}, {Offset: 4, Line: 3}, {Offset: 8, Line: 5}}},
		{"a: |\n  one\n  two\n", []value.LineStart{{Offset: 0, Line: 2}, {Offset: 4, Line: 3}}},
		{"a: one\n  two", []value.LineStart{{Offset: 0, Line: 1}, {Offset: 4, Line: 2}}},
		{"a: 'one\n\n  two'", []value.LineStart{{Offset: 0, Line: 1}, {Offset: 4, Line: 3}}},
		{"a: \"one\\\n  two\"", []value.LineStart{{Offset: 0, Line: 1}, {Offset: 3, Line: 2}}},
		{"a: one", nil},
		{"a: >\n  12\n", []value.LineStart{{Offset: 0, Line: 2}}},
	} {
		n, err := Parse([]byte(tt.text))
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Get("a").Lines; !slices.Equal(got, tt.want) {
			t.Errorf("%q: %v, expected %v", tt.text, got, tt.want)
		}
	}
}
