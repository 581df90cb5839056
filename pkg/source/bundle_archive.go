package source

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
)

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

// archive is a bundle that is a tar archive: an open file, and where in it
// each member's bytes are.
type archive struct {
	file    *os.File
	members map[string]extent
	// temporary is the file's name where it could not be removed while open.
	temporary string
}

type extent struct{ offset, size int64 }

func openArchive(path string, l limits) (members, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", plainError(err))
	}
	a, err := unpack(f, l)
	if err != nil {
		f.Close()
		return nil, err
	}
	if a.file != f {
		f.Close()
	}
	if err := a.index(l); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

// unpack returns the archive that a file is, or that it is the compressed form
// of, told by its first bytes.
func unpack(f *os.File, l limits) (*archive, error) {
	var magic [4]byte
	n, err := io.ReadFull(f, magic[:])
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return nil, fmt.Errorf("it cannot be read: %w", plainError(err))
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", plainError(err))
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", plainError(err))
	}
	l.unpacked = min(l.unpacked, unpackedAnyway+maxRatio*info.Size())
	switch {
	case bytes.HasPrefix(magic[:n], []byte{0x1f, 0x8b}):
		r, err := gzip.NewReader(f)
		if err != nil {
			return nil, damaged("gzip", err)
		}
		return unpackFrom(r, "gzip", l)
	case bytes.Equal(magic[:n], []byte{0x28, 0xb5, 0x2f, 0xfd}):
		r, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			return nil, damaged("zstd", err)
		}
		defer r.Close()
		return unpackFrom(r, "zstd", l)
	}
	return &archive{file: f}, nil
}

// unpackFrom writes what r yields to a temporary file, which has no name any
// more where the system allows that, so that nothing stays behind.
func unpackFrom(r io.Reader, format string, l limits) (*archive, error) {
	f, err := os.CreateTemp("", "cotverify-bundle-*.tar")
	if err != nil {
		return nil, fmt.Errorf("no temporary file to unpack it to: %w", plainError(err))
	}
	a := &archive{file: f}
	if os.Remove(f.Name()) != nil {
		a.temporary = f.Name()
	}
	if err := copyAtMost(f, r, l.unpacked, format); err != nil {
		a.close()
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		a.close()
		return nil, fmt.Errorf("the temporary file cannot be read: %w", plainError(err))
	}
	return a, nil
}

func copyAtMost(w io.Writer, r io.Reader, limit int64, format string) error {
	n, err := io.Copy(w, io.LimitReader(r, limit+1))
	var pe *fs.PathError
	switch {
	case errors.As(err, &pe):
		return fmt.Errorf("it cannot be unpacked to the temporary folder: %w", pe.Err)
	case err != nil:
		return damaged(format, err)
	case n > limit:
		return fmt.Errorf("it unpacks to more than %d bytes, which is the limit", limit)
	}
	return nil
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
func (a *archive) index(l limits) error {
	a.members = map[string]extent{}
	r := tar.NewReader(a.file)
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
		if err := a.add(h, l); err != nil {
			return err
		}
	}
}

// add notes a member whose bytes are what comes next in the file.
func (a *archive) add(h *tar.Header, l limits) error {
	name := strings.TrimPrefix(h.Name, "./")
	if h.Typeflag == tar.TypeDir {
		name = strings.TrimSuffix(name, "/")
	}
	switch {
	case h.Typeflag == tar.TypeXGlobalHeader:
		return nil
	case len(name) > maxMemberName:
		return fmt.Errorf("its member %q… has a name of %d bytes, and at most %d are allowed", name[:maxQuoted], len(name), maxMemberName)
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
	}
	if _, ok := a.members[name]; ok {
		return fmt.Errorf("it has two members of the name %q", name)
	}
	offset, err := a.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return fmt.Errorf("it cannot be read: %w", plainError(err))
	}
	a.members[name] = extent{offset: offset, size: h.Size}
	return nil
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
	return io.NopCloser(io.NewSectionReader(a.file, e.offset, e.size)), e.size, nil
}

func (a *archive) close() error {
	err := a.file.Close()
	if a.temporary != "" {
		os.Remove(a.temporary)
	}
	return err
}
