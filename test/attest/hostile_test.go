package attest

import (
	"encoding/json"
	"strings"
	"testing"

	"cotverify/internal/testgraph"
	"cotverify/pkg/cot"
	"cotverify/pkg/evidence"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/report/attest"
	"cotverify/pkg/verify"
)

// TestHostile has a worker sign artifacts with hostile names and hashes that are
// none: what is stated is still what in-toto takes, with a name and a digest of
// its own for each subject.
func TestHostile(t *testing.T) {
	g := testgraph.GitHubPush()
	hash := `{"sha256": "` + strings.Repeat("a", 64) + `"}`
	var listed []string
	for _, name := range []string{`\ud800`, `\udbff`, `\ufffd`, `\\ud800`, ``, `a\u0000`, `a\\u0000`, `a\u202e`, `a\n`, `../..`, `<script>`, `public/chain-of-trust.json`} {
		listed = append(listed, `"`+name+`": `+hash)
	}
	for name, hashes := range map[string]string{
		"none": `{}`, "short": `{"sha256": "aa"}`, "upper": `{"sha256": "` + strings.Repeat("A", 64) + `"}`,
		"number": `{"sha256": 7}`, "list": `[]`, "md5": `{"md5": "` + strings.Repeat("a", 32) + `"}`,
	} {
		listed = append(listed, `"without `+name+`": `+hashes)
	}
	text := string(g.Target.Artifacts[cot.Artifact])
	signed := strings.Replace(text, `"artifacts": {`, `"artifacts": {`+strings.Join(listed, ", ")+", ", 1)
	if signed == text {
		t.Fatal("the CoT artifact has no artifacts")
	}
	g.Target.SignAs(cot.ScriptworkerImplementation, []byte(signed))

	keys, err := policy.ParseKeys(testgraph.Keys(), "keys.json")
	if err != nil {
		t.Fatal(err)
	}
	store := evidence.New(g.Source())
	defer store.Close()
	v := &verify.Verifier{Store: store, Policy: policy.Default().WithKeys(keys, "keys.json")}
	r, err := v.Verify(t.Context(), verify.Target{TaskID: g.Target.ID, TaskType: g.TaskType, Product: g.Product})
	if err != nil || r.Verdict != report.Verified {
		t.Fatalf("%v, %+v", err, r)
	}
	m := &attest.Maker{Store: store}
	summary, err := m.Summary(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	all, _, err := m.Provenance(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range append(all, summary) {
		payload, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, subject := range statement(t, payload).GetSubject() {
			if strings.Contains(subject.GetName(), "without ") {
				t.Errorf("subject %q has a digest", subject.GetName())
			}
		}
	}
	if n := len(summary.Subject); n < len(r.Artifacts)+12 {
		t.Errorf("%d subjects: %v", n, summary.Subject)
	}
}
