package diagnose

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cotverify/internal/pyglob"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/report"
)

var unlisted = cause{
	name:    "not-listed",
	meaning: "Artifacts that a task did not sign: what a pattern matches beside what was meant, what was never made, or was added later.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		failures := v.because("artifact", report.NotSigned, report.NeverListed)
		for _, checks := range groups(failures, func(i int) string { return v.of(i) + v.pattern(i) }) {
			first := v.Checks[checks[0]]
			label := v.label(first.TaskID)
			var names []string
			for _, i := range checks {
				names = append(names, v.Checks[i].Subject)
			}
			c := report.Cause{Explains: checks}
			if pattern := v.pattern(checks[0]); pattern != "" {
				c.Title = fmt.Sprintf("the pattern %s matches %s that %s did not sign", pattern, count(len(names), "file"), label)
				c.Detail = v.whatTheyAre(names)
				c.Hint = "ask for less, such as public/build/*, and find out where files come from that the task did not sign"
			} else {
				c.Title = fmt.Sprintf("%s did not sign %s, so that it never made it, or not under that name", label, first.Subject)
				if len(names) > 1 {
					c.Title = fmt.Sprintf("%s did not sign %d of the files that are asked for", label, len(names))
				}
				c.Detail = near(first.Subject, v.Listed[first.TaskID])
				c.Hint = cmp.Or(first.Hint, "look at the log of the task that should have made it")
				if first.Subject == cot.ActionsArtifact {
					c.Detail = "decision tasks write it also where they have no actions"
					c.Hint = "see in the log of " + label + " whether it wrote the file, and whether something removed it before the worker signed"
				}
			}
			found = append(found, c)
		}
		return found
	},
}

// pattern returns the pattern of the target that asks for an artifact which it
// does not name.
func (v *view) pattern(i int) string {
	target := v.Tasks[v.Target.TaskID]
	if target == nil {
		return ""
	}
	c := v.Checks[i]
	for _, up := range target.Upstream {
		if up.TaskID != c.TaskID {
			continue
		}
		if slices.Contains(up.Paths, c.Subject) {
			return ""
		}
		for _, path := range up.Paths {
			if strings.Contains(path, "*") && matches(path, c.Subject) {
				return path
			}
		}
	}
	return ""
}

// whatTheyAre says why files are not in what was signed.
func (v *view) whatTheyAre(names []string) string {
	var parts, others []string
	for _, name := range names {
		switch name {
		case cot.Artifact:
			parts = append(parts, name+" is the CoT artifact itself, which never lists itself")
		case cot.SignatureArtifact:
			parts = append(parts, name+" is its signature")
		default:
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		parts = append(parts, and(others[:min(3, len(others))])+" came after the task signed, or by hand")
	}
	return strings.Join(parts, "; ")
}

// near names the signed artifacts whose names are closest to one that is none.
func near(name string, listed []string) string {
	if len(listed) == 0 {
		return ""
	}
	common := func(s string) int {
		n := 0
		for n < min(len(s), len(name)) && s[n] == name[n] {
			n++
		}
		return n
	}
	listed = slices.Clone(listed)
	slices.SortFunc(listed, func(a, b string) int { return cmp.Or(common(b)-common(a), strings.Compare(a, b)) })
	return "it signed " + and(listed[:min(3, len(listed))])
}

var rebuiltImage = cause{
	name:    "other-image",
	meaning: "The docker image that tasks ran in is not the one that its task signed.",
	find: func(v *view) []report.Cause {
		failures := v.because("docker-image", report.HashMismatch, report.NotSigned)
		var found []report.Cause
		for _, checks := range groups(failures, func(i int) string { return v.imageOf(v.of(i)) }) {
			if len(checks) < 2 {
				continue
			}
			image := v.label(v.imageOf(v.of(checks[0])))
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("%s ran in another image than %s signed", v.labels(checks), image),
				Detail:   v.Checks[checks[0]].Message,
				Explains: checks,
				Hint:     fmt.Sprintf("see whether %s ran again since: have %s made anew with the image that it has now", image, v.labels(checks)),
			})
		}
		return found
	},
}

