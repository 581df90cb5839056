// Package plain says of a report's checks what the formats for other programs
// say of them: in lines of clean text, each of limited length. What a format
// means by its marks, its consumer's escapes are for.
package plain

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cotverify/internal/visible"
	"cotverify/pkg/report"
)

// The limits of what is said of one check. A report of a chain whose values are
// as long as they may be must stay one that its consumer takes.
const (
	maxName        = 300   // bytes of what is to be one name
	maxValue       = 1_000 // bytes of a value, such as what was expected
	maxMessage     = 2_000 // bytes of a message
	maxDifferences = 5     // of one decision
)

// Name returns a name of hostile origin as clean text. Here and below what is
// too long is cut before it is cleaned, which is work, and after, when it is
// longer.
func Name(s string) string {
	return visible.Cut(visible.Clean(visible.Cut(s, maxName)), maxName)
}

// message returns a message as one line of clean text.
func message(s string) string {
	return visible.Cut(visible.Prose(strings.Join(strings.Fields(visible.Cut(s, maxMessage)), " ")), maxMessage)
}

// pair returns two values of hostile origin, as clean text in which the place is
// seen where they differ first.
func pair(a, b string) (string, string) {
	if len(a) > maxValue || len(b) > maxValue {
		same := 0
		for same < len(a) && same < len(b) && a[same] == b[same] {
			same++
		}
		if start := same - maxValue/4; start > 0 {
			for start > 0 && !utf8.RuneStart(a[start]) {
				start--
			}
			a, b = "…"+a[start:], "…"+b[start:]
		}
	}
	clean := func(s string) string { return visible.Cut(visible.Clean(visible.Cut(s, maxValue)), maxValue) }
	return clean(a), clean(b)
}

// Title says in a line which check it is, and what came of it.
func Title(c report.Check) string {
	if c.Message == "" {
		return Subject(c)
	}
	return Subject(c) + ": " + message(c.Message)
}

// Subject says which check it is, and of what.
func Subject(c report.Check) string {
	return strings.TrimSpace(Name(c.Check) + " " + Name(c.Subject))
}

// Detail is a line about a check.
type Detail struct{ Name, Text string }

// Details returns what else there is to say of a check, the task first.
func (r *Report) Details(c report.Check) []Detail {
	list := []Detail{{"task", r.Task(c.TaskID)}}
	add := func(name, text string) {
		if text != "" {
			list = append(list, Detail{name, text})
		}
	}
	add("link", Name(c.Link))
	for line := range strings.SplitSeq(visible.Cut(c.Detail, maxValue), "\n") {
		add("", visible.Prose(line))
	}
	expected, actual := pair(c.Expected, c.Actual)
	add("expected", expected)
	add("found", actual)
	for i, d := range c.Diff {
		if i == maxDifferences {
			add("differs", fmt.Sprintf("at %d more places", len(c.Diff)-i))
			break
		}
		rebuilt, runtime := pair(value(d.Rebuilt), value(d.Runtime))
		add("differs", "at "+Name(d.Path))
		add("rebuilt", rebuilt)
		add("runtime", runtime)
		add("from", Name(origin(d)))
	}
	add("reason", Name(string(c.Reason)))
	add("hint", Hint(c))
	add("key", Name(c.Key))
	if a := c.Accepted; a != nil {
		add("accepted", message(fmt.Sprintf("until %s by %s: %s", a.Until, a.By, a.Reason)))
	} else {
		add("baseline", visible.Cut(c.Term(), maxValue))
	}
	return list
}

// Text writes details one below the other.
func Text(list []Detail) string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "%-9s %s\n", d.Name, d.Text)
	}
	return b.String()
}

// Hint says what to do next about a check that failed.
func Hint(c report.Check) string {
	if c.Hint == "" && (c.Status == report.Fail || c.Status == report.Error) {
		return "cotverify explain " + Name(c.Check)
	}
	return message(c.Hint)
}

// Report is a report whose tasks are named. Where it does not verify, at least
// one of its checks says so, since a list of failures that is empty looks like
// success to whoever only reads that.
type Report struct {
	*report.Report
	labels map[string]string
}

// Of returns what the formats say a report by.
func Of(r *report.Report) *Report {
	if n := report.CountsOf(r.Checks); r.Verdict != report.Verified && n.Fail+n.Error == 0 {
		word, rest := r.Sentence()
		said := *r
		said.Checks = append(slices.Clip(r.Checks), report.Check{Check: "verdict", Status: report.Error, TaskID: r.Target.TaskID, Message: word + ": " + rest})
		r = &said
	}
	labels := map[string]string{r.Target.TaskID: cmp.Or(r.Target.Label, r.Target.TaskType)}
	for _, link := range r.Links {
		labels[link.TaskID] = cmp.Or(link.Label, link.Name)
	}
	return &Report{r, labels}
}

// Label names a task by its label, if it has one.
func (r *Report) Label(taskID string) string { return Name(cmp.Or(r.labels[taskID], taskID)) }

