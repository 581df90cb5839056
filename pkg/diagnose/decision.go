package diagnose

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"cotverify/internal/value"
	"cotverify/pkg/report"
)

// differing returns the open failures of definitions that differ from what they
// are rebuilt to.
func (v *view) differing() []int {
	return v.open(func(c report.Check) bool { return c.Check == "decision" && len(c.Diff) > 0 })
}

var contextValue = cause{
	name:    "context-value",
	meaning: "One value that the template reads is behind all differences of a decision task: it has changed since, or was another when the task was made.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		suspects := map[int]suspect{}
		for _, i := range v.differing() {
			if s, ok := suspectOf(v.Checks[i].Diff); ok {
				suspects[i] = s
			}
		}
		of := func(i int) string {
			if s, ok := suspects[i]; ok {
				return fmt.Sprintf("%q %s %s", s.path, s.value, s.then)
			}
			return ""
		}
		for _, checks := range groups(v.differing(), of) {
			found = append(found, v.valueCause(suspects[checks[0]], checks))
		}
		return found
	},
}

// suspect is a value of the context that explains differences.
type suspect struct {
	path  string
	value json.RawMessage // as it is now; nil where the report does not have it
	then  string          // what the task was made with; "" where it cannot be told
}

// suspectOf returns the value that all differences were rendered from. Of
// several the one counts whose replacement makes the rebuilt texts the runtime
// ones.
func suspectOf(diff []report.Difference) (suspect, bool) {
	var common []string
	rendered := 0
	for _, d := range diff {
		switch {
		case d.Rebuilt == nil: // what only ran was rendered from nothing
			continue
		case rendered == 0:
			common = slices.Clone(d.Context)
		default:
			common = slices.DeleteFunc(common, func(path string) bool { return !slices.Contains(d.Context, path) })
		}
		rendered++
	}
	var best []suspect
	for _, path := range common {
		if then, agree := replacement(diff, path); then != "" && agree {
			best = append(best, suspect{path, valueOf(diff, path), then})
		}
	}
	switch {
	case len(best) == 1:
		return best[0], true
	case len(common) == 1 && rendered == len(diff) && isAllOf(diff, common[0]):
		return suspect{path: common[0], value: valueOf(diff, common[0])}, true
	}
	return suspect{}, false
}

// isAllOf reports whether a value, or a text with it as JSON, is what each of
// the differences was rendered to: then nothing else can be behind them.
func isAllOf(diff []report.Difference, path string) bool {
	return !slices.ContainsFunc(diff, func(d report.Difference) bool {
		now, rebuilt := d.Values[path], d.Rebuilt
		if inner, ok := text(rebuilt); ok && json.Valid([]byte(inner)) {
			rebuilt = json.RawMessage(inner)
		}
		return now == nil || !equalJSON(now, rebuilt)
	})
}

func equalJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func valueOf(diff []report.Difference, path string) json.RawMessage {
	for _, d := range diff {
		if v := d.Values[path]; v != nil {
			return v
		}
	}
	return nil
}

// replacement returns what must stand in the place of a value for the rebuilt
// texts to be the runtime ones, "" where nothing tells, and whether all
// differences that tell agree.
func replacement(diff []report.Difference, path string) (then string, agree bool) {
	agree = true
	for _, d := range diff {
		rebuilt, ok := text(d.Rebuilt)
		runtime, was := text(d.Runtime)
		now := rendering(d.Values[path])
		if !ok || !was || now == "" {
			continue
		}
		one := replaced(rebuilt, runtime, now)
		switch {
		case one == "" && strings.Contains(rebuilt, now), one != "" && then != "" && one != then:
			agree = false
		case one != "":
			then = one
		}
	}
	return then, agree
}

// replaced returns what stands in a text where another has now, "" if that is
// not all in which they differ.
func replaced(rebuilt, runtime, now string) string {
	for at := 0; ; {
		i := strings.Index(rebuilt[at:], now)
		if i < 0 {
			return ""
		}
		before, after := rebuilt[:at+i], rebuilt[at+i+len(now):]
		if rest, ok := strings.CutPrefix(runtime, before); ok {
			if then, ok := strings.CutSuffix(rest, after); ok {
				return then
			}
		}
		at += i + len(now)
	}
}

