package pyyaml

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// scanPlain scans a scalar without quotes.
func (s *scanner) scanPlain() (token, error) {
	t := token{kind: scalar, mark: s.mark}
	indent := s.indent + 1
	var text strings.Builder
	spaces := "" // between the parts of the scalar
	for s.peek() != '#' {
		start := s.pos
		for !s.atPlainEnd() {
			s.skip()
		}
		if s.pos == start {
			break
		}
		s.keyAllowed = false
		text.WriteString(spaces)
		t.note(s, text.Len())
		text.WriteString(s.text[start:s.pos])
		spaces = s.scanPlainSpaces()
		if spaces == "" || s.flow == 0 && s.mark.column < indent {
			break
		}
	}
	t.text = text.String()
	return t, nil
}

// atPlainEnd reports whether a part of a plain scalar ends here: at a blank,
// at a colon before one, and in a flow collection at what has a meaning there.
func (s *scanner) atPlainEnd() bool {
	const flowIndicators = ",[]{}"
	r := s.peek()
	if r == ':' {
		next := s.peekAt(1)
		return isBlank(next) || s.flow > 0 && strings.ContainsRune(flowIndicators, next)
	}
	return isBlank(r) || s.flow > 0 && (r == '?' || strings.ContainsRune(flowIndicators, r))
}

// scanPlainSpaces scans spaces and line breaks in a plain scalar, and returns
// what they stand for, or "" where the scalar ends.
func (s *scanner) scanPlainSpaces() string {
	spaces := s.takeWhile(func(r rune) bool { return r == ' ' })
	first := s.lineBreak()
	if first == "" {
		return spaces
	}
	s.keyAllowed = true
	var breaks strings.Builder
	for {
		if s.atDocumentMarker("---") || s.atDocumentMarker("...") {
			return ""
		}
		s.skipSpaces()
		next := s.lineBreak()
		if next == "" {
			return fold(first, breaks.String())
		}
		breaks.WriteString(next)
	}
}

// fold returns what a line break in a folded scalar stands for, where breaks
// are those of the empty lines after it: a space, if there are none.
func fold(first, breaks string) string {
	if first != "\n" {
		return first + breaks
	}
	if breaks == "" {
		return " "
	}
	return breaks
}

// scanQuoted scans a scalar in single or double quotes.
func (s *scanner) scanQuoted() (token, error) {
	t := token{kind: scalar, mark: s.mark, quoted: true}
	quote := s.peek()
	s.skip()
	var text strings.Builder
	for {
		t.note(s, text.Len())
		switch r := s.peek(); {
		case r == quote && quote == '\'' && s.peekAt(1) == '\'':
			text.WriteByte('\'')
			s.skip()
			s.skip()
		case r == quote:
			s.skip()
			t.text = text.String()
			return t, nil
		case r == end:
			return t, t.mark.errorf("the quote is not closed")
		case r == '\\' && quote == '"':
			if err := s.scanEscape(&text); err != nil {
				return t, err
			}
		case isBlank(r):
			if err := s.scanQuotedSpaces(&text); err != nil {
				return t, err
			}
		default:
			text.WriteString(s.takeWhile(func(r rune) bool {
				return !isBlank(r) && r != quote && (r != '\\' || quote == '\'')
			}))
		}
	}
}

// scanQuotedSpaces scans spaces, tabs and line breaks in a quoted scalar.
func (s *scanner) scanQuotedSpaces(text *strings.Builder) error {
	spaces := s.takeWhile(isSpaceOrTab)
	first := s.lineBreak()
	if first == "" {
		text.WriteString(spaces)
		return nil
	}
	breaks, err := s.scanQuotedBreaks()
	text.WriteString(fold(first, breaks))
	return err
}

// scanQuotedBreaks scans the empty lines and the indentation that follow a
// line break in a quoted scalar.
func (s *scanner) scanQuotedBreaks() (string, error) {
	var breaks strings.Builder
	for {
		if s.atDocumentMarker("---") || s.atDocumentMarker("...") {
			return "", s.mark.errorf("a document marker is not allowed in quotes")
		}
		s.takeWhile(isSpaceOrTab)
		next := s.lineBreak()
		if next == "" {
			return breaks.String(), nil
		}
		breaks.WriteString(next)
	}
}

func isSpaceOrTab(r rune) bool { return r == ' ' || r == '\t' }

