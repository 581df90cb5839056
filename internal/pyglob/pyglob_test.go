package pyglob

import "testing"

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
		{"", "", true},
		{"", "a", false},
	} {
		if got := Match(tt.pattern, tt.name); got != tt.want {
			t.Errorf("Match(%q, %q) = %v", tt.pattern, tt.name, got)
		}
	}
}
