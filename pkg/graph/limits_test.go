package graph

import (
	"fmt"
	"strings"
	"testing"
)

// TestLimits shows definitions at each limit, and one step beyond.
func TestLimits(t *testing.T) {
	definition := func(extra, payload string) []byte {
		return fmt.Appendf(nil, `{"taskGroupId": "c6r8K9dzSIK3GDZLlgU9aQ", "provisionerId": "p", "workerType": "w", "scopes": [], "metadata": {"source": "s"}, "extra": {%s}, "payload": {%s}}`, extra, payload)
	}
	inputs := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `%s"k%d": "IWjnqVarTJeCW1SIckQFiA"`, comma(i), i)
		}
		return `"chainOfTrust": {"inputs": {` + b.String() + `}}`
	}
	key := func(n int) string {
		return `"chainOfTrust": {"inputs": {"` + strings.Repeat("k", n) + `": "IWjnqVarTJeCW1SIckQFiA"}}`
	}
	upstream := func(taskType string, paths int, path string) string {
		var b strings.Builder
		for i := range paths {
			fmt.Fprintf(&b, `%s"%s"`, comma(i), path)
		}
		return `"upstreamArtifacts": [{"taskType": "` + taskType + `", "taskId": "IWjnqVarTJeCW1SIckQFiA", "paths": [` + b.String() + `]}]`
	}
	entries := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(comma(i) + `{"taskType": "build", "taskId": "IWjnqVarTJeCW1SIckQFiA", "paths": []}`)
		}
		return `"upstreamArtifacts": [` + b.String() + `]`
	}
	values := func(n int) string { return `"x": [` + strings.Repeat("1,", n) + "1]" }
	for _, tt := range []struct {
		name         string
		within, over []byte
		want         string
	}{
		{"inputs", definition(inputs(maxEntries), ""), definition(inputs(maxEntries+1), ""), "/extra/chainOfTrust/inputs is 10001; expected at most 10000 entries"},
		{"a key of inputs", definition(key(maxTypeName), ""), definition(key(maxTypeName+1), ""), "/extra/chainOfTrust/inputs is 201 bytes; expected at most 200 bytes"},
		{"upstreamArtifacts", definition("", entries(maxEntries)), definition("", entries(maxEntries+1)), "/payload/upstreamArtifacts is 10001; expected at most 10000 entries"},
		{"a taskType", definition("", upstream(strings.Repeat("k", maxTypeName), 1, "p")), definition("", upstream(strings.Repeat("k", maxTypeName+1), 1, "p")), "/payload/upstreamArtifacts/0/taskType is 201 bytes"},
		{"paths", definition("", upstream("build", maxEntries, "p")), definition("", upstream("build", maxEntries+1, "p")), "/payload/upstreamArtifacts/*/paths is 10001"},
		{"a path", definition("", upstream("build", 1, strings.Repeat("p", maxPathName))), definition("", upstream("build", 1, strings.Repeat("p", maxPathName+1))), "/payload/upstreamArtifacts/0/paths/0 is 1001 bytes"},
		{"values", definition("", values(MaxValues-20)), definition("", values(MaxValues)), "more values than are read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if problem := problemOf(ReadTask("", tt.within)); problem != "" {
				t.Errorf("within the limit: %s", problem)
			}
			if problem := problemOf(ReadTask("", tt.over)); !strings.Contains(problem, tt.want) {
				t.Errorf("beyond the limit: got %q, expected %q", problem, tt.want)
			}
		})
	}
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// problemOf returns what is wrong with a task, or with the paths that it asks
// for.
func problemOf(t *Task) string {
	if len(t.Problems) > 0 {
		return t.Problems[0].Error()
	}
	for _, u := range t.Upstream {
		if u.PathsError != nil {
			return u.PathsError.Error()
		}
	}
	return ""
}
