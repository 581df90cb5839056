package sarif

import (
	"encoding/json"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/internal/visible"
	"cotverify/pkg/report"
	"cotverify/pkg/verify"
)

// read reads a report, and holds it against what code scanning takes.
func read(t *testing.T, text string) run {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if !visible.Line(line) {
			t.Errorf("not fit for a terminal: %q", line)
		}
	}
	var l log
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		t.Fatal(err)
	}
	if l.Version != "2.1.0" || len(l.Runs) != 1 || l.Runs[0].Results == nil {
		t.Fatalf("version %s, %d runs", l.Version, len(l.Runs))
	}
	r := l.Runs[0]
	for _, rule := range r.Tool.Driver.Rules {
		if rule.ID == "" || rule.Short.Text == "" || rule.Full.Text == "" || rule.Help.Text == "" {
			t.Errorf("rule %+v lacks a text", rule)
		}
	}
	for _, result := range r.Results {
		if len(result.Locations) == 0 || result.Message.Text == "" {
			t.Fatalf("a result without a place or a message: %+v", result)
		}
		for _, l := range append(result.Locations, result.Related...) {
			if l.Physical.Artifact.URI != ".taskcluster.yml" || l.Physical.Region.StartLine < 1 {
				t.Errorf("not a physical location: %+v", l)
			}
		}
		if result.Fingerprints["primaryLocationLineHash"] == "" {
			t.Errorf("a result without fingerprint: %+v", result)
		}
		if r.Tool.Driver.Rules[result.RuleIndex].ID != result.Rule {
			t.Errorf("result of %s refers to another rule", result.Rule)
		}
	}
	return r
}

func TestSARIF(t *testing.T) {
	text := testreport.Write(t, New(nil), testreport.DecisionRefused(4))
	testreport.Golden(t, "decision.sarif", []byte(text))
	r := read(t, text)
	if line := r.Results[0].Locations[0].Physical.Region.StartLine; line != 210 {
		t.Errorf("the decision's difference is at line %d", line)
	}
}

func TestResults(t *testing.T) {
	r := read(t, testreport.Write(t, New(verify.Explanations()), testreport.Refused(), testreport.Of()))
	var got []string
	for _, result := range r.Results {
		got = append(got, result.Rule+" "+result.Level)
	}
	if want := "worker-pool error, artifact error, artifact error, unpinned-image warning"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
	if len(r.Tool.Driver.Rules) != len(verify.Explanations()) {
		t.Errorf("%d rules", len(r.Tool.Driver.Rules))
	}
	if r := read(t, testreport.Write(t, New(nil))); len(r.Results) != 0 || r.Invocations[0].ExecutionSuccessful {
		t.Errorf("no reports are %+v", r)
	}
	if r := read(t, testreport.Write(t, New(nil), testreport.Skipped())); len(r.Results) != 1 {
		t.Errorf("nothing verified has %d results", len(r.Results))
	}
}

// TestFingerprintIsOfEveryPush holds that the same failure of another task of
// the same label is the same one.
func TestFingerprintIsOfEveryPush(t *testing.T) {
	pushed := testreport.Refused()
	for i := range pushed.Links {
		pushed.Links[i].TaskID = strings.ToUpper(pushed.Links[i].TaskID)
	}
	for i := range pushed.Checks {
		pushed.Checks[i].TaskID = strings.ToUpper(pushed.Checks[i].TaskID)
	}
	pushed.Conclude(false)
	a := read(t, testreport.Write(t, New(nil), testreport.Refused()))
	b := read(t, testreport.Write(t, New(nil), pushed))
	for i := range a.Results {
		const hash = "primaryLocationLineHash"
		if x, y := a.Results[i].Fingerprints[hash], b.Results[i].Fingerprints[hash]; x != y {
			t.Errorf("%s is %s in the next push", x, y)
		}
	}
}

func TestHostileText(t *testing.T) {
	for _, letters := range []int{0, 1 << 20} {
		text := testreport.Write(t, New(nil), testreport.Hostile(letters))
		for _, result := range read(t, text).Results {
			if strings.Contains(strings.ReplaceAll(result.Message.Text, `\]`, ""), "](") {
				t.Errorf("a link in %s", result.Message.Text)
			}
		}
		if len(text) > 200_000 {
			t.Errorf("%d bytes", len(text))
		}
	}
}

func TestLimit(t *testing.T) {
	r := read(t, testreport.Write(t, New(nil), testreport.Failing(maxResults), testreport.Failing(10)))
	last := r.Results[len(r.Results)-1]
	if len(r.Results) != maxResults || !strings.Contains(last.Message.Text, "11 more results are left out") {
		t.Errorf("%d results, the last is %+v", len(r.Results), last)
	}
}

func TestExplained(t *testing.T) {
	list := rules([]report.Explanation{{Check: "a", Meaning: "One. Two.", Why: "W.", Fails: []string{"F."}, Do: "D."}}, nil)
	if list[0].Short.Text != "One." || !strings.Contains(list[0].Help.Text, "What to do: D.") {
		t.Errorf("%+v", list[0])
	}
}
