package bundle

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"cotverify/internal/fileerr"
	"cotverify/internal/scratch"

	"github.com/klauspost/compress/zstd"
)

// maxShownName is how much of a name that is too long an error shows.
const maxShownName = 60

// maxZstdWindow is how far back compressed data may refer, which is memory:
// what the zstd tool itself accepts unasked.
const maxZstdWindow = 128 << 20

// How much a compressed archive may unpack to, for its size: definitions and
// task graphs, which compress best of all that is in bundles, take a twentieth
// to a fortieth of their size. So a small file cannot fill the temporary folder.
const (
	unpackedAnyway = 64 << 20
	maxRatio       = 100
)

// archive is a bundle that is a tar archive: what is in it, unpacked, and where
// each member's bytes are there.
type archive struct {
	content content
	members map[string]extent
}

// content is a file of which parts are read.
type content interface {
	Section(offset, length int64) io.Reader
	Close() error
}

type extent struct{ offset, size int64 }

func openArchive(path string, l limits) (members, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", fileerr.Reason(err))
	}
	return openFile(f, l)
}

// Read opens a bundle that is an archive and comes as a stream, which is kept in
// a temporary file. The name is for errors, which are as of [Open].
func Read(r io.Reader, name string) (*Source, error) {
	return readWithin(r, name, usual)
}

func readWithin(r io.Reader, name string, l limits) (*Source, error) {
	f, err := os.CreateTemp("", "cotverify-*")
	if err != nil {
		return nil, unusable(name, fmt.Errorf("it cannot be kept in the temporary folder: %w", fileerr.Reason(err)))
	}
	defer os.Remove(f.Name()) // where an open file cannot be removed it stays
	n, err := io.Copy(f, io.LimitReader(r, l.unpacked+1))
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	switch {
	case err != nil:
		err = fmt.Errorf("it cannot be kept in the temporary folder: %w", fileerr.Reason(err))
	case n > l.unpacked:
		err = swells(l.unpacked)
	}
	if err != nil {
		f.Close()
		return nil, unusable(name, err)
	}
	m, err := openFile(f, l)
	if err != nil {
		return nil, unusable(name, err)
	}
	return opened(name, m)
}

// openFile returns the members of the archive that an open file is, and closes
// it where it is not needed.
func openFile(f *os.File, l limits) (members, error) {
	a, err := readArchive(f, l)
	if a == nil || a.content != (plain{f}) {
		f.Close()
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// readArchive returns the archive that a file is, or that it is the compressed
// form of, told by its first bytes.
func readArchive(f *os.File, l limits) (*archive, error) {
	var magic [4]byte
	n, err := io.ReadFull(f, magic[:])
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return nil, fmt.Errorf("it cannot be read: %w", fileerr.Reason(err))
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", fileerr.Reason(err))
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", fileerr.Reason(err))
	}
	l.unpacked = min(l.unpacked, unpackedAnyway+maxRatio*info.Size())
	switch {
	case bytes.HasPrefix(magic[:n], []byte{0x1f, 0x8b}):
		r, err := gzip.NewReader(f)
		if err != nil {
			return nil, damaged("gzip", err)
		}
		return unpack(r, "gzip", l)
	case bytes.Equal(magic[:n], []byte{0x28, 0xb5, 0x2f, 0xfd}):
		r, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			return nil, damaged("zstd", err)
		}
		defer r.Close()
		return unpack(r, "zstd", l)
	}
	a := &archive{content: plain{f}, members: map[string]extent{}}
	l.unpacked = math.MaxInt64 // nothing is unpacked
	if err := a.index(plain{f}, l); err != nil {
		return nil, err
	}
	return a, nil
}

// unpack writes what r yields to a temporary file, so that nothing stays behind.
// Each member is looked at before its bytes are written.
func unpack(r io.Reader, format string, l limits) (*archive, error) {
	f := &scratch.File{}
	a := &archive{content: f, members: map[string]extent{}}
	s := &unpacking{from: r, to: bufio.NewWriterSize(f, writeBuffer), format: format, limit: l.unpacked}
	err := a.index(s, l)
	if err == nil {
		err = s.end()
	}
	if s.err != nil {
		err = s.err
	}
	if err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

// tape is what the members of an archive are read from, one after the other.
type tape interface {
	io.Reader
	// position returns how much of it was read.
	position() (int64, error)
}

// plain is an archive that is not compressed.
type plain struct{ *os.File }

func (p plain) position() (int64, error) { return p.Seek(0, io.SeekCurrent) }

// Section implements content.
func (p plain) Section(offset, length int64) io.Reader {
	return io.NewSectionReader(p.File, offset, length)
}

// writeBuffer is how much is gathered to be written at once.
const writeBuffer = 256 << 10

// unpacking is an archive that is unpacked as it is read, and written to a file.
type unpacking struct {
	from   io.Reader
	to     *bufio.Writer
	format string
	read   int64
	limit  int64 // how much may be read
	err    error // why it ended, but for the end itself
}

func (s *unpacking) position() (int64, error) { return s.read, nil }

// Read fails with an error that is for a person, and remembers it.
func (s *unpacking) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	s.read += int64(n)
	if s.read > s.limit {
		s.err = swells(s.limit)
	} else if _, failed := s.to.Write(p[:n]); failed != nil {
		s.err = fmt.Errorf("it cannot be unpacked to the temporary folder: %w", fileerr.Reason(failed))
	} else if err != nil && err != io.EOF {
		s.err = damaged(s.format, err)
	}
	if s.err != nil {
		return 0, s.err
	}
	return n, err
}

