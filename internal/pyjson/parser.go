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

	// maxValues is how many values are kept of a document. A small value takes
	// up to 200 bytes of memory, many times its text. The largest answers of
	// services have some ten thousand.
	maxValues = 300_000

	// maxIndexed is how many entries of a document are indexed. The largest
	// task graphs have some ten thousand tasks.
	maxIndexed = 200_000

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
	most     int // how many values may be kept
	kept     int // how many are
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
	return &Document{Value: v, Repeated: p.repeated, Values: p.kept}, nil
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

func (p *parser) value(keep Keep) (any, error) {
	if keep != nil {
		if p.kept == p.most {
			return nil, p.in.errorf("more values than are read of one document, which are %d", p.most)
		}
		p.kept++
	}
	switch p.in.peek() {
	case '{':
		return p.object(keep)
	case '[':
		return p.list(keep)
	case '"':
		text, err := p.text(keep != nil)
		if keep == nil {
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
	return p.number(keep != nil)
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

func (p *parser) list(keep Keep) ([]any, error) {
	var list []any
	if keep != nil {
		list = []any{}
	}
	err := p.sequence(']', func(i int) error {
		reported := len(p.repeated)
		v, err := p.value(keep)
		if err != nil {
			return err
		}
		if keep != nil {
			list = append(list, v)
		}
		if len(p.repeated) > reported {
			p.within(reported, strconv.Itoa(i))
		}
		return nil
	})
	return list, err
}

// sequence reads a list or an object up to the byte that ends it. read reads
// what is between the commas.
func (p *parser) sequence(end byte, read func(i int) error) error {
	if err := p.enter(); err != nil {
		return err
	}
	if p.in.peek() == end {
		p.leave()
		return nil
	}
	for i := 0; ; i++ {
		if err := read(i); err != nil {
			return err
		}
		p.space()
		switch p.in.peek() {
		case ',':
			p.in.pos++
			p.space()
		case end:
			p.leave()
			return nil
		default:
			return p.unexpected(`"," or "` + string(end) + `"`)
		}
	}
}

// object keeps the entries that keep says; none where it is nil.
func (p *parser) object(keep Keep) (*value.Object, error) {
	if keep == nil {
		return nil, p.entries(func() error { return p.entry(nil, nil) })
	}
	o := &value.Object{}
	return o, p.entries(func() error { return p.entry(o, keep) })
}

// entries reads an object, of which read reads each entry.
func (p *parser) entries(read func() error) error {
	return p.sequence('}', func(int) error { return read() })
}

// key reads the key of an entry. As of any text, the bytes are good until the
// next read.
func (p *parser) key(wanted bool) ([]byte, error) {
	if p.in.peek() != '"' {
		return nil, p.unexpected("a key in double quotes")
	}
	return p.text(wanted)
}

// colon reads what parts a key from its value.
func (p *parser) colon() error {
	p.space()
	if p.in.peek() != ':' {
		return p.unexpected(`":"`)
	}
	p.in.pos++
	p.space()
	return nil
}

// entry reads a key and its value, which it sets in o if keep says so.
func (p *parser) entry(o *value.Object, keep Keep) error {
	text, err := p.key(keep != nil)
	if err != nil {
		return err
	}
	return p.valueOf(o, text, keep)
}

// valueOf reads the value of a key that was just read, and sets it in o if keep
// says so.
func (p *parser) valueOf(o *value.Object, text []byte, keep Keep) error {
	var key string
	var below Keep
	if keep != nil {
		key, below = p.sharedKey(text, keep)
	}
	if err := p.colon(); err != nil {
		return err
	}
	reported := len(p.repeated)
	v, err := p.value(below)
	if err != nil || below == nil {
		return err
	}
	if len(p.repeated) > reported {
		p.within(reported, key)
	}
	if _, ok := o.Get(key); ok {
		p.repeat(key)
	}
	o.Set(key, v)
	return nil
}

// repeat takes note of a key that its object has already.
func (p *parser) repeat(key string) {
	if len(p.repeated) < maxRepeated {
		p.repeated = append(p.repeated, pointerStep(key))
	}
}

// sharedKey returns a key and what is kept of its value. A key that is kept
// shares its text with the same keys before it.
func (p *parser) sharedKey(text []byte, keep Keep) (string, Keep) {
	if key, ok := p.keys[string(text)]; ok {
		return key, keep(key)
	}
	key := string(text)
	below := keep(key)
	if below == nil {
		return key, nil
	}
	if p.keys == nil {
		p.keys = map[string]string{}
	}
	p.keys[key] = key
	return key, below
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
