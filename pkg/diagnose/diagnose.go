// Package diagnose finds what explains the failures of a report: one cause for
// all that follows from it, so that nobody has to find out which of twenty
// failing checks is the one to mend (specification, section 12).
//
// Start with [Causes]. It only adds words: no verdict depends on a cause, and no
// cause says that a check which failed could be let pass. It looks at the report,
// which may be one that was read back, and at the [Facts] besides, all of which
// may lack.
//
// A cause is a variable with its name, what it finds and what it says of that, and
// a line in the table below. A [Rehearsal] tells what chains would be under
// something else.
package diagnose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cotverify/pkg/report"
)

// cause is something that may explain failures.
type cause struct {
	name    string
	meaning string // for people who ask what there is
	find    func(*view) []report.Cause
}

// causes are all that are looked for. What an earlier one explains, a later one
// does not see: those that know most come first.
var causes = []cause{
	noKeys, malformedKey, unclearWorker, otherWorkersKey, cachedTask, unknownKey,
	noTaskID, missingTask, unsigned,
	sourceless, oddSource, oddRepository,
	otherPool, contextValue, sameJSON, addedByService, queueField, otherTemplate, otherDefinition,
	missingAnswer, unlisted, rebuiltImage,
	fork, unlanded, otherTreesScope, retriggered, malformedDefinition, tooDeep, sameFailure,
}

// Meaning says what a cause is.
type Meaning struct{ Cause, Meaning string }

// Meanings returns all causes that there are.
func Meanings() []Meaning {
	var list []Meaning
	for _, c := range causes {
		list = append(list, Meaning{c.name, c.meaning})
	}
	return list
}

// maxCauses is how many causes are told; more tell nobody anything.
const maxCauses = 50

// Causes returns what explains the failures of a report, each with the indexes
// of the checks that it explains. No check is explained twice.
func Causes(r *report.Report, f Facts) []report.Cause {
	v := newView(r, f)
	var found []report.Cause
	for _, c := range causes {
		for _, each := range c.find(v) {
			each.Cause = c.name
			slices.Sort(each.Explains)
			for _, i := range each.Explains {
				v.explained[i] = true
			}
			found = append(found, each)
		}
	}
	slices.SortStableFunc(found, func(a, b report.Cause) int {
		return cmp.Or(v.rank(a)-v.rank(b), a.Explains[0]-b.Explains[0])
	})
	return found[:min(len(found), maxCauses)]
}

// view is a report as causes look at it.
type view struct {
	*report.Report
	Facts
	links     map[string]*report.Link
	explained map[int]bool
}

func newView(r *report.Report, f Facts) *view {
	v := &view{Report: r, Facts: f, links: map[string]*report.Link{}, explained: map[int]bool{}}
	for i := range r.Links {
		v.links[r.Links[i].TaskID] = &r.Links[i]
	}
	return v
}

// rank puts causes of refusals before causes of what could not be told.
func (v *view) rank(c report.Cause) int {
	for _, i := range c.Explains {
		if v.Checks[i].Status == report.Fail {
			return 0
		}
	}
	return 1
}

// open returns the indexes of the failures that nothing explains yet and that
// match.
func (v *view) open(match func(report.Check) bool) []int {
	var list []int
	for i, c := range v.Checks {
		if (c.Status == report.Fail || c.Status == report.Error) && !v.explained[i] && match(c) {
			list = append(list, i)
		}
	}
	return list
}

// because returns the open failures of a check for one of some reasons.
func (v *view) because(check string, reasons ...report.Reason) []int {
	return v.open(func(c report.Check) bool { return c.Check == check && slices.Contains(reasons, c.Reason) })
}

// ofTask returns the open failures of a task, of some checks.
func (v *view) ofTask(taskID string, checks ...string) []int {
	return v.open(func(c report.Check) bool { return c.TaskID == taskID && slices.Contains(checks, c.Check) })
}

// link returns a task of the chain, an empty one where there is none.
func (v *view) link(taskID string) report.Link {
	if l := v.links[taskID]; l != nil {
		return *l
	}
	return report.Link{TaskID: taskID}
}

// label is what people call a task.
func (v *view) label(taskID string) string {
	l := v.link(taskID)
	return cmp.Or(l.Label, l.Name, taskID)
}

// of returns the task of a check.
func (v *view) of(i int) string { return v.Checks[i].TaskID }

// tasks returns the tasks of checks, each once.
func (v *view) tasks(checks []int) []string {
	var list []string
	for _, i := range checks {
		if id := v.of(i); !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// labels names the tasks of checks, or counts them where they are many.
func (v *view) labels(checks []int) string {
	tasks := v.tasks(checks)
	if len(tasks) > 3 {
		return fmt.Sprintf("%d tasks", len(tasks))
	}
	var list []string
	for _, id := range tasks {
		if label := v.label(id); !slices.Contains(list, label) {
			list = append(list, label)
		}
	}
	if len(list) == 1 && len(tasks) > 1 {
		return fmt.Sprintf("%s (%d tasks)", list[0], len(tasks))
	}
	return and(list)
}

// groups sorts checks by a key, in the order in which the keys come first. What
// has no key is left out.
func groups(checks []int, key func(int) string) [][]int {
	at := map[string]int{}
	var list [][]int
	for _, i := range checks {
		k := key(i)
		if k == "" {
			continue
		}
		n, ok := at[k]
		if !ok {
			n = len(list)
			at[k], list = n, append(list, nil)
		}
		list[n] = append(list[n], i)
	}
	return list
}

// keysFile names where the trusted keys are from.
func (v *view) keysFile() string {
	if v.Trust == nil || v.Trust.Keys.Source == "policy" {
		return "the policy"
	}
	return v.Trust.Keys.Source
}

// and lists words for a sentence.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// one returns a word for one task, or for several.
func one(tasks []string, singular, plural string) string {
	if len(tasks) == 1 {
		return singular
	}
	return plural
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
