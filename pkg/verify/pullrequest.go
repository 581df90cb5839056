package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"cotverify/internal/pyurl"
	"cotverify/internal/value"
	"cotverify/pkg/forge"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// pullRequest is whether a task is a try or pull request task.
type pullRequest struct {
	because string        // why it is one; "" where it is none
	reason  report.Reason // the same, in a word
	err     error         // why it cannot be told
}

// pullRequest finds out whether a task is a try or pull request task
// (specification, section 10, pull-request).
func (v *Verifier) pullRequest(ctx context.Context, c *Chain, task *graph.Task) pullRequest {
	isGitHub, err := c.gitHub().Made(task)
	switch {
	case err != nil:
		return pullRequest{err: err}
	case isGitHub:
		return v.pullRequestOf(ctx, c, task)
	}
	return c.tryOf(task)
}

// tryOf tells whether a task that is not GitHub's is a try task.
func (c *Chain) tryOf(task *graph.Task) pullRequest {
	scheduler, err := value.Lookup(task.Definition, "schedulerId")
	if err != nil {
		return pullRequest{err: fmt.Errorf("%w, and tells the tasks of try from others", err)}
	}
	if scheduler == "gecko-level-1" {
		return pullRequest{because: "its schedulerId is gecko-level-1, which is try's", reason: report.PullRequest}
	}
	if v, ok := task.Env.Get("MH_BRANCH"); ok {
		branch, isText := v.(string)
		if !isText {
			return pullRequest{err: &value.ShapeError{Path: "/payload/env/MH_BRANCH", Want: "text", Got: value.Kind(v)}}
		}
		if strings.Contains(branch, "try") {
			return pullRequest{because: "its MH_BRANCH is " + branch, reason: report.PullRequest}
		}
	}
	repository, _, err := task.EnvText(c.product.EnvPrefix + "_HEAD_REPOSITORY")
	if err != nil {
		return pullRequest{err: err}
	}
	sourceURL, err := task.Source()
	if err != nil {
		return pullRequest{err: err}
	}
	for _, url := range []string{repository, sourceURL} {
		u, err := pyurl.Parse(url)
		if err != nil {
			return pullRequest{err: fmt.Errorf("%q: %w", url, err)}
		}
		if strings.Contains(u.Segments()[0], "try") {
			return pullRequest{because: url + " is a try repository", reason: report.PullRequest}
		}
	}
	return pullRequest{}
}

// commit is a revision of a repository that a task names.
type commit struct {
	repository forge.Repository
	revision   string // "" where the task names none
}

// pullRequestOf tells whether a task of GitHub's is a pull request task. All
// that it names is looked up, even once it is known to be one: what cannot be
// looked up refuses too.
func (v *Verifier) pullRequestOf(ctx context.Context, c *Chain, task *graph.Task) pullRequest {
	commits, err := c.commitsOf(task)
	if err != nil {
		return pullRequest{err: err}
	}
	if len(c.product.OfficialOwners) == 0 {
		return pullRequest{err: &noOwnerError{product: c.product.Name, source: sourceOf(task)}}
	}
	var because string
	var reason report.Reason
	if tasksFor, _ := task.Extra.Get("tasks_for"); tasksFor == "github-pull-request" || tasksFor == "github-pull-request-untrusted" {
		because, reason = fmt.Sprintf("its tasks_for is %s", tasksFor), report.PullRequest
	}
	errs := make([]error, len(commits))
	landed := make([]bool, len(commits))
	var asking sync.WaitGroup
	for i, commit := range commits {
		asking.Go(func() { landed[i], errs[i] = v.hasLanded(ctx, c.product, commit) })
	}
	asking.Wait()
	for i, commit := range commits {
		switch {
		case because != "":
		case !slices.Contains(c.product.OfficialOwners, commit.repository.Owner):
			because, reason = fmt.Sprintf("%s is not a repository of %s", commit.repository.FullName(), strings.Join(c.product.OfficialOwners, " or ")), report.ForeignRepository
		case errs[i] != nil:
		case !landed[i]:
			because, reason = fmt.Sprintf("%s is on no branch of %s", commit.revision, commit.repository.FullName()), report.NotLanded
		}
	}
	return pullRequest{because: because, reason: reason, err: cmp.Or(errs...)}
}

