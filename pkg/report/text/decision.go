package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"strings"

	"cotverify/internal/jsone"
	"cotverify/internal/value"
	"cotverify/internal/visible"
	"cotverify/pkg/report"
	"cotverify/pkg/verify"

	"go.yaml.in/yaml/v3"
)

// DecisionOptions says how a rebuilt definition is written.
type DecisionOptions struct {
	TreeOptions
	Context bool // add the context that it was rendered from
}

// Decision writes for people how a rebuilt definition compares with the one
// that ran: where they differ, or the definition, if they do not.
func Decision(w io.Writer, r *verify.Rebuild, o DecisionOptions) error {
	p := newPrinter(w, o.TreeOptions)
	check := r.Check
	check.Subject = r.TaskID
	if check.Status == report.Pass {
		check.Message = "the definition is what " + r.Rebuilt.TemplateURL + " renders to"
	}
	p.check("", check, nil, withHint)
	matches := r.Comparison != nil && r.Comparison.Matches
	shown := &yaml.Node{Kind: yaml.MappingNode}
	if matches || r.Comparison != nil && o.Verbose {
		addField(shown, "definition", definitionNode(r))
	}
	if r.Rebuilt != nil && o.Context {
		addField(shown, "context", yamlNode(r.Rebuilt.Context, nil))
	}
	if len(shown.Content) > 0 {
		p.line("", nil)
		text, err := encodeYAML(shown)
		if err != nil {
			return err
		}
		p.w.Write(text)
	}
	return p.w.Flush()
}

// DecisionJSON writes the rebuilt definition as JSON. With its context both are
// fields of an object. Where there is no definition, the error says why.
func DecisionJSON(w io.Writer, r *verify.Rebuild, o DecisionOptions) error {
	if err := notRebuilt(r); err != nil {
		return err
	}
	definition := r.Rebuilt.Tasks[r.Comparison.Index]
	if o.Context {
		definition = value.ObjectOf("definition", definition, "context", r.Rebuilt.Context)
	}
	text, err := value.AppendJSON(nil, definition)
	if err != nil {
		return fmt.Errorf("the definition cannot be written as JSON: %w", err)
	}
	var buf bytes.Buffer
	if err := json.Indent(&buf, text, "", "  "); err != nil {
		return fmt.Errorf("the definition cannot be written as JSON: %w", err)
	}
	_, err = fmt.Fprintln(w, visible.JSON(buf.String()))
	return err
}

// DecisionYAML writes the rebuilt definition as YAML. A comment after each value
// says which line of the template rendered it, and from what of the context.
// With its context both are fields of an object. Where there is no definition,
// the error says why.
func DecisionYAML(w io.Writer, r *verify.Rebuild, o DecisionOptions) error {
	if err := notRebuilt(r); err != nil {
		return err
	}
	node := definitionNode(r)
	if o.Context {
		both := &yaml.Node{Kind: yaml.MappingNode}
		addField(both, "definition", node)
		addField(both, "context", yamlNode(r.Rebuilt.Context, nil))
		node = both
	}
	text, err := encodeYAML(node)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// notRebuilt says why there is no definition to write, if there is none.
func notRebuilt(r *verify.Rebuild) error {
	if r.Comparison == nil {
		return fmt.Errorf("task %s cannot be rebuilt: %s", r.TaskID, r.Check.Message)
	}
	return nil
}

// definitionNode returns the rebuilt definition that matches, or is closest.
func definitionNode(r *verify.Rebuild) *yaml.Node {
	i := r.Comparison.Index
	return yamlNode(r.Rebuilt.Tasks[i], r.Rebuilt.Origins[i])
}

func encodeYAML(n *yaml.Node) ([]byte, error) {
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	if err := enc.Encode(n); err != nil {
		return nil, fmt.Errorf("it cannot be written as YAML: %w", err)
	}
	return []byte(visible.YAML(buf.String())), nil
}

// yamlNode returns a value as YAML, with a comment on each scalar that has an
// origin.
func yamlNode(v any, origin *jsone.Origin) *yaml.Node {
	switch v := v.(type) {
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i, item := range v {
			n.Content = append(n.Content, yamlNode(item, origin.At(fmt.Sprint(i))))
		}
		return n
	case *value.Object:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for k, item := range v.All() {
			addField(n, k, yamlNode(item, origin.At(k)))
		}
		return n
	}
	n := scalarNode(v)
	if origin != nil && origin.Line > 0 {
		n.LineComment = visible.Clean(originOf(report.Difference{Line: origin.Line, Via: origin.Via, Context: origin.Reads}))
	}
	return n
}

func addField(n *yaml.Node, key string, v *yaml.Node) {
	n.Content = append(n.Content, textNode(key), v)
}

func scalarNode(v any) *yaml.Node {
	plain := func(tag, text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text} }
	switch v := v.(type) {
	case nil:
		return plain("!!null", "null")
	case bool:
		return plain("!!bool", fmt.Sprint(v))
	case *big.Int:
		return plain("!!int", v.String())
	case float64:
		return plain("!!float", value.FormatFloat(v))
	case value.Opaque:
		return plain("!!"+v.Tag, v.Text)
	}
	return textNode(v.(string))
}

// otherType matches texts that readers of YAML 1.1 take for booleans or for
// numbers of base 8 or 60 if they are not quoted. Of all others the encoder
// knows.
var otherType = regexp.MustCompile(`^(?i:y|n|yes|no|on|off)$|^0[0-9_]+$|^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)

// isOdd reports whether a text has what people would not see as it stands. In
// YAML it is in double quotes, so that escapeYAML can escape it.
func isOdd(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && !visible.Is(r) })
}

// textNode returns a text.
func textNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: strings.ToValidUTF8(s, "\ufffd")}
	switch {
	case isOdd(s), otherType.MatchString(s):
		n.Style = yaml.DoubleQuotedStyle
	case strings.Contains(s, "\n"):
		n.Style = yaml.LiteralStyle
	}
	return n
}
