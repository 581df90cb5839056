package report_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"cotverify/internal/testreport"
	"cotverify/pkg/report"
)

// anAudit returns the report of an audit, and the reports that it is of.
func anAudit(t *testing.T) (string, []*report.Report, report.Summary) {
	t.Helper()
	reports, s := testreport.Audit()
	return testreport.WriteAudit(t, report.NewAudit, reports, s), reports, s
}

// again returns an audit's report that was read as it is written again.
func again(t *testing.T, a *report.Audited) string {
	t.Helper()
	var reports []*report.Report
	for r := range a.Reports() {
		reports = append(reports, r)
	}
	return testreport.WriteAudit(t, report.NewAudit, reports, a.Summary())
}

func TestReadAuditThatWasWritten(t *testing.T) {
	text, reports, _ := anAudit(t)
	read, err := report.ReadAudit(iotest.OneByteReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for r := range read.Reports() {
		if got, want := written(t, r), written(t, reports[i]); got != want {
			t.Errorf("target %d is read as\n%s\nof\n%s", i, got, want)
		}
		i++
	}
	if got := again(t, read); got != text {
		t.Errorf("read as\n%s\nof\n%s", got, text)
	}
}

// TestCausesOfAnAudit holds that a cause explains the checks that it did, where
// two have the same words too.
func TestCausesOfAnAudit(t *testing.T) {
	twice := report.Check{Check: "scope", Status: report.Fail, Reason: report.Unmet, TaskID: testreport.BuildID, Subject: "a", Message: "no"}
	r := testreport.Of(twice, twice)
	var explains []int
	for i, c := range r.Checks {
		if c.Status == report.Fail {
			explains = append(explains, i)
		}
	}
	r.Causes = []report.Cause{{Cause: "c", Title: "t", Explains: explains}}
	reports, s := testreport.Audit(testreport.Of(), r)
	read, err := report.ReadAudit(strings.NewReader(testreport.WriteAudit(t, report.NewAudit, reports, s)))
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for got := range read.Reports() {
		if got, want := written(t, got), written(t, reports[i]); got != want {
			t.Errorf("read as\n%s\nof\n%s", got, want)
		}
		i++
	}
}

func TestAuditIsOfTheSchema(t *testing.T) {
	s := schemaIn(t, "audit.schema.json")
	text, _, _ := anAudit(t)
	valid := func(text string) error {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return s.Validate(v)
	}
	if err := valid(text); err != nil {
		t.Error(err)
	}
	for name, change := range map[string][2]string{
		"another schema":        {"cotverify/audit/v1", "cotverify/audit/v2"},
		"no coverage":           {`"coverage"`, `"covered"`},
		"a coverage of less":    {`"notRun":`, `"not_run":`},
		"a verdict of its own":  {`"verdict":"fail"`, `"verdict":"odd"`},
		"an unknown outcome":    {`"outcome":"notRun"`, `"outcome":"late"`},
		"a shard without place": {`"index":2`, `"index":0`},
		"an unknown status":     {`"status":"pass"`, `"status":"passed"`},
	} {
		if err := valid(strings.ReplaceAll(text, change[0], change[1])); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestAuditIsOfItsChecks holds that an audit's report says nothing better of
// itself than its checks do, and that what is not there is not known.
func TestAuditIsOfItsChecks(t *testing.T) {
	text, _, s := anAudit(t)
	for name, tt := range map[string]struct {
		change func(a map[string]any)
		want   func(c *report.Coverage)
		is     report.Verdict
	}{
		"a verdict that its checks do not have": {func(a map[string]any) { a["verdict"] = "pass" }, nil, report.Refused},
		"an outcome that its checks do not have": {func(a map[string]any) {
			target(a, 1)["outcome"], target(a, 1)["verdict"] = "verified", "pass"
		}, nil, report.Refused},
		"a coverage that its targets do not have": {func(a map[string]any) {
			a["coverage"].(map[string]any)["refused"] = 0
			a["coverage"].(map[string]any)["verified"] = 2
		}, nil, report.Refused},
		"an unknown status": {func(a map[string]any) {
			for _, at := range target(a, 0)["checks"].([]any) {
				a["checks"].([]any)[int(at.(float64))].(map[string]any)["status"] = "passed"
			}
		}, func(c *report.Coverage) { c.Verified--; c.NotRun--; c.Unknown += 2 }, report.Refused},
		"a target that was taken out": {func(a map[string]any) {
			a["targets"] = append(a["targets"].([]any)[:1], a["targets"].([]any)[2:]...)
		}, func(c *report.Coverage) { c.Refused--; c.Unknown++ }, report.Unknown},
		"no target": {func(a map[string]any) { a["targets"] = nil },
			func(c *report.Coverage) { *c = report.Coverage{Unknown: 5} }, report.Unknown},
		"targets without checks": {func(a map[string]any) {
			for i := range 4 {
				target(a, i)["checks"] = []any{}
			}
		}, func(c *report.Coverage) { *c = report.Coverage{Unknown: 4, Failed: 1} }, report.Unknown},
	} {
		var a map[string]any
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatal(err)
		}
		tt.change(a)
		changed, _ := json.Marshal(a)
		read, err := report.ReadAudit(strings.NewReader(string(changed)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := s.Coverage
		if tt.want != nil {
			tt.want(&want)
			want.Listed, want.NotSelected, want.OtherShards = s.Coverage.Listed, s.Coverage.NotSelected, s.Coverage.OtherShards
		}
		if got := read.Summary(); got.Coverage != want || got.Verdict != tt.is {
			t.Errorf("%s: %s, %+v; expected %s, %+v", name, got.Verdict, got.Coverage, tt.is, want)
		}
	}
}

func target(a map[string]any, i int) map[string]any { return a["targets"].([]any)[i].(map[string]any) }

func TestReadAuditRefuses(t *testing.T) {
	text, _, _ := anAudit(t)
	for n := 0; n < len(strings.TrimSpace(text)); n += 1 + n/30 {
		if _, err := report.ReadAudit(strings.NewReader(text[:n])); err == nil || errors.Is(err, report.ErrSchema) {
			t.Errorf("cut off at %d bytes: %v", n, err)
		}
	}
	const head = `{"schema": "cotverify/audit/v1", "groups": [{"listed": 2}], `
	for name, tt := range map[string]struct{ text, want string }{
		"a report of one task": {written(t, testreport.Of()), "it is the report of one task, and that of an audit is expected"},
		"another schema":       {`{"schema": "cotverify/audit/v2"}`, `its schema is "cotverify/audit/v2"`},
		"more behind it":       {text + "{}", "there is more behind the report"},
		"a target twice":       {head + `"targets": [{"taskId": "a"}, {"taskId": "a"}]}`, `the target "a" is there twice`},
		"a link that is none":  {head + `"targets": [{"taskId": "a", "links": [0]}]}`, `the target "a": it has link 0, and there are 0`},
		"a check that is none": {head + `"targets": [{"taskId": "a", "checks": [-1]}]}`, `the target "a": it has check -1, and there are 0`},
		"a check of another":   {head + `"checks": [{}], "targets": [{"taskId": "a", "causes": [{"cause": "c", "explains": [0]}]}]}`, `cause "c": it explains check 0, which is none of the target's`},
		"more than are listed": {head + `"targets": [{"taskId": "a"}, {"taskId": "b"}, {"taskId": "c"}]}`, "of 2 listed tasks 2 are to be here, and 3 are"},
		"no groups":            {`{"schema": "cotverify/audit/v1", "targets": [{"taskId": "a"}]}`, "of 0 listed tasks 0 are to be here, and 1 are"},
		"less than none":       {head + `"coverage": {"notSelected": -1}}`, "the coverage does not add up"},
		"more than all":        {head + `"coverage": {"notSelected": 2, "otherShards": 1}}`, "the coverage does not add up"},
		"a group of too many":  {`{"schema": "cotverify/audit/v1", "groups": [{"listed": 900000000}]}`, "which cannot be"},
		"of other shards":      {head + `"coverage": {"otherShards": 1}}`, "1 tasks are of other shards, and it is no shard itself"},
		"no such shard":        {head + `"shard": {"index": 3, "of": 2}}`, "there is no shard 3 of 2"},
		"a shard of less":      {head + `"shard": {"index": 1, "of": 2, "targets": [0]}}`, "it has 1 targets, and by the coverage 2"},
		"one place twice":      {head + `"shard": {"index": 1, "of": 2, "targets": [1, 1]}}`, "target 1 cannot be at place 1 of 2"},
		"a place behind all":   {head + `"shard": {"index": 1, "of": 2, "targets": [0, 2]}}`, "target 1 cannot be at place 2 of 2"},
	} {
		if _, err := report.ReadAudit(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := report.Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "it is the report of an audit") {
		t.Errorf("an audit where one task is expected: %v", err)
	}
}
