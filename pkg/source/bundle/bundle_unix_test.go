//go:build unix

package bundle

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cotverify/pkg/source"
)

func TestOpenRefusesPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Skip(err)
	}
	_, err := Open(pipe)
	checkError(t, err, pipe, "it is a pipe, neither a folder nor an archive")
}

func TestFolderRefusesAllButFiles(t *testing.T) {
	outside := writeTestFile(t, "secret", []byte("secret"))
	dir := writeTestFolder(t, map[string]string{
		"bundle.json":                           `{"version": 1}`,
		"tasks/" + buildID + "/artifacts/large": strings.Repeat("x", 101),
	})
	artifacts := filepath.Join(dir, "tasks", buildID, "artifacts")
	for name, target := range map[string]string{"out": outside, "up": "../../../bundle.json", "within": "large", "folder": filepath.Dir(outside)} {
		if err := os.Symlink(target, filepath.Join(artifacts, name)); err != nil {
			t.Skip(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(artifacts, "pipe"), 0o644); err != nil {
		t.Skip(err)
	}
	b, err := openWithin(dir, limits{member: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for name, want := range map[string]string{
		"out":           "is a link, and only plain files are read",
		"up":            "is a link, and only plain files are read",
		"within":        "is a link, and only plain files are read",
		"folder":        "is a link, and only plain files are read",
		"folder/secret": "is behind a link that leads out of it",
		"pipe":          "is a pipe, and only plain files are read",
		"large":         "has 101 bytes, and at most 100 are read",
	} {
		f := source.Artifact(buildID, name)
		_, _, err := source.ReadAll(t.Context(), b, f, 1000)
		want = "unavailable 0: " + f.String() + " could not be had: the bundle's file tasks/" + buildID + "/artifacts/" + name + " " + want
		if got := describeError(err); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
