package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/pkg/evidence"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source/bundle"
	"cotverify/pkg/verify"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestJSON(t *testing.T) {
	var buf bytes.Buffer
	if err := report.JSON(&buf, testreport.DecisionRefused(2)); err != nil {
		t.Fatal(err)
	}
	testreport.Golden(t, "decision.json", buf.Bytes())

	var back report.Report
	if err := json.Unmarshal(buf.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(testreport.DecisionRefused(2), &back, cmpopts.IgnoreUnexported(report.Check{})); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

func TestJSONOfHostileText(t *testing.T) {
	hostile := "\x1b[31m\u202e<&>\u009b2J\U000e0041\u2028"
	r := testreport.Of(report.Check{Check: "artifact", Status: report.Fail, TaskID: testreport.BuildID, Message: hostile})
	var buf bytes.Buffer
	if err := report.JSON(&buf, r); err != nil {
		t.Fatal(err)
	}
	if want := `\u001b[31m\u202e<&>\u009b2J\udb40\udc41\u2028`; !strings.Contains(buf.String(), want) {
		t.Errorf("%s is not in\n%s", want, buf.String())
	}
	var back report.Report
	if err := json.Unmarshal(buf.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(back.Checks, func(c report.Check) bool { return c.Status == report.Fail })
	if back.Checks[i].Message != hostile {
		t.Errorf("the text was changed: %q", back.Checks[i].Message)
	}
}

func schema(t *testing.T) *jsonschema.Schema { return schemaIn(t, "report.schema.json") }

func schemaIn(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// decoded returns a report as a report.JSON value.
func decoded(t *testing.T, r *report.Report) map[string]any {
	t.Helper()
	return decodedBy(t, func(w io.Writer) error { return report.JSON(w, r) })
}

func decodedBy(t *testing.T, write func(io.Writer) error) map[string]any {
	t.Helper()
	var buf bytes.Buffer
	if err := write(&buf); err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(&buf)
	if err != nil {
		t.Fatal(err)
	}
	return v.(map[string]any)
}

func TestReportsAreOfTheSchema(t *testing.T) {
	s := schema(t)
	for _, r := range []*report.Report{testreport.Of(), testreport.Refused(), testreport.DecisionRefused(9)} {
		if err := s.Validate(decoded(t, r)); err != nil {
			t.Error(err)
		}
	}
}

// TestReportsOfGraphsAreOfTheSchema holds what verifications of the bundled
// graphs report against the schema: with the graphs' keys, and with the
// policy's, which did not sign them.
func TestReportsOfGraphsAreOfTheSchema(t *testing.T) {
	s, graphs := schema(t), schemaIn(t, "graph.schema.json")
	keys, err := policy.LoadKeys("../../testdata/graphs/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	signed := policy.Default().WithKeys(keys, "keys.json")
	bundles, err := filepath.Glob("../../testdata/graphs/*/bundle.json")
	if err != nil || len(bundles) == 0 {
		t.Fatalf("no bundles, error %v", err)
	}
	for _, path := range bundles {
		bundle, err := bundle.Open(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		m := bundle.Manifest()
		for name, p := range map[string]*policy.Policy{"signed": signed, "unsigned": policy.Default()} {
			v := &verify.Verifier{Store: evidence.New(bundle), Policy: p}
			target := verify.Target{TaskID: m.TaskID, TaskType: m.TaskType, Product: m.Product}
			r, err := v.Verify(t.Context(), target)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(decoded(t, r)); err != nil {
				t.Errorf("%s, %s: %v", path, name, err)
			}
			g, err := v.Walk(t.Context(), target)
			if err != nil {
				t.Fatal(err)
			}
			if err := graphs.Validate(decodedGraph(t, g)); err != nil {
				t.Errorf("the walk of %s, %s: %v", path, name, err)
			}
		}
		bundle.Close()
	}
}

func decodedGraph(t *testing.T, g *report.Graph) map[string]any {
	t.Helper()
	return decodedBy(t, func(w io.Writer) error { return report.GraphJSON(w, g) })
}

func TestGraphSchemaRefuses(t *testing.T) {
	s := schemaIn(t, "graph.schema.json")
	if err := s.Validate(decodedGraph(t, testreport.Broken())); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(g map[string]any){
		"a report's schema":        func(g map[string]any) { g["schema"] = report.Schema },
		"a verdict":                func(g map[string]any) { g["verdict"] = "pass" },
		"checks":                   func(g map[string]any) { g["checks"] = []any{} },
		"counts":                   func(g map[string]any) { g["counts"] = map[string]any{} },
		"who signed a link":        func(g map[string]any) { g["links"].([]any)[0].(map[string]any)["signedBy"] = "a" },
		"no problems":              func(g map[string]any) { delete(g, "problems") },
		"a problem with a status":  func(g map[string]any) { g["problems"].([]any)[0].(map[string]any)["status"] = "pass" },
		"a problem of a new kind":  func(g map[string]any) { g["problems"].([]any)[0].(map[string]any)["kind"] = "fine" },
		"a problem without a task": func(g map[string]any) { delete(g["problems"].([]any)[0].(map[string]any), "taskId") },
	} {
		g := decodedGraph(t, testreport.Broken())
		change(g)
		if err := s.Validate(g); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := schema(t)
	tests := map[string]func(r map[string]any){
		"another schema":           func(r map[string]any) { r["schema"] = "cotverify/report/v2" },
		"an unknown verdict":       func(r map[string]any) { r["verdict"] = "maybe" },
		"no links":                 func(r map[string]any) { r["links"] = nil },
		"a check without a status": func(r map[string]any) { delete(r["checks"].([]any)[0].(map[string]any), "status") },
		"a failure that says nothing": func(r map[string]any) {
			for _, c := range r["checks"].([]any) {
				delete(c.(map[string]any), "message")
			}
		},
		"a negative count": func(r map[string]any) { r["counts"].(map[string]any)["warn"] = -1 },
	}
	for name, change := range tests {
		r := decoded(t, testreport.Refused())
		change(r)
		if err := s.Validate(r); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestSchemaHasEveryField holds the schema against the types that the report
// is made of, so that no field is added to the one alone.
func TestSchemaHasEveryField(t *testing.T) {
	s := schema(t)
	item := func(s *jsonschema.Schema) *jsonschema.Schema { return resolved(s.Items2020) }
	link, check := item(s.Properties["links"]), item(s.Properties["checks"])
	graph := schemaIn(t, "graph.schema.json")
	audit := schemaIn(t, "audit.schema.json")
	for _, tt := range []struct {
		of     any
		schema *jsonschema.Schema
	}{
		{report.Graph{}, graph},
		{report.Problem{}, item(graph.Properties["problems"])},
		{report.Tool{}, resolved(graph.Properties["tool"])},
		{report.Target{}, resolved(graph.Properties["target"])},
		{report.Dependency{}, item(item(graph.Properties["links"]).Properties["dependencies"])},
		{report.Report{}, s},
		{report.Tool{}, resolved(s.Properties["tool"])},
		{report.Target{}, resolved(s.Properties["target"])},
		{report.Link{}, link},
		{report.Dependency{}, item(link.Properties["dependencies"])},
		{report.Check{}, check},
		{report.Difference{}, item(check.Properties["diff"])},
		{report.Trust{}, resolved(s.Properties["trust"])},
		{report.Origin{}, resolved(resolved(s.Properties["trust"]).Properties["policy"])},
		{report.Artifact{}, item(s.Properties["artifacts"])},
		{report.Cause{}, item(s.Properties["causes"])},
		{report.Counts{}, resolved(s.Properties["counts"])},
		{report.Group{}, item(audit.Properties["groups"])},
		{report.Shard{}, resolved(audit.Properties["shard"])},
		{report.Coverage{}, resolved(audit.Properties["coverage"])},
		{report.AuditTarget{}, item(audit.Properties["targets"])},
	} {
		typ := reflect.TypeOf(tt.of)
		var fields, required, described []string
		for _, field := range reflect.VisibleFields(typ) {
			if !field.IsExported() || field.Anonymous {
				continue
			}
			name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			fields = append(fields, name)
			if options == "" {
				required = append(required, name)
			}
		}
		for name := range tt.schema.Properties {
			described = append(described, name)
		}
		slices.Sort(fields)
		slices.Sort(described)
		if diff := cmp.Diff(fields, described); diff != "" {
			t.Errorf("%s: fields (-type +schema):\n%s", typ, diff)
		}
		if diff := cmp.Diff(required, tt.schema.Required); diff != "" {
			t.Errorf("%s: fields that are always there (-type +schema):\n%s", typ, diff)
		}
	}
}

func resolved(s *jsonschema.Schema) *jsonschema.Schema {
	if s.Ref != nil {
		return s.Ref
	}
	return s
}