// imageOf returns the docker-image task that a task depends on, "" if none.
func (v *view) imageOf(taskID string) string {
	for _, d := range v.link(taskID).Dependencies {
		if d.As == cot.DockerImage {
			return d.TaskID
		}
	}
	return ""
}

var retriggered = cause{
	name:    "not-in-graph",
	meaning: "A task that no task graph has: it was retriggered or created by hand, outside an action.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		failures := v.because("task-graph", report.NotInGraph)
		for _, checks := range groups(failures, func(i int) string { return v.link(v.of(i)).Parent + " " }) {
			first := v.link(v.of(checks[0]))
			c := report.Cause{
				Title: fmt.Sprintf("%s %s not in the task graph of %s, which should have created %s", v.labels(checks), one(v.tasks(checks), "is", "are"),
					v.label(first.Parent), one(v.tasks(checks), "it", "them")),
				Explains: checks,
				Hint:     "a task that was retriggered or edited by hand stands in no task graph: use an action of Treeherder, which makes a graph of its own; if nobody did, find out who created the task",
			}
			if own, parent := v.created(first.TaskID), v.created(first.Parent); own != "" && parent != "" {
				c.Detail = fmt.Sprintf("created %s, and %s %s", own, v.label(first.Parent), parent)
			}
			found = append(found, c)
		}
		return found
	},
}

// created is when a task was created, as its definition says.
func (v *view) created(taskID string) string {
	task := v.Tasks[taskID]
	if task == nil || task.Definition == nil {
		return ""
	}
	text, _ := value.LookupText(task.Definition, "created")
	return text
}

var malformedDefinition = cause{
	name:    "malformed-definition",
	meaning: "A task's definition has not the shape that several checks need.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		failures := v.open(func(c report.Check) bool { return c.Reason == report.Malformed })
		for _, checks := range groups(failures, v.of) {
			if len(checks) < 2 {
				continue
			}
			first := v.Checks[checks[0]]
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("the definition of %s is not as it must be: %s", v.label(first.TaskID), firstLine(first.Message)),
				Explains: checks,
				Hint:     cmp.Or(first.Hint, "no queue changes a definition: find out what created the task so"),
			})
		}
		return found
	},
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

var tooDeep = cause{
	name:    "too-deep",
	meaning: "The chain goes on below what is followed, at several tasks.",
	find: func(v *view) []report.Cause {
		failures := v.open(func(c report.Check) bool { return c.Check == "depth" })
		if len(failures) < 2 {
			return nil
		}
		return []report.Cause{{
			Title:    fmt.Sprintf("the chain is too deep: it is cut at %s", v.labels(failures)),
			Detail:   v.Checks[failures[0]].Message,
			Explains: failures,
			Hint:     v.Checks[failures[0]].Hint,
		}}
	},
}

// revisions are what the messages of the decisions of several pushes differ in.
var revisions = regexp.MustCompile(`\b[0-9a-f]{40}\b`)

var sameFailure = cause{
	name:    "same-failure",
	meaning: "The same failure, word for word, of several tasks.",
	find: func(v *view) []report.Cause {
		failures := v.open(func(c report.Check) bool { return c.Message != "" })
		var found []report.Cause
		for _, checks := range groups(failures, func(i int) string {
			c := v.Checks[i]
			return strings.Join([]string{c.Check, string(c.Reason), revisions.ReplaceAllString(c.Message, ""), c.Expected, c.Actual}, "\n")
		}) {
			if len(v.tasks(checks)) < 2 {
				continue
			}
			first := v.Checks[checks[0]]
			found = append(found, report.Cause{
				Title: firstLine(first.Message), Detail: fmt.Sprintf("%s of %s", first.Check, v.labels(checks)), Explains: checks, Hint: first.Hint,
			})
		}
		return found
	},
}

// matches reports whether a pattern matches an artifact's name.
func matches(pattern, name string) bool {
	matched, _ := pyglob.Compile(pattern).Match(name)
	return matched
}
