package decision

import (
	"context"

	"cotverify/internal/pyyaml"
	"cotverify/internal/value"
	"cotverify/pkg/forge"
	"cotverify/pkg/source"
)

// maxTemplate is how many bytes of .taskcluster.yml and of projects.yml are
// read. Real templates have some hundred lines.
const maxTemplate = 4 << 20

func fetchYAML(ctx context.Context, src source.Source, fact source.Fact) (*value.Node, error) {
	data, err := forge.Fetch(ctx, src, fact, maxTemplate)
	if err != nil {
		return nil, err
	}
	node, err := pyyaml.Parse(data)
	if err != nil {
		return nil, refuse("%s is no YAML that can be read: %v", fact, err)
	}
	return node, nil
}
