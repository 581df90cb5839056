package source

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestArchiveThatSwells shows that a small archive is not unpacked to a large
// one.
func TestArchiveThatSwells(t *testing.T) {
	for size, want := range map[int64]string{
		unpackedAnyway / 2: "",
		4 * unpackedAnyway: "it unpacks to more than",
	} {
		path := filepath.Join(t.TempDir(), "swells.tar.gz")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		z := gzip.NewWriter(f)
		w := tar.NewWriter(z)
		if err := w.WriteHeader(&tar.Header{Name: "sources/x", Typeflag: tar.TypeReg, Size: size, Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(w, zeros{}, size); err != nil {
			t.Fatal(err)
		}
		for _, c := range []io.Closer{w, z, f} {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
		b, err := openArchive(path, limits{member: maxMember, unpacked: maxUnpacked, members: maxMembers})
		if err == nil {
			b.close()
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d bytes: got %v, expected %q", size, err, want)
		}
	}
}

// zeros yields zero bytes for ever.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
