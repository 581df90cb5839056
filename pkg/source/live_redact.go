package source

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// redacted stands where something secret was.
const redacted = "REDACTED"

// maxShown is how much of a service's own words is shown, in characters.
const maxShown = 300

// shownParameters are the query parameters whose values are shown. Those of
// signed URLs are many and differ by storage, so that all others are hidden.
var shownParameters = map[string]bool{
	"changeset": true, "version": true, "full": true, // of hg's pushes
	"page": true, "per_page": true, // of GitHub's lists
}

var (
	userPattern      = regexp.MustCompile(`://[^/\s?#"']*@`)
	parameterPattern = regexp.MustCompile(`[?&;]([^=&;\s"'<>?]+)=[^&;\s"'<>]*`)
)

// redactor takes what is secret out of texts. All that leaves a live source
// as text goes through it: errors, the words of services, and URLs.
type redactor struct {
	secrets *strings.Replacer
}

// newRedactor returns a redactor that knows the user's own secrets, as they
// are and as a URL has them.
func newRedactor(secrets ...string) redactor {
	var pairs []string
	for _, s := range secrets {
		for _, written := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
			if written != "" {
				pairs = append(pairs, written, redacted)
			}
		}
	}
	return redactor{secrets: strings.NewReplacer(pairs...)}
}

// text returns a text on one line, without secrets, without the users and the
// unknown query values of URLs, and without control characters, which a
// terminal would obey.
func (r redactor) text(s string) string {
	s = r.secrets.Replace(s)
	s = userPattern.ReplaceAllString(s, "://"+redacted+"@")
	s = parameterPattern.ReplaceAllStringFunc(s, func(p string) string {
		key := parameterPattern.FindStringSubmatch(p)[1]
		if shownParameters[key] {
			return p
		}
		return p[:1] + key + "=" + redacted
	})
	s = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, s)
	if runes := []rune(s); len(runes) > maxShown {
		s = string(runes[:maxShown]) + "…"
	}
	return strings.TrimSpace(s)
}
