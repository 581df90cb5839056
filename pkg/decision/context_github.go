package decision

import (
	"context"
	"math/big"
	"strings"
	"unicode"

	"cotverify/internal/pyjson"
	"cotverify/internal/pytext"
	"cotverify/internal/value"
)

// gitHubContext adds to the context what GitHub's products have (specification,
// section 7, GitHub products).
func (r *rebuild) gitHubContext(ctx context.Context) (*value.Object, error) {
	switch r.tasksFor {
	case "github-push":
		return r.gitHubPush(ctx)
	case "github-release":
		return r.gitHubRelease(ctx)
	case "github-pull-request", "github-pull-request-untrusted":
		return r.gitHubPullRequest(ctx)
	case "cron":
		return r.gitHubCron(ctx)
	case "action", "pr-action":
		return r.actionContext()
	}
	return nil, refuse("no product on GitHub has tasks for %q", r.tasksFor)
}

// Whether a repository may be in git's short form, git@HOST:OWNER/NAME.
const (
	withShortForm    = true
	withoutShortForm = false
)

// head returns the repository that the decision task was made from, as a URL
// and as GitHub names it.
func (r *rebuild) head(shortForm bool) (url string, repo GitHubRepository, err error) {
	if url, err = r.env.repository("HEAD_REPOSITORY"); err != nil {
		return "", repo, err
	}
	if shortForm {
		url = SSHForm(url, r.gitHub.Host())
	}
	repo, err = ParseGitHub(url, r.gitHub.Host())
	return url, repo, err
}

func (r *rebuild) gitHubPush(ctx context.Context) (*value.Object, error) {
	url, repo, err := r.head(withShortForm)
	if err != nil {
		return nil, err
	}
	revision, err := r.env.revision()
	if err != nil {
		return nil, err
	}
	commit, err := r.gitHub.repositoryAnd(ctx, repo, "/commits/"+revision)
	if err != nil {
		return nil, err
	}
	login, err := pusher(commit)
	if err != nil {
		return nil, err
	}
	owner, err := value.Lookup(r.decision.Definition, "metadata", "owner")
	if err != nil {
		return nil, err
	}
	return value.ObjectOf("event", value.ObjectOf(
		"before", r.env.get("BASE_REV"),
		"after", revision,
		"pusher", value.ObjectOf("email", owner),
		"base_ref", r.env.first("BASE_BRANCH", "BASE_REF"),
		"ref", r.env.first("HEAD_BRANCH", "HEAD_REF"),
		"repository", value.ObjectOf(
			"full_name", repo.FullName(),
			"ssh_url", "git@"+r.gitHub.Host()+":"+repo.FullName()+".git",
			"html_url", url,
			"name", repo.Name,
			"pushed_at", r.env.get("PUSH_DATE_TIME"),
		),
		"sender", value.ObjectOf("login", login),
	)), nil
}

// pusher returns the login of who pushed a commit: its committer, or where
// GitHub itself committed it, or nobody whom GitHub knows, its author.
func pusher(commit answer) (any, error) {
	committer, err := commit.get("committer")
	if err != nil {
		return nil, err
	}
	login, err := loginOf(commit, committer, "committer", nil)
	if err != nil || login != nil && login != "web-flow" {
		return login, err
	}
	// The name in the commit is asked for even where it will not be needed:
	// where it is malformed, the reference refuses.
	named, err := commit.optionalObject("commit", "author")
	if err != nil {
		return nil, err
	}
	unknown, ok := named.Get("login")
	if !ok {
		unknown = "@@@unknown@@@"
	}
	o, _ := commit.body.(*value.Object)
	author, _ := o.Get("author")
	return loginOf(commit, author, "author", unknown)
}

// loginOf returns the login of a user, or a default where the user is empty or
// has none.
func loginOf(a answer, user any, key string, otherwise any) (any, error) {
	if !value.Truthy(user) {
		return otherwise, nil
	}
	o, ok := user.(*value.Object)
	if !ok {
		return nil, &value.ShapeError{Where: a.url, Path: value.Pointer(key), Want: "an object", Got: value.Kind(user)}
	}
	if login, ok := o.Get("login"); ok {
		return login, nil
	}
	return otherwise, nil
}

func (r *rebuild) gitHubRelease(ctx context.Context) (*value.Object, error) {
	url, repo, err := r.head(withoutShortForm)
	if err != nil {
		return nil, err
	}
	tag, err := r.env.revision()
	if err != nil {
		return nil, err
	}
	release, err := r.gitHub.repositoryAnd(ctx, repo, "/releases/tags/"+tag)
	if err != nil {
		return nil, err
	}
	target, err := release.get("target_commitish")
	if err != nil {
		return nil, err
	}
	published, err := release.get("published_at")
	if err != nil {
		return nil, err
	}
	author, err := release.get("author", "login")
	if err != nil {
		return nil, err
	}
	return value.ObjectOf("event", value.ObjectOf(
		"action", "published",
		"repository", value.ObjectOf(
			"clone_url", url+".git",
			"full_name", repo.FullName(),
			"html_url", url,
			"name", repo.Name,
		),
		"release", value.ObjectOf(
			"tag_name", tag,
			"target_commitish", target,
			"published_at", published,
		),
		"sender", value.ObjectOf("login", author),
	)), nil
}

