package pyyaml

import (
	"os"
	"path/filepath"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	paths, _ := filepath.Glob("/work/shared/templates/*")
	b.Log(paths)
	for _, p := range paths {
		d, err := os.ReadFile(p)
		if err != nil {
			continue
		}
		b.Run(filepath.Base(p), func(b *testing.B) {
			b.SetBytes(int64(len(d)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
