// Package pytext has what Python 3.11 knows of characters: which of them are
// digits, white space, letters with case, or can be printed. Package unicode
// follows a later Unicode than Python's, 14, so that it knows characters that
// are none to the reference.
package pytext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text may hold lone surrogates, of three bytes each (see package value), which
// package unicode/utf8 takes for three errors. What counts or cuts characters
// does so with the functions here.

const (
	surrogateLead = 0xED // first byte of a surrogate
	surrogateSize = 3
)

// DecodeRune returns the character that a text starts with, and its size.
func DecodeRune(text string) (rune, int) {
	if len(text) >= surrogateSize && text[0] == surrogateLead && text[1] >= 0xA0 {
		return rune(text[0]&0x0F)<<12 | rune(text[1]&0x3F)<<6 | rune(text[2]&0x3F), surrogateSize
	}
	return utf8.DecodeRuneInString(text)
}

// IsSurrogate reports whether a character is half of a surrogate pair.
func IsSurrogate(r rune) bool { return 0xD800 <= r && r <= 0xDFFF }

// Runes returns the characters of a text.
func Runes(text string) []rune {
	runes := make([]rune, 0, len(text))
	for len(text) > 0 {
		r, size := DecodeRune(text)
		runes = append(runes, r)
		text = text[size:]
	}
	return runes
}

// CountRunes returns how many characters a text has.
func CountRunes(text string) int {
	n := 0
	for i := range len(text) {
		if utf8.RuneStart(text[i]) {
			n++
		}
	}
	return n
}

// RuneOffset returns the offset of the n-th character, counted from 0, or the
// text's length where it has no more than n.
func RuneOffset(text string, n int) int {
	for i := range len(text) {
		if utf8.RuneStart(text[i]) {
			if n == 0 {
				return i
			}
			n--
		}
	}
	return len(text)
}

// IsSpace reports whether Python's str.isspace holds for a character: Unicode's
// white space and the four separators of ASCII.
func IsSpace(r rune) bool {
	return unicode.IsSpace(r) || '\x1c' <= r && r <= '\x1f'
}

// IsSpaceAroundNumber reports whether Python's int and float skip a character
// before and after a number: white space, but not the separators of ASCII.
func IsSpaceAroundNumber(r rune) bool { return unicode.IsSpace(r) }

// Digit returns the value of a decimal digit of any script, which Python
// reads in numbers, or -1.
func Digit(r rune) int {
	if '0' <= r && r <= '9' {
		return int(r - '0')
	}
	if r < utf8.RuneSelf || isNew(r) {
		return -1
	}
	// The digits of a script follow each other from zero to nine.
	for _, table := range unicode.Nd.R16 {
		if rune(table.Lo) <= r && r <= rune(table.Hi) {
			return int(r-rune(table.Lo)) % 10
		}
	}
	for _, table := range unicode.Nd.R32 {
		if rune(table.Lo) <= r && r <= rune(table.Hi) {
			return int(r-rune(table.Lo)) % 10
		}
	}
	return -1
}

// IsDigit reports whether a character is a decimal digit of any script: \d of
// Python's patterns.
func IsDigit(r rune) bool { return Digit(r) >= 0 }

// IsAlnum reports whether Python's str.isalnum holds for a character.
func IsAlnum(r rune) bool { return unicode.In(r, unicode.L, unicode.N) && !isNew(r) }

// IsPrintable reports whether Python's str.isprintable holds for a character.
func IsPrintable(r rune) bool { return unicode.IsPrint(r) && !isNew(r) }

// ASCIIDigits returns a text with the decimal digits of all scripts replaced by
// those of ASCII.
func ASCIIDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if d := Digit(r); d >= 0 {
			return '0' + rune(d)
		}
		return r
	}, text)
}

// Upper is Python's str.upper: the full mapping of Unicode, by which a
// character can become several.
func Upper(text string) string {
	return mapText(text, func(b *strings.Builder, i, size int, r rune) {
		if s := upperSpecial(r); s != "" {
			b.WriteString(s)
		} else {
			b.WriteRune(unicode.ToUpper(r))
		}
	})
}

// Lower is Python's str.lower: the full mapping of Unicode, with a sigma at the
// end of a word as it is written there.
func Lower(text string) string {
	return mapText(text, func(b *strings.Builder, i, size int, r rune) {
		switch {
		case r == 'Σ' && endsWord(text[:i], text[i+size:]):
			b.WriteRune('ς')
		case r == 'İ':
			b.WriteString("i̇")
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	})
}

// mapText builds a text from another one, character by character. Surrogates
// stay as they are.
func mapText(text string, write func(b *strings.Builder, i, size int, r rune)) string {
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); {
		r, size := DecodeRune(text[i:])
		if IsSurrogate(r) {
			b.WriteString(text[i : i+size])
		} else {
			write(&b, i, size, r)
		}
		i += size
	}
	return b.String()
}

// maxSigmaContext is how many characters around a sigma are looked at, so that
// a text of nothing but sigmas and marks takes no quadratic time.
const maxSigmaContext = 64

// endsWord is Unicode's condition Final_Sigma: what is before ends in a letter
// with case and what is after does not start with one, marks and the like left
// aside.
func endsWord(before, after string) bool {
	cased := false
	for range maxSigmaContext {
		r, size := utf8.DecodeLastRuneInString(before)
		if size == 0 || !isCaseIgnorable(r) {
			cased = size > 0 && isCased(r)
			break
		}
		before = before[:len(before)-size]
	}
	if !cased {
		return false
	}
	for range maxSigmaContext {
		r, size := utf8.DecodeRuneInString(after)
		if size == 0 || !isCaseIgnorable(r) {
			return size == 0 || !isCased(r)
		}
		after = after[size:]
	}
	return true
}

func isCased(r rune) bool {
	return !isNew(r) && unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Uppercase, unicode.Other_Lowercase)
}

func isCaseIgnorable(r rune) bool {
	switch r {
	case '\'', '.', ':', '·', '\u0387', '\u055F', '\u05F4', '‘', '’', '․', '‧', '\uFE13', '\uFE52', '\uFE55', '\uFF07', '\uFF0E', '\uFF1A':
		return true
	}
	return !isNew(r) && unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}
