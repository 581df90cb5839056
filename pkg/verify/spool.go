package verify

import (
	"bytes"
	"context"
	"io"
	"os"
)

// maxInMemory is how much of an artifact's content is kept in memory. A
// larger one goes to a temporary file, so that a task graph of hundreds of
// megabytes does not.
const maxInMemory = 1 << 20

// spool keeps the bytes that were hashed, so that just those are read once
// the hash held.
type spool struct {
	memory bytes.Buffer
	file   *os.File
	size   int64 // of the file
}

// Write implements [io.Writer].
func (s *spool) Write(p []byte) (int, error) {
	if s.file != nil {
		return s.writeFile(p)
	}
	if s.memory.Len()+len(p) <= maxInMemory {
		return s.memory.Write(p)
	}
	file, err := os.CreateTemp("", "cotverify-*")
	if err != nil {
		return 0, err
	}
	// The file lives as long as it is open, and leaves nothing behind.
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return 0, err
	}
	s.file = file
	if _, err := s.writeFile(s.memory.Bytes()); err != nil {
		return 0, err
	}
	s.memory = bytes.Buffer{}
	return s.writeFile(p)
}

func (s *spool) writeFile(p []byte) (int, error) {
	n, err := s.file.Write(p)
	s.size += int64(n)
	return n, err
}

// reader returns what was written, from its beginning. Several may read at
// once.
func (s *spool) reader() io.Reader {
	if s.file == nil {
		return bytes.NewReader(s.memory.Bytes())
	}
	return io.NewSectionReader(s.file, 0, s.size)
}

// section returns a part of what was written.
func (s *spool) section(offset, length int64) io.Reader {
	if s.file == nil {
		return bytes.NewReader(s.memory.Bytes()[offset : offset+length])
	}
	return io.NewSectionReader(s.file, offset, length)
}

// until returns a reader that ends with the context's error once that ended.
func until(ctx context.Context, r io.Reader) io.Reader { return &untilReader{ctx, r} }

type untilReader struct {
	ctx context.Context
	r   io.Reader
}

func (u *untilReader) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// remove frees what the spool holds. A nil spool holds nothing.
func (s *spool) remove() {
	if s != nil && s.file != nil {
		s.file.Close()
	}
}
