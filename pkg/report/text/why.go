package text

import (
	"fmt"
	"io"
	"strings"

	"cotverify/pkg/report"
	"cotverify/pkg/workerlog"
)

// Why writes for people why a release task was refused: the causes with what
// would mend them, what the worker's own log has of them, and the tree.
func Why(w io.Writer, r *workerlog.Refusal, o TreeOptions) error {
	p := newPrinter(w, o)
	p.reasons(r.Report)
	p.ended(r)
	p.workerLog(r)
	p.line("", nil)
	if err := p.w.Flush(); err != nil {
		return err
	}
	return Tree(w, r.Report, o)
}

// maxReasons is how many causes are told before the tree, which has all.
const maxReasons = 5

// reasons writes what is wrong: the causes, and the failures that none of them
// explains.
func (p *printer) reasons(r *report.Report) {
	explained := map[int]bool{}
	told := 0
	for _, cause := range r.Causes {
		for _, i := range cause.Explains {
			explained[i] = true
		}
		if told++; told <= maxReasons {
			p.reason(report.Fail, cause.Title, "", cause.Detail, cause.Hint)
		}
	}
	labels := map[string]string{}
	for _, l := range r.Links {
		labels[l.TaskID] = l.Label
	}
	for _, status := range []report.Status{report.Fail, report.Error} {
		for i, c := range r.Checks {
			if c.Status != status || explained[i] {
				continue
			}
			if told++; told <= maxReasons {
				of := strings.TrimSpace(labels[c.TaskID] + " " + c.TaskID)
				p.reason(status, strings.TrimSpace(c.Check+"  "+c.Subject), of, c.Message, hintOf(c))
			}
		}
	}
	if told > maxReasons {
		p.line("", spans{{fmt.Sprintf("and %d more, which the tree has", told-maxReasons), p.colors.dim}})
	}
}

func (p *printer) reason(status report.Status, title, of, message, hint string) {
	p.paragraph("", spans{{p.symbols.of(status) + " ", p.colors.of(status)}}, p.clean(title), p.colors.strong)
	if of != "" {
		p.labelled(spaces(gap), "of", p.clean(of))
	}
	for line := range strings.SplitSeq(message, "\n") {
		if line != "" {
			p.paragraph(spaces(gap), nil, p.prose(line), p.colors.plain)
		}
	}
	if hint != "" && !p.hinted[hint] {
		p.hinted[hint] = true
		p.labelled(spaces(gap), "do", p.prose(hint))
	}
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
