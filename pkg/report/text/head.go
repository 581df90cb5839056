package text

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"cotverify/internal/visible"
	"cotverify/pkg/report"
)

// rootOf returns the URL of a deployment, "" for what is none that could be
// linked to.
func rootOf(rootURL string) string {
	u, err := url.Parse(rootURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || !visible.Line(rootURL) || strings.ContainsAny(rootURL, " \\") {
		return ""
	}
	return strings.TrimRight(rootURL, "/")
}

// taskURL is where people look at a task, "" where that is not known.
func (p *printer) taskURL(taskID string) string {
	if p.rootURL == "" || strings.Trim(taskID, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		return ""
	}
	return p.rootURL + "/tasks/" + taskID
}

// linked is text that leads to a task, where terminals know links.
func (p *printer) linked(text, taskID string, color paint) spans {
	at := p.taskURL(taskID)
	if !p.o.Links || at == "" {
		return spans{{text, color}}
	}
	return spans{{text, func(a ...any) string { return "\x1b]8;;" + at + "\x1b\\" + color(a...) + "\x1b]8;;\x1b\\" }}}
}

// headline writes the first line of a report: what came of it, and why.
func (p *printer) headline(r *report.Report) {
	word, rest := r.Sentence()
	p.paragraph("", spans{{word + ": ", p.verdictColor(r)}}, p.prose(cmp.Or(r.Headline(), rest)), p.colors.strong)
}

func (p *printer) verdictColor(r *report.Report) paint {
	switch {
	case r.Verdict == report.Refused:
		return p.colors.fail
	case r.Verdict == report.Verified && r.Signed() && !r.IsWhatIf():
		return p.colors.pass
	}
	return p.colors.warn
}

// verdict writes the last line of a report.
func (p *printer) verdict(r *report.Report) {
	word, rest := r.Sentence()
	if why := r.Headline(); why != "" && r.Verdict != report.Verified {
		rest += ": " + why
	}
	p.paragraph("", spans{{word + ": ", p.verdictColor(r)}}, p.prose(rest), p.colors.plain)
}

// target says what the verdict is of. Of a yes that is all that it is a yes to.
func (p *printer) target(r *report.Report) {
	p.chosen(r.Target)
	yes := r.Verdict == report.Verified
	if url := p.taskURL(r.Target.TaskID); url != "" && yes {
		p.labelled("", "task", url)
	}
	place := sourceOf(r)
	if yes && (place.Repository != "" || place.Source != "") {
		at := []string{place.Repository}
		if place.Repository == "" {
			at[0] = place.Source
		}
		for _, more := range []string{place.Revision, place.Tree} {
			if more != "" {
				at = append(at, more)
			}
		}
		p.labelled("", "source", p.clean(strings.Join(at, "  ")))
	}
	p.trust(r, yes)
}

// sourceOf returns where the target comes from. What a release script runs names
// no revision: the task of its tree that created it does.
func sourceOf(r *report.Report) report.Place {
	target := r.Target.Place
	if target.Revision != "" || len(r.Links) == 0 {
		return target
	}
	for _, l := range r.Links {
		if l.TaskID == r.Links[0].Parent && l.Tree == target.Tree && l.Repository != "" {
			return l.Place
		}
	}
	return target
}

// chosen says who chose what the target is taken for: the flags, the bundle, or
// where neither did, the definition.
func (p *printer) chosen(t report.Target) {
	for _, from := range []string{report.FromFlag, report.FromBundle} {
		var chosen []string
		if t.TaskTypeFrom == from {
			chosen = append(chosen, "task type "+t.TaskType)
		}
		if t.ProductFrom == from {
			chosen = append(chosen, "product "+t.Product)
		}
		if len(chosen) > 0 {
			p.labelled("", from, p.clean(strings.Join(chosen, ", ")))
		}
	}
	for _, text := range t.Inferred {
		p.labelled("", "inferred", p.clean(text))
	}
}

// trust says by which policy and keys was verified. Those of the policy go
// without saying where the answer is no.
func (p *printer) trust(r *report.Report, yes bool) {
	t := r.Trust
	if t == nil {
		return
	}
	if yes && t.Policy.Source != "" {
		text := t.Policy.Source
		if r.Tool != nil && r.Tool.Reference != "" {
			text += ", " + r.Tool.Reference
		}
		p.labelled("", "policy", p.clean(text+p.hashOf(t.Policy)))
	}
	if t.Keys.Source != "" && t.Keys.Source != "policy" {
		text := t.Keys.Source + ", not the policy's" + p.hashOf(t.Keys)
		p.labelled("", "keys", p.clean(text))
	}
	for _, required := range t.Require {
		p.labelled("", "required", p.clean(required))
	}
}

// hashOf adds the hash of a part of the policy where there is room for it.
func (p *printer) hashOf(o report.Origin) string {
	if o.SHA256 == "" || p.limited() && !p.o.Verbose {
		return ""
	}
	return ", sha256 " + o.SHA256
}

// maxArtifacts is how many of the verified artifacts are listed where nothing
// asks for all.
const maxArtifacts = 20

// artifacts lists the artifacts that a yes is a yes to.
func (p *printer) artifacts(r *report.Report) {
	if r.Verdict != report.Verified || len(r.Artifacts) == 0 {
		return
	}
	labels := labelsOf(r)
	p.line("", spans{{"artifacts", p.colors.strong}})
	last := ""
	for i, a := range r.Artifacts {
		if i == maxArtifacts && !p.o.Verbose && !p.o.All {
			p.line("  ", spans{{fmt.Sprintf("and %d more; --all lists them", len(r.Artifacts)-i), p.colors.dim}})
			return
		}
		if a.TaskID != last {
			last = a.TaskID
			p.line("  ", slices.Concat(spans{{p.clean(labels[a.TaskID]), p.colors.plain}, {spaces(gap), p.colors.plain}}, p.linked(p.clean(a.TaskID), a.TaskID, p.colors.dim)))
		}
		hash := "sha256 " + a.SHA256
		if a.SHA256 == "" {
			hash = "sha512 " + a.SHA512
		}
		text := a.Path + "  " + strings.TrimSuffix(fmt.Sprintf("%d bytes", a.Size), map[bool]string{true: "s"}[a.Size == 1])
		if p.limited() {
			p.paragraph("    ", nil, p.clean(text), p.colors.plain)
			p.paragraph("      ", nil, p.clean(hash), p.colors.dim)
		} else {
			p.line("    ", spans{{p.clean(text + "  "), p.colors.plain}, {p.clean(hash), p.colors.dim}})
		}
	}
}
