package pyjson

import (
	"io"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"cotverify/internal/value"
)

const (
	// maxDepth is how deep lists and objects may be nested. Python ends at
	// its recursion limit of 1,000, which its callers' frames count towards:
	// 994 levels in an empty program, about 20 less in the reference. This is
	// a little lower, so that nothing is read which the reference refuses.
	maxDepth = 950

	// maxDigits is how many digits an integer may have: Python's limit,
	// against the quadratic time of the conversion.
	maxDigits = 4300

	// maxValues is how many values a document may have that is held whole, and
	// maxScanned how many of a document's entries may have that are kept. A
	// small value takes up to 200 bytes of memory, many times its text. The
	// largest answers have some hundred thousand values; the entries of a task
	// graph that one release needs, about a million.
	maxValues  = 1_000_000
	maxScanned = 2_000_000

	// maxRepeated is how many repeated keys are reported. One is enough for a
	// warning; more help a reader, until they are too many to read.
	maxRepeated = 100

	// maxPointerKey is how many bytes of a key stand in a JSON pointer, so
	// that hostile keys do not make the report much larger than the document.
	maxPointerKey = 200
)

// parser reads one document. Its methods read what they are named after, from
// its first byte, and leave the input behind its last.
//
// A method that is told not to keep what it reads checks it all the same, and
// returns a value of the right kind that is empty.
type parser struct {
	in       *input
	room     int // how many more values may be kept
	depth    int
	repeated []string
	keys     map[string]string // each key's text once, as most keys recur
	scratch  []byte
}

// document ends the reading: v is its value, and nothing may follow.
func (p *parser) document(v any) (*Document, error) {
	p.space()
	if p.in.more() || p.in.err != io.EOF {
		return nil, p.unexpected("the end of the text")
	}
	return &Document{Value: v, Repeated: p.repeated}, nil
}

// unexpected returns the error of a place where something else should stand:
// what keeps the input from going on, if it does not.
func (p *parser) unexpected(expected string) error {
	if !p.in.more() {
		if p.in.err != io.EOF {
			return p.in.err
		}
		return p.in.errorf("expected %s, but the text ends", expected)
	}
	r, _ := utf8.DecodeRune(p.in.buf[p.in.pos:])
	if r == '\uFEFF' {
		return p.in.errorf("expected %s, found a byte order mark", expected)
	}
	return p.in.errorf("expected %s, found %q", expected, r)
}

func (p *parser) space() {
	in := p.in
	for in.more() {
		switch in.buf[in.pos] {
		case ' ', '\n', '\r', '\t':
			in.pos++
		default:
			return
		}
	}
}

func (p *parser) value(keep bool) (any, error) {
	if keep {
		if p.room == 0 {
			return nil, p.in.errorf("the document has more values than are read of it")
		}
		p.room--
	}
	switch p.in.peek() {
	case '{':
		if keep {
			return p.object(everyKey)
		}
		return p.object(nil)
	case '[':
		return p.list(keep)
	case '"':
		text, err := p.text(keep)
		if !keep {
			text = nil
		}
		return string(text), err
	case 'n':
		return nil, p.literal("null")
	case 't':
		return true, p.literal("true")
	case 'f':
		return false, p.literal("false")
	case 'N':
		return math.NaN(), p.literal("NaN")
	case 'I':
		return math.Inf(1), p.literal("Infinity")
	}
	return p.number(keep)
}

func (p *parser) literal(word string) error {
	for i := range len(word) {
		if p.in.peek() != word[i] {
			return p.unexpected(strconv.Quote(word))
		}
		p.in.pos++
	}
	return nil
}

// enter reads the first byte of a list or an object.
func (p *parser) enter() error {
	if p.depth == maxDepth {
		return p.in.errorf("nested deeper than %d levels", maxDepth)
	}
	p.depth++
	p.in.pos++
	p.space()
	return nil
}

// leave reads the last byte of a list or an object.
func (p *parser) leave() {
	p.depth--
	p.in.pos++
}

func (p *parser) list(keep bool) ([]any, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	var list []any
	if keep {
		list = []any{}
	}
	if p.in.peek() == ']' {
		p.leave()
		return list, nil
	}
	for i := 0; ; i++ {
		reported := len(p.repeated)
		v, err := p.value(keep)
		if err != nil {
			return nil, err
		}
		if keep {
			list = append(list, v)
		}
		if len(p.repeated) > reported {
			p.within(reported, strconv.Itoa(i))
		}
		p.space()
		switch p.in.peek() {
		case ',':
			p.in.pos++
			p.space()
		case ']':
			p.leave()
			return list, nil
		default:
			return nil, p.unexpected(`"," or "]"`)
		}
	}
}

// everyKey accepts every key of an object.
func everyKey(string) bool { return true }

