package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/pkg/report"
	"cotverify/pkg/report/text"
)

// written writes reports with the sink of a format's file.
func written(file reportFile, w io.Writer, reports ...*report.Report) error {
	sink := file.sink(w, text.TreeOptions{})
	var coverage report.Coverage
	for _, r := range reports {
		coverage.Add(r)
		if err := sink.Report(r); err != nil {
			return err
		}
	}
	return sink.Close(coverage.Summary())
}

// eachFile tests the files of all formats.
func eachFile(t *testing.T, f func(t *testing.T, file reportFile)) {
	t.Helper()
	for _, format := range reportFormats {
		for _, file := range format.files {
			t.Run(strings.TrimSpace(format.name+" "+file.name), func(t *testing.T) { f(t, file) })
		}
	}
}

// full is a disk that has room for so many bytes.
type full struct{ room int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		n := f.room
		f.room = 0
		return n, errFull
	}
	f.room -= len(p)
	return len(p), nil
}

// TestFullDiskIsTold holds that no format takes a report for written that is
// not, wherever the disk is full.
func TestFullDiskIsTold(t *testing.T) {
	reports := []*report.Report{testreport.Refused(), testreport.DecisionRefused(4)}
	eachFile(t, func(t *testing.T, file reportFile) {
		var whole strings.Builder
		if err := written(file, &whole, reports...); err != nil {
			t.Fatal(err)
		}
		for room := 0; room < whole.Len(); room += 1 + room/20 {
			if err := written(file, &full{room}, reports...); !errors.Is(err, errFull) {
				t.Fatalf("with room for %d of %d bytes the error is %v", room, whole.Len(), err)
			}
		}
		if err := written(file, &full{whole.Len()}, reports...); err != nil {
			t.Error(err)
		}
	})
}

// TestReaderLeaves holds that a report in a file is whole where the reader of
// standard output has left, and that this is no success.
func TestReaderLeaves(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	defer writer.Close()
	dir := t.TempDir()
	run := exec.Command("cotverify", "verify", "--bundle", "../../testdata/graphs/github-push", "--keys", "../../testdata/graphs/keys.json",
		"--report", "json="+filepath.Join(dir, "report.json"))
	run.Stdout = writer
	if err := run.Run(); err == nil {
		t.Error("it is a success")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("error %v, files %v", err, entries)
	}
	if r, _, err := readReport(filepath.Join(dir, "report.json")); err != nil || r.Verdict != report.Verified {
		t.Errorf("error %v, report %+v", err, r)
	}
}

// TestSameFactsSameBytes holds that a format has nothing of the time, or of the
// order in which a map is walked.
func TestSameFactsSameBytes(t *testing.T) {
	eachFile(t, func(t *testing.T, file reportFile) {
		var first, second strings.Builder
		if err := errors.Join(written(file, &first, testreport.Hostile(0)), written(file, &second, testreport.Hostile(0))); err != nil {
			t.Fatal(err)
		}
		if first.String() != second.String() {
			t.Error("the same report is written in two ways")
		}
	})
}

// TestFormatsAreDescribed holds that the page of formats has all of them.
func TestFormatsAreDescribed(t *testing.T) {
	page, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range describedFormats(true) {
		if !strings.Contains(string(page), "\n## `"+d.name+"`\n") {
			t.Errorf("docs/formats.md has no section of %s", d.name)
		}
	}
}

// FuzzFormats holds that each report that can be read can be written in all
// formats, and that no verdict is better than the checks.
func FuzzFormats(f *testing.F) {
	// Small ones: what is new and long is made small again for a minute.
	f.Add(`{"schema":"cotverify/report/v1","checks":[]}`)
	f.Add(`{"schema":"cotverify/report/v1","target":{"taskId":"T"},"links":[{"taskId":"T","label":"a","dependencies":[{"taskId":"T","as":"parent"}]}],` +
		`"checks":[{"check":"cot","status":"pass","taskId":"T"},{"check":"decision","status":"fail","taskId":"T","message":"m","diff":[{"path":"/a","rebuilt":1,"line":2}]}],` +
		`"causes":[{"cause":"c","title":"t","explains":[1]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := report.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		if n := report.CountsOf(r.Checks); r.Verdict == report.Verified && (n.Fail > 0 || n.Error > 0 || n.Pass == 0) {
			t.Errorf("verified, with %+v", n)
		}
		for _, format := range reportFormats {
			for _, file := range format.files {
				if err := written(file, io.Discard, r); err != nil {
					t.Errorf("%s: %v", format.name, err)
				}
			}
		}
	})
}
