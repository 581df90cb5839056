package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"

	"cotverify/pkg/diagnose"
	"cotverify/pkg/evidence"
	"cotverify/pkg/report/text"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
)

// rehearsalFlags say what counts as chains were recorded, and what would.
type rehearsalFlags struct {
	whatIf whatIfFlags
	trust  trustFlags // the change, or with others of both sides
	was    trustFlags // of the recorded side
	strict bool
}

func newRehearse() *cobra.Command {
	var in rehearsalFlags
	var out outputFlags
	command := &cobra.Command{
		Use:   "rehearse BUNDLE…",
		Short: "Tell what a template, a policy or keys would change for recorded chains",
		Long: `Verify each recorded chain twice: by what counted, and by what is to count, and tell
whose verdict would change. What newly verifies is told as loudly as what would
break. A chain that lacks a fact is not rehearsable, and nothing is guessed of it.
Nothing here is a verification.

What changes is what --template and --distrust say; --policy and --keys then count
on both sides. Where neither is given, or with --was-policy or --was-keys, --policy
and --keys are the change. With --distrust the cached tasks that the key signed are
listed by decision task, as the input of its action rebuild-cached-tasks; a cached
task is an image, or what has a route of the index's cache.

Exit status: 0 no verdict changes; 1 one does; 2 the command line, a bundle, the
policy or the keys are unusable; 3 none changes, and not all could be told.`,
		Example: `  cotverify rehearse --template .taskcluster.yml releases/*.tar.zst
  cotverify rehearse --distrust vQDVvL+5vCe4lXQWQBxOuZ4jmkAWEHxsyXjRJzJYxPs= releases/*.tar.zst
  cotverify rehearse --policy next.yaml releases/*.tar.zst`,
		RunE: func(command *cobra.Command, args []string) error {
			return in.run(command.Context(), &out, args)
		},
	}
	in.whatIf.add(command)
	in.trust.addPolicy(command)
	in.trust.addKeys(command)
	flags := command.Flags()
	flags.StringVar(&in.was.policy, "was-policy", "", "`FILE` of the policy that counts as recorded, over the embedded one")
	flags.StringVar(&in.was.keys, "was-keys", "", "`FILE` of the public keys that count as recorded")
	flags.BoolVar(&in.strict, "strict", false, "let warnings refuse, on both sides")
	out.add(command, rehearsalFormats.described())
	return command
}

var rehearsalFormats = drawings[*diagnose.Rehearsal]{
	{described{"tree", "for people, on a terminal"}, text.Rehearsal},
	{described{"json", "for programs"}, untuned(func(w io.Writer, r *diagnose.Rehearsal) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	})},
}

func (f *rehearsalFlags) run(ctx context.Context, out *outputFlags, bundles []string) error {
	was, err := f.recorded()
	switch {
	case err != nil:
		return err
	case len(bundles) == 0:
		return usagef("no chain to rehearse; give the BUNDLE of each")
	}
	to, err := rehearsalFormats.open(out)()
	if err != nil {
		return err
	}
	defer to.discard()
	var chains []diagnose.Rehearsed
	var changes []string
	for _, path := range bundles {
		chain, what, err := f.rehearse(ctx, was, path)
		if err != nil {
			return err
		}
		chains, changes = append(chains, chain), what
	}
	r := diagnose.NewRehearsal(changes, chains)
	if err := to.write(r); err != nil {
		return err
	}
	switch {
	case r.Counts.Break+r.Counts.Verify > 0:
		return status(exitRefused)
	case r.Counts.NotRehearsable > 0:
		return status(exitUnknown)
	}
	return nil
}

// recorded returns what is trusted on the recorded side.
func (f *rehearsalFlags) recorded() (trustFlags, error) {
	given := f.trust != trustFlags{}
	switch {
	case f.was != trustFlags{}:
		if !given && !f.whatIf.given() {
			return f.was, usagef("nothing changes; give --template, --distrust, --policy or --keys")
		}
		if !given {
			f.trust = f.was
		}
		return f.was, nil
	case f.whatIf.given():
		return f.trust, nil
	case given:
		return trustFlags{}, nil
	}
	return f.trust, usagef("nothing changes; give --template, --distrust, --policy or --keys")
}

// rehearse rehearses the chain of a bundle, and says what changes for it.
func (f *rehearsalFlags) rehearse(ctx context.Context, was trustFlags, path string) (r diagnose.Rehearsed, changes []string, err error) {
	if path == standardInput {
		return r, nil, usagef("a bundle on standard input cannot be rehearsed; give its path")
	}
	in := verifyFlags{bundle: path, strict: f.strict, trust: was}
	before, done, err := in.options(nil)
	if err != nil {
		return r, nil, err
	}
	defer done()
	after := before
	if after.Policy, err = f.trust.load(); err != nil {
		return r, nil, err
	}
	if after.WhatIf, after.Policy, err = f.whatIf.suppose(after.Policy); err != nil {
		return r, nil, err
	}
	after.Policy = after.Policy.WithRootURL(before.Policy.Services.RootURL)
	if f.trust != was {
		after.WhatIf.Other = f.trust.words()
	}
	r, err = withBoth(ctx, filepath.Base(path), before, after)
	var usage *verify.UsageError
	if errors.As(err, &usage) {
		return r, nil, usagef("bundle %s: %v", path, err)
	}
	return r, after.WhatIf.Words(), err
}

func withBoth(ctx context.Context, name string, before, after job) (diagnose.Rehearsed, error) {
	was, would := evidence.New(before.Source), evidence.New(after.Source)
	defer was.Close()
	defer would.Close()
	return diagnose.Rehearse(ctx, name, before.Target, before.verifier(was), after.verifier(would))
}

// words says what of the policy is not as it was.
func (f trustFlags) words() []string {
	var words []string
	if f.policy != "" {
		words = append(words, "policy "+filepath.Base(f.policy))
	}
	if f.keys != "" {
		words = append(words, "keys "+filepath.Base(nameOf(f.keys)))
	}
	return words
}
