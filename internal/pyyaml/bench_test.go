package pyyaml

import (
	"strings"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	// Like the template of a decision task, which is some 20 KB.
	part := `
  - $if: 'tasks_for == "github-push" && event.ref[:10] != "refs/tags/"'
    then: &task%
      taskId: {$eval: as_slugid("decision")}
      created: {$fromNow: ''}
      scopes:
        - 'assume:repo:github.com/${owner}/${project}:branch:${branch}'
      payload:
        image: mozillareleases/taskgraph:decision@sha256:7f12bc56a452a32d0c45a2a2
        maxRunTime: 1800 # seconds
        command:
          - /bin/bash
          - '-cx'
          - >
            cd /builds/worker/checkouts/src &&
            ln -s /builds/worker/artifacts artifacts
        features: {taskclusterProxy: true, chainOfTrust: yes}
`
	var text strings.Builder
	text.WriteString("version: 1\nreporting: checks-v1\ntasks:\n")
	for i := range 30 {
		text.WriteString(strings.ReplaceAll(part, "%", strings.Repeat("x", i)))
	}
	data := []byte(text.String())
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}
