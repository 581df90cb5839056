package main

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cotverify/internal/fileerr"
	"cotverify/internal/suggest"
	"cotverify/pkg/cot"
	"cotverify/pkg/policy"
	"cotverify/pkg/source/bundle"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
)

// verifyFlags are the flags of all commands that verify, or look at a chain.
type verifyFlags struct {
	trust       trustFlags
	live        liveFlags
	bundle      string
	taskJSON    string
	taskType    string
	product     string
	noCheckTask bool
	strict      bool
	signatures  choice
	whatIf      whatIfFlags
	require     requirements
	artifacts   []string
	baseline    string
	expiring    days
}

// add adds the flags of a command that verifies.
func (f *verifyFlags) add(command *cobra.Command) {
	f.addTarget(command)
	f.addStrictness(command)
	flags := command.Flags()
	flags.Var(&f.require, "require", "`WHAT` must hold besides, such as revision=REV; may be repeated")
	flags.StringArrayVar(&f.artifacts, "artifact", nil, "`FILE` on disk must be an artifact of the task, or a verified one that it uses; may be repeated")
	complete(command, "require", func() []string { return verify.Requirements() })
}

// addMany adds the flags of a command that verifies many targets.
func (f *verifyFlags) addMany(command *cobra.Command) {
	f.addFacts(command)
	f.addStrictness(command)
}

// addStrictness adds the flags that say by which keys is verified, and how
// strictly.
func (f *verifyFlags) addStrictness(command *cobra.Command) {
	f.trust.addKeys(command)
	command.Flags().BoolVar(&f.strict, "strict", false, "let warnings refuse")
}

// addSignatures adds the flag of a command whose good verdict is no more than
// what it prints: nothing is made of what nobody signed.
func (f *verifyFlags) addSignatures(command *cobra.Command) {
	f.signatures = choice{
		value: string(verify.RequireSignatures), what: "WHETHER",
		allowed: []string{string(verify.RequireSignatures), string(verify.ReportSignatures), string(verify.IgnoreSignatures)},
	}
	command.Flags().Var(&f.signatures, "signatures", "`WHETHER` signatures count: require, report (one that does not hold is a warning) or off; with the last two the verdict is no verification")
	complete(command, "signatures", func() []string { return f.signatures.allowed })
}

// addExpiring adds the flag of a command that warns of what expires.
func (f *verifyFlags) addExpiring(command *cobra.Command) {
	command.Flags().Var(&f.expiring, "warn-expiring", "warn of artifacts that expire within an `AGE`, such as 60d")
}

// addBaseline adds the flag of a command that lets failures pass that somebody
// accepted.
func (f *verifyFlags) addBaseline(command *cobra.Command) {
	command.Flags().StringVar(&f.baseline, "baseline", "", "`FILE` lists failures that somebody accepted for a time: the verdict stays refused, and the exit status is 0 where there are no others")
}

// isOfOneTask reports whether a flag asks something that is for one task alone.
func (f *verifyFlags) isOfOneTask() bool {
	return f.taskType != "" || f.noCheckTask || len(f.require) > 0 || len(f.artifacts) > 0 ||
		verify.Signatures(f.signatures.value) != verify.RequireSignatures
}

// addTarget adds the flags that say which chain to look at, and where its facts
// are.
func (f *verifyFlags) addTarget(command *cobra.Command) {
	f.addFacts(command)
	flags := command.Flags()
	flags.StringVar(&f.taskType, "task-type", "", "`TYPE` that the target is verified as (default inferred, or the bundle's where it is as strict)")
	flags.BoolVar(&f.noCheckTask, "no-check-task", false, "the target has not run yet, so do not look for its artifacts")
	complete(command, "task-type", func() []string { return cot.TaskTypes() })
}

// addFacts adds the flags that say where facts are, and which policy counts.
func (f *verifyFlags) addFacts(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.bundle, "bundle", "", "read every fact from the bundle at `PATH`, never the network; - for an archive on standard input")
	flags.StringVar(&f.product, "product", "", "`NAME` of the product whose policy counts (default the bundle's where the definition does not tell another, else inferred)")
	f.trust.addPolicy(command)
	f.live.add(command)
	complete(command, "product", func() []string { return policy.Default().ProductNames() })
}

// complete lets the shell complete a flag's value.
func complete(command *cobra.Command, flag string, words func() []string) {
	err := command.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words(), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the flag is not there, which a test of any command shows
	}
}

// trustFlags are the flags that say what is trusted.
type trustFlags struct {
	policy string
	keys   string
}

func (f *trustFlags) addPolicy(command *cobra.Command) {
	command.Flags().StringVar(&f.policy, "policy", "", "`FILE` of products and keys, over the embedded policy")
}

func (f *trustFlags) addKeys(command *cobra.Command) {
	command.Flags().StringVar(&f.keys, "keys", "", "`FILE` of trusted public keys, in place of the policy's; - for standard input")
}

// load returns the policy that is in force.
func (f *trustFlags) load() (*policy.Policy, error) {
	p := policy.Default()
	if f.policy != "" {
		var err error
		if p, err = policy.Load(f.policy); err != nil {
			return nil, err
		}
	}
	if f.keys != "" {
		keys, err := loadKeys(f.keys)
		if err != nil {
			return nil, err
		}
		for _, worker := range slices.Sorted(maps.Keys(keys)) {
			for _, key := range keys[worker] {
				if key.Malformed != "" {
					complain(key.Malformed)
				}
			}
		}
		p = p.WithKeys(keys, nameOf(f.keys))
	}
	return p, nil
}

// standardInput is what names it in the place of a file.
const standardInput = "-"

