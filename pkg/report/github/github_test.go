package github

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/pkg/report"
)

// ofRunner matches a line that the runner of GitHub Actions takes for one
// command, as it is.
var ofRunner = regexp.MustCompile(`^::(error|warning) title=[^:,\r\n]*(,file=\.taskcluster\.yml,line=[1-9]\d*)?::[^\r\n]+$`)

// commandsOf returns the names of the commands that the runner takes.
func commandsOf(t *testing.T, text string) map[string]int {
	t.Helper()
	n := map[string]int{}
	for line := range strings.Lines(text) {
		m := ofRunner.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			t.Fatalf("no command: %q", line)
		}
		n[m[1]]++
	}
	return n
}

func TestCommands(t *testing.T) {
	text := testreport.Write(t, NewCommands, testreport.Refused(), testreport.DecisionRefused(4))
	testreport.Golden(t, "refused.txt", []byte(text))
	if n := commandsOf(t, text); n["error"] != 4 || n["warning"] != 1 {
		t.Errorf("%v", n)
	}
	if text := testreport.Write(t, NewCommands, testreport.Of()); text != "" {
		t.Errorf("of what is verified there is %s", text)
	}
	if n := commandsOf(t, testreport.Write(t, NewCommands, testreport.Skipped())); n["error"] != 1 {
		t.Errorf("of nothing verified there is %v", n)
	}
}

func TestHostileCommands(t *testing.T) {
	for _, letters := range []int{0, 1 << 20} {
		text := testreport.Write(t, NewCommands, testreport.Hostile(letters))
		commandsOf(t, text)
		if len(text) > 100_000 {
			t.Errorf("%d bytes", len(text))
		}
	}
}

func TestAtMostTenCommands(t *testing.T) {
	if text := testreport.Write(t, NewCommands, testreport.Failing(10)); strings.Contains(text, "more failures") || commandsOf(t, text)["error"] != 10 {
		t.Errorf("of ten there are\n%s", text)
	}
	warned := testreport.Failing(20)
	for i := range warned.Checks {
		if warned.Checks[i].Status == report.Fail {
			warned.Checks[i].Status = report.Warn
		}
	}
	warned.Conclude(false)
	text := testreport.Write(t, NewCommands, testreport.Failing(11), testreport.Failing(5), warned)
	if n := commandsOf(t, text); n["error"] != 10 || n["warning"] != 10 {
		t.Errorf("%v", n)
	}
	for _, more := range []string{"::7 more failures", "::11 more warnings"} {
		if !strings.Contains(text, more) {
			t.Errorf("%q is not in\n%s", more, text)
		}
	}
}

func annotationsOf(t *testing.T, text string) []annotation {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	var list []annotation
	if err := decoder.Decode(&list); err != nil || list == nil {
		t.Fatalf("%v in %s", err, text)
	}
	for _, a := range list {
		if a.Path == "" || a.Start < 1 || a.End < a.Start || a.Message == "" || len(a.Message) > 64<<10 || len([]rune(a.Title)) > 255 {
			t.Errorf("%+v", a)
		}
	}
	return list
}

func TestAnnotations(t *testing.T) {
	text := testreport.Write(t, NewAnnotations, testreport.DecisionRefused(4))
	testreport.Golden(t, "annotations.json", []byte(text))
	if list := annotationsOf(t, text); list[0].Start != 210 || list[0].Level != "failure" {
		t.Errorf("%+v", list)
	}
	annotationsOf(t, testreport.Write(t, NewAnnotations, testreport.Of()))
	annotationsOf(t, testreport.Write(t, NewAnnotations, testreport.Hostile(1<<20)))
	list := annotationsOf(t, testreport.Write(t, NewAnnotations, testreport.Failing(60)))
	if len(list) != maxAnnotations || list[maxAnnotations-1].Message != "11 more; the whole report has them" {
		t.Errorf("%d annotations, the last is %+v", len(list), list[len(list)-1])
	}
}