func (r *rebuild) gitHubPullRequest(ctx context.Context) (*value.Object, error) {
	base, err := r.env.repository("BASE_REPOSITORY")
	if err != nil {
		return nil, err
	}
	head, repo, err := r.head(withShortForm)
	if err != nil {
		return nil, err
	}
	number, err := r.pullRequestNumber()
	if err != nil {
		return nil, err
	}
	repo, err = r.pullRequestRepository(ctx, repo, SSHForm(base, r.gitHub.Host()) != head)
	if err != nil {
		return nil, err
	}
	answer, err := r.gitHub.api(ctx, repo, "/pulls/"+number)
	if err != nil {
		return nil, err
	}
	pull, err := r.pullRequestThen(answer)
	if err != nil {
		return nil, err
	}
	baseRepo, err := value.Lookup(pull, "base", "repo")
	if err != nil {
		return nil, answer.named(err)
	}
	sender, err := value.Lookup(pull, "head", "user", "login")
	if err != nil {
		return nil, answer.named(err)
	}
	return value.ObjectOf("event", value.ObjectOf(
		"action", "synchronize",
		"repository", baseRepo,
		"pull_request", pull,
		"sender", value.ObjectOf("login", sender),
	)), nil
}

// pullRequestNumber returns E(PULL_REQUEST_NUMBER) as Python's int reads it.
func (r *rebuild) pullRequestNumber() (string, error) {
	var n *big.Int
	switch v := r.env.get("PULL_REQUEST_NUMBER").(type) {
	case string:
		n = parseInt(v)
	case *big.Int:
		n = v
	}
	if n == nil || n.Sign() <= 0 {
		return "", refuse("payload.env.%s_PULL_REQUEST_NUMBER is not the number of a pull request", r.env.prefix)
	}
	return n.String(), nil
}

// parseInt returns the integer that a text has between blanks, with an
// optional sign, and digits that single underscores may part; else nil.
func parseInt(s string) *big.Int {
	const maxDigits = 18 // more than any pull request will ever have
	s = strings.TrimFunc(s, pytext.IsSpaceAroundNumber)
	digits := strings.TrimPrefix(s, "+")
	if strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") {
		return nil
	}
	digits = strings.ReplaceAll(digits, "_", "")
	if digits == "" || len(digits) > maxDigits || strings.ContainsFunc(digits, func(r rune) bool { return !unicode.IsDigit(r) || r > '9' }) {
		return nil
	}
	n, _ := new(big.Int).SetString(digits, 10)
	return n
}

// pullRequestRepository returns the repository that the pull request was made
// to: the head's own, or what it was forked from.
func (r *rebuild) pullRequestRepository(ctx context.Context, head GitHubRepository, elsewhere bool) (GitHubRepository, error) {
	definition, _, err := r.gitHub.repository(ctx, head)
	if err != nil {
		return head, err
	}
	fork, err := definition.get("fork")
	if err != nil || !elsewhere || !value.Truthy(fork) {
		return head, err
	}
	owner, err := definition.text("parent", "owner", "login")
	if err != nil {
		return head, err
	}
	name, err := definition.text("parent", "name")
	if err != nil {
		return head, err
	}
	parent := GitHubRepository{Owner: owner, Name: name}
	if !safeInURL(owner) || !safeInURL(name) {
		return head, refuse("%s: the name of the parent, %q, cannot be part of a URL", definition.url, parent.FullName())
	}
	_, _, err = r.gitHub.repository(ctx, parent)
	return parent, err
}

// pullRequestThen returns the pull request as it was when the decision task
// was made: it may have got commits since.
func (r *rebuild) pullRequestThen(pull answer) (*value.Object, error) {
	all, err := pull.object()
	if err != nil {
		return nil, err
	}
	head, err := pull.object("head")
	if err != nil {
		return nil, err
	}
	base, err := pull.object("base")
	if err != nil {
		return nil, err
	}
	head = head.With("updated_at", r.env.get("PUSH_DATE_TIME")).With("sha", r.env.get("HEAD_REV"))
	return all.With("head", head).With("base", base.With("sha", r.env.get("BASE_REV"))), nil
}

func (r *rebuild) gitHubCron(ctx context.Context) (*value.Object, error) {
	url, repo, err := r.head(withoutShortForm)
	if err != nil {
		return nil, err
	}
	cron, err := cronOf(r.decision.Definition)
	if err != nil {
		return nil, err
	}
	projects, err := fetchProjects(ctx, r.Source, r.Services.Projects)
	if err != nil {
		return nil, err
	}
	level, err := projects.level(repo.Name)
	if err != nil {
		return nil, err
	}
	user := r.env.get("TRIGGERED_BY")
	if user == nil {
		user = "TaskclusterHook"
	}
	revision, branch := r.env.get("HEAD_REV"), r.env.first("HEAD_BRANCH", "HEAD_REF")
	return value.ObjectOf(
		"cron", cron,
		"event", value.ObjectOf(
			"repository", value.ObjectOf(
				"clone_url", url,
				"full_name", repo.FullName(),
				"html_url", url,
				"name", repo.Name,
			),
			"release", value.ObjectOf(
				"tag_name", revision,
				"target_commitish", branch,
				"published_at", r.env.get("PUSH_DATE_TIME"),
			),
			"sender", value.ObjectOf("login", user),
		),
		"repository", value.ObjectOf("url", url, "project", repo.Name, "level", level, "type", "git"),
		"push", value.ObjectOf("revision", revision, "branch", branch),
	), nil
}

// cronOf returns what a cron task's extra.cron, JSON in a text, says.
func cronOf(definition *value.Object) (any, error) {
	text, err := value.LookupText(definition, "extra", "cron")
	if err != nil {
		return nil, err
	}
	doc, err := pyjson.Parse([]byte(text))
	if err != nil {
		return nil, refuse("/extra/cron is no JSON: %v", err)
	}
	return doc.Value, nil
}
