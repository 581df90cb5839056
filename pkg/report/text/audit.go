package text

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"cotverify/internal/visible"
	"cotverify/pkg/report"
)

// maxAuditFailures is how many targets that do not hold are unfolded. More are
// one mistake, which stands in the first of them.
const maxAuditFailures = 20

// NewAudit returns what sums up many targets for people: by kind, with those
// that do not hold unfolded, and the verdict and what became of each last.
func NewAudit(w io.Writer, o TreeOptions) report.Sink {
	return &audit{p: newPrinter(w, o), kinds: map[string]*kindCount{}}
}

type audit struct {
	p      *printer
	kinds  map[string]*kindCount
	bad    int
	failed []string // tasks that failed themselves
}

// kindCount counts the targets of a kind by what became of them.
type kindCount struct{ all, verified, notRun int }

// Report implements [report.Sink].
func (a *audit) Report(r *report.Report) error {
	kind := a.kinds[r.Target.Kind]
	if kind == nil {
		kind = &kindCount{}
		a.kinds[r.Target.Kind] = kind
	}
	kind.all++
	switch r.Outcome() {
	case report.OutcomeVerified:
		kind.verified++
	case report.OutcomeNotRun:
		kind.notRun++
	case report.OutcomeFailed:
		a.failed = append(a.failed, fmt.Sprintf("%s  %s  %s", r.Target.Label, r.Target.TaskID, r.Target.State))
	default:
		if a.bad++; a.bad <= maxAuditFailures {
			a.target(r)
		}
	}
	return nil
}

// target writes what is wrong with a target.
func (a *audit) target(r *report.Report) {
	p := a.p
	status := report.Fail
	if r.Verdict != report.Refused {
		status = report.Error
	}
	head := spans{{p.symbols.of(status) + " ", p.colors.of(status)}, {p.clean(r.Target.Label), p.colors.strong}, {"  " + p.clean(r.Target.TaskID), p.colors.dim}}
	p.line("", head)
	p.rootURL = rootOf(r.RootURL)
	p.problems("  ", r)
}

// Close implements [report.Sink].
func (a *audit) Close(s report.Summary) error {
	p := a.p
	if a.bad > maxAuditFailures {
		p.line("", spans{{fmt.Sprintf("and %d more that do not verify; a report in JSON has them", a.bad-maxAuditFailures), p.colors.dim}})
	}
	for i, text := range a.failed {
		if i == maxAuditFailures {
			p.line("", spans{{fmt.Sprintf("and %d more that failed", len(a.failed)-i), p.colors.dim}})
			break
		}
		p.line("", spans{{p.symbols.skip + " ", p.colors.warn}, {p.clean(text), p.colors.plain}})
	}
	for _, name := range slices.Sorted(maps.Keys(a.kinds)) {
		k := a.kinds[name]
		text := fmt.Sprintf("%d of %d verified", k.verified, k.all)
		if k.notRun > 0 {
			text += fmt.Sprintf(", %d not run", k.notRun)
		}
		p.line("", spans{{p.clean(name), p.colors.strong}, {"  " + text, p.colors.plain}})
	}
	word, rest := s.Sentence()
	p.line("", spans{{word + ": ", p.colors.of(statusOfVerdict[s.Verdict])}, {visible.Prose(rest), p.colors.plain}})
	return p.w.Flush()
}

var statusOfVerdict = map[report.Verdict]report.Status{report.Verified: report.Pass, report.Refused: report.Fail, report.Unknown: report.Error}
