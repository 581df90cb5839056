package audit_test

import (
	"strings"
	"testing"
	"time"

	"cotverify/internal/testgraph"
	"cotverify/pkg/audit"
	"cotverify/pkg/report"
)

// today is when the baselines of these tests are read.
var today = time.Date(2026, 11, 25, 13, 0, 0, 0, time.UTC)

func baseline(t *testing.T, text string) *audit.Baseline {
	t.Helper()
	b, err := audit.ReadBaseline([]byte(text), "baseline.yaml", today)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadBaseline(t *testing.T) {
	const rest = ", label: a, reason: r, by: b, expires: 2026-12-01}"
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"JSON", `[{"check": "artifact", "label": "a*", "reason": "r", "by": "b", "expires": "2026-12-01"}]`, ""},
		{"its last day", "- {check: artifact, label: a, reason: r, by: b, expires: 2027-05-24}", ""},
		{"too far ahead", "- {check: artifact, label: a, reason: r, by: b, expires: 2027-05-25}", "baseline.yaml:1: expires: expected a day at most 180 days ahead, got 2027-05-25"},
		{"no day", "\n- {check: artifact, label: a, reason: r, by: b, expires: soon}", `baseline.yaml:2: expires: expected a day such as 2027-03-01, got "soon"`},
		{"never ends", "- {check: artifact, label: a, reason: r, by: b}", "baseline.yaml:1: expires is missing"},
		{"nobody", "- {check: artifact, label: a, reason: r, by: '', expires: 2026-12-01}", "baseline.yaml:1: by is empty; an acceptance says what, why, who and until when"},
		{"a signature", "- {check: artifact" + rest + "\n- {check: signature" + rest, "baseline.yaml:2: check: that a signature fails cannot be accepted"},
		{"a baseline", "- {check: baseline" + rest, "baseline.yaml:1: check: that a baseline fails cannot be accepted"},
		{"a missing signature that was required", "- {check: requirement, subject: signatures" + rest, "baseline.yaml:1: subject: that signatures are missing cannot be accepted"},
		{"an error", "- {check: artifact, status: error" + rest, "baseline.yaml:1: status: only what fails can be accepted, and not what could not be told"},
		{"an error's reason", "- {check: artifact, because: unavailable" + rest, "baseline.yaml:1: because: unavailable says that a fact could not be had; only what fails can be accepted"},
		{"no reason", "- {check: artifact, because: luck" + rest, `baseline.yaml:1: because: "luck" is no reason; cotverify explain lists them`},
		{"an unknown key", "- {check: artifact, lable: b" + rest, `baseline.yaml:1: unknown key "lable" (did you mean label?); expected check, label, subject, because, reason, by and expires`},
		{"a key twice", "- {check: artifact, check: cot" + rest, "baseline.yaml:1: check is there twice, first on line 1"},
		{"a number", "- {check: 7" + rest, "baseline.yaml:1: check: expected text"},
		{"no list", "check: artifact", "baseline.yaml:1: expected a list of accepted failures"},
		{"a list of texts", "- artifact", "baseline.yaml:1: expected an object with check, label, subject, because, reason, by and expires"},
		{"two documents", "- {check: artifact" + rest + "\n---\n[]", "baseline.yaml:2: there is more behind the list; expected one list of accepted failures"},
		{"no YAML", "[", "baseline.yaml: it is no YAML: "},
		{"too large", strings.Repeat(" ", 1<<20+1), "baseline.yaml: it is larger than 1048576 bytes, which is the limit for a baseline"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := audit.ReadBaseline([]byte(tt.text), "baseline.yaml", today)
			got := ""
			if err != nil {
				got, _, _ = strings.Cut(err.Error(), "\n")
			}
			if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("got %s\nexpected %s", got, tt.want)
			}
		})
	}
}

// tampered is a report of a task whose artifact was changed.
func tampered(checks ...report.Check) *report.Report {
	r := &report.Report{
		Target: report.Target{TaskID: "target"},
		Trust:  &report.Trust{Signatures: "require"},
		Links:  []report.Link{{TaskID: "target", Name: "signing", Label: "signing-a"}, {TaskID: "build", Name: "signing:build", Label: "build-[a]"}},
		Checks: append([]report.Check{
			{Check: "signature", Status: report.Pass, TaskID: "target"},
			{Check: "artifact", Status: report.Fail, Reason: report.HashMismatch, TaskID: "build", Subject: "public/a", Message: "it is another"},
		}, checks...),
	}
	r.Conclude(false)
	return r
}

