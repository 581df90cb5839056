package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"cotverify/internal/pyglob"
	"cotverify/internal/suggest"
	"cotverify/internal/visible"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"

	"go.yaml.in/yaml/v3"
)

// The limits of a baseline. One that accepts for longer, or so much, is no list
// of what somebody looked at.
const (
	MaxBaseline      = 1 << 20 // bytes
	maxEntries       = 1_000
	maxEntryText     = 2_000 // bytes
	maxAcceptedDays  = 180
	dayLayout        = time.DateOnly
	proposedDays     = 30
	baselineKeysText = "check, label, subject, because, reason, by and expires"
)

// Baseline is a list of failures that somebody accepted for a time. To accept one
// changes no verdict: it says of the check who accepted it, and until when.
//
// A file of it is a list, in YAML or JSON, of objects. Of a failure check and
// label, a pattern, tell which it is, subject that of the check, where it has
// one, with * in the place of each taskId, and because, which may be left out,
// the reason of the check. Reason, by and expires say why, who and until when.
type Baseline struct {
	Origin  report.Origin
	entries []*acceptance
}

// acceptance is an entry of a baseline.
type acceptance struct {
	report.Failure
	report.Acceptance
	label   pyglob.Pattern
	line    int
	expired bool
	used    bool
}

// ReadBaseline reads a baseline, by the day that now is of. The error is a
// [policy.FileErrors], which has the line of each mistake.
func ReadBaseline(data []byte, name string, now time.Time) (*Baseline, error) {
	sum := sha256.Sum256(data)
	f := &baselineFile{name: name, today: now.UTC().Truncate(24 * time.Hour)}
	b := &Baseline{Origin: report.Origin{Source: name, SHA256: hex.EncodeToString(sum[:])}, entries: f.read(data)}
	if len(f.errs) > 0 {
		return nil, f.errs
	}
	return b, nil
}

// baselineFile is a file that is read, with what is wrong with it.
type baselineFile struct {
	name  string
	today time.Time
	errs  policy.FileErrors
}

func (f *baselineFile) fail(line int, format string, args ...any) {
	f.errs = append(f.errs, &policy.FileError{File: f.name, Line: line, Message: fmt.Sprintf(format, args...)})
}

