// Package visible makes text of hostile origin fit for people to read: whatever
// a terminal would act on, or nobody would see, is written as an escape.
package visible

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Clean makes text of hostile origin fit for a terminal: whatever a terminal
// would not print as it stands, such as control characters, escape sequences,
// marks that turn the direction of text, letters that nobody sees and invalid
// UTF-8, is written as an escape. What looks like an escape and is none has its
// backslashes doubled, so that no two texts come out alike.
func Clean(s string) string { return escape(doubled(s, Is), Is) }

// Prose makes of a message what [Clean] makes of a text. A message quotes texts
// as Go and JSON do, so that their backslashes are escaped already.
func Prose(s string) string { return escape(s, Is) }

// blank has the letters and marks that Unicode counts as printed and that look
// like nothing, or like a space, in most fonts. With them two names look alike
// that are not.
var blank = []*unicode.RangeTable{
	// With the format characters, which unicode.IsPrint knows, these two are
	// Unicode's property Default_Ignorable_Code_Point.
	unicode.Other_Default_Ignorable_Code_Point,
	unicode.Variation_Selector,
	{
		R16: []unicode.Range16{{Lo: 0x2800, Hi: 0x2800, Stride: 1}}, // the Braille pattern without dots
		R32: []unicode.Range32{
			{Lo: 0x13441, Hi: 0x13442, Stride: 1}, // Egyptian blanks
			{Lo: 0x16fe4, Hi: 0x16fe4, Stride: 1}, // the Khitan filler
			{Lo: 0x1d159, Hi: 0x1d159, Stride: 1}, // the notehead without a head
		},
	},
}

// Is reports whether people see a letter, or a mark, as what it is. Of
// all that is blank that is only the space.
func Is(r rune) bool { return unicode.IsPrint(r) && !unicode.In(r, blank...) }

// CleanASCII is Clean for output that is ASCII only.
func CleanASCII(s string) string {
	return ProseASCII(doubled(s, isASCII))
}

// ProseASCII is Prose for output that is ASCII only.
func ProseASCII(s string) string {
	return escape(strings.ReplaceAll(s, "…", "..."), isASCII)
}

func isASCII(r rune) bool { return r < utf8.RuneSelf && unicode.IsPrint(r) }

// likeEscape matches, behind its backslash, what looks like an escape.
var likeEscape = regexp.MustCompile(`^([nt]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})`)

// doubled doubles the backslashes that stand in front of what looks like an
// escape, or of what is to become one. All others stay: most are of patterns.
func doubled(s string, printable func(rune) bool) string {
	var b strings.Builder
	for s != "" {
		rest := strings.TrimLeft(s, `\`)
		slashes := s[:len(s)-len(rest)]
		next, size := utf8.DecodeRuneInString(rest)
		if likeEscape.MatchString(rest) || size > 0 && !isPrinted(next, size, printable) {
			b.WriteString(slashes)
		}
		b.WriteString(slashes)
		text, _, _ := strings.Cut(rest, `\`)
		b.WriteString(text)
		s = rest[len(text):]
	}
	return b.String()
}

// isPrinted reports whether a rune of so many bytes is printable, and no byte of
// invalid UTF-8.
func isPrinted(r rune, size int, printable func(rune) bool) bool {
	return printable(r) && (r != utf8.RuneError || size > 1)
}

// escape replaces what is not printable by an escape as Go and JSON write it.
func escape(s string, printable func(rune) bool) string {
	var b strings.Builder
	for i, r := range s {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case printable(r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// Line reports whether people see all of a line as what it is.
func Line(s string) bool { return Prose(s) == s }

// JSON escapes in JSON what people would not see as it stands. The
// values stay the same, since such letters are only within texts.
func JSON(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || Is(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// YAML escapes in YAML what people would not see as it stands. The values
// stay the same where all texts that have such letters are in double quotes.
func YAML(s string) string {
	return escape(s, func(r rune) bool { return r == '\n' || Is(r) })
}

// Cut returns at most so many bytes of a text, and a mark where it left some
// out.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for back := 1; back < utf8.UTFMax && limit > 0 && !utf8.RuneStart(s[limit]); back++ {
		limit--
	}
	return s[:limit] + "…"
}
