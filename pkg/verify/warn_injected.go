package verify

import (
	"strconv"

	"cotverify/pkg/report"
)

// warnOfInjected warns of values that a definition itself brings and that its
// template renders into the command (specification, section 11,
// untrusted-input).
func warnOfInjected(_ *Chain, e *Link) []report.Check {
	if e.decision.rebuilt == nil || e.decision.err != nil {
		return nil
	}
	var checks []report.Check
	for _, injected := range e.decision.rebuilt.Injected() {
		checks = append(checks, e.warn("untrusted-input", injected.Place,
			"the command is rendered from %s, which whoever made the task chose, and which holds characters that mean something to a shell", injected.Path).
			Comparing("a word", strconv.Quote(injected.Value)).
			WithHint("find out who made the task; the template should quote the value, or give it in an environment variable"))
	}
	return checks
}
