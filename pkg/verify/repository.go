package verify

import (
	"slices"
	"strings"

	"cotverify/internal/pyurl"
	"cotverify/internal/value"
	"cotverify/pkg/forge"
	"cotverify/pkg/report"
)

var repositoryRule = rule{
	check: checkRepository,
	explanations: []report.Explanation{
		{
			Check:   "repository",
			Meaning: "The task's source lies within the repository that its environment names, and the tasks of the target's group come from the target's tree.",
			Why:     "The tree decides which scopes a task may have. A task that claims the tree of one repository and builds another would borrow its rights.",
			Fails: []string{
				"metadata.source is of another repository than the HEAD_REPOSITORY of the environment.",
				"A task of the group comes from another tree than the target.",
				"The target has a restricted scope, and a task of the chain comes from no trusted repository.",
			},
			Do: "Compare metadata.source with the variable. A repository that is to be trusted belongs into the product's trusted_repos in a policy file.",
		},
	},
}

// checkRepository checks that a task's source lies in the repository that it
// says it was made from (specification, section 10, repository).
func checkRepository(c *Chain, l *Link) []report.Check {
	const name = "repository"
	task := l.Task
	if task == nil || task.Definition == nil {
		return nil
	}
	sourceURL, err := task.Source()
	if err != nil {
		return []report.Check{l.problem(name, "/metadata/source", err)}
	}
	decided := false // by the first variable that is set; the others must be URLs all the same
	for _, prefix := range c.product.SourcePrefixes() {
		key := prefix + "_HEAD_REPOSITORY"
		repository, _, err := task.EnvText(key)
		if err != nil {
			return []report.Check{l.problem(name, value.Pointer("payload", "env", key), err)}
		}
		if repository = strings.TrimRight(repository, "/"); repository == "" {
			continue
		}
		holds, err := contains(repository, sourceURL, c.gitHub())
		if err != nil {
			return []report.Check{l.fail(name, "/metadata/source", "%s or %s: %v", repository, sourceURL, err).Because(report.BadURL)}
		}
		if !holds && !decided {
			return []report.Check{l.fail(name, "/metadata/source", "the source is not in the repository of payload.env.%s", key).
				Comparing("a URL in "+repository, sourceURL).
				Because(report.WrongRepository)}
		}
		decided = true
	}
	if _, err := pyurl.Parse(sourceURL); err != nil {
		return []report.Check{l.fail(name, "/metadata/source", "%q: %v", sourceURL, err).Because(report.BadURL)}
	}
	return []report.Check{l.pass(name, "/metadata/source")}
}

// gitHub returns GitHub as the policy has it.
func (v *Verifier) gitHub() forge.GitHub {
	return forge.GitHub{Source: v.Store.Source(), Services: v.Policy.Services.GitHub}
}

// gitHub returns the names that things have on GitHub: it asks for nothing.
func (c *Chain) gitHub() forge.GitHub {
	return forge.GitHub{Services: c.policy.Services.GitHub}
}

// contains reports whether a source lies in a repository: on the same host,
// and under its path by whole segments.
func contains(repository, sourceURL string, gitHub forge.GitHub) (bool, error) {
	repo, err := pyurl.Parse(strings.TrimSuffix(gitHub.URL(repository), ".git"))
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
