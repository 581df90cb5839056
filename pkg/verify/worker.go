package verify

import (
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/report"
)

// checkWorkerPool checks that a task which others are made from ran on a
// trusted pool (specification, section 6).
func checkWorkerPool(c *Chain, e *Link) []report.Check {
	const name = "worker-pool"
	var trusted []string
	switch e.Type {
	case cot.Decision, cot.Action:
		trusted = c.product.DecisionPools
	case cot.DockerImage:
		trusted = c.product.ImagePools
	default:
		return nil
	}
	if e.Task == nil {
		return []report.Check{e.skip(name, "", "there is no definition to tell the pool")}
	}
	pool, err := e.Task.WorkerPool()
	if err != nil {
		return []report.Check{e.problem(name, "", err)}
	}
	if !slices.Contains(trusted, pool) {
		return []report.Check{e.fail(name, pool, "the worker pool is not trusted for %s tasks of %s", e.Type, c.product.Name).
			Comparing("one of "+strings.Join(trusted, ", "), pool).
			Because(report.UntrustedPool)}
	}
	return []report.Check{e.pass(name, pool)}
}

// checkRunsOnScriptworker checks that a release task ran where release tasks
// run (specification, section 6).
func checkRunsOnScriptworker(c *Chain, e *Link) []report.Check {
	const name, subject = "worker", "runs on scriptworker"
	switch {
	case !cot.IsScriptworkerType(e.Type):
		return nil
	case e.Worker == "":
		return []report.Check{e.skip(name, subject, "it is not known which worker implementation ran the task")}
	case e.Worker != cot.ScriptworkerImplementation:
		return []report.Check{e.fail(name, subject, "a %s task must run on scriptworker", e.Type).
			Comparing(cot.ScriptworkerImplementation, e.Worker).
			Because(report.WrongWorker)}
	}
	return []report.Check{e.pass(name, subject)}
}

// checkInteractive checks that nobody could reach into the running task
// (specification, section 9).
func checkInteractive(c *Chain, e *Link) []report.Check {
	if e.Task == nil || e.Task.Payload == nil {
		return nil
	}
	switch e.Worker {
	case cot.DockerWorker:
		return e.interactiveDocker()
	case cot.GenericWorker:
		return e.interactiveGeneric()
	}
	return nil
}

const interactiveHint = "whoever could log in could change what it made: run it again without"

func (e *Link) interactiveDocker() []report.Check {
	const name = "interactive"
	for _, at := range [][2]string{{"features", "interactive"}, {"env", "TASKCLUSTER_INTERACTIVE"}} {
		path := value.Pointer("payload", at[0])
		v, ok := e.Task.Payload.Get(at[0])
		o, isObject := v.(*value.Object)
		if !isObject {
			shape := &value.ShapeError{Path: path, Want: "an object"}
			if ok {
				shape.Got = value.Kind(v)
			}
			return []report.Check{e.problem(name, path, shape)}
		}
		if flag, _ := o.Get(at[1]); value.Truthy(flag) {
			return []report.Check{e.fail(name, path+value.Pointer(at[1]), "the task was interactive").
				Comparing("absent or false", describe(flag)).Because(report.Interactive)}
		}
	}
	return []report.Check{e.pass(name, "")}
}

func (e *Link) interactiveGeneric() []report.Check {
	const name = "interactive"
	if features, ok := e.Task.Payload.Get("features"); ok {
		const path = "/payload/features"
		o, isObject := features.(*value.Object)
		if !isObject {
			return []report.Check{e.problem(name, path, &value.ShapeError{Path: path, Want: "an object", Got: value.Kind(features)})}
		}
		if flag, _ := o.Get("interactive"); value.Truthy(flag) {
			return []report.Check{e.fail(name, path+"/interactive", "the task was interactive").
				Comparing("absent or false", describe(flag)).Because(report.Interactive)}
		}
	}
	if info, _ := e.Task.Payload.Get("rdpInfo"); value.Truthy(info) {
		return []report.Check{e.fail(name, "/payload/rdpInfo", "the task was interactive").
			Comparing("absent or false", describe(info)).Because(report.Interactive)}
	}
	for i, scope := range e.Task.Scopes {
		if strings.HasPrefix(scope, "generic-worker:allow-rdp:") {
			return []report.Check{e.fail(name, value.Pointer("scopes", fmt.Sprint(i)), "the task was interactive").
				Comparing("no scope generic-worker:allow-rdp:*", scope).Because(report.Interactive)}
		}
	}
	return []report.Check{e.pass(name, "")}
}
