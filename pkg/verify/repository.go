package verify

import (
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/pyurl"
	"cotverify/internal/value"
	"cotverify/pkg/decision"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
)

// restricted is what of a task's scopes the policy restricts.
type restricted struct {
	rules map[string][]string // by scope, the rules that match it
}

// any reports whether a scope of the task is restricted.
func (r restricted) any() bool { return len(r.rules) > 0 }

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

// checkRepository checks that a task's source lies in the repository that it
// says it was made from (specification, section 10, repository).
func checkRepository(c *chain, e *evidence) []Check {
	const name = "repository"
	task := e.link.Task
	if task == nil || task.Definition == nil {
		return nil
	}
	sourceURL, err := task.Source()
	if err != nil {
		return []Check{e.problem(name, "/metadata/source", err)}
	}
	for _, prefix := range c.product.SourcePrefixes() {
		key := prefix + "_HEAD_REPOSITORY"
		repository, _, err := task.EnvText(key)
		if err != nil {
			return []Check{e.problem(name, value.Pointer("payload", "env", key), err)}
		}
		if repository = strings.TrimRight(repository, "/"); repository == "" {
			continue
		}
		holds, err := contains(repository, sourceURL, c.gitHub().Host())
		if err != nil {
			return []Check{e.fail(name, "/metadata/source", "%s or %s: %v", repository, sourceURL, err)}
		}
		if !holds {
			return []Check{e.fail(name, "/metadata/source", "the source is not in the repository of payload.env.%s", key).
				comparing("a URL in "+repository, sourceURL).
				withHint("the task says that it comes from one tree and was made in another: see who created it")}
		}
		break
	}
	if _, err := pyurl.Parse(sourceURL); err != nil {
		return []Check{e.fail(name, "/metadata/source", "%q: %v", sourceURL, err)}
	}
	return []Check{e.pass(name, "/metadata/source")}
}

// gitHub returns GitHub as the policy has it.
func (c *chain) gitHub() decision.GitHub {
	return decision.GitHub{Source: c.options.Source, Services: c.options.Policy.Services.GitHub}
}

// contains reports whether a source lies in a repository: on the same host,
// and under its path by whole segments.
func contains(repository, sourceURL, gitHubHost string) (bool, error) {
	repo, err := pyurl.Parse(strings.TrimSuffix(decision.SSHForm(repository, gitHubHost), ".git"))
	if err != nil {
		return false, err
	}
	src, err := pyurl.Parse(sourceURL)
	if err != nil {
		return false, err
	}
	segments, prefix := strings.Split(src.Path, "/"), strings.Split(repo.Path, "/")
	return repo.Host() == src.Host() && len(prefix) <= len(segments) && slices.Equal(prefix, segments[:len(prefix)]), nil
}

// tree returns the tree that the policy makes of a task's source, and whether
// it makes any.
func (c *chain) tree(task *graph.Task) (string, bool) {
	if task == nil {
		return "", false
	}
	sourceURL, err := task.Source()
	if err != nil {
		return "", false
	}
	return treeOf(c.product, sourceURL)
}

func treeOf(product *policy.Product, sourceURL string) (string, bool) {
	u, err := pyurl.Parse(sourceURL)
	if err != nil {
		return "", false
	}
	path := pyurl.Unquote(u.Path)
	for _, rule := range product.TrustedRepos {
		if tree, ok := rule.Match(u.Scheme, u.Netloc, path); ok {
			return tree, true
		}
	}
	return "", false
}

// checkScopes checks that the target's tree may have its restricted scopes.
func checkScopes(c *chain, e *evidence) []Check {
	const name = "scope"
	if e.link.Task == nil {
		return nil
	}
	if !c.scopes.any() {
		return []Check{e.result(name, Pass, "", "none of its scopes is restricted")}
	}
	tree, ok := c.tree(e.link.Task)
	if !ok {
		tree = "no trusted tree"
	}
	var checks []Check
	for _, scope := range e.link.Task.Scopes {
		rules := c.scopes.rules[scope]
		switch {
		case len(rules) > 1:
			checks = append(checks, e.fail(name, scope, "the scope matches several rules of the policy: %s", strings.Join(rules, ", ")).
				withHint("make the policy's rules for scopes exclude each other"))
		case len(rules) == 1:
			checks = append(checks, e.checkScope(scope, tree, c.product.Trees[c.product.RestrictedScopes[rules[0]]]))
		}
	}
	return checks
}

func (e *evidence) checkScope(scope, tree string, allowed []string) Check {
	if !slices.Contains(allowed, tree) {
		return e.fail("scope", scope, "the tree that the task comes from may not have the scope").
			comparing("one of "+strings.Join(allowed, ", "), tree).
			withHint("only these trees are reviewed well enough for it; run the task from one of them")
	}
	return e.pass("scope", scope)
}

// checkTrees checks that the target and what it was made from come from trees
// that go together (specification, section 10, repository).
func checkTrees(c *chain, target *evidence) []Check {
	const name = "repository"
	members := c.members
	if target.link.Task == nil {
		return nil
	}
	own, hasOwn := c.tree(target.link.Task)
	different := slices.ContainsFunc(members, func(e *evidence) bool {
		tree, ok := c.tree(e.link.Task)
		return tree != own || ok != hasOwn
	})
	if !different {
		return []Check{target.pass(name, "tree")}
	}
	var checks []Check
	for _, e := range members {
		if e.link.Task == nil || e.link.Task.Definition == nil {
			continue
		}
		tree, ok := c.tree(e.link.Task)
		sibling := e.link.Task.Group == target.link.Task.Group
		switch {
		case sibling && (tree != own || ok != hasOwn):
			checks = append(checks, e.fail(name, "tree", "the task is of the target's group, and of another tree").
				comparing(treeName(own, hasOwn), treeName(tree, ok)).
				withHint("one task group comes from one tree: see who added the task to it"))
		case !sibling && c.scopes.any() && !ok:
			checks = append(checks, e.fail(name, "tree", "the task comes from no trusted tree, and the target has a restricted scope").
				comparing("a tree of "+c.product.Name, fmt.Sprintf("%q", sourceOf(e.link.Task))).
				withHint("everything that a release is made from comes from a trusted tree"))
		}
	}
	if len(checks) == 0 {
		checks = append(checks, target.pass(name, "tree"))
	}
	return checks
}

func treeName(tree string, ok bool) string {
	if !ok {
		return "no trusted tree"
	}
	return tree
}

func sourceOf(task *graph.Task) string {
	url, _ := task.Source()
	return url
}
