package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"cotverify/internal/memsource"
	"cotverify/internal/testgraph"
	"cotverify/internal/testreport"
	"cotverify/pkg/audit"
	"cotverify/pkg/evidence"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
	"cotverify/pkg/verify"
)

// audited audits the groups of a graph.
func audited(t *testing.T, facts source.Source, groups []string, edit func(*audit.Audit)) (report.Summary, []*report.Report, error) {
	t.Helper()
	keys, err := policy.ParseKeys(testgraph.Keys(), "keys.json")
	if err != nil {
		t.Fatal(err)
	}
	store := evidence.New(facts)
	defer store.Close()
	a := &audit.Audit{Verifier: &verify.Verifier{Store: store, Policy: policy.Default().WithKeys(keys, "keys.json")}, Previous: true}
	if edit != nil {
		edit(a)
	}
	plan, err := a.Plan(t.Context(), groups)
	if err != nil {
		return report.Summary{}, nil, err
	}
	var reports []*report.Report
	summary, err := a.Run(t.Context(), plan, func(r *report.Report) error {
		reports = append(reports, r)
		return nil
	})
	if c := summary.Coverage; c.Listed != c.Verified+c.Refused+c.Unknown+c.NotRun+c.Failed+c.NotSelected {
		t.Errorf("the coverage does not add up: %+v", c)
	}
	return summary, reports, err
}

// facts returns the facts of a graph with the lists of its groups.
func facts(g *testgraph.Graph, states map[string]string) memsource.Facts {
	facts := g.Source()
	maps.Copy(facts, g.Groups(states))
	return facts
}

func groupOf(g *testgraph.Graph) string { return g.Target.Definition["taskGroupId"].(string) }

func TestAudit(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*testgraph.Graph)
		states  map[string]string
		edit    func(*audit.Audit)
		want    report.Coverage
		verdict report.Verdict
	}{
		{name: "all hold", want: report.Coverage{Listed: 8, Verified: 4, NotSelected: 4}, verdict: report.Verified},
		{
			name:    "one is tampered with",
			change:  func(g *testgraph.Graph) { g.Task("build-1").Artifacts["public/build/target.tar.xz"] = []byte("evil") },
			want:    report.Coverage{Listed: 8, Verified: 3, Refused: 1, NotSelected: 4},
			verdict: report.Refused,
		},
		{
			name:    "one has not run, one failed",
			states:  map[string]string{"beetmover": "pending", "signing-0": "failed"},
			want:    report.Coverage{Listed: 8, Verified: 2, NotRun: 1, Failed: 1, NotSelected: 4},
			verdict: report.Verified,
		},
		{
			name:    "none has run",
			states:  map[string]string{"beetmover": "pending", "signing-0": "pending", "signing-1": "unscheduled", "signing-2": "running"},
			want:    report.Coverage{Listed: 8, NotRun: 4, NotSelected: 4},
			verdict: report.Unknown,
		},
		{
			name:    "by a pattern",
			edit:    selecting("kind=sign*", "label=*-2"),
			want:    report.Coverage{Listed: 8, Verified: 1, NotSelected: 7},
			verdict: report.Verified,
		},
		{
			name:    "by two patterns of one key",
			edit:    selecting("label=signing-0", "label=signing-1"),
			want:    report.Coverage{Listed: 8, Verified: 2, NotSelected: 6},
			verdict: report.Verified,
		},
		{
			name:    "nothing is selected",
			edit:    selecting("kind=none"),
			want:    report.Coverage{Listed: 8, NotSelected: 8},
			verdict: report.Unknown,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := testgraph.Large(3)
			if tt.change != nil {
				tt.change(g)
			}
			s, reports, err := audited(t, facts(g, tt.states), []string{groupOf(g)}, tt.edit)
			if err != nil {
				t.Fatal(err)
			}
			if s.Coverage != tt.want || s.Verdict != tt.verdict {
				t.Errorf("got %s, %+v; expected %s, %+v", s.Verdict, s.Coverage, tt.verdict, tt.want)
			}
			if len(reports) != tt.want.Listed-tt.want.NotSelected {
				t.Errorf("%d reports", len(reports))
			}
		})
	}
}

func selecting(rules ...string) func(*audit.Audit) {
	return func(a *audit.Audit) {
		for _, rule := range rules {
			if err := a.Select.Add(rule); err != nil {
				panic(err)
			}
		}
	}
}

