package decision

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"cotverify/internal/pytext"
	"cotverify/pkg/policy"
	"cotverify/pkg/source"
)

// GitHub asks GitHub's API (specification, section 2). Its methods return the
// errors of a [source.Source], and a *Refusal where an answer is not as it
// must be.
type GitHub struct {
	Source   source.Source
	Services policy.GitHub
}

// Host returns the host that repositories have on it.
func (g GitHub) Host() string {
	return hostOf(g.Services.Web)
}

func (g GitHub) api(ctx context.Context, r GitHubRepository, path string) (answer, error) {
	url := g.Services.API + "/repos/" + r.FullName() + path
	data, _, err := source.ReadAll(ctx, g.Source, source.URL(url), maxAnswer)
	if err != nil {
		return answer{}, err
	}
	return parseAnswer(url, data)
}

// repository asks for a repository, whose answer must be an object that says
// where its pages are: the reference takes no other (specification, section 2).
func (g GitHub) repository(ctx context.Context, r GitHubRepository) (repo answer, page string, err error) {
	if repo, err = g.api(ctx, r, ""); err == nil {
		page, err = repo.text("html_url")
	}
	return repo, page, err
}

// repositoryAnd asks for the repository, and side by side for something of it.
// The reference asks for the repository before anything else, so that there is
// no answer where that has none.
func (g GitHub) repositoryAnd(ctx context.Context, r GitHubRepository, path string) (answer, error) {
	var found answer
	err := sideBySide(
		func() error {
			_, _, err := g.repository(ctx, r)
			return err
		},
		func() (err error) {
			found, err = g.api(ctx, r, path)
			return err
		},
	)
	return found, err
}

// IsFullHash reports whether a revision is a commit's full hash, of git or hg,
// which names it for ever (specification, section 2). All else is taken for a
// tag.
func IsFullHash(revision string) bool {
	return len(revision) == 40 && strings.Trim(revision, "0123456789abcdef") == ""
}

// HasLanded reports whether a commit, or what a tag names, is on a branch of
// the repository, and does not just come from a pull request.
func (g GitHub) HasLanded(ctx context.Context, r GitHubRepository, revision string) (bool, error) {
	if !safeInURL(revision) {
		return false, refuse("the revision %q cannot be part of a URL", revision)
	}
	repo, page, err := g.repository(ctx, r)
	if err != nil {
		return false, err
	}
	if !IsFullHash(revision) {
		if revision, err = g.tagCommit(ctx, r, revision); err != nil {
			return false, err
		}
	}
	if !strings.HasPrefix(page, g.Services.Web+"/") {
		return false, refuse("%s: /html_url is %q, which is not on %s", repo.url, page, g.Services.Web)
	}
	url := strings.TrimRight(page, "/") + "/branch_commits/" + revision
	body, _, err := source.ReadAll(ctx, g.Source, source.URL(url), maxAnswer)
	if err != nil {
		return false, err
	}
	if !utf8.Valid(body) {
		return false, refuse("%s: the page is not UTF-8", url)
	}
	return strings.TrimFunc(string(body), pytext.IsSpace) != "", nil
}

// GitHub's lists come in pages. One that is not full is the last.
const (
	tagsInPage  = 30
	maxTagPages = 500 // repositories have a few thousand tags at most
)

// tagCommit returns the commit of the one tag that has the name.
func (g GitHub) tagCommit(ctx context.Context, r GitHubRepository, name string) (string, error) {
	var found []answer
	path := "/tags"
	for page := 2; page <= maxTagPages; page++ {
		tags, err := g.api(ctx, r, path)
		if err != nil {
			return "", err
		}
		list, ok := tags.body.([]any)
		if !ok {
			return "", refuse("%s: the answer is no list", tags.url)
		}
		for _, entry := range list {
			tag := answer{url: tags.url, body: entry}
			if n, err := tag.get("name"); err != nil {
				return "", err
			} else if n == name {
				found = append(found, tag)
			}
		}
		if len(list) < tagsInPage {
			break
		}
		path = fmt.Sprintf("/tags?page=%d", page)
	}
	if len(found) != 1 {
		return "", refuse("%d tags of %s are named %q; expected one", len(found), r.FullName(), name)
	}
	commit, err := found[0].text("commit", "sha")
	if err != nil {
		return "", err
	}
	if !safeInURL(commit) {
		return "", refuse("%s: the commit %q of the tag %q cannot be part of a URL", found[0].url, commit, name)
	}
	return commit, nil
}
