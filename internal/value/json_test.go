package value

import (
	"math"
	"math/big"
	"strings"
	"testing"
)

func TestAppendJSON(t *testing.T) {
	big20, _ := new(big.Int).SetString("12345678901234567890", 10)
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, `null`},
		{true, `true`},
		{false, `false`},
		{big20, `12345678901234567890`},
		{1.0, `1.0`},
		{math.NaN(), `NaN`},
		{math.Inf(1), `Infinity`},
		{math.Inf(-1), `-Infinity`},
		{"", `""`},
		{"a\"b\\c/<>&\u2028é\U0001F600", `"a\"b\\c/<>&` + "\u2028é\U0001F600" + `"`},
		{"\x00\b\t\n\v\f\r\x1f\x7f", `"\u0000\b\t\n\u000b\f\r\u001f` + "\x7f" + `"`},
		{"\xed\xa0\x80", "\"\xed\xa0\x80\""},
		{[]any{}, `[]`},
		{[]any{Int(1), "a", []any{nil}}, `[1,"a",[null]]`},
		{ObjectOf(), `{}`},
		{ObjectOf("b", Int(1), "a", ObjectOf("c", []any{}), "é", nil, "B", true, "\U0001F600", Int(2), "\ufffd", Int(3)),
			`{"B":true,"a":{"c":[]},"b":1,"é":null,"` + "\ufffd" + `":3,"` + "\U0001F600" + `":2}`},
	} {
		got, err := AppendJSON([]byte("x"), c.v)
		if err != nil || string(got) != "x"+c.want {
			t.Errorf("AppendJSON(%v) = %s, %v, want %s", c.v, got, err, c.want)
		}
	}
}

func TestAppendJSONErrors(t *testing.T) {
	deep := any(nil)
	for range maxJSONDepth + 1 {
		deep = []any{deep}
	}
	deepObject := any(nil)
	for range maxJSONDepth + 1 {
		deepObject = ObjectOf("k", deepObject)
	}
	for _, c := range []struct {
		v    any
		want string
	}{
		{Opaque{Tag: "timestamp", Text: "2001-01-01"}, "a timestamp cannot be written as JSON"},
		{[]any{ObjectOf("a", Opaque{Tag: "binary"})}, "a binary cannot be written as JSON"},
		{[]any{new(big.Int).Lsh(Int(1), 20_000)}, "more than 4300 digits"},
		{deep, "nested more than 980 deep"},
		{deepObject, "nested more than 980 deep"},
	} {
		_, err := AppendJSON(nil, c.v)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error = %v, want one with %q", err, c.want)
		}
	}
	if _, err := AppendJSON(nil, deep.([]any)[0]); err != nil {
		t.Errorf("%d deep: %v", maxJSONDepth, err)
	}
}
