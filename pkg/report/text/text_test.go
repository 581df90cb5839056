package text

import (
	"strings"
	"testing"

	"cotverify/internal/visible"

	"github.com/google/go-cmp/cmp"
)

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
		a, b = visible.Clean(a), visible.Clean(b)
		if !visible.Line(a) {
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