func TestApply(t *testing.T) {
	const entry = "- {check: artifact, label: 'build-*', subject: public/a, reason: r, by: b, expires: 2026-11-25}"
	for _, tt := range []struct {
		name, baseline string
		checks         []report.Check
		until          string // "" where not all is accepted
		want           report.Counts
	}{
		{name: "accepted on its last day", baseline: entry, until: "2026-11-25", want: report.Counts{Pass: 1, Fail: 1}},
		{
			name:     "an expired entry beside one that is not",
			baseline: strings.Replace(entry, "11-25", "11-24", 1) + "\n" + entry, want: report.Counts{Pass: 1, Fail: 2},
		},
		{name: "expired", baseline: strings.Replace(entry, "11-25", "11-24", 1), want: report.Counts{Pass: 1, Fail: 2}},
		{name: "of another reason", baseline: strings.Replace(entry, "check:", "because: not-signed, check:", 1), want: report.Counts{Pass: 1, Fail: 1, Warn: 1}},
		{name: "of another subject", baseline: strings.Replace(entry, "public/a", "public/*", 1), want: report.Counts{Pass: 1, Fail: 1, Warn: 1}},
		{name: "of no subject", baseline: strings.Replace(entry, "subject: public/a,", "", 1), want: report.Counts{Pass: 1, Fail: 1, Warn: 1}},
		{
			name: "beside a failing signature", baseline: entry, want: report.Counts{Pass: 1, Fail: 2},
			checks: []report.Check{{Check: "signature", Status: report.Fail, Reason: report.NoTrustedKey, TaskID: "build", Message: "no"}},
		},
		{
			name: "where the signature was not looked at", baseline: entry, want: report.Counts{Pass: 1, Fail: 1, Skip: 1, Warn: 1},
			checks: []report.Check{{Check: "signature", Status: report.Skip, TaskID: "build", Message: "the worker is not known"}},
		},
		{
			name: "beside what could not be told", baseline: entry, want: report.Counts{Pass: 1, Fail: 1, Error: 1},
			checks: []report.Check{{Check: "cot", Status: report.Error, Reason: report.Unavailable, TaskID: "build", Message: "it could not be had"}},
		},
		{name: "by what the failure says that it needs", baseline: "- {" + strings.Trim(tampered().Checks[1].Term(), "{}") + ", reason: r, by: b, expires: 2026-12-01}", until: "2026-12-01", want: report.Counts{Pass: 1, Fail: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := tampered(tt.checks...)
			baseline(t, tt.baseline).ApplyAlone(r)
			until, all := r.AllAccepted()
			if !all {
				until = ""
			}
			if until != tt.until || r.Counts != tt.want || r.Verdict != report.Refused {
				t.Errorf("accepted until %q, %s, %+v; expected until %q, %+v", until, r.Verdict, r.Counts, tt.until, tt.want)
			}
			if r.Trust.Baseline == nil {
				t.Error("the report does not say that a baseline was applied")
			}
		})
	}
}

// TestAuditBaseline applies a baseline to all reports of an audit. It never makes
// a pass.
func TestAuditBaseline(t *testing.T) {
	const entry = "- {check: artifact, label: build-1, subject: public/build/target.tar.xz, reason: r, by: b, expires: 2026-12-01}\n"
	for _, tt := range []struct {
		name, baseline string
		accepted       bool
		unused         int
		verdict        report.Verdict
	}{
		{"accepted", entry, true, 0, report.Refused},
		{"another entry is of no use", entry + strings.Replace(entry, "build-1", "build-9", 1), true, 1, report.Refused},
		{"another entry has expired", entry + strings.Replace(strings.Replace(entry, "build-1", "build-9", 1), "12-01", "11-01", 1), false, 1, report.Refused},
		{"expired", strings.Replace(entry, "12-01", "11-01", 1), false, 0, report.Refused},
		{"of something else", strings.Replace(entry, "build-1", "build-0", 1), false, 1, report.Refused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := testgraph.Large(3)
			g.Task("build-1").Artifacts["public/build/target.tar.xz"] = []byte("evil")
			s, _, err := audited(t, facts(g, nil), []string{groupOf(g)}, func(a *audit.Audit) { a.Baseline = baseline(t, tt.baseline) })
			if err != nil {
				t.Fatal(err)
			}
			if _, accepted := s.AllAccepted(); accepted != tt.accepted || s.Verdict != tt.verdict || len(s.Audit.Unused) != tt.unused {
				t.Errorf("accepted %t, %s, unused %v", accepted, s.Verdict, s.Audit.Unused)
			}
			if s.Audit.Trust.Baseline == nil {
				t.Error("the summary does not say that a baseline was applied")
			}
		})
	}
	t.Run("nothing fails, and an entry has expired", func(t *testing.T) {
		g := testgraph.Large(3)
		s, _, err := audited(t, facts(g, nil), []string{groupOf(g)}, func(a *audit.Audit) {
			a.Baseline = baseline(t, strings.Replace(entry, "12-01", "11-01", 1))
		})
		if _, accepted := s.AllAccepted(); err != nil || accepted || s.Verdict != report.Refused {
			t.Errorf("%v, accepted %t, %s", err, accepted, s.Verdict)
		}
	})
}
