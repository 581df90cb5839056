// Command generate writes testdata/graphs: every test graph as a bundle, and
// the keys that they are signed by.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"cotverify/internal/testgraph"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate FOLDER")
		os.Exit(2)
	}
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// generate replaces what is in a folder.
func generate(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, g := range testgraph.All() {
		if err := g.Write(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, "keys.json"), testgraph.Keys(), 0o644)
}
