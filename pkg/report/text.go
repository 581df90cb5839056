package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Clean makes text of hostile origin fit for a terminal: whatever a terminal
// would not print as it stands, such as control characters, escape sequences,
// marks that turn the direction of text, letters that nobody sees and invalid
// UTF-8, is written as an escape. What looks like an escape and is none has its
// backslashes doubled, so that no two texts come out alike.
func Clean(s string) string { return escape(doubled(s, isVisible), isVisible) }

// prose makes of a message what [Clean] makes of a text. A message quotes texts
// as Go and JSON do, so that their backslashes are escaped already.
func prose(s string) string { return escape(s, isVisible) }

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

// isVisible reports whether people see a letter, or a mark, as what it is. Of
// all that is blank that is only the space.
func isVisible(r rune) bool { return unicode.IsPrint(r) && !unicode.In(r, blank...) }

// cleanASCII is Clean for output that is ASCII only.
func cleanASCII(s string) string {
	return proseASCII(doubled(s, isASCII))
}

// proseASCII is prose for output that is ASCII only.
func proseASCII(s string) string {
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

// columns returns how many columns of a terminal clean text takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if r < utf8.RuneSelf {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// fit returns as much of the beginning of clean text as fits in a number of
// columns, and the rest.
func fit(s string, room int) (string, string) {
	used := 0
	for i, r := range s {
		if used += runeColumns(r); used > room {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// fitEnd returns as much of the end of clean text as fits in a number of
// columns.
func fitEnd(s string, room int) string {
	used, start := 0, len(s)
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:start])
		if used += runeColumns(r); used > room {
			break
		}
		start -= size
	}
	return s[start:]
}

// cutMiddle fits clean text in a number of columns. Its end stays, since names
// of tasks that are alike differ there.
func cutMiddle(s string, room int, mark string) string {
	if columns(s) <= room {
		return s
	}
	room -= columns(mark)
	if room < 1 {
		return ""
	}
	end := fitEnd(s, room/2)
	start, _ := fit(s, room-columns(end))
	return start + mark + end
}

// cutEnd fits clean text in a number of columns.
func cutEnd(s string, room int, mark string) string {
	if columns(s) <= room {
		return s
	}
	start, _ := fit(s, max(0, room-columns(mark)))
	return start + mark
}

// beforeDifference is how many columns of two texts are shown before they
// differ, to tell where in them that is.
const beforeDifference = 16

// cutToDifference fits two clean texts in a number of columns each, so that the
// place where they differ first is seen, one below the other.
func cutToDifference(a, b string, room int, mark string) (string, string) {
	if columns(a) <= room && columns(b) <= room {
		return a, b
	}
	same := 0
	for same < len(a) && same < len(b) {
		r, size := utf8.DecodeRuneInString(a[same:])
		if s, _ := utf8.DecodeRuneInString(b[same:]); s != r {
			break
		}
		same += size
	}
	if lead := a[:same]; columns(lead) > beforeDifference+columns(mark) {
		start := same - len(fitEnd(lead, beforeDifference))
		a, b = mark+a[start:], mark+b[start:]
	}
	return cutEnd(a, room, mark), cutEnd(b, room, mark)
}

// wrap breaks clean text into lines of at most a number of columns: at blanks,
// and within a word that is longer than a line.
func wrap(s string, room int) []string {
	var lines []string
	for {
		line, rest := fit(s, max(room, 2)) // the widest letters take two
		if rest == "" {
			return append(lines, line)
		}
		if blank := strings.LastIndexByte(line, ' '); rest[0] != ' ' && strings.TrimSpace(line[:max(0, blank)]) != "" {
			line, rest = line[:blank], s[blank:]
		}
		lines = append(lines, strings.TrimRight(line, " "))
		s = strings.TrimLeft(rest, " ")
	}
}
