package verify

import (
	"math"
	"testing"
	"unicode/utf8"

	"cotverify/internal/value"
)

func TestRaw(t *testing.T) {
	for want, v := range map[string]any{
		`null`:       nil,
		`{"a":[1]}`:  value.ObjectOf("a", []any{value.Int(1)}),
		"\"\uFFFD\"": "\xed\xa0\x80",
		`"NaN"`:      math.NaN(),
		`"2020-01-01 (a date, as YAML reads it without quotes)"`: value.Opaque{Tag: "timestamp", Text: "2020-01-01"},
	} {
		if got := raw(v, true); string(got) != want || !utf8.Valid(got) {
			t.Errorf("%v: %s, expected %s", v, got, want)
		}
	}
	if got := raw(nil, false); got != nil {
		t.Errorf("of nothing: %s", got)
	}
}
