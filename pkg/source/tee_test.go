package source_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"cotverify/pkg/source"
)

// sink keeps what it is given, up to a size, and how it ended.
type sink struct {
	bytes.Buffer
	room int
	ends []error
}

var errFull = errors.New("full")

func (s *sink) Write(p []byte) (int, error) {
	if s.Len()+len(p) > s.room {
		return 0, errFull
	}
	return s.Buffer.Write(p)
}

func (s *sink) End(err error) { s.ends = append(s.ends, err) }

// TestTee shows what a sink gets of a body, and that its reader sees no
// difference.
func TestTee(t *testing.T) {
	reset := errors.New("reset")
	for name, tt := range map[string]struct {
		body      io.Reader
		limit     int64 // of what is read
		room      int
		read      string
		readError error
		end       error
	}{
		"whole":           {strings.NewReader("body"), 100, 100, "body", nil, nil},
		"empty":           {strings.NewReader(""), 100, 100, "", nil, nil},
		"closed early":    {strings.NewReader("body"), 2, 100, "bo", nil, source.ErrNotRead},
		"broken off":      {io.MultiReader(strings.NewReader("bo"), iotest.ErrReader(reset)), 100, 100, "bo", reset, reset},
		"a sink too full": {iotest.OneByteReader(strings.NewReader("body")), 100, 2, "body", nil, errFull},
	} {
		to := &sink{room: tt.room}
		body := source.Tee(io.NopCloser(tt.body), to)
		read, err := io.ReadAll(io.LimitReader(body, tt.limit))
		if string(read) != tt.read || err != tt.readError {
			t.Errorf("%s: read %q, %v; expected %q, %v", name, read, err, tt.read, tt.readError)
		}
		for range 2 {
			if err := body.Close(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if len(to.ends) != 1 || to.ends[0] != tt.end {
			t.Errorf("%s: the sink ended with %v, expected once with %v", name, to.ends, tt.end)
		}
		if want := tt.read[:min(len(tt.read), tt.room)]; to.String() != want {
			t.Errorf("%s: the sink has %q, expected %q", name, to.String(), want)
		}
	}
}
