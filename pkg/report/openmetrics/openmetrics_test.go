package openmetrics

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/pkg/report"
)

var (
	comment = regexp.MustCompile(`^# (TYPE ([a-z_]+) gauge|HELP [a-z_]+ [^\\]+)$`)
	sample  = regexp.MustCompile(`^(([a-z_]+)(\{[a-z_]+="([^"\\\n]|\\[\\"n])*"(,[a-z_]+="([^"\\\n]|\\[\\"n])*")*\})?) \d+$`)
)

// read holds metrics against what collectors take, and returns the series.
func read(t *testing.T, text string) map[string]bool {
	t.Helper()
	text, ended := strings.CutSuffix(text, "# EOF\n")
	if !ended {
		t.Errorf("no end: %s", text)
	}
	family := ""
	series := map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if m := comment.FindStringSubmatch(line); m != nil {
			if m[2] != "" {
				family = m[2]
			}
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil || m[2] != family || series[m[1]] {
			t.Fatalf("no sample of %s, or one for the second time: %q", family, line)
		}
		series[m[1]] = true
	}
	return series
}

func TestOpenMetrics(t *testing.T) {
	text := testreport.Write(t, New, testreport.Refused(), testreport.Of())
	testreport.Golden(t, "refused.prom", []byte(text))
	read(t, text)
	if text := testreport.Write(t, New); !strings.Contains(text, "\ncotverify_verified 0\n") {
		t.Errorf("nothing verified is\n%s", text)
	}
	if text := testreport.Write(t, New, testreport.Of()); !strings.Contains(text, "\ncotverify_verified 1\n") {
		t.Errorf("what is verified is\n%s", text)
	}
}

func TestHostileText(t *testing.T) {
	for _, letters := range []int{0, 1 << 20} {
		if text := testreport.Write(t, New, testreport.Hostile(letters)); len(text) > 10_000 {
			t.Errorf("%d bytes", len(text))
		} else {
			read(t, text)
		}
	}
}

func TestLimit(t *testing.T) {
	var checks []report.Check
	for i := range 500 {
		checks = append(checks, report.Check{Check: fmt.Sprint("check", i), Status: report.Fail, TaskID: testreport.BuildID, Message: "no"})
	}
	text := testreport.Write(t, New, testreport.Of(checks...))
	if n := len(read(t, text)); n > maxSeries+20 {
		t.Errorf("%d series", n)
	}
	if !strings.Contains(text, `{check="other",reason="other"} 400`) {
		t.Errorf("the others are not counted:\n%s", text)
	}
}
