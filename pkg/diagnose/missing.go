package diagnose

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/report"
)

var noTaskID = cause{
	name:    "no-task-id",
	meaning: "A task names another by something that is no taskId.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		for _, i := range v.open(func(c report.Check) bool { return c.Check == "task" && c.TaskID != "" && !cot.IsTaskID(c.TaskID) }) {
			taskID := v.of(i)
			who, as := v.namedBy(taskID)
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("%q is no taskId, and stands as the %s of %s", taskID, as, who),
				Detail:   "a taskId is 22 letters, digits, - and _",
				Explains: append(v.ofTask(taskID, "signature", "cot", "task-type"), i),
				Hint:     fmt.Sprintf("nothing in taskgraph makes such an input: find out who created %s", who),
			})
		}
		return found
	},
}

// namedBy says which tasks lead to a task, and as what.
func (v *view) namedBy(taskID string) (who, as string) {
	var list []string
	for _, l := range v.Links {
		for _, d := range l.Dependencies {
			if d.TaskID == taskID && l.TaskID != taskID && !slices.Contains(list, v.label(l.TaskID)) {
				list, as = append(list, v.label(l.TaskID)), cmp.Or(as, d.As)
			}
		}
	}
	switch {
	case len(list) > 3:
		return count(len(list), "task"), as
	case len(list) == 0:
		return "the command line", "target"
	}
	return and(list), as
}

var missingTask = cause{
	name:    "missing-task",
	meaning: "A task that others lead to is not there, so that nothing of it is.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		for _, i := range v.open(func(c report.Check) bool {
			return c.Check == "task" && (c.Reason == report.NotFound || c.Reason == report.NotRecorded)
		}) {
			taskID := v.of(i)
			where, hint := "the queue has no such task", "see whether it expired, and whether what names it is right"
			if v.Bundle {
				where, hint = "the bundle does not have it", "record the bundle again; if the task is not there live either, see whether what names it is right, and whether it expired"
			}
			who, as := v.namedBy(taskID)
			c := report.Cause{
				Title:    fmt.Sprintf("task %s is not there, the %s of %s", taskID, as, who),
				Detail:   where,
				Explains: append(v.ofTask(taskID, "signature", "cot", "task-type"), i),
				Hint:     hint,
			}
			found = append(found, c)
		}
		return found
	},
}

// absent reports whether a fact was asked for, and is not there.
func absent(c report.Check) bool {
	return slices.Contains([]report.Reason{report.NotFound, report.NotRecorded, report.Unsigned}, c.Reason)
}

var unsigned = cause{
	name:    "unsigned",
	meaning: "A task has no signed CoT artifact: it did not ask for one, or ran where none is made.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		lacks := v.open(func(c report.Check) bool { return (c.Check == "signature" || c.Check == "cot") && absent(c) })
		for _, checks := range groups(lacks, v.of) {
			taskID := v.of(checks[0])
			pool := v.link(taskID).Pool
			onlySignature := !slices.ContainsFunc(checks, func(i int) bool { return v.Checks[i].Check == "cot" })
			c := report.Cause{
				Title:    fmt.Sprintf("%s has no chain of trust: there is no %s", v.label(taskID), cot.Artifact),
				Detail:   "it ran in pool " + pool,
				Explains: checks,
				Hint:     fmt.Sprintf("see whether workers of pool %s sign what they make: those of level 1 and for development do not", pool),
			}
			switch {
			case onlySignature:
				c.Title = fmt.Sprintf("the chain of trust of %s is not signed: there is no %s", v.label(taskID), cot.SignatureArtifact)
				c.Detail += ", which wrote a CoT artifact, and no signature"
				c.Hint = fmt.Sprintf("the workers of pool %s have no key to sign with: have the task run in one whose workers have", pool)
			case !v.asksForChain(taskID):
				c.Detail += ", and did not ask for the feature chainOfTrust"
				c.Hint = "set payload.features.chainOfTrust to true where the task is defined, and have it made anew"
			case v.isCached(taskID):
				c.Detail += "; it is a cached task of an earlier push"
				c.Hint = fmt.Sprintf("have %s rebuilt, with payload.features.chainOfTrust and in a pool whose workers sign", v.label(taskID))
			case v.Bundle:
				c.Hint += "; if the task has the artifact, record the bundle again"
			}
			found = append(found, c)
		}
		return found
	},
}

// asksForChain reports whether a task asks for its CoT artifact, or it cannot be
// told. Only docker-worker and generic-worker are asked.
func (v *view) asksForChain(taskID string) bool {
	task := v.Tasks[taskID]
	if task == nil || v.link(taskID).WorkerImplementation == cot.ScriptworkerImplementation || task.Payload == nil {
		return true
	}
	asked, err := value.Lookup(task.Payload, "features", "chainOfTrust")
	return err == nil && value.Truthy(asked)
}

// status matches the status of an answer in a message.
var status = regexp.MustCompile(`\bstatus (\d{3})\b`)

var missingAnswer = cause{
	name:    "missing-answer",
	meaning: "One answer of a service that could not be had, and that several checks need.",
	find: func(v *view) []report.Cause {
		lacks := v.open(func(c report.Check) bool { return c.Status == report.Error && urlIn(c.Message) != "" })
		var found []report.Cause
		for _, checks := range groups(lacks, func(i int) string { return urlIn(v.Checks[i].Message) }) {
			first := v.Checks[checks[0]]
			address := urlIn(first.Message)
			c := report.Cause{Title: first.Message, Explains: checks, Hint: first.Hint}
			switch {
			case isRateLimit(first, address):
				c.Title = "GitHub's rate limit is used up" + statusOf(first)
				c.Hint = "set GITHUB_TOKEN, and try again"
				if v.Bundle {
					c.Title = "GitHub's rate limit was used up" + statusOf(first) + " when the bundle was recorded"
					c.Hint = "record again with GITHUB_TOKEN set; verifying this bundle again will not help"
				}
			case len(checks) == 1:
				continue // the check says it all
			}
			c.Detail = fmt.Sprintf("%s of %s cannot be made without %s", and(v.checkNames(checks)), v.labels(checks), address)
			found = append(found, c)
		}
		return found
	},
}

func (v *view) checkNames(checks []int) []string {
	var names []string
	for _, i := range checks {
		if name := v.Checks[i].Check; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// isRateLimit reports whether a service of GitHub refused because it was asked
// too often.
func isRateLimit(c report.Check, address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host != "github.com" && !strings.HasSuffix(u.Host, ".github.com") {
		return c.Reason == report.RateLimited
	}
	m := status.FindStringSubmatch(c.Message)
	return c.Reason == report.RateLimited || m != nil && (m[1] == "429" || m[1] == "403" && strings.HasPrefix(u.Host, "api."))
}

// statusOf returns the status that a message names, in brackets.
func statusOf(c report.Check) string {
	if m := status.FindStringSubmatch(c.Message); m != nil {
		return " (" + m[1] + ")"
	}
	return ""
}