// end reads to the end, where the compressed data has its checksum. Of what
// comes after the last member no more is kept.
func (s *unpacking) end() error {
	if err := s.to.Flush(); err != nil {
		return fmt.Errorf("it cannot be unpacked to the temporary folder: %w", fileerr.Reason(err))
	}
	s.to.Reset(io.Discard)
	_, err := io.Copy(io.Discard, s)
	return err
}

func swells(limit int64) error {
	return fmt.Errorf("it unpacks to more than %d bytes, which is the limit", limit)
}

func damaged(format string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("its %s data breaks off", format)
	}
	return fmt.Errorf("its %s data is damaged: %w", format, err)
}

// index notes where each member is. It refuses what is no plain file or
// folder, what could lead out, and two members of one name: which of them
// counts would be up to whoever reads the archive.
func (a *archive) index(t tape, l limits) error {
	r := tar.NewReader(t)
	names := 0
	for count := 1; ; count++ {
		h, err := r.Next()
		switch {
		case err == io.EOF:
			a.strip()
			return nil
		case err != nil && count == 1:
			return noBundle("it is neither a folder nor a tar archive, plain or compressed by gzip or zstd")
		case errors.Is(err, tar.ErrHeader):
			return errors.New("its tar data is damaged")
		case err != nil:
			return damaged("tar", err)
		case count > l.members:
			return fmt.Errorf("it has more than %d members, which is the limit", l.members)
		}
		if names += len(h.Name); names > l.names {
			return fmt.Errorf("the names of its members have more than %d bytes in all, which is the limit", l.names)
		}
		offset, err := t.position()
		if err != nil {
			return fmt.Errorf("it cannot be read: %w", fileerr.Reason(err))
		}
		if err := a.add(h, offset, l); err != nil {
			return err
		}
	}
}

// add notes a member whose bytes are at an offset of the file.
func (a *archive) add(h *tar.Header, offset int64, l limits) error {
	name := strings.TrimPrefix(h.Name, "./")
	if h.Typeflag == tar.TypeDir {
		name = strings.TrimSuffix(name, "/")
	}
	switch {
	case h.Typeflag == tar.TypeXGlobalHeader:
		return nil
	case len(name) > maxMemberName:
		return fmt.Errorf("its member %q… has a name of %d bytes, and at most %d are allowed", name[:maxShownName], len(name), maxMemberName)
	case h.Typeflag == tar.TypeDir && (name == "" || name == "."):
		return nil
	case !isMemberName(name):
		return fmt.Errorf("its member %q has a name that could lead out of it", h.Name)
	case h.Typeflag == tar.TypeDir:
		return nil
	case h.Typeflag != tar.TypeReg, isSparse(h):
		return fmt.Errorf("its member %q is %s, and only plain files and folders are read", name, memberKind(h))
	case h.Size > l.member:
		return tooLarge(name, h.Size, l)
	case h.Size > l.unpacked-offset:
		return swells(l.unpacked)
	}
	if _, ok := a.members[name]; ok {
		return fmt.Errorf("it has two members of the name %q", name)
	}
	a.members[name] = extent{offset: offset, size: h.Size}
	return nil
}

func (a *archive) list() ([]File, error) {
	var files []File
	for _, name := range slices.Sorted(maps.Keys(a.members)) {
		files = append(files, File{name, a.members[name].size})
	}
	return files, nil
}

// strip makes of an archive that holds the bundle as its one folder, as "tar c
// FOLDER" does, one that holds what is in it.
func (a *archive) strip() {
	if _, ok := a.members[manifestName]; ok {
		return
	}
	var top string
	for name := range a.members {
		first, _, ok := strings.Cut(name, "/")
		if !ok || top != "" && first != top {
			return
		}
		top = first
	}
	stripped := make(map[string]extent, len(a.members))
	for name, e := range a.members {
		stripped[strings.TrimPrefix(name, top+"/")] = e
	}
	a.members = stripped
}

// isSparse reports whether a member's bytes are not in the archive as they are.
func isSparse(h *tar.Header) bool {
	for k := range h.PAXRecords {
		if strings.HasPrefix(k, "GNU.sparse.") {
			return true
		}
	}
	return h.Typeflag == tar.TypeGNUSparse
}

// memberKind names what a member is for a person.
func memberKind(h *tar.Header) string {
	switch h.Typeflag {
	case tar.TypeLink:
		return "a hard link"
	case tar.TypeSymlink:
		return "a link"
	case tar.TypeChar, tar.TypeBlock:
		return "a device"
	case tar.TypeFifo:
		return "a pipe"
	}
	if isSparse(h) {
		return "a sparse file"
	}
	return fmt.Sprintf("of the unknown kind %q", h.Typeflag)
}

func (a *archive) open(name string) (io.ReadCloser, int64, error) {
	e, ok := a.members[name]
	if !ok {
		return nil, 0, fs.ErrNotExist
	}
	return io.NopCloser(a.content.Section(e.offset, e.size)), e.size, nil
}

func (a *archive) close() error { return a.content.Close() }
