package verify

import (
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/report"
)

var interactiveRule = rule{
	check: checkInteractive,
	explanations: []report.Explanation{
		{
			Check:   "interactive",
			Meaning: "Nobody could log in to the task while it ran: no interactive shell on docker-worker, no remote desktop on generic-worker.",
			Why:     "Somebody with a shell in a task can change its output before the worker signs it.",
			Fails:   []string{"The task was created with the feature interactive, the variable TASKCLUSTER_INTERACTIVE, rdpInfo or a scope for remote desktop."},
			Do:      "Run the task again without it. What an interactive task made cannot be shipped.",
		},
	},
}

// checkInteractive checks that nobody could reach into the running task
// (specification, section 9).
func checkInteractive(c *Chain, l *Link) []report.Check {
	if l.Task == nil || l.Task.Payload == nil {
		return nil
	}
	switch l.Worker {
	case cot.DockerWorker:
		return l.interactiveDocker()
	case cot.GenericWorker:
		return l.interactiveGeneric()
	}
	return nil
}

// isMalformedAt reports whether the definition is refused for a place already.
func (l *Link) isMalformedAt(path string) bool {
	return slices.ContainsFunc(l.Task.Problems, func(p *value.ShapeError) bool { return p.Path == path })
}

func (l *Link) interactiveDocker() []report.Check {
	const name = "interactive"
	for _, at := range [][2]string{{"features", "interactive"}, {"env", "TASKCLUSTER_INTERACTIVE"}} {
		path := value.Pointer("payload", at[0])
		v, ok := l.Task.Payload.Get(at[0])
		o, isObject := v.(*value.Object)
		if !isObject {
			shape := &value.ShapeError{Path: path, Want: "an object"}
			if ok {
				shape.Got = value.Kind(v)
			}
			check := l.problem(name, path, shape)
			if at[0] == "features" {
				check.Hint = "without it nobody can tell whether the task was interactive: what makes the task must set it, if only empty"
			}
			if l.isMalformedAt(path) {
				check = l.skip(name, path, "the check task tells that it is malformed")
			}
			return []report.Check{check}
		}
		if flag, _ := o.Get(at[1]); value.Truthy(flag) {
			return []report.Check{l.fail(name, path+value.Pointer(at[1]), "the task was interactive").
				Comparing("absent or false", asJSON(flag)).Because(report.Interactive)}
		}
	}
	return []report.Check{l.pass(name, "")}
}

func (l *Link) interactiveGeneric() []report.Check {
	const name = "interactive"
	if features, ok := l.Task.Payload.Get("features"); ok {
		const path = "/payload/features"
		o, isObject := features.(*value.Object)
		if !isObject {
			return []report.Check{l.problem(name, path, &value.ShapeError{Path: path, Want: "an object", Got: value.Kind(features)})}
		}
		if flag, _ := o.Get("interactive"); value.Truthy(flag) {
			return []report.Check{l.fail(name, path+"/interactive", "the task was interactive").
				Comparing("absent or false", asJSON(flag)).Because(report.Interactive)}
		}
	}
	if info, _ := l.Task.Payload.Get("rdpInfo"); value.Truthy(info) {
		return []report.Check{l.fail(name, "/payload/rdpInfo", "the task was interactive").
			Comparing("absent or false", asJSON(info)).Because(report.Interactive)}
	}
	for i, scope := range l.Task.Scopes {
		if strings.HasPrefix(scope, "generic-worker:allow-rdp:") {
			return []report.Check{l.fail(name, value.Pointer("scopes", fmt.Sprint(i)), "the task was interactive").
				Comparing("no scope generic-worker:allow-rdp:*", scope).Because(report.Interactive)}
		}
	}
	return []report.Check{l.pass(name, "")}
}
