package text

import (
	"fmt"
	"io"

	"cotverify/pkg/policy"

	"go.yaml.in/yaml/v3"
)

// Policy writes a policy as a file that loads as the same policy. Whatever of it
// a terminal would act on, or nobody would see, is in double quotes and written
// as YAML's escapes.
func Policy(w io.Writer, p *policy.Policy) error {
	text, err := p.Marshal()
	if err != nil {
		return fmt.Errorf("the policy cannot be written as YAML: %w", err)
	}
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		return fmt.Errorf("the policy cannot be written as YAML: %w", err)
	}
	quoteOdd(&node)
	text, err = encodeYAML(&node)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// quoteOdd puts in double quotes all texts that have something to escape.
func quoteOdd(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && isOdd(n.Value) {
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range n.Content {
		quoteOdd(child)
	}
}
