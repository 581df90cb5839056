package verify

import (
	"cotverify/pkg/cot"
	"cotverify/pkg/report"
)

var scriptworkerRule = rule{
	check: checkRunsOnScriptworker,
}

// checkRunsOnScriptworker checks that a release task ran where release tasks
// run (specification, section 6).
func checkRunsOnScriptworker(c *Chain, l *Link) []report.Check {
	const name, subject = "worker", "runs on scriptworker"
	switch {
	case !cot.IsScriptworkerType(l.Type):
		return nil
	case l.Worker == "":
		return []report.Check{l.skip(name, subject, "it is not known which worker implementation ran the task")}
	case l.Worker != cot.ScriptworkerImplementation:
		return []report.Check{l.fail(name, subject, "a %s task must run on scriptworker, and this one ran on %s, as its definition tells", l.Type, l.Worker).
			Comparing(cot.ScriptworkerImplementation, l.Worker).
			Because(report.WrongWorker)}
	}
	return []report.Check{l.pass(name, subject)}
}
