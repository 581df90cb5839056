package pyglob

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"public/*", "public/build/target.apk", true},
		{"*", "", true},
		{"*.apk", "public/target.apk", true},
		{"*.apk", "public/target.apk.asc", false},
		{"a*b*c", "axxbyybzzc", true},
		{"a*b*c", "axxbyybzz", false},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"a?", "aä", true},
		{"[a-c]x", "bx", true},
		{"[a-c]x", "dx", false},
		{"[!a-c]x", "dx", true},
		{"[!a-c]x", "ax", false},
		{"[^a]x", "bx", false},
		{"[^a]x", "^x", true},
		{"[]]", "]", true},
		{"[!]]", "]", false},
		{"[!]]", "x", true},
		{"[a-]", "-", true},
		{"[c-a]", "b", false},
		{"[!c-a]", "b", true},
		{"[ab", "[ab", true},
		{"[", "[", true},
		{"{a,b}", "a", false},
		{"{a,b}", "{a,b}", true},
		{`\*`, `\x`, true},
		{"A", "a", false},
		{"[b-a!x]", "x", false}, // a backward range goes first, and what is then first negates
		{"[b-a!x]", "y", true},
		{"[b-a!]", "!", true},
		{"[b-a^x]", "^", true},
		{"[z-ab]", "b", true},
		{"[b-a!-x-z]", "y", true},
		{"[a-c-e]", "d", false},
		{"[--0]", ".", true},
		{"\uFFFD", "\uFFFD", true},
		{"\uFFFD", "\xed\xa0\x80", false},
		{"\xed\xa0\x80", "\xed\xa0\x81", false},
		{"\xed\xa0\x80", "\xed\xa0\x80", true},
		{"?", "\xed\xa0\x80", true},
		{"[\xed\xa0\x80-\uFFFD]", "\xed\xbf\xbf", true},
		{"[!\uFFFD]", "\xed\xa0\x80", true},
		{"", "", true},
		{"", "a", false},
	} {
		if got, _ := Compile(tt.pattern).Match(tt.name); got != tt.want {
			t.Errorf("Match(%q, %q) = %v", tt.pattern, tt.name, got)
		}
	}
}

func TestSteps(t *testing.T) {
	pattern := Compile(strings.Repeat("*a", 100) + "b")
	name := strings.Repeat("a", 1000)
	if matched, steps := pattern.Match(name); matched || steps < len(name) || steps > 201*len(name) {
		t.Errorf("matched %v in %d steps", matched, steps)
	}
}
