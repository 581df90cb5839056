package text

import (
	"fmt"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/pkg/report"
)

// tampered is a report of 65 tasks, of which one has an artifact that was changed.
func tampered() *report.Report {
	return testreport.Wide(report.Check{
		Check: "artifact", Status: report.Fail, Reason: report.HashMismatch, TaskID: testreport.WideID(7), Subject: "public/build/target.installer.exe",
		Message:  "it is not what the worker signed",
		Expected: "sha256 da559d42e6cc1d4f1ff0eb9f1e4f1b3b9c9be3a0d1ad2f52b1e7c9f4c5c1a9ee",
		Actual:   "sha256 9f2c110ab3d1da9d2a8af6d4bb4aa5a6b7cf0b4ae2d0eb93a4a9b7a2e6c2f8b1, 1252 bytes",
		Hint:     "it changed after the task signed it: keep the file, do not ship, and find out who can write to the storage",
	})
}

// TestOneScreen holds that a terminal of 80 columns and 24 lines shows all that a
// reader needs of a large chain with one failure.
func TestOneScreen(t *testing.T) {
	screen := lines(t, tampered(), TreeOptions{Width: 80})
	if len(screen) >= 24 { // the prompt takes one
		t.Errorf("it takes %d lines", len(screen))
	}
	text := strings.Join(strings.Fields(strings.Join(screen, " ")), " ")
	for _, part := range []string{
		"refused: artifact public/build/target.installer.exe of repackage-l10n-7-win64-shippable/opt", // first
		"59 more repackage, 2 decision, 1 build, 1 docker-image hold (--all lists them)",
		"https://firefox-ci-tc.services.mozilla.com/tasks/" + testreport.WideID(7),
		"9f2c110ab3d1da9d2a8af6d4bb4aa5a6b7cf0b4ae2d0eb93a4a9b7a2e6c2f8b1",
		"keep the file, do not ship",
		"refused: 1 of 586 checks failed (artifact), 0 warnings: artifact public/build/target.installer.exe of repackage-l10n-7-win64-shippable/opt", // last
	} {
		if !strings.Contains(text, part) {
			t.Errorf("it does not say %q:\n%s", part, strings.Join(screen, "\n"))
		}
	}
}

func TestFolding(t *testing.T) {
	alike := func(n int) *report.Report {
		var checks []report.Check
		for i := range n {
			checks = append(checks, report.Check{Check: "signature", Status: report.Fail, TaskID: testreport.WideID(i), Message: "no", Hint: "h"})
		}
		return testreport.Wide(checks...)
	}
	tests := []struct {
		name    string
		report  *report.Report
		o       TreeOptions
		rows    int // with a taskId that is one of the 60
		with    string
		without string
	}{
		{"what holds is folded", testreport.Wide(), TreeOptions{}, 0, "… 60 more repackage", "↑"},
		{"one that fails is shown", tampered(), TreeOptions{}, 1, "… 59 more repackage", "↑"},
		{"--all unfolds", tampered(), TreeOptions{All: true}, 60, "↑ build", "more"},
		{"--only failures", tampered(), TreeOptions{OnlyFailures: true}, 1, "59 more repackage", "(--all lists them)"},
		{"--only failures of a small chain", testreport.Refused(), TreeOptions{OnlyFailures: true}, 0, "! decision", "↑"},
		{"many fail alike", alike(60), TreeOptions{}, maxAlike, "54 more repackage fail alike (signature)", "↑"},
		{"a small chain is not folded", testreport.Refused(), TreeOptions{}, 0, "↑ docker-image", "hold"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, text := 0, ""
			for _, line := range lines(t, tt.report, tt.o) {
				if strings.ContainsAny(line, "├└") {
					text += line + "\n"
					if strings.Contains(line, "Y8MEsPXHTmSBdrNMP1b") {
						rows++
					}
				}
			}
			if rows != tt.rows || !strings.Contains(text, tt.with) || strings.Contains(text, tt.without) {
				t.Errorf("%d rows, want %d; want %q and no %q:\n%s", rows, tt.rows, tt.with, tt.without, text)
			}
		})
	}
}

// TestPipeCutsNothing holds that where there is no width, nothing is left out of
// what is shown, and no line is broken.
func TestPipeCutsNothing(t *testing.T) {
	r := tampered()
	r.Checks[len(r.Checks)-1].Hint = ""
	long := strings.Repeat("a very long label ", 30) + "end"
	for i := range r.Links {
		r.Links[i].Label = fmt.Sprint(long, i)
	}
	for _, line := range lines(t, r, TreeOptions{All: true}) {
		if strings.Contains(line, "…") {
			t.Errorf("it is cut: %s", line)
		}
	}
}

func TestNeverBroken(t *testing.T) {
	hash := strings.Repeat("0123456789abcdef", 4)
	url := "https://firefox-ci-tc.services.mozilla.com/tasks/" + testreport.BuildID
	for width := minWidth; width < 120; width++ {
		r := tampered()
		r.Checks = append(r.Checks, report.Check{Check: "cot", Status: report.Fail, TaskID: testreport.BuildID, Message: "see " + hash + " at " + url, Expected: "sha256 " + hash, Actual: "sha256 " + strings.Repeat("f", 64) + ", 7 bytes"})
		r.Conclude(false)
		text := strings.Join(lines(t, r, TreeOptions{Width: width}), "\n")
		for _, whole := range []string{hash, url, strings.Repeat("f", 64), testreport.WideID(7)} {
			if !strings.Contains(text, whole) {
				t.Fatalf("at %d columns %s is broken:\n%s", width, whole, text)
			}
		}
	}
}

func TestLinks(t *testing.T) {
	r := tampered()
	id := testreport.WideID(7)
	link := "\x1b]8;;https://firefox-ci-tc.services.mozilla.com/tasks/" + id + "\x1b\\"
	if text := strings.Join(lines(t, r, TreeOptions{Links: true}), "\n"); !strings.Contains(text, link+id+"\x1b]8;;\x1b\\") {
		t.Errorf("the taskId is no link:\n%q", text)
	}
	for _, rootURL := range []string{"", "javascript:alert(1)", "https://x.example/\x1b\\a", "https://x.example/ a", "ftp://x.example"} {
		r.RootURL = rootURL
		if text := strings.Join(lines(t, r, TreeOptions{Links: true}), "\n"); strings.Contains(text, "\x1b]8") {
			t.Errorf("there is a link to %q:\n%q", rootURL, text)
		}
	}
}
