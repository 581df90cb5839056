package live

import (
	"encoding/base64"
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
	secrets *regexp.Regexp // nil where there are none
}

// newRedactor returns a redactor that knows the user's own secrets, as they
// are and as a URL has them, in upper or lower case: hosts lose theirs.
func newRedactor(secrets ...string) redactor {
	return redactor{}.with(secrets...)
}

// with returns a redactor that knows further secrets.
func (r redactor) with(secrets ...string) redactor {
	var patterns []string
	for _, s := range secrets {
		for _, written := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
			if written != "" {
				patterns = append(patterns, regexp.QuoteMeta(written))
			}
		}
	}
	return r.withPatterns(patterns...)
}

// withPatterns returns a redactor that hides what patterns match, too.
func (r redactor) withPatterns(patterns ...string) redactor {
	if len(patterns) == 0 {
		return r
	}
	if r.secrets != nil {
		patterns = append(patterns, r.secrets.String())
	}
	return redactor{regexp.MustCompile("(?i:" + strings.Join(patterns, "|") + ")")}
}

// bewitPatterns match every bewit of a client, as it is sent and decoded. All
// begin with the client's ID, as base64 writes three bytes at a time, and are
// of letters that no escaping changes.
func bewitPatterns(clientID string) []string {
	start := clientID + `\1` // and nine more digits of the time, until 2033
	encoded := base64.RawURLEncoding.EncodeToString([]byte(start[:len(start)-len(start)%3]))
	var ids []string
	for _, written := range []string{clientID, url.QueryEscape(clientID), url.PathEscape(clientID)} {
		ids = append(ids, regexp.QuoteMeta(written))
	}
	patterns := []string{"(?:" + strings.Join(ids, "|") + `)(?:\\|%5C)+[0-9]{10}\S*`}
	if encoded != "" {
		patterns = append(patterns, regexp.QuoteMeta(encoded)+`[A-Za-z0-9_%=+/-]{40,}`)
	}
	return patterns
}

// hide returns a text without what is known to be secret.
func (r redactor) hide(s string) string {
	if r.secrets == nil {
		return s
	}
	return r.secrets.ReplaceAllString(s, redacted)
}

// ofRedirect returns a redactor that also knows what may let anyone in who has
// the URL of a redirect: the values of its query, and the longer parts of its
// path.
func (r redactor) ofRedirect(u *url.URL) redactor {
	var secrets []string
	for _, part := range strings.Split(u.Path, "/") {
		if len(part) >= minSecret {
			secrets = append(secrets, part)
		}
	}
	for _, values := range u.Query() {
		for _, value := range values {
			if len(value) >= minSecret {
				secrets = append(secrets, value)
			}
		}
	}
	return r.with(secrets...)
}

// minSecret is the length from which on a part of a URL may be a secret. What
// is shorter can be guessed, and is likely a word of any text.
const minSecret = 12

// text returns a text on one line, without secrets, without the users and the
// unknown query values of URLs, and without control characters, which a
// terminal would obey.
func (r redactor) text(s string) string {
	s = r.hide(s)
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