// rendering is how a value stands in a text, "" for one that does not.
func rendering(raw json.RawMessage) string {
	if s, ok := text(raw); ok {
		return s
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

// text returns a JSON value that is a text.
func text(raw json.RawMessage) (string, bool) {
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// valueCause tells of a value, with where it is from.
func (v *view) valueCause(s suspect, checks []int) report.Cause {
	tasks := v.labels(checks)
	from := v.valueOrigin(s.path, v.of(checks[0]))
	c := report.Cause{
		Title:    fmt.Sprintf("%s is another now than when %s %s made", s.path, tasks, one(v.tasks(checks), "was", "were")),
		Explains: checks,
		Hint:     from.hint,
	}
	if s.value != nil {
		now := short(s.value)
		c.Title = fmt.Sprintf("%s is %s%s, and %s %s made with another", s.path, now, from.in(), tasks, one(v.tasks(checks), "was", "were"))
		if s.then != "" {
			then := []byte(s.then)
			if _, isText := text(s.value); isText {
				then, _ = json.Marshal(s.then)
			}
			c.Title = fmt.Sprintf("%s is %s%s, and was %s when %s %s made", s.path, now, from.in(), short(then), tasks, one(v.tasks(checks), "was", "were"))
		}
	}
	n := 0
	for _, i := range checks {
		n += len(v.Checks[i].Diff)
	}
	c.Detail = fmt.Sprintf("it explains %s of %s", count(n, "difference"), tasks)
	if n > 1 {
		c.Detail = fmt.Sprintf("it explains all %d differences of %s", n, tasks)
	}
	if from.about != "" {
		c.Detail += "; " + from.about
	}
	return c
}

// maxValue is how much of a value is shown in a line, in bytes.
const maxValue = 80

func short(raw json.RawMessage) string {
	s := string(raw)
	if len(s) <= maxValue {
		return s
	}
	return strings.ToValidUTF8(s[:maxValue], "") + "…"
}

var sameJSON = cause{
	name:    "same-json",
	meaning: "A text of a definition holds the same JSON as the one that it is compared with, written in another order or with other blanks.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		for _, i := range v.differing() {
			c := v.Checks[i]
			if slices.ContainsFunc(c.Diff, func(d report.Difference) bool { return !isSameJSON(d) }) {
				continue
			}
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("%s of %s is the same JSON as it must be, written in another way", paths(c.Diff), v.label(c.TaskID)),
				Detail:   "texts are compared letter by letter, as the reference does",
				Explains: []int{i},
				Hint:     "what created the task wrote the JSON anew: see which service did, and in which order it writes",
			})
		}
		return found
	},
}

// isSameJSON reports whether both sides are texts of the same JSON.
func isSameJSON(d report.Difference) bool {
	rebuilt, ok := text(d.Rebuilt)
	runtime, was := text(d.Runtime)
	if !ok || !was {
		return false
	}
	return equalJSON([]byte(rebuilt), []byte(runtime))
}

func paths(diff []report.Difference) string {
	var list []string
	for _, d := range diff {
		list = append(list, cmp.Or(d.Path, "the whole definition"))
	}
	if len(list) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:3], ", "), len(list)-3)
	}
	return and(list)
}

// isWithin reports whether a JSON pointer leads into one of some fields.
func isWithin(path string, fields ...string) bool {
	for _, f := range fields {
		if path == f || strings.HasPrefix(path, f+"/") {
			return true
		}
	}
	return false
}

var addedByService = cause{
	name:    "added-by-service",
	meaning: "A definition has routes or a condition to run that a service added to what the template gives.",
	find: func(v *view) []report.Cause {
		return v.fields("a service added %s to %s, which .taskcluster.yml does not give",
			"see which service creates these tasks, and what it adds: routes and requires belong into .taskcluster.yml, where a verifier can read them",
			func(d report.Difference) bool { return d.Rebuilt == nil && isWithin(d.Path, "/routes", "/requires") })
	},
}

var queueField = cause{
	name:    "queue-field",
	meaning: "A definition differs in nothing but what the queue can change of a task that is there, such as its priority.",
	find: func(v *view) []report.Cause {
		return v.fields("%s of %s is another than .taskcluster.yml gives: only the queue changes it in a task that is there",
			"somebody changed the task group's priority, or created the task with another: see who, in the queue's log",
			func(d report.Difference) bool { return isWithin(d.Path, "/priority") })
	},
}

// fields returns the causes of definitions that differ in some fields only.
func (v *view) fields(title, hint string, match func(report.Difference) bool) []report.Cause {
	var found []report.Cause
	for _, i := range v.differing() {
		c := v.Checks[i]
		if slices.ContainsFunc(c.Diff, func(d report.Difference) bool { return !match(d) }) {
			continue
		}
		found = append(found, report.Cause{
			Title: fmt.Sprintf(title, paths(c.Diff), v.label(c.TaskID)), Detail: beside(c.Diff[0]), Explains: []int{i}, Hint: hint,
		})
	}
	return found
}

// beside says both sides of a difference.
func beside(d report.Difference) string {
	switch {
	case d.Rebuilt == nil:
		return fmt.Sprintf("%s ran as %s, and the template gives none", d.Path, short(d.Runtime))
	case d.Runtime == nil:
		return fmt.Sprintf("%s is %s by the template, and ran without", d.Path, short(d.Rebuilt))
	}
	return fmt.Sprintf("%s is %s by the template, and ran as %s", d.Path, short(d.Rebuilt), short(d.Runtime))
}

