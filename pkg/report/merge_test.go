package report_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/pkg/report"
)

// sharedAudit returns the report of an audit of five targets, and those of its
// three shards.
func sharedAudit(t *testing.T) (whole string, shards []string) {
	t.Helper()
	reports, s := testreport.Audit()
	own := s.Coverage
	own.Listed, own.OtherShards = own.Listed-own.OtherShards, 0
	audit := *s.Audit
	audit.Shard = nil
	audit.Groups = slices.Clone(audit.Groups)
	audit.Groups[0].Listed = own.Listed
	all := own.Summary()
	all.Audit = &audit
	whole = testreport.WriteAudit(t, report.NewAudit, reports, all)
	plan := report.TaskIDsSHA256(func(yield func(string) bool) {
		for _, r := range reports {
			if !yield(r.Target.TaskID) {
				return
			}
		}
	})
	for i, places := range [][]int{{0, 3}, {1, 2, 4}, {}} {
		var some []*report.Report
		c := report.Coverage{}
		for _, at := range places {
			some = append(some, reports[at])
			c.Add(reports[at])
		}
		c.Listed, c.NotSelected, c.OtherShards = own.Listed, own.NotSelected, len(reports)-len(some)
		s := c.Summary()
		audit := audit
		audit.Shard = &report.Shard{Index: i + 1, Of: 3, Plan: plan, Targets: places}
		s.Audit = &audit
		shards = append(shards, testreport.WriteAudit(t, report.NewAudit, some, s))
	}
	return whole, shards
}

func merge(t *testing.T, shards ...string) (*report.Merged, error) {
	t.Helper()
	var read []*report.Audited
	for _, text := range shards {
		a, err := report.ReadAudit(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, a)
	}
	return report.Merge(read)
}

func TestMerge(t *testing.T) {
	whole, s := sharedAudit(t)
	for _, order := range [][]string{{s[0], s[1], s[2]}, {s[2], s[0], s[1]}} {
		m, err := merge(t, order...)
		if err != nil {
			t.Fatal(err)
		}
		if got := testreport.WriteAudit(t, report.NewAudit, slices.Collect(m.Reports()), m.Summary()); got != whole {
			t.Errorf("joined to\n%s\nof\n%s", got, whole)
		}
	}
}

// TestMergeOfLess holds that what a shard did not come to is not known.
func TestMergeOfLess(t *testing.T) {
	_, s := sharedAudit(t)
	less := changed(t, s[1], func(a map[string]any) { a["targets"] = a["targets"].([]any)[1:2] })
	m, err := merge(t, s[0], less, s[2])
	if err != nil {
		t.Fatal(err)
	}
	want := report.Coverage{Listed: 12, Verified: 1, Unknown: 3, NotRun: 1, NotSelected: 7}
	if got := m.Summary(); got.Coverage != want || got.Verdict != report.Unknown {
		t.Errorf("%s, %+v, want %+v", got.Verdict, got.Coverage, want)
	}
}

// TestMergeAfterSealing holds that a group may be sealed between two shards.
func TestMergeAfterSealing(t *testing.T) {
	_, s := sharedAudit(t)
	m, err := merge(t, strings.ReplaceAll(s[0], `"sealed":true`, `"sealed":false`), s[1], s[2])
	if err != nil || m.Summary().Audit.Groups[0].Sealed {
		t.Errorf("error %v", err)
	}
}

func changed(t *testing.T, text string, change func(map[string]any)) string {
	t.Helper()
	var a map[string]any
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		t.Fatal(err)
	}
	change(a)
	out, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestMergeRefuses(t *testing.T) {
	whole, s := sharedAudit(t)
	part := func(a map[string]any, path ...string) map[string]any {
		for _, name := range path {
			a = a[name].(map[string]any)
		}
		return a
	}
	// second is the second shard with one thing that is another.
	second := func(change func(a map[string]any)) []string { return []string{s[0], changed(t, s[1], change), s[2]} }
	set := func(value any, name string, path ...string) []string {
		return second(func(a map[string]any) { part(a, path...)[name] = value })
	}
	for name, tt := range map[string]struct {
		shards []string
		want   string
	}{
		"none":                  {nil, "there is no shard"},
		"a whole audit":         {[]string{whole}, "is a whole one, and no shard"},
		"the first is missing":  {s[1:], "shard 1 of 3 is missing"},
		"one between":           {[]string{s[0], s[2]}, "shard 2 of 3 is missing"},
		"the last":              {s[:2], "shard 3 of 3 is missing"},
		"one twice":             {[]string{s[0], s[1], s[1], s[2]}, "shard 2 of 3 is there twice"},
		"of more shards":        {set(4, "of", "shard"), "shard 2 of 4 is of another audit than shard 1 of 3"},
		"another version":       {set("v2", "version", "tool"), `its version: "v1", and "v2"`},
		"another program":       {set("other", "name", "tool"), "the program: "},
		"another reference":     {set("scriptworker 1", "reference", "tool"), "the reference: "},
		"another root URL":      {set("https://other.example", "rootUrl"), `the root URL: "https://tc.example", and "https://other.example"`},
		"another policy":        {set(strings.Repeat("0", 64), "sha256", "trust", "policy"), "the policy: "},
		"other keys":            {set(strings.Repeat("0", 64), "sha256", "trust", "keys"), "the keys: "},
		"other signatures":      {set("off", "signatures", "trust"), `the signatures: "require", and "off"`},
		"another strictness":    {set(true, "strict", "trust"), "whether warnings refuse: "},
		"another requirement":   {set([]string{"completed"}, "require", "trust"), "what is required: "},
		"no trust":              {set(nil, "trust"), "whether it says by what was verified: "},
		"another selection":     {set(strings.Repeat("0", 64), "plan", "shard"), "the selected tasks, by their sha256: "},
		"a target of another":   {set([]int{0, 2, 4}, "targets", "shard"), "shards 1 and 2 both have target 0"},
		"a group that grew":     {second(func(a map[string]any) { a["groups"].([]any)[0].(map[string]any)["sha256"] = "0" }), "which may have grown"},
		"another group":         {second(func(a map[string]any) { a["groups"].([]any)[0].(map[string]any)["taskGroupId"] = "x" }), "a task group: "},
		"more groups":           {second(func(a map[string]any) { a["groups"] = append(a["groups"].([]any), map[string]any{"listed": 0}) }), "the number of task groups: "},
		"more that are others'": {second(func(a map[string]any) { part(a, "coverage")["notSelected"], part(a, "coverage")["otherShards"] = 6, 3 }), "7 tasks are not selected, and 6"},
		"a target for another":  {second(func(a map[string]any) { target(a, 0)["taskId"] = "other" }), "the targets are not those that were planned"},
		"a target that another has": {second(func(a map[string]any) {
			target(a, 0)["taskId"] = testreport.SigningID[:len(testreport.SigningID)-1] + "0"
		}), "two shards have the target"},
		"too few targets": {second(func(a map[string]any) {
			part(a, "coverage")["otherShards"], part(a, "shard")["targets"], a["targets"] = 3, []int{1, 2}, a["targets"].([]any)[:2]
		}), "the shards have 4 targets, and of one audit 5 are selected"},
	} {
		if _, err := merge(t, tt.shards...); err == nil || !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
