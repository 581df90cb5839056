package verify_test

import (
	"testing"
	"time"

	"cotverify/internal/fakeservices"
	"cotverify/internal/testgraph"
	"cotverify/pkg/report"
)

// BenchmarkVerify verifies graphs from memory.
func BenchmarkVerify(b *testing.B) {
	for name, graph := range map[string]*testgraph.Graph{
		"7-links":    testgraph.GitHubPush(),
		"2004-links": testgraph.Large(1000),
	} {
		b.Run(name, func(b *testing.B) {
			o := optionsOf(b, graph, graph.Source())
			for b.Loop() {
				run(b, o)
			}
		})
	}
}

// latency is what each answer of the server takes in BenchmarkLatency.
const latency = 50 * time.Millisecond

// BenchmarkLatency verifies live, from a server whose every answer takes a
// while, and compares the time with the chain's critical path of round trips.
func BenchmarkLatency(b *testing.B) {
	for name, graph := range testgraph.All() {
		b.Run(name, func(b *testing.B) {
			src := liveOf(b, graph.Source(), fakeservices.Options{Fault: fakeservices.Latency(latency)})
			var r *report.Report
			for b.Loop() {
				r = run(b, optionsOf(b, graph, src))
			}
			critical := float64(criticalPath(r)) * float64(latency.Milliseconds())
			wall := float64(b.Elapsed().Milliseconds()) / float64(b.N)
			b.ReportMetric(critical, "critical-ms")
			b.ReportMetric(wall, "wall-ms")
			b.ReportMetric(wall/critical, "wall/critical")
		})
	}
}

// criticalPath returns how many round trips must follow one another: one for
// the definition of each task from the target down, and then two for the
// artifacts that only that definition makes needed, since the queue answers
// with a redirect.
func criticalPath(r *report.Report) int {
	depth := map[string]int{}
	for _, link := range r.Links {
		depth[link.TaskID] = -1
	}
	depth[r.Target.TaskID] = 0
	deepest, level := 0, []string{r.Target.TaskID}
	byID := map[string]report.Link{}
	for _, link := range r.Links {
		byID[link.TaskID] = link
	}
	for len(level) > 0 {
		var next []string
		for _, id := range level {
			deepest = max(deepest, depth[id])
			for _, d := range byID[id].Dependencies {
				if depth[d.TaskID] < 0 {
					depth[d.TaskID] = depth[id] + 1
					next = append(next, d.TaskID)
				}
			}
		}
		level = next
	}
	return deepest + 1 + 2
}

func run(b *testing.B, o options) *report.Report {
	b.Helper()
	r, err := o.verify(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return r
}
