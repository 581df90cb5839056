// Package policy holds what is trusted: by product the repositories, worker
// pools, scopes and trees, and by worker implementation the public keys
// (specification, sections 4, 6 and 10). It holds too where the services are.
//
// Start with [Default], the products of Firefox CI, or with [Load], which puts
// a file over it. A policy that was returned without an error is complete and
// consistent: every pattern compiles and names its tree, every restricted
// scope names a list of trees, every public key has the right length or can be read.
//
// Nobody changes a policy once it was made: [Policy.Overlay], [Policy.WithKeys]
// and [Policy.WithRootURL] return others. So one is safe for concurrent use,
// and what [Policy.SHA256] says of it stays true.
package policy

import (
	"slices"
	"strings"

	"cotverify/internal/pyregexp"
	"cotverify/internal/pyurl"
)

// Policy is what is trusted.
type Policy struct {
	// Reference names the release of scriptworker whose rules these are.
	Reference string `yaml:"reference,omitempty"`
	// Compared is the day, in [DateLayout], on which somebody last compared the
	// policy with what it follows; "" where nobody says so.
	Compared string `yaml:"compared,omitempty"`
	// Keys has the trusted public keys by worker implementation, in the order
	// in which they are tried.
	Keys map[string][]Key `yaml:"keys,omitempty"`
	// OpenPGPKeys has the trusted rings by worker implementation, for tasks of
	// the years before the workers had the others.
	OpenPGPKeys map[string][]OpenPGPKey `yaml:"openpgp_keys,omitempty"`
	Services    Services                `yaml:"services,omitempty"`
	Products    map[string]*Product     `yaml:"products,omitempty"`

	// Source is where the policy is from: Embedded, or the name, without its
	// folder, of the file that was put over that.
	Source string `yaml:"-"`
	// KeysSource is where the keys are from: OfPolicy, or the name of a key file.
	KeysSource string `yaml:"-"`
	// loaded is the policy as it was before its keys or its root URL were
	// replaced, nil where they were not.
	loaded *Policy
}

// DateLayout is how a policy has a day.
const DateLayout = "2006-01-02"

// Where a policy and its keys are from, where that is no file.
const (
	Embedded = "embedded"
	OfPolicy = "policy"
)

// Key is a trusted public key.
type Key struct {
	Ed25519 string `yaml:"ed25519"`           // base64, as it was written
	Comment string `yaml:"comment,omitempty"` // for people
	Retired string `yaml:"retired,omitempty"` // when or why it was retired; "" if it was not
	// Malformed says of a key of a key file, which no signature holds with, where
	// it stands and what is wrong with it; "" of all others.
	Malformed string `yaml:"-"`
}

// OpenPGPKey is a ring of public keys that is trusted.
type OpenPGPKey struct {
	Ring    string `yaml:"ring"` // armoured, as it was written
	Comment string `yaml:"comment,omitempty"`
	Retired string `yaml:"retired,omitempty"`
}

// Services says where facts come from (specification, section 2). The URLs
// have no slash at their end.
type Services struct {
	RootURL  string `yaml:"root_url,omitempty"` // of the Taskcluster deployment
	GitHub   GitHub `yaml:"github,omitempty"`
	Hg       string `yaml:"hg,omitempty"`
	Projects string `yaml:"projects,omitempty"` // the file projects.yml itself
	// Connect has by host, or host and port, the address and port to connect
	// to in its place: for mirrors, and for tests.
	Connect map[string]string `yaml:"connect,omitempty"`
}

// GitHub has the base URLs of GitHub, or of a GitHub Enterprise server.
type GitHub struct {
	Web string `yaml:"web,omitempty"`
	API string `yaml:"api,omitempty"`
	Raw string `yaml:"raw,omitempty"` // files of repositories
}

// The kinds of hosting.
const (
	HostingGitHub = "github"
	HostingHg     = "hg"
)

// Product is what is trusted of one product.
type Product struct {
	Name string `yaml:"-"`
	// Hostings has HostingGitHub, HostingHg, or both: then each decision task
	// tells which is its own (section 7).
	Hostings OneOrMore `yaml:"hosting,flow"`
	// EnvPrefix is the prefix of the environment variables that tell what a
	// task was made from: GLEAN for GLEAN_HEAD_REPOSITORY.
	EnvPrefix string `yaml:"env_prefix"`
	// SourceEnvPrefix, where it is not empty, is looked at before EnvPrefix
	// for the repository that holds a task's source (section 10).
	SourceEnvPrefix string    `yaml:"source_env_prefix,omitempty"`
	OfficialOwners  OneOrMore `yaml:"official_owner,omitempty,flow"` // of the repositories, on GitHub
	TasksFor        []string  `yaml:"tasks_for,flow"`
	// TrustedRepos are tried in order: the first that matches a URL gives the
	// tree.
	TrustedRepos []RepoRule `yaml:"trusted_repos"`
	// GitMirrors has by tree the tree that is its git mirror (section 10).
	GitMirrors         map[Tree]Tree `yaml:"git_mirrors,omitempty"`
	DecisionPools      []string      `yaml:"decision_pools"`
	ImagePools         []string      `yaml:"image_pools,omitempty"`
	PrebuiltImageTypes TypeSet       `yaml:"prebuilt_image_types"`
	// Trees has lists of trees by the list's name.
	Trees map[string][]Tree `yaml:"trees,omitempty"`
	// RestrictedScopes has by scope, or by prefix of scopes where it ends in
	// "*", the name of the list of trees that may have it.
	RestrictedScopes map[string]string `yaml:"restricted_scopes,omitempty"`
}

