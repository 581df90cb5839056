package verify

import (
	"fmt"
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
			return []report.Check{c.wrongRepository(l, key, repository, sourceURL)}
		}
		decided = true
	}
	if _, err := pyurl.Parse(sourceURL); err != nil {
		return []report.Check{l.fail(name, "/metadata/source", "%q: %v", sourceURL, err).Because(report.BadURL)}
	}
	return []report.Check{l.pass(name, "/metadata/source")}
}

// wrongRepository says that a source is not in the repository that a variable
// names, and what may be the matter: another host, the .git of a clone's URL, a
// second repository whose variables are not there, or a template that takes the
// source from elsewhere.
func (c *Chain) wrongRepository(l *Link, key, repository, sourceURL string) report.Check {
	check := l.fail("repository", "/metadata/source", "the source is not in the repository of payload.env.%s", key).
		Comparing("a URL in "+repository, sourceURL).
		Because(report.WrongRepository)
	repo, repoErr := pyurl.Parse(c.gitHub().URL(repository))
	src, srcErr := pyurl.Parse(sourceURL)
	switch {
	case repoErr != nil || srcErr != nil:
	case repo.Host() != src.Host():
		check.Message += fmt.Sprintf(": their hosts are %q and %q", src.Host(), repo.Host())
	case strings.Contains(src.Path, strings.TrimSuffix(repo.Path, ".git")+".git/"):
		check.Message += ": it goes on with .git, as URLs of clones do and those of pages do not"
		check.Hint = "take the .git out of the URL that the source is made of"
	}
	for _, prefix := range c.product.SourcePrefixes() {
		if other := prefix + "_HEAD_REPOSITORY"; other != key {
			if text, _, err := l.Task.EnvText(other); err == nil && text == "" {
				check.Message += fmt.Sprintf("; payload.env.%s, which is compared in its place where it is there, is not", other)
				check.Hint = fmt.Sprintf("a task of a second repository needs that in its environment: have what makes the task set %s and %s_HEAD_REV", other, prefix)
			}
		}
	}
	if line, reads := l.renderedFrom("metadata", "source"); line > 0 {
		check.Hint = fmt.Sprintf(".taskcluster.yml:%d renders the source, from %s: it must be of the repository that %s has", line, list(reads, "nothing that changes"), key)
	}
	return check
}

// renderedFrom returns the line of the template that a place of a parent's
// rebuilt definition was rendered from, and the paths of the context that it
// reads; 0 where it was not rebuilt.
func (l *Link) renderedFrom(path ...string) (line int, reads []string) {
	if l.decision.rebuilt == nil || l.decision.err != nil {
		return 0, nil
	}
	comparison, err := l.decision.rebuilt.Compare()
	if err != nil || comparison.Origin == nil {
		return 0, nil
	}
	origin := comparison.Origin.At(path...)
	if origin == nil {
		return 0, nil
	}
	return origin.Line, origin.Reads
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
