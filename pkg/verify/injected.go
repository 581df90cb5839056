package verify

import (
	"strconv"

	"cotverify/pkg/report"
)

var injectedRule = rule{
	check: warnOfInjected,
	explanations: []report.Explanation{
		{
			Check:   "untrusted-input",
			Warning: true,
			Meaning: "No value that a definition itself brings, and that holds characters which mean something to a shell, is rendered into the command of a decision or action task.",
			Why:     "The definition equals what the template renders to, since whoever made the task chose the value, and the command then runs what that says.",
			Fails:   []string{"metadata.owner, extra.cron, an environment variable or an action's input holds a quote, a semicolon or the like, and the template puts it into the command."},
			Do:      "Find out who made the task. Have the template quote the value or give it in an environment variable.",
		},
	},
}

// warnOfInjected warns of values that a definition itself brings and that its
// template renders into the command (specification, section 11,
// untrusted-input).
func warnOfInjected(_ *Chain, l *Link) []report.Check {
	var checks []report.Check
	for _, injected := range l.decision.injected {
		checks = append(checks, l.warn("untrusted-input", injected.Place,
			"the command is rendered from %s, which whoever made the task chose, and which holds characters that mean something to a shell", injected.Path).
			Comparing("a word", strconv.Quote(injected.Value)).
			WithHint("find out who made the task; the template should quote the value, or give it in an environment variable"))
	}
	return checks
}
