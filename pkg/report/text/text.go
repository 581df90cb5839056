package text

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

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

// isWhole reports whether a word is one that is never broken: a hash, a taskId or
// a URL. What is longer is none.
func isWhole(word string) bool {
	return len(word) >= 22 && len(word) <= 300 && copied.MatchString(word)
}

// copied matches what people copy. How long it may be is counted apart: an
// expression that counts is large, and all of it is made at each start.
var copied = regexp.MustCompile(`^[A-Za-z0-9_:/.?=&%+~@,;()#-]+$`)

// wrap breaks clean text into lines of at most a number of columns: at blanks,
// and within a word that is longer than a line, unless it is one that people
// copy.
func wrap(s string, room int) []string {
	var lines []string
	room = max(room, 2) // the widest letters take two
	for {
		line, rest := fit(s, room)
		if rest == "" {
			return append(lines, line)
		}
		if blank := strings.LastIndexByte(line, ' '); rest[0] != ' ' && strings.TrimSpace(line[:max(0, blank)]) != "" {
			line, rest = line[:blank], s[blank:]
		} else if rest[0] != ' ' {
			indent := len(s) - len(strings.TrimLeft(s, " "))
			word, after, _ := strings.Cut(s[indent:], " ")
			if isWhole(word) {
				line, rest = s[:indent]+word, after
			}
		}
		lines = append(lines, strings.TrimRight(line, " "))
		if s = strings.TrimLeft(rest, " "); s == "" {
			return lines
		}
	}
}
