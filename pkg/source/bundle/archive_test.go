package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cotverify/pkg/source"
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
		b, err := openArchive(path, limits{member: source.MaxBody, unpacked: maxUnpacked, members: maxMembers, names: maxMemberNames})
		if err == nil {
			b.close()
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d bytes: got %v, expected %q", size, err, want)
		}
	}
}

// TestArchiveIsLookedAtAsItComes shows that members are refused by their headers:
// here what would have to be unpacked behind them is not there.
func TestArchiveIsLookedAtAsItComes(t *testing.T) {
	for want, h := range map[string]tar.Header{
		"it unpacks to more than":       {Name: "sources/x", Typeflag: tar.TypeReg, Size: 1 << 30},
		"the bundle's file sources/x":   {Name: "sources/x", Typeflag: tar.TypeReg, Size: source.MaxBody + 1},
		`its member "x" is a link`:      {Name: "x", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		`its member "../x" has a name `: {Name: "../x", Typeflag: tar.TypeReg, Size: 1 << 20},
	} {
		var data bytes.Buffer
		z := gzip.NewWriter(&data)
		if err := tar.NewWriter(z).WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if err := z.Flush(); err != nil {
			t.Fatal(err)
		}
		_, err := Open(writeTestFile(t, "b.tar.gz", data.Bytes()))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, expected %q", err, want)
		}
	}
}

// TestArchiveUpToItsLimits shows that what is just within a limit is read.
func TestArchiveUpToItsLimits(t *testing.T) {
	entries := []entry{fileEntry("bundle.json", `{"version": 1}`), fileEntry("a", "abc"), fileEntry("b", "")}
	size := int64(len(tarOf(t, entries...)))
	for what, tt := range map[string]struct {
		limits limits
		want   string
	}{
		"all":           {limits{member: 14, unpacked: size, members: 3, names: 13}, ""},
		"a file":        {limits{member: 13, unpacked: size, members: 3, names: 13}, "has 14 bytes"},
		"the archive":   {limits{member: 14, unpacked: size - 1, members: 3, names: 13}, "it unpacks to more than"},
		"the members":   {limits{member: 14, unpacked: size, members: 2, names: 13}, "it has more than 2 members"},
		"all the names": {limits{member: 14, unpacked: size, members: 3, names: 12}, "the names of its members"},
	} {
		for _, compress := range []func(testing.TB, []byte) []byte{gzipOf, zstdOf} {
			b, err := openWithin(writeTestFile(t, "b.tar", compress(t, tarOf(t, entries...))), tt.limits)
			if err == nil {
				if got, _ := readMember(b, "a"); got != "abc" {
					t.Errorf("%s: read %q", what, got)
				}
				b.Close()
			}
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%s: got %v, expected %q", what, err, tt.want)
			}
		}
	}
}

func readMember(b *Source, name string) (string, error) {
	r, _, err := b.members.open(name)
	if err != nil {
		return "", err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	return string(data), err
}

// zeros yields zero bytes for ever.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