// loadKeys reads a key file, or the keys that come on standard input.
func loadKeys(path string) (map[string][]policy.Key, error) {
	if path == standardInput {
		return policy.ReadKeys(os.Stdin, nameOf(path))
	}
	return policy.LoadKeys(path)
}

// nameOf names a file of the command line for a person.
func nameOf(path string) string {
	if path == standardInput {
		return "standard input"
	}
	return path
}

// requirements are the values of --require.
type requirements []verify.Requirement

func (r *requirements) String() string {
	var values []string
	for _, one := range *r {
		values = append(values, one.String())
	}
	return strings.Join(values, " ")
}

// Type names the value in the help.
func (r *requirements) Type() string { return "WHAT" }

func (r *requirements) Set(text string) error {
	one, err := verify.ParseRequirement(text)
	if err != nil {
		return err
	}
	*r = append(*r, one)
	return nil
}

// hashed reads a file that must be an artifact. The report has its name, and not
// the folder that it is in.
func hashed(path string) (verify.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return verify.File{}, usagef("--artifact %s: it cannot be read: %v", path, fileerr.Reason(err))
	}
	defer f.Close()
	file, err := verify.HashFile(filepath.Base(path), f)
	if err != nil {
		return verify.File{}, usagef("--artifact %s: it cannot be read: %v", path, fileerr.Reason(err))
	}
	return file, nil
}

// options makes of the flags and the arguments what to verify. The caller
// calls done when the verification has ended.
func (f *verifyFlags) options(args []string) (j job, done func(), err error) {
	var named namedTask
	if len(args) > 0 {
		if named, err = readTask(args[0]); err != nil {
			return j, nil, err
		}
		f.live.taskRoot = named.rootURL
	}
	if j, err = f.trusted(); err != nil {
		return j, nil, err
	}
	j.TaskID, j.Run = named.id, named.run
	if f.taskJSON != "" {
		if j.Definition, err = readFile(f.taskJSON); err != nil {
			return j, nil, usagef("--task-json: %v", err)
		}
	}
	for _, path := range f.artifacts {
		file, err := hashed(path)
		if err != nil {
			return j, nil, err
		}
		j.Files = append(j.Files, file)
	}
	if f.bundle != "" {
		return f.fromBundle(j)
	}
	if j.TaskID == "" && j.Definition == nil {
		return j, nil, usagef("no task to verify; give a TASK_ID, or --bundle PATH of a bundle that names one")
	}
	var access access
	j.Policy, access = f.live.deployment(j.Policy)
	j.Source, done, err = f.live.open(j.Policy.Services, access)
	return j, done, err
}

// trusted returns a job that says what is trusted, and what is asked.
func (f *verifyFlags) trusted() (j job, err error) {
	j = job{
		Target:     verify.Target{TaskType: f.taskType, Product: f.product, NoCheckTask: f.noCheckTask, Strict: f.strict, Require: f.require},
		Signatures: verify.Signatures(f.signatures.value),
	}
	if f.expiring > 0 {
		j.ExpiringBefore = time.Now().Add(time.Duration(f.expiring))
	}
	if f.bundle == standardInput && f.trust.keys == standardInput {
		return j, usagef("--bundle - and --keys -: standard input is one or the other")
	}
	if f.taskType != "" && !slices.Contains(cot.TaskTypes(), f.taskType) {
		return j, usagef("--task-type: %v", &choiceError{f.taskType, cot.TaskTypes()})
	}
	if j.Policy, err = f.trust.load(); err != nil {
		return j, err
	}
	if j.WhatIf, j.Policy, err = f.whatIf.suppose(j.Policy); err != nil {
		return j, err
	}
	if f.product != "" && j.Policy.Products[f.product] == nil {
		return j, unknownProduct(f.product, j.Policy)
	}
	if f.baseline != "" && f.signatures.value != "" && j.Signatures != verify.RequireSignatures {
		return j, usagef("--baseline and --signatures %s: nothing is accepted where no signature is required", j.Signatures)
	}
	j.Baseline, err = loadBaseline(f.baseline)
	return j, err
}

// fromBundle takes the facts from the bundle, and what the command line does
// not say from its manifest.
func (f *verifyFlags) fromBundle(j job) (job, func(), error) {
	b, err := f.openBundle()
	if err != nil {
		return j, nil, err
	}
	j.Source, j.recorded = b, true
	if err := f.fromManifest(&j, b.Manifest()); err != nil {
		b.Close()
		return j, nil, err
	}
	return j, func() { b.Close() }, nil
}

// openBundle opens the bundle at a path, or the archive that comes on standard
// input.
func openBundle(path string) (*bundle.Source, error) {
	if path == standardInput {
		return bundle.Read(os.Stdin, nameOf(path))
	}
	return bundle.Open(path)
}

// fromManifest takes from a bundle what the command line does not say.
func (f *verifyFlags) fromManifest(j *job, m bundle.Manifest) error {
	if j.TaskID == "" {
		j.TaskID = m.TaskID
	}
	if j.TaskID == "" && j.Definition == nil {
		return usagef("bundle %s: it names no target; give the TASK_ID", f.bundle)
	}
	if j.TaskID == m.TaskID {
		j.Claim.TaskType = m.TaskType
	}
	j.Claim.Product = m.Product
	j.Policy = j.Policy.WithRootURL(cmp.Or(f.live.rootURL, m.RootURL, j.Policy.Services.RootURL))
	return nil
}

// unknownProduct says that the policy has no such product.
func unknownProduct(name string, p *policy.Policy) error {
	return usagef("unknown product %s%s; the policy has %s", quoted(name), suggest.Phrase(name, p.ProductNames()), oneOf(p.ProductNames()))
}