// noOwnerError says that the policy cannot tell a product's own repositories
// on GitHub from others.
type noOwnerError struct{ product, source string }

func (e *noOwnerError) Error() string {
	return fmt.Sprintf("the task says that it is of GitHub (its source is %q), where %s has no repositories of its own", e.source, e.product)
}

// hasLanded reports whether a commit is on a branch of its repository. Of a
// private one that cannot be asked, and counts as given.
func (v *Verifier) hasLanded(ctx context.Context, product *policy.Product, commit commit) (bool, error) {
	if commit.revision == "" || product.NeedsSecret() {
		return true, nil
	}
	return v.landed.Get(ctx, commit, func(ctx context.Context) (bool, error) {
		return v.gitHub().HasLanded(ctx, commit.repository, commit.revision)
	})
}

// commitsOf returns the commits that a task of GitHub's names: in its
// environment, if it does, and in its source.
func (c *Chain) commitsOf(task *graph.Task) ([]commit, error) {
	var commits []commit
	gitHub, prefix := c.gitHub(), c.product.EnvPrefix
	url, _, err := task.EnvText(prefix + "_HEAD_REPOSITORY")
	if err != nil {
		return nil, err
	}
	revision, _, err := task.EnvText(prefix + "_HEAD_REV")
	if err != nil {
		return nil, err
	}
	if url = strings.TrimRight(url, "/"); url != "" {
		repository, err := gitHub.Parse(gitHub.URL(url))
		if err != nil {
			return nil, fmt.Errorf("payload.env.%s_HEAD_REPOSITORY: %w", prefix, err)
		}
		commits = append(commits, commit{repository, revision})
	}
	sourceURL, err := task.Source()
	if err != nil {
		return nil, err
	}
	ofSource, err := commitOfSource(sourceURL, gitHub)
	if err != nil {
		return nil, err
	}
	return append(commits, ofSource), nil
}

// commitOfSource returns the commit that a source URL on GitHub names, by the
// segments of its decoded path.
func commitOfSource(sourceURL string, gitHub forge.GitHub) (commit, error) {
	repository, err := gitHub.Parse(sourceURL)
	if err != nil {
		return commit{}, fmt.Errorf("metadata.source: %w", err)
	}
	u, err := pyurl.Parse(sourceURL)
	if err != nil {
		return commit{}, fmt.Errorf("%q: %w", sourceURL, err)
	}
	segments := u.Segments()
	if len(segments) < 4 || segments[3] == "" {
		return commit{}, &value.ShapeError{Path: "/metadata/source", Want: "a URL of GitHub with a revision", Got: fmt.Sprintf("%q", sourceURL)}
	}
	return commit{repository, segments[3]}, nil
}

var pullRequestRule = rule{
	check: checkPullRequest,
	explanations: []report.Explanation{
		{
			Check:   "pull-request",
			Meaning: "Where the target has a restricted scope, neither it nor any task of the chain is from a pull request or a try push: each revision is of the official repository and has landed on a branch.",
			Why:     "Anyone can open a pull request. Its code was reviewed by nobody yet, and must not reach release keys.",
			Fails: []string{
				"A task is for a pull request, or from a fork.",
				"The revision is on no branch of the official repository: it was removed, or has not landed.",
				"On hg, the repository or the branch is try's.",
			},
			Do: "Ship from a revision that has landed. If it has, look whether GitHub shows the branch on the commit's page.",
		},
	},
}

// checkPullRequest checks that a target with a restricted scope, and what it
// was made from, are no try or pull request tasks.
func checkPullRequest(c *Chain, l *Link) []report.Check {
	const name = "pull-request"
	switch {
	case !c.scopes.any():
		return nil
	case l.Task == nil || l.Task.Definition == nil:
		return []report.Check{l.skip(name, "", "there is no definition to tell")}
	case l.pull.because != "":
		return []report.Check{l.fail(name, "", "a target with a restricted scope, such as %s, may not come from a try or pull request task: %s", c.scopes.first(), l.pull.because).
			Because(l.pull.reason)}
	case l.pull.err != nil && !hasSource(l.Task):
		return []report.Check{l.skip(name, "", "without its metadata.source it cannot be told")}
	case l.pull.err != nil:
		return []report.Check{l.problem(name, "", l.pull.err)}
	}
	return []report.Check{l.pass(name, "")}
}
