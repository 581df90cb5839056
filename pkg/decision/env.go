package decision

import (
	"strings"

	"cotverify/internal/pyurl"
	"cotverify/internal/value"
	"cotverify/pkg/graph"
)

// env reads the variables of payload.env that tell what a task was made from:
// E(X) of the specification, section 7.
type env struct {
	task   *graph.Task
	prefix string
}

// get returns E(X), null where it is absent.
func (e env) get(name string) any {
	v, _ := e.task.Env.Get(e.prefix + "_" + name)
	return v
}

// first returns the first E(X) that is there, else null.
func (e env) first(names ...string) any {
	for _, name := range names {
		if v, ok := e.task.Env.Get(e.prefix + "_" + name); ok {
			return v
		}
	}
	return nil
}

// text returns E(X), which must be there and text.
func (e env) text(name string) (string, error) {
	key := e.prefix + "_" + name
	s, ok, err := e.task.EnvText(key)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", &value.ShapeError{Path: value.Pointer("payload", "env", key), Want: "text"}
	}
	return s, nil
}

// repository returns E(HEAD_REPOSITORY) or E(BASE_REPOSITORY) without the
// slashes at its end.
func (e env) repository(name string) (string, error) {
	s, err := e.text(name)
	return strings.TrimRight(s, "/"), err
}

// revision returns E(HEAD_REV), which becomes part of URLs.
func (e env) revision() (string, error) {
	s, err := e.text("HEAD_REV")
	if err != nil {
		return "", err
	}
	if !safeInURL(s) {
		return "", refuse("the revision %q cannot be part of a URL", s)
	}
	return s, nil
}

// safeInURL reports whether a text can stand in a URL's path and mean itself
// there: nothing in it ends the path or climbs out of it.
func safeInURL(s string) bool {
	for _, r := range s {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`?#%\`, r) {
			return false
		}
	}
	for segment := range strings.SplitSeq(s, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// SSHForm reads the short form of an ssh URL on GitHub as a URL: the first
// place that has it is replaced, wherever it stands, as the reference does.
func SSHForm(repository, host string) string {
	return strings.Replace(repository, "git@"+host+":", "ssh://"+host+"/", 1)
}

// GitHubRepository is a repository on GitHub.
type GitHubRepository struct{ Owner, Name string }

// FullName returns owner and name as GitHub writes them together.
func (r GitHubRepository) FullName() string { return r.Owner + "/" + r.Name }

// isOnGitHub reports whether a URL begins as those of GitHub's repositories do.
func isOnGitHub(url, host string) bool {
	return strings.HasPrefix(url, "https://"+host+"/") || strings.HasPrefix(url, "ssh://"+host+"/")
}

// ParseGitHub returns the repository that a URL names (specification,
// section 7): a URL on the host, by https or ssh, whose path begins with owner
// and name.
func ParseGitHub(url, host string) (GitHubRepository, error) {
	if !isOnGitHub(url, host) {
		return GitHubRepository{}, refuse("%q is no repository on GitHub: expected https://%s/… or ssh://%s/…", url, host, host)
	}
	u, err := pyurl.Parse(url)
	if err != nil {
		return GitHubRepository{}, refuse("%q: %v", url, err)
	}
	segments := u.Segments()
	if len(segments) < 2 {
		return GitHubRepository{}, refuse("%q has no owner and name of a repository", url)
	}
	r := GitHubRepository{Owner: segments[0], Name: strings.TrimSuffix(segments[1], ".git")}
	if !safeInURL(r.Owner) || !safeInURL(r.Name) {
		return GitHubRepository{}, refuse("%q: owner and name of the repository cannot be part of a URL", url)
	}
	return r, nil
}
