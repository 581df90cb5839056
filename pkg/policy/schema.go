package policy

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cotverify/internal/openpgp"
	"cotverify/internal/pyregexp"
	"cotverify/pkg/cot"

	"go.yaml.in/yaml/v3"
)

// The layout of a policy file. Each function here reads one object of it.

var (
	release    = regexp.MustCompile(`^[a-z][a-z0-9-]* [0-9][0-9A-Za-z.+-]*$`)
	envPrefix  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	owner      = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	poolPair   = regexp.MustCompile(`^[^/\s]+/[^/\s]+$`)
	hostName   = regexp.MustCompile(`^[A-Za-z0-9._-]+(:[0-9]+)?$`)
	schemeName = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)
)

// policy puts the file's policy over another.
func (p place) policy(result *Policy) {
	sections := p.object("reference", "compared", "keys", "openpgp_keys", "services", "products")
	if reference, ok := sections["reference"]; ok {
		result.Reference = reference.matching(release, "a program and its release, such as scriptworker 63.6.1")
	}
	if len(sections) > 0 {
		result.Compared = "" // nobody compared the default with this put over it
	}
	if compared, ok := sections["compared"]; ok {
		result.Compared = compared.date()
	}
	if keys, ok := sections["keys"]; ok {
		lists := keys.object(cot.WorkerImplementations()...)
		for _, worker := range cot.WorkerImplementations() {
			if list, ok := lists[worker]; ok {
				result.Keys[worker] = list.keys()
			}
		}
	}
	if rings, ok := sections["openpgp_keys"]; ok {
		lists := rings.object(cot.WorkerImplementations()...)
		for _, worker := range cot.WorkerImplementations() {
			if list, ok := lists[worker]; ok {
				result.OpenPGPKeys[worker] = list.rings()
			}
		}
	}
	if services, ok := sections["services"]; ok {
		services.services(&result.Services)
	}
	if products, ok := sections["products"]; ok {
		for _, f := range products.fields() {
			result.Products[f.name] = f.value.product(f.name)
		}
	}
}

// date returns a day.
func (p place) date() string {
	if _, err := time.Parse(DateLayout, p.node.Value); p.node.Kind != yaml.ScalarNode || err != nil {
		p.failf("expected a day, such as 2026-01-31, got %s", p.kind())
		return ""
	}
	return p.node.Value
}

func (p place) keys() []Key {
	keys := []Key{}
	for _, item := range p.list() {
		fields := item.object("ed25519", "comment", "retired")
		var key Key
		if value, ok := item.required(fields, "ed25519"); ok {
			key.Ed25519 = value.publicKey()
		}
		key.Comment, key.Retired = remarks(fields)
		keys = append(keys, key)
	}
	return keys
}

func (p place) rings() []OpenPGPKey {
	keys := []OpenPGPKey{}
	for _, item := range p.list() {
		fields := item.object("ring", "comment", "retired")
		var key OpenPGPKey
		if value, ok := item.required(fields, "ring"); ok {
			key.Ring = value.ring()
		}
		key.Comment, key.Retired = remarks(fields)
		keys = append(keys, key)
	}
	return keys
}

// remarks returns what is said of a key for people.
func remarks(fields map[string]place) (comment, retired string) {
	if value, ok := fields["comment"]; ok {
		comment, _ = value.text()
	}
	if value, ok := fields["retired"]; ok {
		retired, _ = value.text()
	}
	return comment, retired
}

// ring returns armoured OpenPGP public keys.
func (p place) ring() string {
	s, ok := p.text()
	if !ok {
		return ""
	}
	if err := CheckRing(s); err != nil {
		p.failf("%v", err)
	}
	return s
}

// CheckRing returns why a text is no armoured OpenPGP public keys, nil if it is.
func CheckRing(text string) error { return openpgp.CheckRing(text) }

// publicKey returns the base64 of an Ed25519 public key.
func (p place) publicKey() string {
	s, ok := p.text()
	if !ok {
		return ""
	}
	if err := CheckKey(s); err != nil {
		p.failf("%v", err)
	}
	return s
}

// CheckKey returns why a text is not the base64 of an Ed25519 public key, nil
// if it is.
func CheckKey(text string) error {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	switch {
	case err != nil:
		return fmt.Errorf("expected a public key in base64, got \"%s\"", text)
	case len(raw) != ed25519.PublicKeySize:
		return fmt.Errorf("expected a public key of %d bytes, got %d bytes", ed25519.PublicKeySize, len(raw))
	}
	return nil
}

// required returns a field that has to be there.
func (p place) required(fields object, name string) (place, bool) {
	value, ok := fields[name]
	if !ok && p.isObject() {
		p.failf("%s is missing", name)
	}
	return value, ok
}

func (p place) services(s *Services) {
	fields := p.object("root_url", "github", "hg", "projects", "connect")
	fields.baseURL("root_url", &s.RootURL)
	fields.baseURL("hg", &s.Hg)
	fields.baseURL("projects", &s.Projects)
	if github, ok := fields["github"]; ok {
		urls := github.object("web", "api", "raw")
		urls.baseURL("web", &s.GitHub.Web)
		urls.baseURL("api", &s.GitHub.API)
		urls.baseURL("raw", &s.GitHub.Raw)
	}
	if connect, ok := fields["connect"]; ok {
		s.Connect = map[string]string{}
		for _, f := range connect.fields() {
			if !hostName.MatchString(f.name) {
				f.key.failf("expected a host, or host:port")
			}
			s.Connect[f.name] = f.value.address()
		}
	}
}

func (p place) address() string {
	s, ok := p.text()
	if !ok {
		return ""
	}
	host, port, err := net.SplitHostPort(s)
	if n, numErr := strconv.ParseUint(port, 10, 16); err != nil || numErr != nil || n == 0 || host == "" {
		p.failf("expected address:port, got \"%s\"", s)
	}
	return s
}

