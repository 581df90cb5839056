package source

import (
	"errors"
	"io"
)

// Sink takes what is read of a body, to keep it.
type Sink interface {
	io.Writer
	// End is called once: with nil after all of the body was written, else with
	// why it was not: the error of Write, the one of reading the body, or
	// [ErrNotRead].
	End(err error)
}

// ErrNotRead ends a sink whose body was closed before it was read to its end.
var ErrNotRead = errors.New("it was not read to its end")

// Tee returns a body that gives a sink all that is read of it. The sink's
// trouble is not the reader's.
func Tee(body io.ReadCloser, to Sink) io.ReadCloser {
	return &tee{body: body, to: to}
}

type tee struct {
	body io.ReadCloser
	to   Sink // nil once it has ended
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.body.Read(p)
	if t.to == nil {
		return n, err
	}
	_, failed := t.to.Write(p[:n])
	switch {
	case failed != nil:
		t.end(failed)
	case err == io.EOF:
		t.end(nil)
	case err != nil:
		t.end(err)
	}
	return n, err
}

func (t *tee) Close() error {
	t.end(ErrNotRead)
	return t.body.Close()
}

func (t *tee) end(err error) {
	if t.to != nil {
		t.to.End(err)
		t.to = nil
	}
}
