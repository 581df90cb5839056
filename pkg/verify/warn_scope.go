package verify

import (
	"maps"
	"slices"
	"strings"

	"cotverify/pkg/report"
)

// warnOfScopePatterns warns of scopes of the target that cover a restricted one
// without being it (specification, section 11, scope-pattern).
func warnOfScopePatterns(c *Chain, target *Link) []report.Check {
	if target.Task == nil {
		return nil
	}
	var checks []report.Check
	scopes := slices.Clone(target.Task.Scopes)
	slices.Sort(scopes)
	for _, scope := range slices.Compact(scopes) {
		prefix, isPattern := strings.CutSuffix(scope, "*")
		if !isPattern {
			continue
		}
		for _, rule := range slices.Sorted(maps.Keys(c.product.RestrictedScopes)) {
			if strings.HasPrefix(rule, prefix) && !slices.Contains(c.scopes.rules[scope], rule) {
				checks = append(checks, target.warn("scope-pattern", scope, "the scope covers %s, which is restricted, and whose trees are not asked for", rule).
					WithHint("give the task the scopes that it uses, and no pattern"))
				break
			}
		}
	}
	return checks
}
