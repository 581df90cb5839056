package text

import (
	"bytes"
	"strings"
	"testing"

	"cotverify/internal/visible"
	"cotverify/pkg/policy"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestPolicyIsFitForATerminal(t *testing.T) {
	const odd = "a\x1b[31m\u202eb\u3164\u0085\u2028\t\u009b2J\U000e0100\ufeff\x00: #'\"\\u3164"
	p := *policy.Default()
	own := *p.Products["glean"]
	own.Name, own.DecisionPools = odd, []string{odd, "a\n" + odd, "a\nb"}
	p.Products = map[string]*policy.Product{odd: &own}
	p.Reference = odd
	var buf bytes.Buffer
	if err := Policy(&buf, &p); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(buf.String(), "\n") {
		if !visible.Line(line) {
			t.Errorf("not fit for a terminal: %q", line)
		}
	}
	var back struct {
		Reference string
		Products  map[string]struct {
			DecisionPools []string `yaml:"decision_pools"`
		}
	}
	if err := yaml.Unmarshal(buf.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Reference != odd {
		t.Errorf("%q came back as %q", odd, back.Reference)
	}
	if diff := cmp.Diff(own.DecisionPools, back.Products[odd].DecisionPools); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPolicyLoadsAsTheSame holds what is written of the default policy against
// it.
func TestPolicyLoadsAsTheSame(t *testing.T) {
	var buf, again bytes.Buffer
	if err := Policy(&buf, policy.Default()); err != nil {
		t.Fatal(err)
	}
	p, err := new(policy.Policy).Overlay(buf.Bytes(), "policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := Policy(&again, p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(buf.String(), again.String()); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
}
