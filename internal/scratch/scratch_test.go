package scratch

import (
	"bytes"
	"io"
	"os"
	"sync"
	"testing"
)

func TestFile(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, size := range []int{0, 10, InMemory, InMemory + 1, 3 * InMemory} {
		want := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
		s := &File{}
		for rest := want; len(rest) > 0; {
			n, err := s.Write(rest[:min(len(rest), 100_000)])
			if err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if onDisk := s.file != nil; onDisk != (size > InMemory) {
			t.Errorf("%d bytes: on disk %v", size, onDisk)
		}
		var readers sync.WaitGroup
		for range 3 {
			readers.Go(func() {
				if got, err := io.ReadAll(s.Reader()); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%d bytes: read %d, %v", size, len(got), err)
				}
			})
		}
		readers.Wait()
		s.Close()
		if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
			t.Errorf("%d bytes: left behind %v, %v", size, left, err)
		}
	}
	var none *File
	none.Close()
}