// object keeps the entries whose key want accepts; none where want is nil.
func (p *parser) object(want func(key string) bool) (*value.Object, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	var o *value.Object
	if want != nil {
		o = &value.Object{}
	}
	if p.in.peek() == '}' {
		p.leave()
		return o, nil
	}
	for {
		if err := p.entry(o, want); err != nil {
			return nil, err
		}
		p.space()
		switch p.in.peek() {
		case ',':
			p.in.pos++
			p.space()
		case '}':
			p.leave()
			return o, nil
		default:
			return nil, p.unexpected(`"," or "}"`)
		}
	}
}

// entry reads a key and its value, which it sets in o if want accepts the key.
func (p *parser) entry(o *value.Object, want func(key string) bool) error {
	if p.in.peek() != '"' {
		return p.unexpected("a key in double quotes")
	}
	text, err := p.text(want != nil)
	if err != nil {
		return err
	}
	key, keep := "", false
	if want != nil {
		key, keep = p.key(text, want)
	}
	p.space()
	if p.in.peek() != ':' {
		return p.unexpected(`":"`)
	}
	p.in.pos++
	p.space()
	reported := len(p.repeated)
	v, err := p.value(keep)
	if err != nil {
		return err
	}
	if !keep {
		return nil
	}
	if len(p.repeated) > reported {
		p.within(reported, key)
	}
	if _, ok := o.Get(key); ok && len(p.repeated) < maxRepeated {
		p.repeated = append(p.repeated, pointerStep(key))
	}
	o.Set(key, v)
	return nil
}

// key returns a key and whether it is wanted. A wanted key shares its text with
// the same keys before it.
func (p *parser) key(text []byte, want func(key string) bool) (string, bool) {
	if key, ok := p.keys[string(text)]; ok {
		return key, want(key)
	}
	key := string(text)
	if !want(key) {
		return key, false
	}
	if p.keys == nil {
		p.keys = map[string]string{}
	}
	p.keys[key] = key
	return key, true
}

// within completes the pointers of the repeated keys from the given one on,
// which were found in the value of a key or at an index.
func (p *parser) within(from int, step string) {
	step = pointerStep(step)
	for i := from; i < len(p.repeated); i++ {
		p.repeated[i] = step + p.repeated[i]
	}
}

// pointerStep returns the JSON pointer of a key, which is cut if it is long.
func pointerStep(key string) string {
	if len(key) > maxPointerKey {
		key = strings.ToValidUTF8(key[:maxPointerKey], "") + "…"
	}
	return value.Pointer(key)
}

// number reads an integer, a float or -Infinity.
func (p *parser) number(keep bool) (any, error) {
	p.scratch = p.scratch[:0]
	if p.in.peek() == '-' {
		p.take()
		if p.in.peek() == 'I' {
			return math.Inf(-1), p.literal("Infinity")
		}
	}
	digits := 1
	switch c := p.in.peek(); {
	case c == '0': // no digit may follow it
		p.take()
	case isDigit(c):
		digits, _ = p.digits(keep)
	default:
		return nil, p.unexpected("a value")
	}
	isInt := true
	if p.in.peek() == '.' {
		isInt = false
		p.take()
		if _, err := p.digits(keep); err != nil {
			return nil, err
		}
	}
	if c := p.in.peek(); c == 'e' || c == 'E' {
		isInt = false
		p.take()
		if c := p.in.peek(); c == '+' || c == '-' {
			p.take()
		}
		if _, err := p.digits(keep); err != nil {
			return nil, err
		}
	}
	switch {
	case isInt && digits > maxDigits:
		return nil, p.in.errorf("an integer of %d digits; %d is the most", digits, maxDigits)
	case !keep:
		return 0.0, nil
	case isInt:
		return p.integer(), nil
	}
	f, _ := strconv.ParseFloat(string(p.scratch), 64) // out of range, it returns infinity
	return f, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// take reads a byte of a number.
func (p *parser) take() {
	p.scratch = append(p.scratch, p.in.buf[p.in.pos])
	p.in.pos++
}

// digits reads one digit or more, and returns how many.
func (p *parser) digits(keep bool) (int, error) {
	n := 0
	for isDigit(p.in.peek()) {
		start := p.in.pos
		for p.in.pos < len(p.in.buf) && isDigit(p.in.buf[p.in.pos]) {
			p.in.pos++
		}
		n += p.in.pos - start
		if keep {
			p.scratch = append(p.scratch, p.in.buf[start:p.in.pos]...)
		}
	}
	if n == 0 {
		return 0, p.unexpected("a digit")
	}
	return n, nil
}

// integer returns the integer that was just read.
func (p *parser) integer() *big.Int {
	text := string(p.scratch)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return big.NewInt(n)
	}
	n, _ := new(big.Int).SetString(text, 10)
	return n
}
