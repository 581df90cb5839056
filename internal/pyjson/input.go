package pyjson

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

// scanBuffer is how much of a stream is held at a time. More makes Scan no
// faster.
const scanBuffer = 64 << 10

// maxEmptyReads is how often in a row a reader may return nothing and no
// error before it counts as broken.
const maxEmptyReads = 100

// input is a text that is read from front to back. What it hands out is valid
// UTF-8: Python decodes a file before it looks at the JSON in it, so invalid
// UTF-8 is refused wherever it stands.
type input struct {
	buf []byte // checked text; buf[pos:] is still to be read
	pos int
	err error // why nothing follows buf: io.EOF, the reader's error or a *SyntaxError

	src   io.Reader
	store []byte // what buf and rest lie in
	rest  []byte // the start of a character whose end was not read yet

	// The place of buf[0].
	offset       int64
	line, column int
}

// inputOf returns the input of a text in memory.
func inputOf(data []byte) *input {
	in := &input{line: 1, column: 1, err: io.EOF}
	in.hold(data)
	return in
}

// newInput returns the input of a stream.
func newInput(r io.Reader) *input {
	return &input{line: 1, column: 1, src: r, store: make([]byte, scanBuffer)}
}

// peek returns the next byte without reading it, and 0 where none follows.
// No JSON has a byte 0.
func (in *input) peek() byte {
	if !in.more() {
		return 0
	}
	return in.buf[in.pos]
}

// more reports whether there is a next byte.
func (in *input) more() bool { return in.pos < len(in.buf) || in.fill() }

// fill gets more text once all of buf was read, and reports whether there is
// any. What lay in buf is gone.
func (in *input) fill() bool {
	for empty := 0; in.pos == len(in.buf) && in.err == nil; empty++ {
		if empty == maxEmptyReads {
			in.err = io.ErrNoProgress
			break
		}
		in.offset, in.line, in.column = in.place()
		held := copy(in.store, in.rest)
		n, err := in.src.Read(in.store[held:])
		in.err = err
		in.hold(in.store[:held+n])
	}
	return in.pos < len(in.buf)
}

// hold makes text that was read the buffer, as far as it is valid UTF-8. Only
// where more is to come may it end within a character.
func (in *input) hold(text []byte) {
	valid := validPrefix(text)
	in.buf, in.pos, in.rest = text[:valid], 0, text[valid:]
	if len(in.rest) == 0 || in.err != nil && in.err != io.EOF {
		return
	}
	if in.err == io.EOF || utf8.FullRune(in.rest) {
		at := input{buf: in.buf, pos: valid, offset: in.offset, line: in.line, column: in.column}
		in.err = at.errorf("byte 0x%02x is no valid UTF-8", in.rest[0])
	}
}

// validPrefix returns the length of the longest start of b that is valid
// UTF-8.
func validPrefix(b []byte) int {
	if utf8.Valid(b) {
		return len(b)
	}
	n := 0
	for {
		r, size := utf8.DecodeRune(b[n:])
		if r == utf8.RuneError && size <= 1 {
			return n
		}
		n += size
	}
}

// read returns how many bytes were read so far.
func (in *input) read() int64 { return in.offset + int64(in.pos) }

// place returns where the next byte stands.
func (in *input) place() (offset int64, line, column int) {
	before := in.buf[:in.pos]
	line, column = in.line, in.column
	if newline := bytes.LastIndexByte(before, '\n'); newline >= 0 {
		line += bytes.Count(before, []byte{'\n'})
		column = 1
		before = before[newline+1:]
	}
	return in.read(), line, column + utf8.RuneCount(before)
}

// errorf returns an error at the next byte.
func (in *input) errorf(format string, args ...any) error {
	e := &SyntaxError{Message: fmt.Sprintf(format, args...)}
	e.Offset, e.Line, e.Column = in.place()
	return e
}
