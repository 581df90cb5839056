package main

import (
	"net/url"
	"os"
	"regexp"
	"strings"
)

// redacted stands where something secret was.
const redacted = "REDACTED"

// secretPlaces match where people's arguments have secrets: what is pasted goes
// into errors, and these into logs that others read. $1 and $2 is what stays of
// them.
var secretPlaces = []*regexp.Regexp{
	regexp.MustCompile(`(:/+)[^\s"'<>]*(@)`),                        // the user of a URL; as a path it has one slash
	regexp.MustCompile(`()[^\s"'<>:/@]+:[^\s"'<>@/][^\s"'<>@]*(@)`), // user:password@host without a scheme
	regexp.MustCompile(`([?&;#][^\s"'<>=&;#]+=)[^\s"'<>&;#]+()`),    // a value of a query: which of them are secret differs by storage
	regexp.MustCompile(`(:/[^\s"'<>#]*#)[^\s"'<>]+()`),              // a fragment
	regexp.MustCompile(`(?i)([a-z0-9_.-]*(?:bewit|token|secret|passw|credential|signature|apikey|api_key)[a-z0-9_.-]*=)[^\s"'<>&;]+()`),
	regexp.MustCompile(`(?i)(\b(?:bearer|basic) +)[^\s"'<>]+()`), // of an Authorization header
	regexp.MustCompile(`()\b(?:gh[a-z]|github_pat)_[A-Za-z0-9_]{20,}()`),
}

// secretVariables have secrets of the user, or URLs with one.
var secretVariables = []string{
	"TASKCLUSTER_ACCESS_TOKEN", "TASKCLUSTER_CERTIFICATE", "GITHUB_TOKEN", "SCRIPTWORKER_GITHUB_OAUTH_TOKEN",
	"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy",
}

// minSecret is the length from which on a variable's value is looked for. What
// is shorter is likely a word of any text.
const minSecret = 8

// withoutSecrets returns a text of the command line, or one that repeats it,
// without what may be secret.
func withoutSecrets(s string) string {
	for _, name := range secretVariables {
		value := os.Getenv(name)
		if u, err := url.Parse(value); err == nil && u.User != nil {
			value, _ = u.User.Password()
		}
		if len(value) >= minSecret {
			s = strings.ReplaceAll(s, value, redacted)
		}
	}
	for _, place := range secretPlaces {
		s = place.ReplaceAllString(s, "${1}"+redacted+"${2}")
	}
	return s
}