func (p place) product(name string) *Product {
	if !simpleKey.MatchString(name) {
		p.failf("expected a product name of letters, digits, - and _")
	}
	fields := p.object("hosting", "env_prefix", "source_env_prefix", "official_owner", "tasks_for", "trusted_repos", "git_mirrors",
		"decision_pools", "image_pools", "prebuilt_image_types", "trees", "restricted_scopes")
	result := &Product{Name: name}
	if value, ok := p.required(fields, "hosting"); ok {
		for _, item := range value.oneOrMore() {
			if hosting, ok := item.word([]string{HostingGitHub, HostingHg}); ok {
				result.Hostings = append(result.Hostings, hosting)
			}
		}
		if len(result.Hostings) > 0 {
			p.hosting(fields, result)
		}
	}
	if value, ok := p.required(fields, "env_prefix"); ok {
		result.EnvPrefix = value.matching(envPrefix, "the prefix of environment variables, such as GLEAN")
	}
	if value, ok := fields["source_env_prefix"]; ok {
		result.SourceEnvPrefix = value.matching(envPrefix, "the prefix of environment variables, such as COMM")
	}
	if value, ok := p.required(fields, "trusted_repos"); ok {
		for _, item := range value.list() {
			result.TrustedRepos = append(result.TrustedRepos, item.repoRule())
		}
	}
	if value, ok := fields["git_mirrors"]; ok {
		result.GitMirrors = map[Tree]Tree{}
		for _, f := range value.fields() {
			mirror, _ := f.value.text()
			result.GitMirrors[Tree(f.name)] = Tree(mirror)
		}
	}
	if value, ok := p.required(fields, "decision_pools"); ok {
		result.DecisionPools = value.pools()
	}
	if value, ok := fields["image_pools"]; ok {
		result.ImagePools = value.pools()
	}
	if value, ok := fields["prebuilt_image_types"]; ok {
		result.PrebuiltImageTypes = value.typeSet()
	}
	if value, ok := fields["trees"]; ok {
		result.Trees = map[string][]Tree{}
		for _, f := range value.fields() {
			result.Trees[f.name] = f.value.trees()
		}
	}
	if value, ok := fields["restricted_scopes"]; ok {
		result.RestrictedScopes = value.restrictedScopes(result.Trees)
	}
	return result
}

// hosting reads what depends on where the product's repositories are.
func (p place) hosting(fields object, result *Product) {
	if value, ok := p.required(fields, "tasks_for"); ok {
		result.TasksFor = value.words(tasksFor(result.Hostings))
	}
	if !slices.Contains(result.Hostings, HostingGitHub) {
		if value, ok := fields["official_owner"]; ok {
			value.failf("is only for products whose hosting is github")
		}
		return
	}
	if value, ok := p.required(fields, "official_owner"); ok {
		for _, item := range value.oneOrMore() {
			result.OfficialOwners = append(result.OfficialOwners, item.matching(owner, "the owner of repositories on GitHub"))
		}
	}
}

func (p place) repoRule() RepoRule {
	fields := p.object("schemes", "hosts", "paths", "require_secret")
	var rule RepoRule
	if value, ok := p.required(fields, "schemes"); ok {
		for _, item := range value.list() {
			rule.Schemes = append(rule.Schemes, item.matching(schemeName, "the scheme of a URL, such as https"))
		}
	}
	if value, ok := p.required(fields, "hosts"); ok {
		rule.Hosts = value.texts()
	}
	if value, ok := p.required(fields, "paths"); ok {
		for _, item := range value.list() {
			rule.Paths = append(rule.Paths, item.pathPattern())
		}
	}
	if value, ok := fields["require_secret"]; ok {
		rule.RequireSecret = value.flag()
	}
	return rule
}

func (p place) pathPattern() *pyregexp.Regexp {
	s, ok := p.text()
	if !ok {
		return nil
	}
	pattern, err := pyregexp.Compile(s)
	if err != nil {
		p.failf("not a regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return nil
	}
	if pattern.SubexpIndex(pathGroup) < 0 {
		p.failf("expected a group (?P<%s>…) around what is the tree, got \"%s\"", pathGroup, s)
	}
	return pattern
}

func (p place) pools() []string {
	var pools []string
	for _, item := range p.list() {
		pools = append(pools, item.matching(poolPair, "<provisionerId>/<workerType>"))
	}
	return pools
}

func (p place) typeSet() TypeSet {
	if p.isText() {
		if p.node.Value != "any" {
			p.failf("expected any or a list of task types, got \"%s\"", p.node.Value)
		}
		return TypeSet{Any: true}
	}
	return TypeSet{Types: p.words(cot.TaskTypes())}
}

func (p place) trees() []Tree {
	var trees []Tree
	for _, path := range p.texts() {
		trees = append(trees, Tree(path))
	}
	return trees
}

func (p place) restrictedScopes(trees map[string][]Tree) map[string]string {
	result := map[string]string{}
	for _, f := range p.fields() {
		list, ok := f.value.text()
		if !ok {
			continue
		}
		if _, ok := trees[list]; !ok {
			f.value.failf("the product's trees have no list \"%s\"", list)
		}
		result[f.name] = list
	}
	return result
}

// baseURL reads a URL of a service into target, if the field is there.
func (o object) baseURL(name string, target *string) {
	p, ok := o[name]
	if !ok {
		return
	}
	s, ok := p.text()
	if !ok {
		return
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		p.failf("expected an http or https URL without user, query and fragment, got \"%s\"", s)
		return
	}
	*target = strings.TrimRight(s, "/")
}
