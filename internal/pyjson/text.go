package pyjson

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string. What it returns is good until the next read; where the
// text is not to be kept it is not the whole of it.
func (p *parser) text(keep bool) ([]byte, error) {
	p.in.pos++
	p.scratch = p.scratch[:0]
	for {
		run := p.in.buf[p.in.pos : p.in.pos+plainLength(p.in.buf[p.in.pos:])]
		p.in.pos += len(run)
		if p.in.pos < len(p.in.buf) && p.in.buf[p.in.pos] == '"' {
			p.in.pos++
			if len(p.scratch) == 0 {
				return run, nil
			}
			return append(p.scratch, run...), nil
		}
		if keep {
			p.scratch = append(p.scratch, run...)
		} else {
			p.scratch = p.scratch[:0]
		}
		switch c := p.in.peek(); {
		case !p.in.more():
			return nil, p.unexpected("a double quote that ends the text")
		case c == '\\':
			p.in.pos++
			if err := p.escape(); err != nil {
				return nil, err
			}
		case c < ' ':
			return nil, p.in.errorf("the control character %q must be escaped in text", c)
		}
	}
}

// plainLength returns how many of the first bytes of b stand for themselves in
// a string: all before a control character, a quote or a backslash.
func plainLength(b []byte) int {
	n := 0
	for ; n+8 <= len(b); n += 8 {
		if hasSpecial(binary.LittleEndian.Uint64(b[n:])) {
			break
		}
	}
	for n < len(b) && b[n] >= ' ' && b[n] != '"' && b[n] != '\\' {
		n++
	}
	return n
}

// hasSpecial reports whether one of eight bytes is a control character, a
// quote or a backslash. In each term the highest bit of a byte is set if it is
// below a space, or equal to the other two, unless its own highest bit is set.
func hasSpecial(eight uint64) bool {
	const each = 0x0101010101010101
	below := eight - each*' '
	quote := eight ^ each*'"' - each
	backslash := eight ^ each*'\\' - each
	return (below|quote|backslash)&^eight&(each*0x80) != 0
}

// escape reads what follows a backslash and adds to scratch what it stands
// for. Two escapes that are a surrogate pair stand for one character; a
// surrogate without its other half is kept.
func (p *parser) escape() error {
	if p.in.peek() != 'u' {
		return p.shortEscape()
	}
	r, err := p.unicodeEscape()
	if err != nil {
		return err
	}
	for utf16.IsSurrogate(r) && r < 0xDC00 && p.in.peek() == '\\' {
		p.in.pos++
		if p.in.peek() != 'u' {
			p.addRune(r)
			return p.shortEscape()
		}
		next, err := p.unicodeEscape()
		if err != nil {
			return err
		}
		if pair := utf16.DecodeRune(r, next); pair != utf8.RuneError {
			p.addRune(pair)
			return nil
		}
		p.addRune(r)
		r = next
	}
	p.addRune(r)
	return nil
}

// shortEscape reads the one character of an escape such as \n.
func (p *parser) shortEscape() error {
	c := p.in.peek()
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	default:
		return p.unexpected(`one of "\/bfnrtu after a backslash`)
	}
	p.scratch = append(p.scratch, c)
	p.in.pos++
	return nil
}

// unicodeEscape reads an escape's "u" and its four hexadecimal digits.
func (p *parser) unicodeEscape() (rune, error) {
	p.in.pos++
	r := rune(0)
	for range 4 {
		c := p.in.peek()
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, p.unexpected(`four hexadecimal digits after \u`)
		}
		p.in.pos++
	}
	return r, nil
}

// addRune adds a character to scratch, a surrogate as package value has it.
func (p *parser) addRune(r rune) {
	if utf16.IsSurrogate(r) {
		p.scratch = append(p.scratch, 0xE0|byte(r>>12), 0x80|byte(r>>6&0x3F), 0x80|byte(r&0x3F))
		return
	}
	p.scratch = utf8.AppendRune(p.scratch, r)
}
