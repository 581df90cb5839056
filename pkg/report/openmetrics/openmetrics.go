// Package openmetrics writes what reports found as metrics, for the textfile
// collector of a node exporter. There are no timestamps in it, so that the same
// facts give the same bytes.
package openmetrics

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"cotverify/pkg/report"
	"cotverify/pkg/report/internal/plain"
)

// maxSeries is how many kinds of failures get a number of their own; each costs
// whoever keeps the metrics.
const maxSeries = 100

// New returns what writes metrics of all the reports together.
func New(w io.Writer) report.Sink { return &sink{w: w, failures: map[kind]int{}} }

type sink struct {
	w        io.Writer
	tool     *report.Tool
	counts   report.Counts
	failures map[kind]int
}

// kind is what failures are counted by.
type kind struct{ check, reason string }

// Report implements [report.Sink].
func (s *sink) Report(r *report.Report) error {
	s.tool = cmp.Or(s.tool, r.Tool)
	s.counts.Add(r.Counts)
	for _, c := range r.Checks {
		if c.Status != report.Fail && c.Status != report.Error {
			continue
		}
		k := kind{plain.Name(c.Check), plain.Name(string(c.Reason))}
		if _, known := s.failures[k]; !known && len(s.failures) >= maxSeries {
			k = kind{"other", "other"}
		}
		s.failures[k]++
	}
	return nil
}

// Close implements [report.Sink].
func (s *sink) Close(summary report.Summary) error {
	w := bufio.NewWriter(s.w)
	gauge(w, "cotverify_verified", "Whether all targets were verified, and there were any.")
	fmt.Fprintf(w, "cotverify_verified %d\n", oneIf(summary.Verdict == report.Verified))
	gauge(w, "cotverify_targets", "Targets by verdict.")
	number(w, "cotverify_targets", "verdict", "verified", summary.Coverage.Verified)
	number(w, "cotverify_targets", "verdict", "refused", summary.Coverage.Refused)
	number(w, "cotverify_targets", "verdict", "unknown", summary.Coverage.Unknown)
	gauge(w, "cotverify_checks", "Checks by status.")
	number(w, "cotverify_checks", "status", "pass", s.counts.Pass)
	number(w, "cotverify_checks", "status", "fail", s.counts.Fail)
	number(w, "cotverify_checks", "status", "error", s.counts.Error)
	number(w, "cotverify_checks", "status", "warn", s.counts.Warn)
	number(w, "cotverify_checks", "status", "skip", s.counts.Skip)
	gauge(w, "cotverify_failures", "Checks that failed or could not be made, by check and reason.")
	kinds := slices.SortedFunc(maps.Keys(s.failures), func(a, b kind) int {
		return cmp.Or(cmp.Compare(a.check, b.check), cmp.Compare(a.reason, b.reason))
	})
	for _, k := range kinds {
		fmt.Fprintf(w, "cotverify_failures{check=\"%s\",reason=\"%s\"} %d\n", escape.Replace(k.check), escape.Replace(k.reason), s.failures[k])
	}
	if s.tool != nil {
		gauge(w, "cotverify_version", "The program that verified, as labels.")
		fmt.Fprintf(w, "cotverify_version{version=\"%s\",reference=\"%s\"} 1\n", escape.Replace(plain.Name(s.tool.Version)), escape.Replace(plain.Name(s.tool.Reference)))
	}
	fmt.Fprintln(w, "# EOF")
	return w.Flush()
}

// escape has the escapes of a label's value.
var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func gauge(w io.Writer, name, help string) {
	fmt.Fprintf(w, "# TYPE %s gauge\n# HELP %[1]s %s\n", name, help)
}

func number(w io.Writer, name, label, value string, n int) {
	fmt.Fprintf(w, "%s{%s=%q} %d\n", name, label, value, n)
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