// Task names a task by its label and its taskId.
func (r *Report) Task(taskID string) string {
	return r.Label(taskID) + " [" + Name(taskID) + "]"
}

// value returns a JSON value as one line.
func value(raw json.RawMessage) string {
	if raw == nil {
		return "absent"
	}
	var line bytes.Buffer
	if err := json.Compact(&line, raw); err != nil {
		return string(raw)
	}
	return line.String()
}

// origin says what of the template rendered a value.
func origin(d report.Difference) string {
	if d.Line == 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%s:%d %s", Template, d.Line, strings.Join(d.Context, ", ")))
}

// Template is the file of a repository that the places of differences are in.
const Template = ".taskcluster.yml"

// Line returns the line of the template that a check is about, else the first.
func Line(c report.Check) int {
	for _, d := range c.Diff {
		if d.Line > 0 {
			return d.Line
		}
	}
	return 1
}

// Bad returns the checks that a person should look at: those that failed, then
// those that could not be made, then warnings.
func Bad(checks []report.Check) []report.Check {
	var list []report.Check
	for _, status := range []report.Status{report.Fail, report.Error, report.Warn} {
		for _, c := range checks {
			if c.Status == status {
				list = append(list, c)
			}
		}
	}
	return list
}

// Problem is what a person should look at: a check, or the cause of several.
type Problem struct {
	Check report.Check // or the worst of those that the cause explains
	Title string
	Text  string // more lines
}

// Problems returns what a person should look at, each once: the causes, then
// what none of them explains.
func (r *Report) Problems() []Problem {
	var list []Problem
	explained := map[int]bool{}
	for _, cause := range r.Causes {
		checks := make([]report.Check, 0, len(cause.Explains))
		for _, i := range cause.Explains {
			explained[i] = true
			checks = append(checks, r.Checks[i])
		}
		if worst := Bad(checks); len(worst) > 0 {
			list = append(list, Problem{worst[0], message(cause.Title), Text(r.causeDetails(cause, worst))})
		}
	}
	var rest []report.Check
	for i, c := range r.Checks {
		if !explained[i] {
			rest = append(rest, c)
		}
	}
	for _, c := range Bad(rest) {
		list = append(list, Problem{c, Title(c), Text(r.Details(c))})
	}
	slices.SortStableFunc(list, func(a, b Problem) int { return rank(a.Check.Status) - rank(b.Check.Status) })
	return list
}

// maxExplained is how many of the checks that a cause explains are named.
const maxExplained = 5

func (r *Report) causeDetails(cause report.Cause, checks []report.Check) []Detail {
	var list []Detail
	if cause.Detail != "" {
		list = append(list, Detail{"", message(cause.Detail)})
	}
	for i, c := range checks {
		if i == maxExplained {
			list = append(list, Detail{"explains", fmt.Sprintf("%d more", len(checks)-i)})
			break
		}
		list = append(list, Detail{"explains", Title(c) + " of " + r.Task(c.TaskID)})
	}
	if cause.Hint != "" {
		list = append(list, Detail{"hint", message(cause.Hint)})
	}
	return list
}

// rank orders statuses, the worst first.
func rank(s report.Status) int {
	return slices.Index([]report.Status{report.Fail, report.Error, report.Warn}, s)
}

// Facts says what was verified, and by what.
func (r *Report) Facts() []Detail {
	var list []Detail
	add := func(name, text string) {
		if text != "" {
			list = append(list, Detail{name, Name(text)})
		}
	}
	t := r.Target
	add("task", t.TaskID)
	add("task type", t.TaskType)
	add("product", t.Product)
	add("repository", t.Repository)
	add("revision", t.Revision)
	add("tree", t.Tree)
	add("deployment", r.RootURL)
	if trust := r.Trust; trust != nil {
		add("policy", trust.Policy.Source+" sha256:"+trust.Policy.SHA256)
		add("keys", trust.Keys.Source+" sha256:"+trust.Keys.SHA256)
		add("signatures", trust.Signatures)
		for _, what := range trust.Require {
			add("required", what)
		}
	}
	if r.Tool != nil {
		add("checked by", r.Tool.Name+" "+r.Tool.Version)
	}
	return list
}

// Task is a link with its checks.
type Task struct {
	report.Link
	Label  string // clean
	Status report.Status
	Checks []report.Check
}

// Tasks returns the links in their order, each with its checks.
func (r *Report) Tasks() []Task {
	checks := map[string][]report.Check{}
	for _, c := range r.Checks {
		checks[c.TaskID] = append(checks[c.TaskID], c)
	}
	list := make([]Task, 0, len(r.Links))
	for _, link := range r.Links {
		task := Task{link, r.Label(link.TaskID), report.Skip, checks[link.TaskID]}
		n := report.CountsOf(task.Checks)
		if n.Pass > 0 {
			task.Status = report.Pass
		}
		if worst := Bad(task.Checks); len(worst) > 0 {
			task.Status = worst[0].Status
		}
		list = append(list, task)
	}
	return list
}
