package pytext

import (
	"testing"
	"unicode"
)

// The table of newer characters has to follow package unicode.
func TestKnownUnicode(t *testing.T) {
	if unicode.Version != knownUnicode {
		t.Errorf("package unicode has version %s: extend newer by the characters since %s", unicode.Version, knownUnicode)
	}
}

func TestDigit(t *testing.T) {
	for r, want := range map[rune]int{
		'0': 0, '9': 9, 'a': -1, '²': -1, '٣': 3, '９': 9, '\U0001D7FF': 9, '\U0001FBF9': 9,
		'\U00011F50': -1, '\U00011F53': -1, '\U0001E4F1': -1, // of Unicode 15
	} {
		if got := Digit(r); got != want {
			t.Errorf("Digit(%U) = %d, want %d", r, got, want)
		}
	}
}

func TestIsSpace(t *testing.T) {
	for _, r := range "\t\n\v\f\r\x1c\x1d\x1e\x1f \u0085\u00a0\u1680\u2028\u3000" {
		if !IsSpace(r) {
			t.Errorf("IsSpace(%U) = false", r)
		}
	}
	for _, r := range "\x1c\x1d\x1e\x1f" {
		if IsSpaceAroundNumber(r) {
			t.Errorf("IsSpaceAroundNumber(%U) = true", r)
		}
	}
	for _, r := range "a\x00\u200b\ufeff\u180e" {
		if IsSpace(r) {
			t.Errorf("IsSpace(%U) = true", r)
		}
	}
}

func TestIsPrintable(t *testing.T) {
	for r, want := range map[rune]bool{' ': true, 'ä': true, '\u00a0': false, '\u200b': false, '\ue000': false, '\U0001FA75': false, '\u0378': false} {
		if got := IsPrintable(r); got != want {
			t.Errorf("IsPrintable(%U) = %v", r, got)
		}
	}
}

func TestIsAlnum(t *testing.T) {
	for r, want := range map[rune]bool{'a': true, 'é': true, '٣': true, '½': true, '_': false, '-': false, '\u0301': false, '\U00011F53': false} {
		if got := IsAlnum(r); got != want {
			t.Errorf("IsAlnum(%U) = %v", r, got)
		}
	}
}

func TestCase(t *testing.T) {
	for in, want := range map[string]string{
		"GitHub.COM": "github.com", "İ": "i̇", "ΑΣ": "ας", "ΣΑ": "σα", "K": "k", "ẞ": "ß", "\xed\xa0\x80A": "\xed\xa0\x80a",
		"ΑΣ\U0001DF25": "ας\U0001DF25", // a letter of Unicode 15 ends the word
	} {
		if got := Lower(in); got != want {
			t.Errorf("Lower(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"straße": "STRASSE", "ŉ": "ʼN", "ﬁ": "FI"} {
		if got := Upper(in); got != want {
			t.Errorf("Upper(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRunes(t *testing.T) {
	got := Runes("a\xed\xa0\x80\uFFFD€")
	want := []rune{'a', 0xD800, 0xFFFD, '€'}
	if string(got) != string(want) || len(got) != len(want) || got[1] != want[1] {
		t.Errorf("Runes = %U, want %U", got, want)
	}
}