// TestAsVerify holds each target's report against that of its own verification,
// and what is asked against what is there: nothing is asked for twice.
func TestAsVerify(t *testing.T) {
	g := testgraph.Large(5)
	g.Task("build-1").Artifacts["public/build/target.tar.xz"] = []byte("evil")
	counted := memsource.Count(facts(g, nil))
	_, reports, err := audited(t, counted, []string{groupOf(g)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	keys, _ := policy.ParseKeys(testgraph.Keys(), "keys.json")
	for _, r := range reports {
		store := evidence.New(g.Source())
		v := &verify.Verifier{Store: store, Policy: policy.Default().WithKeys(keys, "keys.json")}
		alone, err := v.Verify(t.Context(), verify.Target{TaskID: r.Target.TaskID})
		store.Close()
		if err != nil {
			t.Fatal(err)
		}
		alone.Target.Kind, alone.Target.State = r.Target.Kind, r.Target.State
		if got, want := encoded(t, r), encoded(t, alone); got != want {
			t.Errorf("%s: in an audit\n%s\nalone\n%s", r.Target.Label, got, want)
		}
	}
	for _, task := range g.Tasks {
		for name := range task.Artifacts {
			if n := counted.Asked(source.Artifact(task.ID, name)); n > 1 {
				t.Errorf("%s of %s was asked for %d times", name, task.Name, n)
			}
		}
	}
}

func encoded(t *testing.T, r *report.Report) string {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPrevious audits what a promoting action promotes too.
func TestPrevious(t *testing.T) {
	g, promoted := testgraph.GitHubAction(), testgraph.Large(2)
	action := g.Target.Parent
	context := action.Definition["extra"].(map[string]any)["action"].(map[string]any)["context"].(map[string]any)
	context["input"] = map[string]any{"previous_graph_ids": []any{groupOf(promoted), "no taskId", 1}}
	all := facts(g, nil)
	maps.Copy(all, facts(promoted, nil))
	for previous, groups := range map[bool]int{true: 2, false: 1} {
		s, _, err := audited(t, all, []string{action.Definition["taskGroupId"].(string)}, func(a *audit.Audit) { a.Previous = previous })
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Audit.Groups) != groups {
			t.Errorf("previous %v: %d groups", previous, len(s.Audit.Groups))
		}
	}
}

func TestFailFast(t *testing.T) {
	g := testgraph.Large(30)
	for _, task := range g.Tasks {
		if task.Artifacts["public/build/target.tar.xz"] != nil && task.Name[0] == 'b' {
			task.Artifacts["public/build/target.tar.xz"] = []byte("evil")
		}
	}
	s, reports, err := audited(t, facts(g, nil), []string{groupOf(g)}, func(a *audit.Audit) { a.FailFast = true })
	if err != nil {
		t.Fatal(err)
	}
	if last := reports[len(reports)-1]; last.Verdict != report.Refused || s.Verdict != report.Refused || s.Coverage.Refused != 1 || s.Coverage.Unknown == 0 {
		t.Errorf("%d reports, %s, %+v", len(reports), s.Verdict, s.Coverage)
	}
}

// TestIsNoYes shows what ends an audit early, and is no yes.
func TestIsNoYes(t *testing.T) {
	g := testgraph.Large(3)
	full := errors.New("the disk is full")
	for name, tt := range map[string]struct {
		ctx  func(context.Context) context.Context
		each func(*report.Report) error
		want error
	}{
		"a report cannot be written": {func(ctx context.Context) context.Context { return ctx }, func(*report.Report) error { return full }, full},
		"it is interrupted": {func(ctx context.Context) context.Context {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx
		}, func(*report.Report) error { return nil }, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			store := evidence.New(facts(g, nil))
			defer store.Close()
			a := &audit.Audit{Verifier: &verify.Verifier{Store: store, Policy: policy.Default()}}
			plan, err := a.Plan(t.Context(), []string{groupOf(g)})
			if err != nil {
				t.Fatal(err)
			}
			s, err := a.Run(tt.ctx(t.Context()), plan, tt.each)
			if !errors.Is(err, tt.want) || s.Verdict == report.Verified {
				t.Errorf("got %v and %s", err, s.Verdict)
			}
		})
	}
}

func TestMalformedLists(t *testing.T) {
	const group = "c6r8K9dzSIK3GDZLlgU9aQ"
	for _, body := range []string{
		``, `[]`, `{}`, `{"tasks": {}}`, `{"tasks": [1]}`, `{"tasks": [{"status": {"taskId": "../../x"}, "task": {}}]}`,
		`{"tasks": [{"status": {"taskId": "IWjnqVarTJeCW1SIckQFiA"}}]}`, `{"tasks": []`, `{"tasks": [], "tasks": []}`,
	} {
		_, _, err := audited(t, memsource.Texts{source.Group(group): body}, []string{group}, nil)
		var unavailable *source.UnavailableError
		if !errors.As(err, &unavailable) {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// TestReport reads the report of an audit back, of which it has the schema: links
// and checks stand once, and every target has its own.
func TestReport(t *testing.T) {
	g := testgraph.Large(3)
	g.Task("build-1").Artifacts["public/build/target.tar.xz"] = []byte("evil")
	s, reports, err := audited(t, facts(g, map[string]string{"signing-0": "exception", "signing-2": "pending"}), []string{groupOf(g)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := testreport.WriteAudit(t, report.NewAudit, reports, s)
	schema, err := jsonschema.NewCompiler().Compile("../report/audit.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(document); err != nil {
		t.Error(err)
	}
	read, err := report.ReadAudit(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, read.Summary()); diff != "" {
		t.Errorf("the summary is read as (-written +read):\n%s", diff)
	}
	i, all := 0, 0
	for r := range read.Reports() {
		if got, want := encoded(t, r), encoded(t, reports[i]); got != want {
			t.Errorf("%s is read as\n%s\nof\n%s", r.Target.Label, got, want)
		}
		all += len(r.Checks)
		i++
	}
	if once := len(document.(map[string]any)["checks"].([]any)); once >= all {
		t.Errorf("%d checks stand there for %d of the targets: none is shared", once, all)
	}
}
