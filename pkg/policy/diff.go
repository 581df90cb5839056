package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Change is what one policy trusts and another does not, in words.
type Change struct {
	// Gains says that the second policy trusts more by it; else less.
	Gains bool
	About string // the product, or the worker implementation
	Text  string
}

// Changes returns in words of trust what a second policy trusts otherwise:
// which key, repository, pool, scope of a tree and rule. Sorted by what it is
// about, with what is lost first.
func Changes(from, to *Policy) []Change {
	var all []Change
	compare := func(about string, before, after []string) {
		all = append(all, lost(about, before, after, false)...)
		all = append(all, lost(about, after, before, true)...)
	}
	compare("policy", services(from), services(to))
	for _, worker := range both(from.Keys, to.Keys) {
		compare(worker, keyTrust(from.Keys[worker]), keyTrust(to.Keys[worker]))
	}
	for _, worker := range both(from.OpenPGPKeys, to.OpenPGPKeys) {
		compare(worker, ringTrust(from.OpenPGPKeys[worker]), ringTrust(to.OpenPGPKeys[worker]))
	}
	for _, name := range both(from.Products, to.Products) {
		compare(name, from.Products[name].trust(), to.Products[name].trust())
	}
	slices.SortStableFunc(all, func(a, b Change) int { return cmp.Compare(a.About, b.About) })
	return all
}

// both returns the keys that are in either map, sorted.
func both[V any](a, b map[string]V) []string {
	all := slices.Concat(slices.Collect(maps.Keys(a)), slices.Collect(maps.Keys(b)))
	slices.Sort(all)
	return slices.Compact(all)
}

// lost returns what is in the first list and not in the second.
func lost(about string, from, to []string, gains bool) []Change {
	var changes []Change
	for _, text := range from {
		if !slices.Contains(to, text) {
			changes = append(changes, Change{Gains: gains, About: about, Text: text})
		}
	}
	return changes
}

// services says which services a policy asks.
func services(p *Policy) []string {
	s := p.Services
	all := []string{
		"asks the queue of " + s.RootURL, "asks GitHub at " + s.GitHub.API, "reads templates at " + s.GitHub.Raw,
		"takes GitHub to be " + s.GitHub.Web, "takes hg to be " + s.Hg, "reads levels in " + s.Projects,
	}
	for _, host := range slices.Sorted(maps.Keys(s.Connect)) {
		all = append(all, fmt.Sprintf("connects to %s in place of %s", s.Connect[host], host))
	}
	return all
}

func keyTrust(keys []Key) []string {
	var all []string
	for _, k := range keys {
		if k.Retired == "" {
			all = append(all, "trusts the key "+k.Ed25519)
		} else {
			all = append(all, fmt.Sprintf("trusts the key %s as retired (%s)", k.Ed25519, k.Retired))
		}
	}
	return all
}

func ringTrust(rings []OpenPGPKey) []string {
	var all []string
	for _, k := range rings {
		text := fmt.Sprintf("trusts the OpenPGP ring %s (sha256 %.16s)", k.Comment, sha256Hex(&Policy{OpenPGPKeys: map[string][]OpenPGPKey{"": {{Ring: k.Ring}}}}))
		if k.Retired != "" {
			text += " as retired: " + k.Retired
		}
		all = append(all, text)
	}
	return all
}

// trust says what a policy trusts of a product; nothing where it does not know
// it.
func (p *Product) trust() []string {
	if p == nil {
		return nil
	}
	all := []string{"is known", "names what its tasks are made from by " + p.EnvPrefix + "_HEAD_REPOSITORY"}
	if p.SourceEnvPrefix != "" {
		all = append(all, "has its sources in "+p.SourceEnvPrefix+"_HEAD_REPOSITORY")
	}
	each := func(words string, list []string) {
		for _, item := range list {
			all = append(all, words+item)
		}
	}
	each("is hosted on ", p.Hostings)
	each("takes for its own the repositories of ", p.OfficialOwners)
	each("has tasks for ", p.TasksFor)
	each("runs decision tasks in the pool ", p.DecisionPools)
	each("builds images in the pool ", p.ImagePools)
	if p.PrebuiltImageTypes.Any {
		all = append(all, "lets tasks of any type run in a prebuilt image")
	}
	each("lets a prebuilt image run tasks of type ", p.PrebuiltImageTypes.Types)
	for i, rule := range p.TrustedRepos {
		for _, path := range rule.Paths {
			secret := ""
			if rule.RequireSecret {
				secret = ", which is private"
			}
			for _, scheme := range rule.Schemes {
				for _, host := range rule.Hosts {
					all = append(all, fmt.Sprintf("trusts the repository %s://%s %s (rule %d)%s", scheme, host, path, i+1, secret))
				}
			}
		}
	}
	for _, tree := range slices.Sorted(maps.Keys(p.GitMirrors)) {
		all = append(all, fmt.Sprintf("takes the tree %s for the git mirror of %s", p.GitMirrors[tree], tree))
	}
	for _, scope := range slices.Sorted(maps.Keys(p.RestrictedScopes)) {
		all = append(all, "restricts the scope "+scope)
		for _, tree := range p.Trees[p.RestrictedScopes[scope]] {
			all = append(all, fmt.Sprintf("lets the tree %s have the scope %s", tree, scope))
		}
	}
	return all
}