// AllowsPrebuilt reports whether tasks of a type may run in an image that no
// task of the chain built (section 9).
func (p *Product) AllowsPrebuilt(taskType string) bool {
	return p.PrebuiltImageTypes.Any || slices.Contains(p.PrebuiltImageTypes.Types, taskType)
}

// NeedsSecret reports whether any of the product's repositories is private, so
// that it is read with the user's token (section 10).
func (p *Product) NeedsSecret() bool {
	return slices.ContainsFunc(p.TrustedRepos, func(r RepoRule) bool { return r.RequireSecret })
}

// Tree is a tree of a product, as the path in the URLs of its repository.
// There is no text for none: who has a Tree has a bool with it.
type Tree string

// TreeOf returns the tree that a task's source comes from (section 10), none
// where no trusted repository has it.
func (p *Product) TreeOf(sourceURL string) (Tree, bool) {
	u, err := pyurl.Parse(sourceURL)
	if err != nil {
		return "", false
	}
	path := pyurl.Unquote(u.Path)
	for _, rule := range p.TrustedRepos {
		if tree, ok := rule.match(u.Scheme, u.Netloc, path); ok {
			return tree, true
		}
	}
	return "", false
}

// HasMirror reports whether a tree is the git mirror of another (section 10).
func (p *Product) HasMirror(tree, mirror Tree) bool {
	of, ok := p.GitMirrors[tree]
	return ok && of == mirror
}

// OneOrMore is a list that a policy file may write as its one text.
type OneOrMore []string

// MarshalYAML returns the one text, or the list of several.
func (l OneOrMore) MarshalYAML() (any, error) {
	if len(l) == 1 {
		return l[0], nil
	}
	return []string(l), nil
}

// TypeSet is a set of task types: all of them, or those that it names.
type TypeSet struct {
	Any   bool
	Types []string
}

// MarshalYAML returns "any" or the list of types.
func (s TypeSet) MarshalYAML() (any, error) {
	if s.Any {
		return "any", nil
	}
	return s.Types, nil
}

// Pattern is a regular expression, as Python has them.
type Pattern = pyregexp.Regexp

// RepoRule names repositories of a product that are trusted.
type RepoRule struct {
	Schemes []string   `yaml:"schemes,flow"`
	Hosts   []string   `yaml:"hosts,flow"`
	Paths   []*Pattern `yaml:"paths"` // each has a group named "path"
	// RequireSecret says that the repositories are private.
	RequireSecret bool `yaml:"require_secret,omitempty"`
}

// match returns the tree that the rule makes of a URL's parts (section 10).
// The host has user and port as the URL has them, the path is percent-decoded.
func (r *RepoRule) match(scheme, host, path string) (tree Tree, ok bool) {
	if !slices.Contains(r.Schemes, scheme) || !slices.Contains(r.Hosts, host) {
		return "", false
	}
	for _, pattern := range r.Paths {
		if tree, ok := group(pattern, path); ok {
			return tree, true
		}
		// Python's "$", in which the reference's patterns are written, matches
		// before a line break at the end too.
		if before, cut := strings.CutSuffix(path, "\n"); cut {
			if tree, ok := group(pattern, before); ok {
				return tree, true
			}
		}
	}
	return "", false
}

// pathGroup is the group of a repository pattern that is the tree.
const pathGroup = "path"

// group returns what the pattern's path group matches, if it takes part in the
// match.
func group(pattern *pyregexp.Regexp, path string) (Tree, bool) {
	at := pattern.FindStringSubmatchIndex(path)
	i := 2 * pattern.SubexpIndex(pathGroup)
	if at == nil || at[i] < 0 {
		return "", false
	}
	return Tree(path[at[i]:at[i+1]]), true
}

// tasksFor returns what tasks of the hostings can be for (section 7).
func tasksFor(hostings []string) []string {
	words := []string{"cron", "action"}
	if slices.Contains(hostings, HostingHg) {
		words = append(words, "hg-push")
	}
	if slices.Contains(hostings, HostingGitHub) {
		words = append(words, "github-push", "github-release", "github-pull-request", "github-pull-request-untrusted", "pr-action")
	}
	return words
}

// SourcePrefixes returns the prefixes of the environment variables that name
// the repository of a task's source, in the order in which they are looked at
// (section 10): the first that names one counts, the others must be URLs too.
func (p *Product) SourcePrefixes() []string {
	if p.SourceEnvPrefix == "" {
		return []string{p.EnvPrefix}
	}
	return []string{p.SourceEnvPrefix, p.EnvPrefix}
}

// KeysFile says where the trusted keys are from, for a person: the name of a
// file, or that they are the policy's own.
func (p *Policy) KeysFile() string {
	switch {
	case p.KeysSource != OfPolicy && p.KeysSource != "":
		return p.KeysSource
	case p.Source != Embedded && p.Source != "":
		return p.Source
	}
	return "the embedded policy"
}
