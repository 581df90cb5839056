package text

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"

	"cotverify/internal/jsone"
	"cotverify/internal/testreport"
	"cotverify/internal/value"
	"cotverify/internal/visible"
	"cotverify/pkg/decision"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/report/diagram"
	"cotverify/pkg/verify"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// hostileText is a text that a terminal would act on.
const hostileText = "\x1b[2J\u202eabc\u009b\u2028"

func rebuild(status report.Status) *verify.Rebuild {
	large, _ := new(big.Int).SetString("12345678901234567890", 10)
	task := value.ObjectOf(
		"taskId", testreport.DecisionID,
		"payload", value.ObjectOf(
			"command", []any{"bash", "-cx", "first\nsecond\n", hostileText},
			"maxRunTime", large,
			"weight", 1e16,
			"env", value.ObjectOf("HEAD_REV", "121adc", "yes", "on", "TIME", "12:30", "MODE", "0644", hostileText, nil),
			"features", value.ObjectOf(),
		),
	)
	line := func(n int, reads ...string) *jsone.Origin { return &jsone.Origin{Line: n, Reads: reads} }
	origin := &jsone.Origin{Line: 1, Fields: map[string]*jsone.Origin{
		"payload": {Line: 3, Fields: map[string]*jsone.Origin{
			"command": {Line: 4, Items: []*jsone.Origin{line(5), line(6), {Line: 7, Reads: []string{"event.after", hostileText}, Via: []int{40, 41}}, line(8)}},
			"env":     {Line: 9, Fields: map[string]*jsone.Origin{"HEAD_REV": line(10, "event.after")}},
		}},
	}}
	r := &verify.Rebuild{
		TaskID: testreport.DecisionID,
		Check:  report.Check{Check: "decision", Status: status, TaskID: testreport.DecisionID, Link: "decision"},
		Rebuilt: &decision.Rebuilt{
			TemplateURL: "https://example.com/.taskcluster.yml",
			Context:     value.ObjectOf("event", value.ObjectOf("after", "121adc", "message", hostileText)),
			Tasks:       []any{task},
			Origins:     []*jsone.Origin{origin},
		},
		Comparison: &decision.Comparison{Matches: status == report.Pass},
	}
	if status == report.Fail {
		r.Check.Message = "the definition differs in 1 place"
		r.Check.Diff = []report.Difference{{Path: "/payload/maxRunTime", Rebuilt: json.RawMessage("1801"), Runtime: json.RawMessage("1800"), Line: 11}}
	}
	return r
}

func TestDecision(t *testing.T) {
	notRebuilt := &verify.Rebuild{TaskID: testreport.DecisionID, Check: report.Check{Check: "decision", Status: report.Fail, Message: "the template does not render"}}
	for _, tt := range []struct {
		name string
		r    *verify.Rebuild
		o    DecisionOptions
	}{
		{"rebuilt-equal", rebuild(report.Pass), DecisionOptions{TreeOptions: TreeOptions{Width: 80}}},
		{"rebuilt-differs", rebuild(report.Fail), DecisionOptions{TreeOptions: TreeOptions{Width: 80}}},
		{"rebuilt-context", rebuild(report.Fail), DecisionOptions{TreeOptions: TreeOptions{Width: 80}, Context: true}},
		{"rebuilt-verbose", rebuild(report.Fail), DecisionOptions{TreeOptions: TreeOptions{Width: 80, Verbose: true}}},
		{"rebuilt-not", notRebuilt, DecisionOptions{TreeOptions: TreeOptions{Width: 80}}},
	} {
		var buf bytes.Buffer
		if err := Decision(&buf, tt.r, tt.o); err != nil {
			t.Fatal(err)
		}
		testreport.Golden(t, tt.name+".txt", buf.Bytes())
	}
}

