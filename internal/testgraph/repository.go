package testgraph

import (
	_ "embed"
	"strings"
)

// repository is a repository of a product of the default policy.
type repository struct {
	product     string
	envPrefix   string
	trustDomain string
	url         string
	project     string // its name in projects.yml
	template    string // its .taskcluster.yml
}

//go:embed templates/github.yml
var githubTemplate string

//go:embed templates/hg.yml
var hgTemplate string

func vpn() repository {
	return repository{
		product: "mozillavpn", envPrefix: "MOZILLAVPN", trustDomain: "mozillavpn",
		url: "https://github.com/mozilla-mobile/mozilla-vpn-client", project: "mozilla-vpn-client",
		template: githubTemplate,
	}
}

// vpnFork is a person's copy of that repository.
func vpnFork() repository {
	r := vpn()
	r.url = "https://github.com/octo-dev/mozilla-vpn-client"
	return r
}

func central() repository {
	return repository{
		product: "firefox", envPrefix: "GECKO", trustDomain: "gecko",
		url: "https://hg.mozilla.org/mozilla-central", project: "mozilla-central",
		template: hgTemplate,
	}
}

// firefox is where central's tree is on GitHub.
func firefox() repository {
	return repository{
		product: "firefox", envPrefix: "GECKO", trustDomain: "gecko",
		url: "https://github.com/mozilla-firefox/firefox", project: "firefox",
		template: strings.NewReplacer("MOZILLAVPN", "GECKO", "mozillavpn", "gecko").Replace(githubTemplate),
	}
}

// projectsURL answers with the levels of repositories.
const projectsURL = "https://raw.githubusercontent.com/mozilla-releng/fxci-config/main/projects.yml"

const projects = `---
mozilla-unified:
  repo: https://hg.mozilla.org/mozilla-unified
  repo_type: hg
  access: scm_level_1
  trust_domain: gecko
mozilla-central:
  repo: https://hg.mozilla.org/mozilla-central
  repo_type: hg
  access: scm_level_3
  trust_domain: gecko
mozilla-vpn-client:
  repo: https://github.com/mozilla-mobile/mozilla-vpn-client
  repo_type: git
  default_branch: main
  branches:
    - name: main
      level: 3
  trust_domain: mozillavpn
`

func (r repository) onGitHub() bool { return strings.HasPrefix(r.url, "https://github.com/") }

// fullName is "owner/name".
func (r repository) fullName() string { return strings.TrimPrefix(r.url, "https://github.com/") }

func (r repository) owner() string { return strings.Split(r.fullName(), "/")[0] }

func (r repository) apiURL() string { return "https://api.github.com/repos/" + r.fullName() }

// templateURL is of the .taskcluster.yml of a revision.
func (r repository) templateURL(rev string) string {
	if r.onGitHub() {
		return "https://raw.githubusercontent.com/" + r.fullName() + "/" + rev + "/.taskcluster.yml"
	}
	return r.url + "/raw-file/" + rev + "/.taskcluster.yml"
}

// browseURL is where a person reads a file of a revision.
func (r repository) browseURL(rev, path string) string {
	if r.onGitHub() {
		return r.url + "/blob/" + rev + "/" + path
	}
	return r.url + "/file/" + rev + "/" + path
}
