package forge

import (
	"strings"

	"cotverify/internal/pyurl"
)

// Repository is a repository on GitHub.
type Repository struct{ Owner, Name string }

// FullName returns owner and name as GitHub writes them together.
func (r Repository) FullName() string { return r.Owner + "/" + r.Name }

// Has reports whether a URL begins as those of GitHub's repositories do.
func (g GitHub) Has(url string) bool {
	return strings.HasPrefix(url, "https://"+g.Host()+"/") || strings.HasPrefix(url, "ssh://"+g.Host()+"/")
}

// URL reads the short form of an ssh URL on GitHub as a URL: the first place
// that has it is replaced, wherever it stands, as the reference does.
func (g GitHub) URL(repository string) string {
	return strings.Replace(repository, "git@"+g.Host()+":", "ssh://"+g.Host()+"/", 1)
}

// Parse returns the repository that a URL names (specification, section 7): a
// URL on GitHub, by https or ssh, whose path begins with owner and name. The
// error is a *Refusal.
func (g GitHub) Parse(url string) (Repository, error) {
	if !g.Has(url) {
		return Repository{}, refuse(AboutURL, "%q is no repository on GitHub: expected https://%s/… or ssh://%s/…", url, g.Host(), g.Host())
	}
	u, err := pyurl.Parse(url)
	if err != nil {
		return Repository{}, refuse(AboutURL, "%q: %v", url, err)
	}
	segments := u.Segments()
	if len(segments) < 2 {
		return Repository{}, refuse(AboutURL, "%q has no owner and name of a repository", url)
	}
	r := Repository{Owner: segments[0], Name: strings.TrimSuffix(segments[1], ".git")}
	if !pyurl.IsPlainPath(r.Owner) || !pyurl.IsPlainPath(r.Name) {
		return Repository{}, refuse(AboutURL, "%q: owner and name of the repository cannot be part of a URL", url)
	}
	return r, nil
}
