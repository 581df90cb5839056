package decision

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cotverify/internal/pyyaml"
	"cotverify/internal/value"
	"cotverify/pkg/forge"
	"cotverify/pkg/source"
)

// maxTemplate is how many bytes of .taskcluster.yml and of projects.yml are
// read. Real templates have some hundred lines.
const maxTemplate = 4 << 20

func fetchYAML(ctx context.Context, src source.Source, fact source.Fact, about About) (*value.Node, error) {
	data, err := forge.Fetch(ctx, src, fact, maxTemplate)
	if err != nil {
		return nil, err
	}
	return parseYAML(fact, data, about)
}

// parseYAML reads a document that a fact is.
func parseYAML(fact source.Fact, data []byte, about About) (*value.Node, error) {
	if err := source.RefusePage(fact, data); err != nil {
		return nil, err
	}
	node, err := pyyaml.Parse(data)
	if err != nil {
		return nil, &Refusal{About: about, Message: fmt.Sprintf("%s is no YAML that can be read: %v", fact, err), Detail: excerpt(data, err)}
	}
	return node, nil
}

// maxExcerpt is how many characters of a line are shown before the place where
// it is wrong, and after.
const maxExcerpt = 60

// excerpt returns the line of a document that an error of reading it names, and
// below it a caret under the place.
func excerpt(document []byte, err error) string {
	var place *pyyaml.Error
	lines := strings.Split(string(document), "\n")
	if !errors.As(err, &place) || place.Line < 1 || place.Line > len(lines) {
		return ""
	}
	line := []rune(strings.TrimRight(lines[place.Line-1], "\r"))
	at := min(max(place.Column-1, 0), len(line))
	start, end := max(at-maxExcerpt, 0), min(at+maxExcerpt, len(line))
	before := strings.ReplaceAll(string(line[start:at]), "\t", " ")
	return before + string(line[at:end]) + "\n" + strings.Repeat(" ", at-start) + "^"
}
