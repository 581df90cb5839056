package pyyaml

import (
	"strings"
	"unicode/utf8"
)

// scanAlias scans "*name".
func (s *scanner) scanAlias() (token, error) { return s.scanName(alias) }

// scanAnchor scans "&name".
func (s *scanner) scanAnchor() (token, error) { return s.scanName(anchor) }

func (s *scanner) scanName(k kind) (token, error) {
	t := token{kind: k, mark: s.mark}
	s.skip()
	t.text = s.takeWhile(isWord)
	if t.text == "" {
		return t, s.mark.errorf("expected the name of %s, of ASCII letters, digits, - and _", k.describe())
	}
	if r := s.peek(); !isBlank(r) && !strings.ContainsRune("?:,]}%@`", r) {
		return t, s.mark.errorf("%q is not allowed in the name of %s", r, k.describe())
	}
	return t, nil
}

// scanTag scans a tag: "!<uri>", "!handle!suffix", "!suffix" or "!".
func (s *scanner) scanTag() (token, error) {
	t := token{kind: tag, mark: s.mark}
	var err error
	switch next := s.peekAt(1); {
	case next == '<':
		s.skip()
		s.skip()
		if t.text, err = s.scanURI(); err != nil {
			return t, err
		}
		if s.peek() != '>' {
			return t, s.mark.errorf(`expected ">" at the end of the tag`)
		}
		s.skip()
	case isBlank(next):
		t.text = "!"
		s.skip()
	default:
		if t.handle, err = s.scanTagStart(); err != nil {
			return t, err
		}
		if t.text, err = s.scanURI(); err != nil {
			return t, err
		}
	}
	return t, s.expectSpace()
}

// scanTagStart scans the handle of a tag: "!" alone if it has no other "!"
// before the next space.
func (s *scanner) scanTagStart() (string, error) {
	after := s.text[s.pos+1:]
	stop := strings.IndexFunc(after, func(r rune) bool { return r == '!' || r == ' ' || isBreak(r) })
	if stop >= 0 && after[stop] == '!' {
		return s.scanHandle()
	}
	s.skip()
	return "!", nil
}

// scanHandle scans "!", "!!" or "!name!".
func (s *scanner) scanHandle() (string, error) {
	start := s.pos
	if s.peek() != '!' {
		return "", s.mark.errorf(`expected "!", found %q`, s.peek())
	}
	s.skip()
	if s.peek() == ' ' {
		return "!", nil
	}
	s.takeWhile(isWord)
	if s.peek() != '!' {
		return "", s.mark.errorf(`expected "!" at the end of a tag's handle`)
	}
	s.skip()
	return s.text[start:s.pos], nil
}

// scanURI scans the characters of a tag that may stand in a URI, its %-escapes
// decoded. There is at least one.
func (s *scanner) scanURI() (string, error) {
	var uri strings.Builder
	for {
		switch r := s.peek(); {
		case r == '%':
			decoded, err := s.scanURIEscapes()
			if err != nil {
				return "", err
			}
			uri.WriteString(decoded)
		case r != end && (isWord(r) || strings.ContainsRune(";/?:@&=+$,.!~*'()[]", r)):
			uri.WriteRune(r)
			s.skip()
		case uri.Len() == 0:
			return "", s.mark.errorf("expected a tag")
		default:
			return uri.String(), nil
		}
	}
}

// scanURIEscapes scans escapes in a row, which together are UTF-8.
func (s *scanner) scanURIEscapes() (string, error) {
	start := s.mark
	var decoded []byte
	for s.peek() == '%' {
		s.skip()
		code, err := s.scanHex(2)
		if err != nil {
			return "", err
		}
		decoded = append(decoded, byte(code))
	}
	if !utf8.Valid(decoded) {
		return "", start.errorf("the escapes in the tag are no valid UTF-8")
	}
	return string(decoded), nil
}

// scanHex scans so many hexadecimal digits.
func (s *scanner) scanHex(digits int) (uint32, error) {
	code := uint32(0)
	for range digits {
		switch r := s.peek(); {
		case '0' <= r && r <= '9':
			code = code<<4 | uint32(r-'0')
		case 'a' <= r|0x20 && r|0x20 <= 'f':
			code = code<<4 | uint32(r|0x20-'a'+10)
		default:
			return 0, s.mark.errorf("expected %d hexadecimal digits", digits)
		}
		s.skip()
	}
	return code, nil
}

// scanDirective scans a line that starts with "%".
func (s *scanner) scanDirective() (token, error) {
	t := token{kind: otherDirective, mark: s.mark}
	s.skip()
	name := s.takeWhile(isWord)
	if name == "" {
		return t, s.mark.errorf("expected the name of a directive")
	}
	err := s.expectSpace()
	if err != nil {
		return t, err
	}
	switch name {
	case "YAML":
		t.kind = yamlDirective
		t.text, err = s.scanMajorVersion()
	case "TAG":
		t.kind = tagDirective
		t.handle, t.text, err = s.scanTagDirective()
	default:
		s.takeWhile(func(r rune) bool { return !isBreak(r) })
	}
	if err != nil {
		return t, err
	}
	if err := s.expectSpace(); err != nil {
		return t, err
	}
	return t, s.endLine()
}

// scanMajorVersion scans a version such as 1.1, and returns what is before the
// dot.
func (s *scanner) scanMajorVersion() (string, error) {
	const maxLength = 9 // no version is longer
	s.skipSpaces()
	isDigit := func(r rune) bool { return '0' <= r && r <= '9' }
	major := s.takeWhile(isDigit)
	dot := s.takeWhile(func(r rune) bool { return r == '.' })
	minor := s.takeWhile(isDigit)
	if major == "" || len(major) > maxLength || dot != "." || minor == "" || len(minor) > maxLength {
		return "", s.mark.errorf("expected a version such as 1.1")
	}
	return major, nil
}

// scanTagDirective scans a handle and what it stands for.
func (s *scanner) scanTagDirective() (handle, prefix string, err error) {
	s.skipSpaces()
	if handle, err = s.scanHandle(); err != nil {
		return "", "", err
	}
	if err = s.expectSpace(); err != nil {
		return "", "", err
	}
	s.skipSpaces()
	prefix, err = s.scanURI()
	return handle, prefix, err
}

// expectSpace requires that a space is next, or the end of the line.
func (s *scanner) expectSpace() error {
	if r := s.peek(); r != ' ' && !endsLine(r) {
		return s.mark.errorf("expected a space, found %q", r)
	}
	return nil
}

// endLine moves past the rest of a line, in which nothing but a comment may
// stand. A comment need not have a space before it here.
func (s *scanner) endLine() error {
	s.skipSpaces()
	s.comment()
	if r := s.peek(); !endsLine(r) {
		return s.mark.errorf("expected the end of the line, found %q", r)
	}
	s.lineBreak()
	return nil
}
