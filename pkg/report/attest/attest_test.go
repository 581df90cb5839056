package attest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cotverify/internal/memsource"
	"cotverify/internal/testgraph"
	"cotverify/internal/testreport"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/evidence"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
	"cotverify/pkg/verify"
)

// verified returns the report of a graph's target, and what makes statements of
// it.
func verified(t *testing.T, g *testgraph.Graph, facts source.Source, change func(*verify.Verifier, *verify.Target)) (*Maker, *report.Report) {
	t.Helper()
	keys, err := policy.ParseKeys(testgraph.Keys(), "keys.json")
	if err != nil {
		t.Fatal(err)
	}
	store := evidence.New(facts)
	t.Cleanup(store.Close)
	v := &verify.Verifier{Store: store, Policy: policy.Default().WithKeys(keys, "keys.json")}
	target := verify.Target{TaskID: g.Target.ID, TaskType: g.TaskType, Product: g.Product}
	if change != nil {
		change(v, &target)
	}
	r, err := v.Verify(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	tool := &report.Tool{Name: "cotverify", Version: "v1", Reference: "scriptworker 63.6.1"}
	return &Maker{Store: store, Tool: tool, Hg: v.Policy.Services.Hg}, r
}

func sha256Of(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

// summary returns the summary that a statement has.
func summary(t *testing.T, s *Statement) *Summary {
	t.Helper()
	if err := s.check(); err != nil {
		t.Fatal(err)
	}
	summary, err := s.Summary()
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// digestOfSubject returns the sha256 that a statement has of a subject.
func digestOfSubject(s *Statement, name string) string {
	for _, subject := range s.Subject {
		if subject.Name == name {
			return subject.Digest["sha256"]
		}
	}
	return ""
}

func TestSummaryOfPassed(t *testing.T) {
	g := testgraph.GitHubPush()
	m, r := verified(t, g, g.Source(), nil)
	statement, err := m.Summary(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	s := summary(t, statement)
	if s.VerificationResult != Passed || !slices.Equal(s.VerifiedLevels, []string{Level, LevelStrict}) {
		t.Errorf("%s, %v", s.VerificationResult, s.VerifiedLevels)
	}
	if want := "https://firefox-ci-tc.services.mozilla.com/tasks/" + g.Target.ID; s.ResourceURI != want {
		t.Errorf("resource %s, want %s", s.ResourceURI, want)
	}
	if s.TimeVerified != "" {
		t.Errorf("time %s", s.TimeVerified)
	}
	for name, data := range g.Target.Artifacts {
		if name == cot.SignatureArtifact {
			continue
		}
		if got, want := digestOfSubject(statement, g.Target.ID+"/"+name), sha256Of(data); got != want {
			t.Errorf("subject %s: %q, want %q", name, got, want)
		}
	}
	for _, a := range r.Artifacts {
		if got := digestOfSubject(statement, a.TaskID+"/"+a.Path); got != a.SHA256 || got == "" {
			t.Errorf("subject %s of %s: %q", a.Path, a.TaskID, got)
		}
	}
	if len(s.InputAttestations) != len(g.Tasks) {
		t.Errorf("%d inputs of %d tasks", len(s.InputAttestations), len(g.Tasks))
	}
	for _, task := range g.Tasks {
		want := "/api/queue/v1/task/" + task.ID + "/artifacts/" + cot.Artifact
		if !slices.ContainsFunc(s.InputAttestations, func(input Resource) bool {
			return strings.HasSuffix(input.URI, want) && input.Digest["sha256"] == sha256Of(task.Artifacts[cot.Artifact])
		}) {
			t.Errorf("the inputs lack that of %s: %v", task.ID, s.InputAttestations)
		}
	}
	again, err := m.Summary(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if one, other := encoded(t, statement), encoded(t, again); one != other {
		t.Errorf("the same report makes\n%s\n%s", one, other)
	}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSummaryOfTime(t *testing.T) {
	g := testgraph.GitHubPush()
	m, r := verified(t, g, g.Source(), nil)
	m.Time = time.Date(2026, 3, 9, 10, 0, 0, 7, time.FixedZone("", 3600))
	statement, err := m.Summary(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if got := summary(t, statement).TimeVerified; got != "2026-03-09T09:00:00Z" {
		t.Error(got)
	}
}

func TestSummaryOfWarned(t *testing.T) {
	g := testgraph.GitHubPush()
	m, r := verified(t, g, g.Source(), nil)
	r.Checks = append(r.Checks, report.Check{Check: "unpinned-image", Status: report.Warn, TaskID: g.Target.ID, Message: "it may change"})
	r.Conclude(false)
	statement, err := m.Summary(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if s := summary(t, statement); s.VerificationResult != Passed || !slices.Equal(s.VerifiedLevels, []string{Level}) {
		t.Errorf("%s, %v", s.VerificationResult, s.VerifiedLevels)
	}
}

// TestSummaryOfRefused states the bytes that were found, also those that are
// not what they had to be.
func TestSummaryOfRefused(t *testing.T) {
	g := testgraph.Tampered()
	m, r := verified(t, g, g.Source(), nil)
	statement, err := m.Summary(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if s := summary(t, statement); s.VerificationResult != Failed || !slices.Equal(s.VerifiedLevels, []string{Failed}) {
		t.Errorf("%s, %v", s.VerificationResult, s.VerifiedLevels)
	}
	failing := slices.IndexFunc(r.Checks, func(c report.Check) bool { return c.Status == report.Fail })
	id, name := r.Checks[failing].TaskID, r.Checks[failing].Subject
	for _, task := range g.Tasks {
		if task.ID != id {
			continue
		}
		if got, want := digestOfSubject(statement, id+"/"+name), sha256Of(task.Artifacts[name]); got != want {
			t.Errorf("%s: %q, want what was found, %q", name, got, want)
		}
	}
	if got, want := digestOfSubject(statement, g.Target.ID+"/"+cot.Artifact), sha256Of(g.Target.Artifacts[cot.Artifact]); got != want {
		t.Errorf("CoT artifact: %q, want %q", got, want)
	}
	if len(statement.Subject) != 3 {
		t.Errorf("subjects: %v", statement.Subject)
	}
}

// TestNoStatement has reports that nothing may be stated of, or no pass.
func TestNoStatement(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*report.Report)
		want   string
	}{
		{"signatures are reported", func(r *report.Report) { r.Trust.Signatures = "report" }, "signatures were not required"},
		{"signatures are off", func(r *report.Report) { r.Trust.Signatures = "off" }, "signatures were not required"},
		{"nobody says how signatures count", func(r *report.Report) { r.Trust = nil }, "signatures were not required"},
		{"no task", func(r *report.Report) { r.Target.TaskID = "" }, "the target has no taskId"},
		{"a fact is missing", func(r *report.Report) { r.Checks[0].Status = report.Error }, "could not be told"},
		{"a status that is none", func(r *report.Report) { r.Checks[0].Status = "passed" }, "could not be told"},
		{"no checks", func(r *report.Report) { r.Checks = nil }, "could not be told"},
		{"a verdict that is not of the checks", func(r *report.Report) { r.Verdict = report.Unknown }, "could not be told"},
		{"no links", func(r *report.Report) { r.Links = nil }, "could not be told"},
		{"a link without CoT artifact", func(r *report.Report) { r.Links[1].CotSHA256 = "" }, "could not be told"},
		{"a link without signature", func(r *report.Report) { r.Links[1].SignedBy = "" }, "could not be told"},
		{"nothing was found", func(r *report.Report) {
			r.Checks[0].Status, r.Checks[0].Reason = report.Fail, report.NotFound
			r.Links, r.Artifacts = nil, nil
		}, "no bytes of it were found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := testgraph.GitHubPush()
			m, r := verified(t, g, g.Source(), nil)
			tt.change(r)
			statement, err := m.Summary(t.Context(), r)
			var none *NoneError
			if !errors.As(err, &none) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q; statement %v", err, tt.want, statement)
			}
		})
	}
}

// TestProvenanceOfUnsigned has no word of the links of a report in which
// signatures count for less.
func TestProvenanceOfUnsigned(t *testing.T) {
	g := testgraph.GitHubPush()
	for _, how := range []verify.Signatures{verify.ReportSignatures, verify.IgnoreSignatures} {
		m, r := verified(t, g, g.Source(), func(v *verify.Verifier, _ *verify.Target) { v.Signatures = how })
		statements, _, err := m.Provenance(t.Context(), r)
		var none *NoneError
		if !errors.As(err, &none) || len(statements) > 0 {
			t.Errorf("%s: %d statements, error %v", how, len(statements), err)
		}
	}
}

// TestChangedCot refuses to state what another CoT artifact lists than the one
// that was verified.
func TestChangedCot(t *testing.T) {
	g := testgraph.GitHubPush()
	m, r := verified(t, g, g.Source(), nil)
	facts := g.Source()
	facts[source.Artifact(g.Target.ID, cot.Artifact)] = memsource.Answer{
		Body: []byte(`{"artifacts": {"public/evil": {"sha256": "` + strings.Repeat("0", 64) + `"}}}`),
	}
	other := evidence.New(facts)
	defer other.Close()
	m.Store = other
	if s, err := m.Summary(t.Context(), r); err == nil {
		t.Errorf("summary: %s", encoded(t, s))
	}
	if s, _, err := m.Provenance(t.Context(), r); err == nil {
		t.Errorf("provenance: %s", encoded(t, s))
	}
}

// TestNotRun states of a target that has not run what it is to be made from.
func TestNotRun(t *testing.T) {
	g := testgraph.GitHubPush()
	m, r := verified(t, g, g.Source(), func(_ *verify.Verifier, target *verify.Target) { target.NoCheckTask = true })
	statement, err := m.Summary(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if s := summary(t, statement); s.VerificationResult != Passed || len(statement.Subject) != len(r.Artifacts) {
		t.Errorf("%s, subjects %v", s.VerificationResult, statement.Subject)
	}
	statements, left, err := m.Provenance(t.Context(), r)
	if err != nil || left != 1 || len(statements) != len(r.Links)-1 {
		t.Errorf("%d statements, %d left out, error %v", len(statements), left, err)
	}
}

// TestPolicy has other keys make another policy, since the policy's own hash
// says nothing of them.
func TestPolicy(t *testing.T) {
	r := testreport.Of()
	named := func(source, keys string) Resource {
		r.Trust = &report.Trust{
			Policy: report.Origin{Source: "embedded", SHA256: strings.Repeat("1", 64)},
			Keys:   report.Origin{Source: source, SHA256: strings.Repeat(keys, 64)},
		}
		return policyOf(r)
	}
	own, theirs, others := named("policy", "2"), named("k ?.json", "2"), named("k ?.json", "3")
	if own.URI != "cotverify:policy/embedded/glean" || own.Digest["sha256"] != strings.Repeat("1", 64) {
		t.Errorf("%v", own)
	}
	if theirs.URI != "cotverify:policy/embedded/glean?keys=k+%3F.json" {
		t.Errorf("%v", theirs)
	}
	if own.Digest["sha256"] == theirs.Digest["sha256"] || theirs.Digest["sha256"] == others.Digest["sha256"] {
		t.Errorf("%v, %v and %v", own.Digest, theirs.Digest, others.Digest)
	}
}

func TestProvenance(t *testing.T) {
	for name, g := range testgraph.All() {
		m, r := verified(t, g, g.Source(), nil)
		statements, left, err := m.Provenance(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if name == "tampered" {
			if left != 2 { // the task whose file was changed, and the target that uses it
				t.Errorf("%s: %d left out", name, left)
			}
			continue
		}
		if left != 0 || len(statements) != len(g.Tasks) {
			t.Errorf("%s: %d statements of %d tasks, %d left out", name, len(statements), len(g.Tasks), left)
		}
		for _, s := range statements {
			if err := s.check(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			p, err := s.Provenance()
			if err != nil {
				t.Fatal(err)
			}
			text := encoded(t, p)
			if strings.HasPrefix(name, "hg") && strings.Contains(text, "gitCommit") {
				t.Errorf("%s: a Mercurial revision is a git commit: %s", name, text)
			}
			if strings.HasPrefix(name, "github") && p.BuildDefinition.ExternalParameters["taskType"] == "build" {
				for _, want := range []string{`"name":"source","uri":"git+https://`, `"name":"docker-image"`, `"name":"image"`, `"name":"parent"`} {
					if !strings.Contains(text, want) && !strings.Contains(text, "generic-worker") {
						t.Errorf("%s: no %s in %s", name, want, text)
					}
				}
			}
			if len(p.RunDetails.Byproducts) != 1 || !strings.HasSuffix(p.RunDetails.Metadata.InvocationID, "/runs/0") {
				t.Errorf("%s: %s", name, text)
			}
		}
	}
}

func TestSource(t *testing.T) {
	m := &Maker{Hg: "https://hg.mozilla.org"}
	sha := strings.Repeat("a", 40)
	for _, tt := range []struct {
		place     report.Place
		uri       string
		gitCommit string
	}{
		{report.Place{Repository: "https://github.com/mozilla/glean", Revision: sha}, "git+https://github.com/mozilla/glean@" + sha, sha},
		{report.Place{Repository: "https://github.com/mozilla/glean", Revision: "v1.0"}, "git+https://github.com/mozilla/glean@v1.0", ""},
		{report.Place{Repository: "https://hg.mozilla.org/mozilla-central", Revision: sha}, "hg+https://hg.mozilla.org/mozilla-central@" + sha, ""},
		{report.Place{Repository: "https://hg.mozilla.org.evil.example/x", Revision: sha}, "git+https://hg.mozilla.org.evil.example/x@" + sha, sha},
		{report.Place{Repository: "git@github.com:mozilla/glean", Revision: sha, Source: "ssh://github.com/x"}, "ssh://github.com/x", ""},
		{report.Place{Source: "https://github.com/x"}, "https://github.com/x", ""},
	} {
		got := m.source(&report.Link{Place: tt.place})
		if len(got) != 1 || got[0].URI != tt.uri || got[0].Digest["gitCommit"] != tt.gitCommit {
			t.Errorf("%+v: %v", tt.place, got)
		}
	}
	if got := m.source(&report.Link{}); got != nil {
		t.Errorf("%v", got)
	}
}

// TestHostileNames keeps different names different, and takes no hash that is
// none.
func TestHostileNames(t *testing.T) {
	good := strings.Repeat("a", 64)
	names := []string{"a", "a\x00", "a\\x00", "\xff", "\xfe", "\\xff", "\ufffd", "a\u202eb", "a\\u202eb", "../a", "<script>", testreport.HostileText, "a"}
	var s subjects
	for _, name := range names {
		s.add(name, digest("sha256", good))
	}
	seen := map[string]bool{}
	for _, subject := range s.list {
		var decoded Resource
		if err := json.Unmarshal([]byte(encoded(t, subject)), &decoded); err != nil {
			t.Fatal(err)
		}
		if seen[decoded.Name] || len(decoded.Digest) == 0 {
			t.Errorf("%q comes twice, or without digest", decoded.Name)
		}
		seen[decoded.Name] = true
	}
	if len(s.list) != len(names)-1 {
		t.Errorf("%d subjects of %d names", len(s.list), len(names)-1)
	}
	document := value.ObjectOf("artifacts", value.ObjectOf(
		"short", value.ObjectOf("sha256", "aa"),
		"upper", value.ObjectOf("sha256", strings.ToUpper(good)),
		"md5", value.ObjectOf("md5", strings.Repeat("a", 32)),
		"none", value.ObjectOf(),
		"no object", 7,
		"number", value.ObjectOf("sha256", value.Int(7)),
		"sha512", value.ObjectOf("sha512", good+good),
		"both", value.ObjectOf("sha256", good, "sha512", good+good, "sha1", "x"),
	))
	var made subjects
	outputs(document, made.add)
	want := []Resource{
		{Name: "sha512", Digest: map[string]string{"sha512": good + good}},
		{Name: "both", Digest: map[string]string{"sha256": good}},
	}
	if !cmp.Equal(made.list, want) {
		t.Errorf("%v", made.list)
	}
	for _, odd := range []any{nil, 7, value.ObjectOf(), value.ObjectOf("artifacts", []any{})} {
		outputs(odd, func(name string, _ map[string]string) { t.Errorf("%v has %s", odd, name) })
	}
}

// TestHostileReport states nothing of a report whose texts are all hostile.
func TestHostileReport(t *testing.T) {
	store := evidence.New(memsource.Texts{})
	defer store.Close()
	m := &Maker{Store: store}
	r := testreport.Hostile(0)
	var none *NoneError
	if _, err := m.Summary(context.Background(), r); !errors.As(err, &none) {
		t.Error(err)
	}
	r.Trust.Signatures = "require"
	if _, err := m.Summary(context.Background(), r); !errors.As(err, &none) {
		t.Error(err)
	}
	if statements, _, err := m.Provenance(context.Background(), r); err != nil || len(statements) > 0 {
		t.Errorf("%v, %v", statements, err)
	}
}