var otherPool = cause{
	name:    "other-pool",
	meaning: "A decision task ran in a pool that is not trusted for it, and that its template does not name.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		for _, i := range v.because("worker-pool", report.UntrustedPool) {
			same := v.open(func(c report.Check) bool {
				return c.Check == "decision" && c.TaskID == v.of(i) && len(c.Diff) > 0 &&
					!slices.ContainsFunc(c.Diff, func(d report.Difference) bool {
						return !isWithin(d.Path, "/taskQueueId", "/provisionerId", "/workerType")
					})
			})
			if len(same) == 0 {
				continue
			}
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("%s ran in pool %s, which is not trusted for it and which its template does not name", v.label(v.of(i)), v.link(v.of(i)).Pool),
				Explains: append(same, i),
				Hint:     "other pools run what anyone asks for: find out who created the task",
			})
		}
		return found
	},
}

var otherTemplate = cause{
	name:    "other-template",
	meaning: "A decision task ran with values that its template does not give, and that no value which the template reads explains: it was made from another template, such as an older one by a hook, or by somebody.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		place := func(i int) string {
			c, l := v.Checks[i], v.link(v.of(i))
			first := c.Diff[0]
			return fmt.Sprintf("%s %s %s %d", l.Repository, l.Revision, first.Path, first.Line)
		}
		for _, checks := range groups(v.differing(), place) {
			c := v.Checks[checks[0]]
			cause := report.Cause{
				Title:    fmt.Sprintf("%s ran with %s that .taskcluster.yml does not give: %s", v.labels(checks), count(len(c.Diff), "value"), paths(c.Diff)),
				Detail:   beside(c.Diff[0]),
				Explains: checks,
				Hint:     "somebody created it with other values than .taskcluster.yml gives at that revision: see who, and compare with .taskcluster.yml as it was before",
			}
			if len(c.Diff) == 1 {
				cause.Title, cause.Detail = v.oneDifference(checks, c.Diff[0]), ""
			}
			if v.isOfHook(c.TaskID) {
				cause.Hint = "a hook made it, which keeps the template of the day on which it was last updated: see whether the hook is older than what changed in .taskcluster.yml; if not, somebody created the task otherwise"
			}
			found = append(found, cause)
		}
		return found
	},
}

// oneDifference says in a sentence where a definition differs from its template.
func (v *view) oneDifference(checks []int, d report.Difference) string {
	template := ".taskcluster.yml"
	if d.Line > 0 && d.Rebuilt != nil {
		template = fmt.Sprintf(".taskcluster.yml:%d", d.Line)
	}
	tasks, path := v.labels(checks), cmp.Or(d.Path, "definition")
	switch {
	case d.Rebuilt == nil:
		return fmt.Sprintf("%s ran with %s %s, and %s gives none", tasks, path, short(d.Runtime), template)
	case d.Runtime == nil:
		return fmt.Sprintf("%s ran without %s, and %s gives %s", tasks, path, template, short(d.Rebuilt))
	case len(d.Rebuilt)+len(d.Runtime) > 2*maxValue:
		return fmt.Sprintf("%s ran with another %s than %s gives", tasks, path, template)
	}
	return fmt.Sprintf("%s ran with %s %s, and %s gives %s", tasks, path, short(d.Runtime), template, short(d.Rebuilt))
}

// isOfHook reports whether a hook makes such tasks: cron jobs and actions.
func (v *view) isOfHook(taskID string) bool {
	return v.link(taskID).TaskType == "action" || strings.HasPrefix(v.tasksFor(taskID), "cron")
}

// tasksFor is what a decision task says that it is for.
func (v *view) tasksFor(taskID string) string {
	task := v.Tasks[taskID]
	if task == nil || task.Extra == nil {
		return ""
	}
	text, _ := value.LookupText(task.Extra, "tasks_for")
	return text
}

var otherDefinition = cause{
	name:    "other-definition",
	meaning: "A task ran with another definition than its decision task wrote into the task graph, in several places.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		differs := v.because("task-graph", report.Differs, report.Reordered)
		for _, checks := range groups(differs, v.of) {
			malformed := v.open(func(c report.Check) bool { return c.TaskID == v.of(checks[0]) && c.Reason == report.Malformed })
			if len(checks)+len(malformed) < 2 {
				continue
			}
			label := v.label(v.of(checks[0]))
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("%s ran with another definition than the task graph of its decision has, in %s", label, count(len(checks), "place")),
				Detail:   v.Checks[checks[0]].Message,
				Explains: append(checks, malformed...),
				Hint:     cmp.Or(v.Checks[checks[0]].Hint, "the definition was changed between the decision and the queue: see who created the task"),
			})
		}
		return found
	},
}
