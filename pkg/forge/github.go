package forge

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"cotverify/internal/parallel"
	"cotverify/internal/pytext"
	"cotverify/internal/pyurl"
	"cotverify/internal/shape"
	"cotverify/pkg/policy"
	"cotverify/pkg/source"
)

// Answer is the JSON that a service answered.
type Answer = shape.Place

// GitHub asks GitHub's API (specification, section 2). Its methods return the
// errors of a [source.Source], and a *Refusal where an answer is not as it
// must be.
type GitHub struct {
	Source   source.Source
	Services policy.GitHub
}

// Host returns the host that repositories have on it.
func (g GitHub) Host() string {
	_, host, _ := strings.Cut(g.Services.Web, "://")
	return host
}

func (g GitHub) ask(ctx context.Context, r Repository, path string) (Answer, error) {
	url := g.Services.API + "/repos/" + r.FullName() + path
	data, _, err := source.ReadAll(ctx, g.Source, source.URL(url), maxAnswer)
	if err != nil {
		return shape.Place{}, err
	}
	return parseAnswer(url, data)
}

// Repository asks for a repository, whose answer must be an object that says
// where its pages are: the reference takes no other (specification, section 2).
func (g GitHub) Repository(ctx context.Context, r Repository) (Answer, error) {
	repo, err := g.ask(ctx, r, "")
	if err == nil {
		_, err = repo.Text("html_url")
	}
	return repo, err
}

// Commit asks for a commit of a repository. The revision must be able to stand
// in a URL.
func (g GitHub) Commit(ctx context.Context, r Repository, revision string) (Answer, error) {
	return g.repositoryAnd(ctx, r, "/commits/"+revision)
}

// Release asks for the release of a tag, which must be able to stand in a URL.
func (g GitHub) Release(ctx context.Context, r Repository, tag string) (Answer, error) {
	return g.repositoryAnd(ctx, r, "/releases/tags/"+tag)
}

// PullRequest asks a repository for the pull request of a number.
func (g GitHub) PullRequest(ctx context.Context, r Repository, number string) (Answer, error) {
	return g.ask(ctx, r, "/pulls/"+number)
}

// repositoryAnd asks for the repository, and side by side for something of it.
// The reference asks for the repository before anything else, so that there is
// no answer where that has none.
func (g GitHub) repositoryAnd(ctx context.Context, r Repository, path string) (Answer, error) {
	var found shape.Place
	err := parallel.Run(
		func() error {
			_, err := g.Repository(ctx, r)
			return err
		},
		func() (err error) {
			found, err = g.ask(ctx, r, path)
			return err
		},
	)
	return found, err
}

// Parent returns what a repository, as GitHub answers for it, was forked from.
// It must be there.
func (g GitHub) Parent(ctx context.Context, fork Answer) (Repository, error) {
	owner, err := fork.Text("parent", "owner", "login")
	if err != nil {
		return Repository{}, err
	}
	name, err := fork.Text("parent", "name")
	if err != nil {
		return Repository{}, err
	}
	parent := Repository{Owner: owner, Name: name}
	if !pyurl.IsPlainPath(owner) || !pyurl.IsPlainPath(name) {
		return parent, refuse(AboutAnswer, "%s: the name of the parent, %q, cannot be part of a URL", fork.Document(), parent.FullName())
	}
	_, err = g.Repository(ctx, parent)
	return parent, err
}

// IsFullHash reports whether a revision is a commit's full hash, of git or hg,
// which names it for ever (specification, section 2). All else is taken for a
// tag.
func IsFullHash(revision string) bool {
	return len(revision) == 40 && strings.Trim(revision, "0123456789abcdef") == ""
}

// HasLanded reports whether a commit, or what a tag names, is on a branch of
// the repository, and does not just come from a pull request.
func (g GitHub) HasLanded(ctx context.Context, r Repository, revision string) (bool, error) {
	if !pyurl.IsPlainPath(revision) {
		return false, refuse(AboutURL, "the revision %q cannot be part of a URL", revision)
	}
	repo, err := g.Repository(ctx, r)
	if err != nil {
		return false, err
	}
	page, err := repo.Text("html_url")
	if err != nil {
		return false, err
	}
	if !IsFullHash(revision) {
		if revision, err = g.tagCommit(ctx, r, revision); err != nil {
			return false, err
		}
	}
	if !strings.HasPrefix(page, g.Services.Web+"/") {
		return false, refuse(AboutAnswer, "%s: /html_url is %q, which is not on %s", repo.Document(), page, g.Services.Web)
	}
	url := strings.TrimRight(page, "/") + "/branch_commits/" + revision
	body, _, err := source.ReadAll(ctx, g.Source, source.URL(url), maxAnswer)
	if err != nil {
		return false, err
	}
	if !utf8.Valid(body) {
		return false, refuse(AboutAnswer, "%s: the page is not UTF-8", url)
	}
	return strings.TrimFunc(string(body), pytext.IsSpace) != "", nil
}

// GitHub's lists come in pages. One that is not full is the last.
const (
	tagsInPage  = 30
	maxTagPages = 500 // repositories have a few thousand tags at most
)

// tagCommit returns the commit of the one tag that has the name.
func (g GitHub) tagCommit(ctx context.Context, r Repository, name string) (string, error) {
	var found []shape.Place
	path := "/tags"
	for page := 2; page <= maxTagPages; page++ {
		tags, err := g.ask(ctx, r, path)
		if err != nil {
			return "", err
		}
		list, err := tags.List()
		if err != nil {
			return "", err
		}
		for _, tag := range list {
			if n, err := tag.Get("name"); err != nil {
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
		return "", refuse(AboutAnswer, "%d tags of %s are named %q; expected one", len(found), r.FullName(), name)
	}
	commit, err := found[0].Text("commit", "sha")
	if err != nil {
		return "", err
	}
	if !pyurl.IsPlainPath(commit) {
		return "", refuse(AboutAnswer, "%s: the commit %q of the tag %q cannot be part of a URL", found[0].Document(), commit, name)
	}
	return commit, nil
}
