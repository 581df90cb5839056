// Package scratch keeps bytes that are read again later: a few in memory, more
// in a temporary file without a name.
package scratch

import (
	"bytes"
	"io"
	"os"
)

// InMemory is how many bytes of a file are kept in memory. A larger one goes to
// disk, so that documents of hundreds of megabytes do not fill the memory.
const InMemory = 1 << 20

// File is a file to write to once and to read from as often as is wanted. The
// zero file is empty.
type File struct {
	memory bytes.Buffer
	file   *os.File
	name   string // of the file, where it has to have one
	size   int64  // of the file
}

// Write implements [io.Writer].
func (f *File) Write(p []byte) (int, error) {
	if f.file != nil {
		return f.writeFile(p)
	}
	if f.memory.Len()+len(p) <= InMemory {
		return f.memory.Write(p)
	}
	if err := f.create(); err != nil {
		return 0, err
	}
	if _, err := f.writeFile(f.memory.Bytes()); err != nil {
		return 0, err
	}
	f.memory = bytes.Buffer{}
	return f.writeFile(p)
}

// create makes a file that lives as long as it is open, and leaves nothing
// behind. Where an open file cannot be removed, Close does it.
func (f *File) create() error {
	file, err := os.CreateTemp("", "cotverify-*")
	if err != nil {
		return err
	}
	f.file = file
	if err := os.Remove(file.Name()); err != nil {
		f.name = file.Name()
	}
	return nil
}

func (f *File) writeFile(p []byte) (int, error) {
	n, err := f.file.Write(p)
	f.size += int64(n)
	return n, err
}

// Size returns how many bytes were written.
func (f *File) Size() int64 {
	if f.file == nil {
		return int64(f.memory.Len())
	}
	return f.size
}

// Reader returns what was written, from its beginning. Several may read at
// once.
func (f *File) Reader() io.Reader { return f.Section(0, f.Size()) }

// Section returns a part of what was written, which it has.
func (f *File) Section(offset, length int64) io.Reader {
	if f.file == nil {
		return bytes.NewReader(f.memory.Bytes()[offset : offset+length])
	}
	return io.NewSectionReader(f.file, offset, length)
}

// Close frees what the file holds. A nil file holds nothing.
func (f *File) Close() error {
	if f == nil || f.file == nil {
		return nil
	}
	err := f.file.Close()
	if f.name != "" {
		return os.Remove(f.name)
	}
	return err
}
