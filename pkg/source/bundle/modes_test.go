package bundle_test

import (
	"archive/tar"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"cotverify/internal/memsource"
	"cotverify/pkg/source"
	"cotverify/pkg/source/bundle"
)

// What is private is recorded for its owner alone.
func TestRecordedPrivateFilesAreTheirOwners(t *testing.T) {
	const taskID = "HHfi-erFQ0iZcpHBjIDsdw"
	dir := t.TempDir()
	for _, name := range []string{"folder", "archive.tar"} {
		path := filepath.Join(dir, name)
		secret := memsource.Texts{source.Artifact(taskID, "project/x"): "private", source.Artifact(taskID, "public/chain-of-trust.json"): "{}"}
		r, err := bundle.NewRecorder(secret, path, bundle.RecordOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for f := range secret {
			if _, _, err := source.ReadAll(t.Context(), r, f, 1<<20); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Finish(bundle.Manifest{TaskID: taskID}); err != nil {
			t.Fatal(err)
		}
	}
	modes := map[string]fs.FileMode{
		"archive.tar": 0o600,
		"folder/tasks/" + taskID + "/artifacts/project/x":                  0o600,
		"folder/tasks/" + taskID + "/artifacts/public/chain-of-trust.json": 0o644,
	}
	for name, want := range modes {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm()&^want != 0 {
			t.Errorf("%s: got %v, %v, want %v", name, info, err, want)
		}
	}
	archive, err := os.Open(filepath.Join(dir, "archive.tar"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	for r := tar.NewReader(archive); ; {
		h, err := r.Next()
		if err != nil {
			break
		}
		if want := modes["folder/"+h.Name]; want != 0 && h.FileInfo().Mode().Perm() != want {
			t.Errorf("%s in the archive: mode %v, want %v", h.Name, h.FileInfo().Mode(), want)
		}
	}
}