// scanEscape scans a backslash in double quotes and what it escapes.
func (s *scanner) scanEscape(text *strings.Builder) error {
	start := s.mark
	s.skip()
	r := s.peek()
	switch r {
	case 'x', 'u', 'U':
		s.skip()
		code, err := s.scanHex(map[rune]int{'x': 2, 'u': 4, 'U': 8}[r])
		if err != nil {
			return err
		}
		if code > utf8.MaxRune {
			return start.errorf("there is no character of that number")
		}
		writeRune(text, rune(code))
		return nil
	}
	if isBreak(r) { // the line goes on
		s.lineBreak()
		breaks, err := s.scanQuotedBreaks()
		text.WriteString(breaks)
		return err
	}
	escaped, ok := unescape(r)
	if !ok {
		return start.errorf("there is no escape of %q", r)
	}
	s.skip()
	text.WriteRune(escaped)
	return nil
}

// unescape returns what a character stands for after a backslash.
func unescape(r rune) (rune, bool) {
	switch r {
	case ' ', '"', '\\', '/', '\t':
		return r, true
	case '0':
		return 0, true
	case 'a':
		return '\a', true
	case 'b':
		return '\b', true
	case 't':
		return '\t', true
	case 'n':
		return '\n', true
	case 'v':
		return '\v', true
	case 'f':
		return '\f', true
	case 'r':
		return '\r', true
	case 'e':
		return 0x1B, true
	case 'N':
		return '\u0085', true
	case '_':
		return '\u00A0', true
	case 'L':
		return '\u2028', true
	case 'P':
		return '\u2029', true
	}
	return 0, false
}

// writeRune adds a character to a text, a surrogate as package value has it.
func writeRune(text *strings.Builder, r rune) {
	if utf16.IsSurrogate(r) {
		text.Write([]byte{0xE0 | byte(r>>12), 0x80 | byte(r>>6&0x3F), 0x80 | byte(r&0x3F)})
		return
	}
	text.WriteRune(r)
}

// scanBlockScalar scans a scalar that starts with "|" or ">".
func (s *scanner) scanBlockScalar() (token, error) {
	t := token{kind: scalar, mark: s.mark, quoted: true}
	folded := s.peek() == '>'
	s.skip()
	chomping, increment, err := s.scanBlockHeader()
	if err != nil {
		return t, err
	}
	indent := max(s.indent+1, 1)
	var breaks string
	if increment > 0 {
		indent += increment - 1
		breaks = s.scanBlockBreaks(indent)
	} else {
		var found int
		breaks, found = s.scanFirstBlockBreaks()
		indent = max(indent, found)
	}
	var text strings.Builder
	lineBreak := ""
	for s.mark.column == indent && s.peek() != end {
		text.WriteString(breaks)
		t.note(s, text.Len())
		spaced := isSpaceOrTab(s.peek())
		text.WriteString(s.takeWhile(func(r rune) bool { return !isBreak(r) }))
		lineBreak = s.lineBreak()
		breaks = s.scanBlockBreaks(indent)
		if s.mark.column != indent || s.peek() == end {
			break
		}
		switch {
		case !folded || lineBreak != "\n" || spaced || isSpaceOrTab(s.peek()):
			text.WriteString(lineBreak)
		case breaks == "": // two lines that are not indented further become one
			text.WriteByte(' ')
		}
	}
	if chomping != '-' {
		text.WriteString(lineBreak)
	}
	if chomping == '+' {
		text.WriteString(breaks)
	}
	t.text = text.String()
	return t, nil
}

// scanBlockHeader scans the line that a block scalar starts in: "+" or "-",
// and how much deeper than its block it is indented, each of which may be
// absent.
func (s *scanner) scanBlockHeader() (chomping rune, increment int, err error) {
	for range 2 {
		switch r := s.peek(); {
		case chomping == 0 && (r == '+' || r == '-'):
			chomping = r
			s.skip()
		case increment == 0 && '1' <= r && r <= '9':
			increment = int(r - '0')
			s.skip()
		}
	}
	if err := s.expectSpace(); err != nil {
		return 0, 0, err
	}
	return chomping, increment, s.endLine()
}

// scanFirstBlockBreaks scans the empty lines before the first line of a block
// scalar, and that line's indentation. It returns the deepest column it saw.
func (s *scanner) scanFirstBlockBreaks() (breaks string, column int) {
	var text strings.Builder
	for {
		s.skipSpaces()
		column = max(column, s.mark.column)
		next := s.lineBreak()
		if next == "" {
			return text.String(), column
		}
		text.WriteString(next)
	}
}

// scanBlockBreaks scans the empty lines before a further line of a block
// scalar, and that line's indentation.
func (s *scanner) scanBlockBreaks(indent int) string {
	var text strings.Builder
	for {
		for s.mark.column < indent && s.peek() == ' ' {
			s.skip()
		}
		next := s.lineBreak()
		if next == "" {
			return text.String()
		}
		text.WriteString(next)
	}
}
