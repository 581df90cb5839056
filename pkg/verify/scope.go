package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// restricted is what of a task's scopes the policy restricts.
type restricted struct {
	rules map[string][]string // by scope, the rules that match it
}

// any reports whether a scope of the task is restricted.
func (r restricted) any() bool { return len(r.rules) > 0 }

// first returns one of the restricted scopes, by name; "" where there is none.
func (r restricted) first() string {
	scopes := slices.Sorted(maps.Keys(r.rules))
	if len(scopes) == 0 {
		return ""
	}
	return scopes[0]
}

// restrictedScopes returns which rules of the policy the target's scopes match
// (specification, section 10, scope).
func restrictedScopes(product *policy.Product, target *graph.Task) restricted {
	r := restricted{rules: map[string][]string{}}
	if target == nil {
		return r
	}
	for _, scope := range target.Scopes {
		for rule := range product.RestrictedScopes {
			prefix, isPrefix := strings.CutSuffix(rule, "*")
			if scope == rule && !isPrefix || isPrefix && strings.HasPrefix(scope, strings.TrimRight(prefix, "*")) {
				if !slices.Contains(r.rules[scope], rule) {
					r.rules[scope] = append(r.rules[scope], rule)
				}
			}
		}
		slices.Sort(r.rules[scope])
	}
	return r
}

var scopeRule = rule{
	check: checkScopes,
	explanations: []report.Explanation{
		{
			Check:   "scope",
			Meaning: "The target comes from a tree that may have its restricted scopes.",
			Why:     "Restricted scopes give access to release keys and shipping channels. They are for release branches, not for every repository that can create a task.",
			Fails: []string{
				"A scope of a release branch was given to a task of another tree.",
				"The source matches no rule of the product's trusted_repos, so that the task has no tree.",
				"Two rules of the policy match the scope, so that it is not clear which counts.",
			},
			Do: "Find out why the task has the scope. If its tree is to have it, add the tree to the list that the policy's restricted_scopes names.",
		},
	},
}

// checkScopes checks that the target's tree may have its restricted scopes.
func checkScopes(c *Chain, l *Link) []report.Check {
	const name = "scope"
	if l.Task == nil {
		return nil
	}
	if !c.scopes.any() {
		return []report.Check{l.result(name, report.Pass, "", "none of its scopes is restricted")}
	}
	tree := c.tree(l)
	var checks []report.Check
	for _, scope := range l.Task.Scopes {
		rules := c.scopes.rules[scope]
		switch {
		case len(rules) > 1:
			checks = append(checks, l.fail(name, scope, "the scope matches several rules of the policy: %s", strings.Join(rules, ", ")).
				Because(report.AmbiguousScope))
		case len(rules) == 1:
			checks = append(checks, l.checkScope(scope, tree, c.product.Trees[c.product.RestrictedScopes[rules[0]]]))
		}
	}
	return checks
}

func (l *Link) checkScope(scope string, from tree, allowed []policy.Tree) report.Check {
	if !from.known || !slices.Contains(allowed, from.path) {
		check := l.fail("scope", scope, "the tree that the task comes from may not have the scope").
			Comparing("one of "+joined(allowed), from.String()).
			Because(report.WrongTree)
		switch {
		case !hasSource(l.Task):
			return l.skip("scope", scope, "without its metadata.source it is of no tree that could have the scope")
		case !from.known:
			check.Message = "the task comes from no trusted tree, and so may not have the scope"
			check.Actual = fmt.Sprintf("%q", sourceOf(l.Task))
		}
		return check
	}
	return l.pass("scope", scope)
}

func joined(trees []policy.Tree) string {
	texts := make([]string, len(trees))
	for i, tree := range trees {
		texts[i] = string(tree)
	}
	return strings.Join(texts, ", ")
}

var scopePatternRule = rule{
	check: warnOfScopePatterns,
	explanations: []report.Explanation{
		{
			Check:   "scope-pattern",
			Warning: true,
			Meaning: "No scope of the target that ends in * covers a restricted one.",
			Why:     "A scope such as * satisfies every restricted scope without being one, so that no tree is asked for.",
			Fails:   []string{"A task was given a pattern in place of the scopes that it uses."},
			Do:      "Give the task just the scopes that it uses.",
		},
	},
}

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
