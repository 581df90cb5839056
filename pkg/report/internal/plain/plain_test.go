package plain

import (
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/internal/visible"
	"cotverify/pkg/report"
)

func TestPairShowsTheDifference(t *testing.T) {
	long := strings.Repeat("é", 1<<19)
	for _, tt := range []struct{ a, b string }{
		{"a", "b"},
		{"", "b"},
		{long + "a" + long, long + "b" + long},
		{long, long + "b"},
		{long + "\xff", long + "\xfe"},
		{"\x1b", `\u001b`},
	} {
		a, b := pair(tt.a, tt.b)
		if a == b {
			t.Errorf("both are %s", a)
		}
		for _, s := range []string{a, b} {
			if len(s) > maxValue+len("…") || !visible.Line(s) {
				t.Errorf("%d bytes: %s", len(s), s)
			}
		}
	}
}

func TestProblems(t *testing.T) {
	r := testreport.Refused()
	var failing []int
	for i, c := range r.Checks {
		if c.Status == report.Fail {
			failing = append(failing, i)
		}
	}
	r.Causes = []report.Cause{
		{Cause: "of-nothing", Title: "nothing that failed", Explains: []int{0}},
		{Cause: "one", Title: "one cause of two failures", Explains: failing, Hint: "do this"},
	}
	var got []string
	for _, p := range Of(r).Problems() {
		got = append(got, string(p.Check.Status)+" "+p.Title)
	}
	want := []string{
		"fail one cause of two failures",
		"error artifact public/build/target.zip: artifact public/build/target.zip of task SNN6KjxpQRic2XXnJFYvEg could not be had: the server answered 503 three times",
		"warn unpinned-image payload.image: the image is named without a digest, so that another one may have run",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	text := Of(r).Problems()[0].Text
	for _, part := range []string{"explains  worker-pool", "explains  artifact public/build/target.apk", "hint      do this"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}

// TestNothingVerifiedIsAProblem holds that a report that does not verify has a
// problem to show.
func TestNothingVerifiedIsAProblem(t *testing.T) {
	empty := &report.Report{}
	empty.Conclude(false)
	for _, r := range []*report.Report{testreport.Skipped(), empty} {
		if list := Of(r).Problems(); len(list) != 1 || list[0].Check.Status != report.Error {
			t.Errorf("%+v", list)
		}
	}
	if list := Of(testreport.Of()).Problems(); len(list) != 0 {
		t.Errorf("what is verified has %+v", list)
	}
}

func TestFirst(t *testing.T) {
	for n, want := range []string{"", "1", "1 2", "1 +2", "1 +3"} {
		list := NewFirst[string](2)
		for i := range n {
			list.Add(string(rune('1' + i)))
		}
		more := func(n int) string { return "+" + string(rune('0'+n)) }
		if got := strings.Join(list.All(more), " "); got != want {
			t.Errorf("of %d: %q, want %q", n, got, want)
		}
	}
}
