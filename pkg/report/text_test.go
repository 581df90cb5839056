package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	tests := []struct{ in, want, ascii string }{
		{"plain text", "plain text", "plain text"},
		{"naïve 日本 ✓", "naïve 日本 ✓", `na\u00efve \u65e5\u672c \u2713`},
		{"cut…", "cut…", "cut..."},
		{"a\x1b[0mb", `a\u001b[0mb`, `a\u001b[0mb`},
		{"a\nb\tc\rd", `a\nb\tc\u000dd`, `a\nb\tc\u000dd`},
		{"\x00\x7f\u009b", `\u0000\u007f\u009b`, `\u0000\u007f\u009b`},
		{"\u202eabc\u2066", `\u202eabc\u2066`, `\u202eabc\u2066`},
		{"\xff\xed\xa0\x80", `\xff\xed\xa0\x80`, `\xff\xed\xa0\x80`},
		{"\ufffd", "\ufffd", `\ufffd`},
		{"a\u034fb\u115f\u1160\u17b4\u180b", `a\u034fb\u115f\u1160\u17b4\u180b`, `a\u034fb\u115f\u1160\u17b4\u180b`},
		{"a\u2800b\u3164\uffa0\ufe0f", `a\u2800b\u3164\uffa0\ufe0f`, `a\u2800b\u3164\uffa0\ufe0f`},
		{"\U000e0100\U000e01ef\U0001d159", `\U000e0100\U000e01ef\U0001d159`, `\U000e0100\U000e01ef\U0001d159`},
		{"\u00a0\u2003\u3000\u202f\u00ad\u200b\u2028\ue000\u0378", `\u00a0\u2003\u3000\u202f\u00ad\u200b\u2028\ue000\u0378`, `\u00a0\u2003\u3000\u202f\u00ad\u200b\u2028\ue000\u0378`},
		{`\d+\.\w\`, `\d+\.\w\`, `\d+\.\w\`},
		{`a\u3164 \n \\x1b \U000E0100`, `a\\u3164 \\n \\\\x1b \\U000E0100`, `a\\u3164 \\n \\\\x1b \\U000E0100`},
		{"\\\u3164\\\n\\\xff", `\\\u3164\\\n\\\xff`, `\\\u3164\\\n\\\xff`},
		{"\U000e0041", `\U000e0041`, `\U000e0041`},
	}
	for _, tt := range tests {
		if got := Clean(tt.in); got != tt.want {
			t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if got := cleanASCII(tt.in); got != tt.ascii {
			t.Errorf("cleanASCII(%q) = %q, want %q", tt.in, got, tt.ascii)
		}
	}
}

// TestCleanTellsTextsApart holds texts of a few letters, among them ones that
// become escapes and ones that look like them, against each other.
func TestCleanTellsTextsApart(t *testing.T) {
	letters := []string{`\`, "\u3164", "u3164", "\n", "n", "\xff", "xff", "\ufffd", "\U000e0100", "U000e0100"}
	texts := []string{""}
	for range 4 {
		for _, text := range texts {
			for _, letter := range letters {
				texts = append(texts, text+letter)
			}
		}
	}
	seen := map[string]string{}
	for _, text := range texts {
		shown := Clean(text)
		if other, ok := seen[shown]; ok && other != text {
			t.Fatalf("%q and %q are both shown as %s", text, other, shown)
		}
		seen[shown] = text
	}
}

func TestColumns(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "日本": 4, "e\u0301": 1, "…│✓": 3, "ｗ": 2} {
		if got := columns(s); got != want {
			t.Errorf("columns(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestCutMiddle(t *testing.T) {
	tests := []struct {
		in   string
		room int
		want string
	}{
		{"short", 5, "short"},
		{"build-linux-debug", 10, "build…ebug"},
		{"日本日本日本", 7, "日本…本"},
		{"abc", 1, ""},
	}
	for _, tt := range tests {
		if got := cutMiddle(tt.in, tt.room, "…"); got != tt.want {
			t.Errorf("cutMiddle(%q, %d) = %q, want %q", tt.in, tt.room, got, tt.want)
		}
	}
}

func TestCutToDifference(t *testing.T) {
	same := strings.Repeat("s", 40)
	tests := []struct {
		name, a, b, wantA, wantB string
	}{
		{"both fit", "abc", "abd", "abc", "abd"},
		{"differ at once", "a" + same, "b" + same, "a" + strings.Repeat("s", 28) + "…", "b" + strings.Repeat("s", 28) + "…"},
		{"differ late", same + "a", same + "b", "…" + strings.Repeat("s", 16) + "a", "…" + strings.Repeat("s", 16) + "b"},
		{"one ends", same, same + "b", "…" + strings.Repeat("s", 16), "…" + strings.Repeat("s", 16) + "b"},
		{"in the middle", same + "a" + same, same + "b", "…" + strings.Repeat("s", 16) + "a" + strings.Repeat("s", 11) + "…", "…" + strings.Repeat("s", 16) + "b"},
		{"within a letter", same + "é", same + "è", "…" + strings.Repeat("s", 16) + "é", "…" + strings.Repeat("s", 16) + "è"},
	}
	for _, tt := range tests {
		a, b := cutToDifference(tt.a, tt.b, 30, "…")
		if a != tt.wantA || b != tt.wantB {
			t.Errorf("%s: got\n%s\n%s\nwant\n%s\n%s", tt.name, a, b, tt.wantA, tt.wantB)
		}
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		in   string
		room int
		want []string
	}{
		{"", 10, []string{""}},
		{"one line", 10, []string{"one line"}},
		{"two lines here", 10, []string{"two lines", "here"}},
		{"two lines", 4, []string{"two", "line", "s"}},
		{"fits just", 9, []string{"fits just"}},
		{"fits just so", 9, []string{"fits just", "so"}},
		{"a  b", 10, []string{"a  b"}},
		{"    ^ here and on", 8, []string{"    ^", "here and", "on"}},
		{"日本日本", 5, []string{"日本", "日本"}},
		{"日本", 0, []string{"日", "本"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, wrap(tt.in, tt.room)); diff != "" {
			t.Errorf("wrap(%q, %d) (-want +got):\n%s", tt.in, tt.room, diff)
		}
	}
}

// FuzzText checks that hostile text comes out fit for a terminal and within
// the columns that it is given.
func FuzzText(f *testing.F) {
	f.Add("plain text that is to be wrapped", "plain text that differs", 10)
	f.Add("\x1b[2J\u202e\xff", "日本e\u0301", 3)
	f.Fuzz(func(t *testing.T, a, b string, room int) {
		if room < 4 || room > 200 {
			return
		}
		a, b = Clean(a), Clean(b)
		if escape(a, isVisible) != a {
			t.Errorf("not clean: %q", a)
		}
		for _, line := range wrap(a, room) {
			if columns(line) > room {
				t.Errorf("%d columns of %d: %q", columns(line), room, line)
			}
		}
		cutA, cutB := cutToDifference(a, b, room, "…")
		for _, s := range []string{cutMiddle(a, room, "…"), cutA, cutB} {
			if columns(s) > room {
				t.Errorf("%d columns of %d: %q", columns(s), room, s)
			}
		}
	})
}
