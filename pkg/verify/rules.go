package verify

import (
	"slices"

	"cotverify/pkg/report"
)

// rule is a rule of the specification: what checks it, and what there is to say
// of it. It stands in a file of its own.
type rule struct {
	// check looks at one link. It has all facts at hand, and does no I/O.
	check func(c *Chain, l *Link) []report.Check
	// explanations are of the names that its checks have, each where it comes
	// up first.
	explanations []report.Explanation
}

// linkRules hold for each link, in the report's order.
var linkRules = []rule{
	walkRule,
	signatureRule,
	cotRule,
	artifactRule,
	poolRule,
	scriptworkerRule,
	taskGraphRule,
	decisionRule,
	interactiveRule,
	imageRule,
	repositoryRule,
	pullRequestRule,
	definitionRule,
	creatorRule,
	sourceRule,
	poolWarningRule,
	injectedRule,
	expiringRule,
}

// targetRules look at the target among all others.
var targetRules = []rule{
	givenRule,
	askedRule,
	scopeRule,
	treeRule,
	scopePatternRule,
}

// Explain returns the explanation of a check by its name.
func Explain(check string) (report.Explanation, bool) {
	for _, e := range Explanations() {
		if e.Check == check {
			return e, true
		}
	}
	return report.Explanation{}, false
}

// Explanations returns the explanation of every check, checks that refuse before
// warnings, in the order in which a report has them.
func Explanations() []report.Explanation {
	var checks, warnings []report.Explanation
	for _, r := range append(linkRules[:len(linkRules):len(linkRules)], targetRules...) {
		for _, e := range r.explanations {
			if e.Warning {
				warnings = append(warnings, e)
			} else {
				checks = append(checks, e)
			}
		}
	}
	return slices.Concat(checks, []report.Explanation{requirementExplanation, baselineExplanation}, warnings)
}
