package text

import (
	"io"
	"strings"

	"cotverify/pkg/report"
	"cotverify/pkg/workerlog"
)

// Why writes for people why a release task was refused: the causes with what
// would mend them, what the worker's own log has of them, and the tree.
func Why(w io.Writer, r *workerlog.Refusal, o TreeOptions) error {
	p := newPrinter(w, o)
	p.rootURL = rootOf(r.Report.RootURL)
	p.headline(r.Report)
	p.ended(r)
	p.workerLog(r)
	p.problems("", r.Report)
	p.target(r.Report)
	p.links(r.Report.Links, r.Report.Checks)
	p.skipped(r.Report)
	p.verdict(r.Report)
	return p.w.Flush()
}

// ended writes how the task's run ended.
func (p *printer) ended(r *workerlog.Refusal) {
	text := "its state could not be had: " + r.NoStatus
	if r.NoStatus == "" {
		text = "its state: " + r.State
		if r.Run != "" {
			text = "run " + r.Run + ": " + r.State
		}
		if r.Resolved != "" && r.Resolved != r.State {
			text += ", " + r.Resolved
		}
	}
	p.labelled("", "task", p.prose(text))
}

// workerLog writes what the worker's own log says, beside the report.
func (p *printer) workerLog(r *workerlog.Refusal) {
	if r.Worker == nil {
		p.labelled("", "worker", p.prose("its log is not to be had: "+r.NoLog))
		return
	}
	p.labelled("", "worker", p.prose(sentenceOf(r)))
	for _, e := range r.Worker.Errors {
		if r.Worker.Agreement == workerlog.Same && !p.o.Verbose {
			continue
		}
		mark := p.symbols.fail
		if e.OnlyWorker {
			mark = p.symbols.error
		}
		p.paragraph(spaces(labelColumns), spans{{mark + " ", p.colors.warn}}, p.prose(strings.ReplaceAll(e.Text, "\n", " ")), p.colors.plain)
	}
}

// sentenceOf says in a sentence how what the worker found compares.
func sentenceOf(r *workerlog.Refusal) string {
	w := r.Worker
	who := "scriptworker " + w.Version
	if w.Version == "" {
		who = "the worker"
	}
	refused := r.Report.Verdict != report.Verified
	switch {
	case w.Passed && !refused:
		return who + " verified it too: why the task failed, its own log says (public/logs/live_backing.log)"
	case w.Passed:
		return who + " verified it: " + whyOther(r)
	case len(w.Errors) == 0:
		return who + " does not say in its log how it ended"
	case w.Agreement == workerlog.Same:
		return who + " refused it for the same"
	case w.Agreement == workerlog.More:
		return who + " refused it for part of that: it stops at the first error"
	case !refused:
		return who + " refused it for what holds here: " + whyOther(r)
	}
	return who + " refused it for something else (?): " + whyOther(r)
}

// whyOther says why a worker may have found something else.
func whyOther(r *workerlog.Refusal) string {
	if tool := r.Report.Tool; tool != nil && r.Worker.Version != "" && tool.Reference != "scriptworker "+r.Worker.Version {
		return "its rules are of another release than these, which are those of " + tool.Reference
	}
	return "its policy may be another, or what it saw has changed since"
}