func (f *baselineFile) read(data []byte) []*acceptance {
	if len(data) > MaxBaseline {
		f.fail(0, "it is larger than %d bytes, which is the limit for a baseline", MaxBaseline)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		f.fail(0, "it is no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		return nil
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		f.fail(second.Line, "there is more behind the list; expected one list of accepted failures")
		return nil
	}
	list := document.Content[0]
	if list.Kind != yaml.SequenceNode {
		f.fail(list.Line, "expected a list of accepted failures")
		return nil
	}
	if len(list.Content) > maxEntries {
		f.fail(list.Line, "it has %d entries; at most %d are taken", len(list.Content), maxEntries)
		return nil
	}
	var entries []*acceptance
	for _, node := range list.Content {
		entries = append(entries, f.entry(node))
	}
	return entries
}

// entry reads one entry.
func (f *baselineFile) entry(node *yaml.Node) *acceptance {
	e := &acceptance{line: node.Line}
	if node.Kind != yaml.MappingNode {
		f.fail(node.Line, "expected an object with %s", baselineKeysText)
		return e
	}
	var because string
	texts := map[string]*string{
		"check": &e.Check, "label": &e.Label, "subject": &e.Subject, "because": &because,
		"reason": &e.Reason, "by": &e.By, "expires": &e.Until,
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		text := texts[key.Value]
		switch {
		case key.Value == "status":
			f.fail(key.Line, "status: only what fails can be accepted, and not what could not be told")
		case text == nil:
			f.fail(key.Line, "unknown key %q%s; expected %s", key.Value, suggest.Phrase(key.Value, strings.FieldsFunc(baselineKeysText, isSeparator)), baselineKeysText)
		case lines[key.Value] != 0:
			f.fail(key.Line, "%s is there twice, first on line %d", key.Value, lines[key.Value])
		case value.Kind != yaml.ScalarNode || value.ShortTag() != "!!str" && value.ShortTag() != "!!timestamp":
			f.fail(value.Line, "%s: expected text", key.Value)
		case len(value.Value) > maxEntryText:
			f.fail(value.Line, "%s: it has %d bytes; at most %d are taken", key.Value, len(value.Value), maxEntryText)
		default:
			*text = value.Value
		}
		lines[key.Value] = key.Line
	}
	for _, key := range []string{"check", "label", "reason", "by", "expires"} {
		if lines[key] == 0 {
			f.fail(node.Line, "%s is missing", key)
		} else if strings.TrimSpace(*texts[key]) == "" {
			f.fail(lines[key], "%s is empty; an acceptance says what, why, who and until when", key)
		}
	}
	e.Because = report.Reason(because)
	e.label = pyglob.Compile(e.Label)
	f.canBeAccepted(e, lines)
	f.until(e, lines["expires"])
	return e
}

func isSeparator(r rune) bool { return r == ' ' || r == ',' }

// canBeAccepted refuses an entry of what nobody can accept.
func (f *baselineFile) canBeAccepted(e *acceptance, lines map[string]int) {
	switch {
	case !report.CanBeAccepted(e.Check):
		f.fail(lines["check"], "check: that a %s fails cannot be accepted", e.Check)
	case e.Check == "requirement" && e.Subject == "signatures":
		f.fail(lines["subject"], "subject: that signatures are missing cannot be accepted")
	case slices.Contains(untold, e.Because):
		f.fail(lines["because"], "because: %s says that a fact could not be had; only what fails can be accepted", e.Because)
	case e.Because != "" && !slices.ContainsFunc(report.Reasons(), func(t report.ReasonText) bool { return t.Reason == e.Because }):
		f.fail(lines["because"], "because: %q is no reason; cotverify explain lists them", string(e.Because))
	}
}

// untold are the reasons of checks that could not be made.
var untold = []report.Reason{report.Unavailable, report.LeftOut, report.TimedOut, report.RateLimited, report.WrongAnswer}

// until reads the day of an entry.
func (f *baselineFile) until(e *acceptance, line int) {
	if e.Until == "" {
		return
	}
	day, err := time.Parse(dayLayout, e.Until)
	switch last := f.today.AddDate(0, 0, maxAcceptedDays); {
	case err != nil:
		f.fail(line, "expires: expected a day such as 2027-03-01, got %q", e.Until)
	case day.After(last):
		f.fail(line, "expires: expected a day at most %d days ahead, got %s", maxAcceptedDays, e.Until)
	}
	e.expired = day.Before(f.today)
}

// is reports whether the entry is of a failure.
func (e *acceptance) is(f report.Failure) bool {
	if e.Check != f.Check || e.Subject != f.Subject || e.Because != "" && e.Because != f.Because {
		return false
	}
	matches, _ := e.label.Match(f.Label)
	return matches
}

// unused returns the entry as one that accepted nothing.
func (e *acceptance) unused() report.Unused {
	return report.Unused{Line: e.line, Term: e.Term(), Expires: e.Until, Expired: e.expired}
}

// Apply says of each failure of a concluded report that an entry accepts who
// accepted it. An entry that has expired fails where it would have. What a link
// fails whose signature was not looked at is not accepted: it may be why.
func (b *Baseline) Apply(r *report.Report) {
	if r.Trust != nil {
		trust := *r.Trust
		trust.Baseline = &b.Origin
		r.Trust = &trust
	}
	unsigned := map[string]bool{}
	for _, c := range r.Checks {
		if c.Check == "signature" && c.Status == report.Skip {
			unsigned[c.TaskID] = true
		}
	}
	checks := r.Checks[:len(r.Checks):len(r.Checks)]
	told := map[*acceptance]bool{}
	for i := range checks {
		c := &r.Checks[i]
		failure, ok := c.Failure()
		if !ok || c.Status != report.Fail || unsigned[c.TaskID] || !report.CanBeAccepted(c.Check) {
			continue
		}
		switch e := b.entryOf(failure); {
		case e == nil:
		case !e.expired:
			e.used = true
			c.Accepted = &e.Acceptance
		default:
			e.used = true
			if !told[e] {
				checks = append(checks, b.expiredCheck(e, c.TaskID, c.Link))
			}
			told[e] = true
		}
	}
	r.Checks = checks
	r.Conclude(r.Trust != nil && r.Trust.Strict)
}

// entryOf returns the entry that accepts a failure, one that has not expired
// before one that has, or nil.
func (b *Baseline) entryOf(f report.Failure) *acceptance {
	var expired *acceptance
	for _, e := range b.entries {
		switch {
		case !e.is(f):
		case !e.expired:
			return e
		case expired == nil:
			expired = e
		}
	}
	return expired
}

func (b *Baseline) expiredCheck(e *acceptance, taskID, link string) report.Check {
	return report.Check{
		Check: report.BaselineCheck, Status: report.Fail, TaskID: taskID, Link: link, Subject: b.place(e.line),
		Message: fmt.Sprintf("what %s accepted has expired: %s", e.By, e.Term()),
	}.Because(report.Expired).Comparing("a day that has not passed", e.Until)
}

func (b *Baseline) place(line int) string { return b.Origin.Source + ":" + strconv.Itoa(line) }

// Unused returns the entries that accepted nothing in all that the baseline was
// applied to.
func (b *Baseline) Unused() []report.Unused {
	var unused []report.Unused
	for _, e := range b.entries {
		if !e.used {
			unused = append(unused, e.unused())
		}
	}
	return unused
}

// ApplyAlone applies the baseline to the only report that it is for: its unused
// entries are told there, as a warning, or a failure where they have expired.
func (b *Baseline) ApplyAlone(r *report.Report) {
	b.Apply(r)
	for _, e := range b.entries {
		switch {
		case e.used:
		case e.expired:
			r.Checks = append(r.Checks, b.expiredCheck(e, r.Target.TaskID, "target"))
		default:
			r.Checks = append(r.Checks, report.Check{
				Check: report.BaselineCheck, Status: report.Warn, TaskID: r.Target.TaskID, Link: "target", Subject: b.place(e.line),
				Message: fmt.Sprintf("nothing fails that it accepts: %s", e.Term()),
			}.Because(report.Unneeded))
		}
	}
	r.Conclude(r.Trust != nil && r.Trust.Strict)
}

// Proposal proposes a baseline that accepts the failures of reports for 30 days.
// Without a reason it has yet to be completed by a person.
type Proposal struct {
	By, Reason string
	Now        time.Time
	// Never is how many failures, and checks that could not be made, cannot be
	// accepted.
	Never int

	text strings.Builder
	seen map[report.Failure]bool
}

// Add adds the failures of a report that are not there yet.
func (p *Proposal) Add(r *report.Report) {
	if p.seen == nil {
		p.seen = map[report.Failure]bool{}
	}
	for _, c := range r.Checks {
		failure, ok := c.Acceptable()
		switch {
		case ok && !p.seen[failure]:
			p.seen[failure] = true
			p.write(failure)
		case !ok && (c.Status == report.Fail || c.Status == report.Error):
			p.Never++
		}
	}
}

func (p *Proposal) write(f report.Failure) {
	for i, field := range []struct{ key, text string }{
		{"check", f.Check}, {"because", string(f.Because)}, {"label", f.Label}, {"subject", f.Subject},
		{"reason", p.Reason}, {"by", p.By}, {"expires", p.Now.UTC().AddDate(0, 0, proposedDays).Format(dayLayout)},
	} {
		mark := "  "
		if i == 0 {
			mark = "- "
		}
		if field.text == "" && field.key != "reason" {
			continue
		}
		text, _ := json.Marshal(field.text)
		fmt.Fprintf(&p.text, "%s%s: %s\n", mark, field.key, visible.YAML(string(text)))
	}
}

// String returns the file.
func (p *Proposal) String() string {
	if p.text.Len() == 0 {
		return "[]\n"
	}
	return p.text.String()
}
