// Package order holds the order of the project's packages: imports go one way.
package order

import (
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers has the packages from those that import nothing of the others to those
// that nobody imports. Packages of one layer do not know each other. A name that
// ends in a slash stands for the packages below it.
var layers = [][]string{
	{"pkg/cot", "pkg/report"},
	{"pkg/policy", "pkg/source"},
	{"pkg/source/", "pkg/graph"},
	{"pkg/forge"},
	{"pkg/decision"},
	{"pkg/evidence"},
	{"pkg/verify"},
	{"pkg/audit", "pkg/diagnose", "pkg/workerlog"},
	{"pkg/report/internal/"},
	{"pkg/report/"},
	{"cmd/"},
}

// forTests are packages for tests, which may import what they need.
var forTests = []string{"internal/fakeservices", "internal/memsource", "internal/testgraph", "internal/testgraph/generate", "internal/testreport"}

const module = "cotverify/"

// goList returns what go list says of the project. It looks at every file first,
// so that no result of these tests is kept once one of them has changed.
func goList(t *testing.T, args ...string) string {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return string(out)
}

func TestOrder(t *testing.T) {
	out := goList(t, "-f", "{{.ImportPath}} {{join .Imports \" \"}}", module+"...")
	packages := 0
	for line := range strings.Lines(out) {
		words := strings.Fields(line)
		from := strings.TrimPrefix(words[0], module)
		packages++
		for _, imported := range words[1:] {
			to, ours := strings.CutPrefix(imported, module)
			if ours && !allowed(from, to) {
				t.Errorf("%s imports %s, which is against the order of the packages", from, to)
			}
		}
	}
	if packages < 20 {
		t.Errorf("go list knows of %d packages only", packages)
	}
}

// allowed reports whether a package may import another one.
func allowed(from, to string) bool {
	switch {
	case slices.Contains(forTests, from):
		return true
	case slices.Contains(forTests, to):
		return false
	case strings.HasPrefix(from, "internal/"):
		return strings.HasPrefix(to, "internal/")
	case strings.HasPrefix(to, "internal/"):
		return true
	}
	return layer(to) >= 0 && layer(to) < layer(from)
}

// layer returns the layer of a package, -1 if it has none.
func layer(name string) int {
	for i, of := range layers {
		if slices.Contains(of, name) {
			return i
		}
	}
	for i, of := range layers {
		if slices.Contains(of, path.Dir(name)+"/") {
			return i
		}
	}
	return -1
}

func TestAllowed(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		want     bool
	}{
		{"pkg/verify", "pkg/report", true},
		{"pkg/report", "pkg/verify", false},
		{"pkg/report/text", "pkg/verify", true},
		{"pkg/verify", "pkg/report/text", false},
		{"pkg/report/text", "pkg/report/junit", false},
		{"pkg/source", "pkg/source/live", false},
		{"pkg/graph", "pkg/source/live", false},
		{"pkg/policy", "pkg/source", false},
		{"internal/value", "pkg/cot", false},
		{"cmd/cotverify", "internal/testgraph", false},
		{"pkg/new", "pkg/cot", false},
	} {
		if got := allowed(tt.from, tt.to); got != tt.want {
			t.Errorf("%s imports %s: got %v", tt.from, tt.to, got)
		}
	}
}