func TestDecisionYAML(t *testing.T) {
	var buf bytes.Buffer
	if err := DecisionYAML(&buf, rebuild(report.Pass), DecisionOptions{TreeOptions: TreeOptions{Width: 80}, Context: true}); err != nil {
		t.Fatal(err)
	}
	testreport.Golden(t, "rebuilt.yaml", buf.Bytes())
	for line := range strings.SplitSeq(buf.String(), "\n") {
		if !visible.Line(line) {
			t.Errorf("not fit for a terminal: %q", line)
		}
	}
	var back struct {
		Definition struct {
			Payload struct {
				Command []string
				Env     map[string]any
			}
		}
	}
	if err := yaml.Unmarshal(buf.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"bash", "-cx", "first\nsecond\n", hostileText}, back.Definition.Payload.Command); diff != "" {
		t.Errorf("the command as it is read back (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"HEAD_REV": "121adc", "yes": "on", "TIME": "12:30", "MODE": "0644", hostileText: nil}, back.Definition.Payload.Env); diff != "" {
		t.Errorf("the environment as it is read back (-want +got):\n%s", diff)
	}
}

func TestDecisionJSON(t *testing.T) {
	var buf bytes.Buffer
	if err := DecisionJSON(&buf, rebuild(report.Pass), DecisionOptions{TreeOptions: TreeOptions{Width: 80}}); err != nil {
		t.Fatal(err)
	}
	testreport.Golden(t, "rebuilt.json", buf.Bytes())
	var both map[string]json.RawMessage
	buf.Reset()
	if err := DecisionJSON(&buf, rebuild(report.Pass), DecisionOptions{TreeOptions: TreeOptions{Width: 80}, Context: true}); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(buf.Bytes(), &both); err != nil {
		t.Fatal(err)
	}
	if both["definition"] == nil || both["context"] == nil {
		t.Errorf("definition and context are not both there:\n%s", buf.String())
	}
}

func TestNoDefinitionToWrite(t *testing.T) {
	r := &verify.Rebuild{TaskID: testreport.DecisionID, Check: report.Check{Status: report.Fail, Message: "the template does not render"}}
	want := "task " + testreport.DecisionID + " cannot be rebuilt: the template does not render"
	for name, err := range map[string]error{
		"JSON": DecisionJSON(failing{}, r, DecisionOptions{TreeOptions: TreeOptions{Width: 80}}),
		"YAML": DecisionYAML(failing{}, r, DecisionOptions{TreeOptions: TreeOptions{Width: 80}}),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", name, err, want)
		}
	}
}

var errFull = errors.New("no space left")

// failing is what nothing can be written to.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

// TestWriteErrors checks that no format takes a report for written that was
// not.
func TestWriteErrors(t *testing.T) {
	e, _ := verify.Explain("artifact")
	for name, err := range map[string]error{
		"Tree":            Tree(failing{}, testreport.Of(), TreeOptions{}),
		"GraphTree":       GraphTree(failing{}, testreport.Walked(), TreeOptions{}),
		"JSON":            report.JSON(failing{}, testreport.Of()),
		"Dot":             diagram.Dot(failing{}, testreport.Walked()),
		"Policy":          Policy(failing{}, policy.Default()),
		"Mermaid":         diagram.Mermaid(failing{}, testreport.Walked()),
		"Decision":        Decision(failing{}, rebuild(report.Pass), DecisionOptions{TreeOptions: TreeOptions{Width: 80}}),
		"DecisionJSON":    DecisionJSON(failing{}, rebuild(report.Pass), DecisionOptions{TreeOptions: TreeOptions{Width: 80}}),
		"DecisionYAML":    DecisionYAML(failing{}, rebuild(report.Pass), DecisionOptions{TreeOptions: TreeOptions{Width: 80}}),
		"EachExplanation": EachExplanation(failing{}, []report.Explanation{e}, TreeOptions{}),
		"Explanations":    Explanations(failing{}, verify.Explanations(), TreeOptions{}),
	} {
		if !errors.Is(err, errFull) {
			t.Errorf("%s: error %v, want %v", name, err, errFull)
		}
	}
}

// TestYAMLOfHostileText shows that what is escaped loads as it was.
func TestYAMLOfHostileText(t *testing.T) {
	for _, text := range []string{"a\u202eb", "\u3164", "\U000e0100\U0001d159", "a\x1b[31m\n\u2800", `\u3164`, "a\nb"} {
		node := &yaml.Node{Kind: yaml.MappingNode}
		addField(node, text, textNode(text))
		written, err := encodeYAML(node)
		if err != nil {
			t.Fatal(err)
		}
		var back map[string]string
		if err := yaml.Unmarshal(written, &back); err != nil || back[text] != text {
			t.Errorf("%q came back as %q, %v, of\n%s", text, back, err, written)
		}
	}
}
