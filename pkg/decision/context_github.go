package decision

import (
	"context"
	"math/big"
	"strings"
	"unicode"

	"cotverify/internal/pyjson"
	"cotverify/internal/pytext"
	"cotverify/internal/shape"
	"cotverify/internal/value"
	"cotverify/pkg/forge"
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
	return nil, refuse(AboutPurpose, "no product on GitHub has tasks for %q", r.tasksFor)
}

// Whether a repository may be in git's short form, git@HOST:OWNER/NAME.
const (
	withShortForm    = true
	withoutShortForm = false
)

// head returns the repository that the decision task was made from, as a URL
// and as GitHub names it.
func (r *rebuild) head(shortForm bool) (url string, repo forge.Repository, err error) {
	if url, err = r.env.repository("HEAD_REPOSITORY"); err != nil {
		return "", repo, err
	}
	if shortForm {
		url = r.gitHub.URL(url)
	}
	repo, err = r.gitHub.Parse(url)
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
	commit, err := r.gitHub.Commit(ctx, repo, revision)
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
func pusher(commit shape.Place) (any, error) {
	committer, err := commit.Get("committer")
	if err != nil {
		return nil, err
	}
	login, err := loginOf(commit, committer, "committer", nil)
	if err != nil || login != nil && login != "web-flow" {
		return login, err
	}
	// The name in the commit is asked for even where it will not be needed:
	// where it is malformed, the reference refuses.
	named, err := commit.OptionalObject("commit", "author")
	if err != nil {
		return nil, err
	}
	unknown, ok := named.Get("login")
	if !ok {
		unknown = "@@@unknown@@@"
	}
	o, err := commit.Object()
	if err != nil {
		return nil, err
	}
	author, _ := o.Get("author")
	return loginOf(commit, author, "author", unknown)
}

// loginOf returns the login of a user, or a default where the user is empty or
// has none.
func loginOf(commit shape.Place, user any, key string, otherwise any) (any, error) {
	if !value.Truthy(user) {
		return otherwise, nil
	}
	o, err := commit.Object(key)
	if err != nil {
		return nil, err
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
	release, err := r.gitHub.Release(ctx, repo, tag)
	if err != nil {
		return nil, err
	}
	target, err := release.Get("target_commitish")
	if err != nil {
		return nil, err
	}
	published, err := release.Get("published_at")
	if err != nil {
		return nil, err
	}
	author, err := release.Get("author", "login")
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
	repo, err = r.pullRequestRepository(ctx, repo, r.gitHub.URL(base) != head)
	if err != nil {
		return nil, err
	}
	now, err := r.gitHub.PullRequest(ctx, repo, number)
	if err != nil {
		return nil, err
	}
	then, err := r.pullRequestThen(now)
	if err != nil {
		return nil, err
	}
	baseRepo, err := then.Get("base", "repo")
	if err != nil {
		return nil, err
	}
	sender, err := then.Get("head", "user", "login")
	if err != nil {
		return nil, err
	}
	return value.ObjectOf("event", value.ObjectOf(
		"action", "synchronize",
		"repository", baseRepo,
		"pull_request", then.Value,
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
		return "", refuse(AboutPurpose, "/extra/tasks_for says %s, and payload.env.%s_PULL_REQUEST_NUMBER is not the number of a pull request", r.tasksFor, r.env.prefix)
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
func (r *rebuild) pullRequestRepository(ctx context.Context, head forge.Repository, elsewhere bool) (forge.Repository, error) {
	definition, err := r.gitHub.Repository(ctx, head)
	if err != nil {
		return head, err
	}
	fork, err := definition.Get("fork")
	if err != nil || !elsewhere || !value.Truthy(fork) {
		return head, err
	}
	return r.gitHub.Parent(ctx, definition)
}

// pullRequestThen returns the pull request as it was when the decision task
// was made: it may have got commits since.
func (r *rebuild) pullRequestThen(now shape.Place) (shape.Place, error) {
	all, err := now.Object()
	if err != nil {
		return now, err
	}
	head, err := now.Object("head")
	if err != nil {
		return now, err
	}
	base, err := now.Object("base")
	if err != nil {
		return now, err
	}
	head = head.With("updated_at", r.env.get("PUSH_DATE_TIME")).With("sha", r.env.get("HEAD_REV"))
	base = base.With("sha", r.env.get("BASE_REV"))
	return shape.Document(now.Document(), all.With("head", head).With("base", base)), nil
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
		name, _ := value.LookupText(definition, "metadata", "name")
		return nil, refuse(AboutPurpose, "/extra/tasks_for says cron, and %v; the task's name is %q", err, name)
	}
	doc, err := pyjson.Parse([]byte(text))
	if err != nil {
		return nil, refuse(AboutTask, "/extra/cron is no JSON: %v", err)
	}
	return doc.Value, nil
}
