package pyyaml

import (
	"strings"
	"unicode/utf8"
)

// end is what the scanner finds behind the last character. No document has it.
const end = 0

const byteOrderMark = '\uFEFF'

// decode returns the text of a document as Python reads a file in text mode:
// it is UTF-8, and its lines end in a line feed. Control characters are
// refused, as PyYAML does.
func decode(data []byte) (string, error) {
	if len(data) > maxSize {
		return "", mark{}.errorf("the document has %d bytes; %d are the most", len(data), maxSize)
	}
	text := string(data)
	if strings.Contains(text, "\r") {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	}
	for at, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[at:], string(r)) {
			return "", placeOf(text, at).errorf("byte 0x%02x is no valid UTF-8", text[at])
		}
		if !isPrintable(r) {
			return "", placeOf(text, at).errorf("the character %U is not allowed", r)
		}
	}
	return text, nil
}

// placeOf returns where a byte of the text stands.
func placeOf(text string, at int) mark {
	s := scanner{text: text}
	for s.pos < at {
		s.skip()
	}
	return s.mark
}

// isPrintable reports whether a character may stand in a document.
func isPrintable(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r < 0xA0:
		return r < 0x7F || r == 0x85
	}
	return r < 0xD800 || 0xDFFF < r && r != 0xFFFE && r != 0xFFFF
}

func isBreak(r rune) bool {
	return r == '\n' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

func endsLine(r rune) bool { return r == end || isBreak(r) }

// isBlank reports whether a character separates tokens: a space, a tab or the
// end of a line.
func isBlank(r rune) bool { return r == ' ' || r == '\t' || endsLine(r) }

// isWord reports whether a character may stand in an anchor or a tag's handle.
func isWord(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '-' || r == '_'
}
