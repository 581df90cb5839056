package main

import (
	"cmp"
	"errors"
	"slices"

	"cotverify/internal/suggest"
	"cotverify/pkg/cot"
	"cotverify/pkg/policy"
	"cotverify/pkg/source/bundle"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
)

// verifyFlags are the flags of all commands that verify.
type verifyFlags struct {
	trust       trustFlags
	live        liveFlags
	bundle      string
	taskJSON    string
	taskType    string
	product     string
	noCheckTask bool
	strict      bool
}

func (f *verifyFlags) add(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.bundle, "bundle", "", "read every fact from the bundle at `PATH`, never the network")
	flags.StringVar(&f.taskType, "task-type", "", "`TYPE` that the target is verified as (default inferred, or the bundle's where it is as strict)")
	flags.StringVar(&f.product, "product", "", "`NAME` of the product whose policy counts (default the bundle's where the definition does not tell another, else inferred)")
	flags.BoolVar(&f.noCheckTask, "no-check-task", false, "the target has not run yet, so do not look for its artifacts")
	flags.BoolVar(&f.strict, "strict", false, "let warnings refuse")
	f.trust.add(command)
	f.live.add(command)
	complete(command, "task-type", func() []string { return cot.TaskTypes() })
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

func (f *trustFlags) add(command *cobra.Command) {
	command.Flags().StringVar(&f.policy, "policy", "", "`FILE` of products and keys, over the embedded policy")
	command.Flags().StringVar(&f.keys, "keys", "", "`FILE` of trusted public keys, in place of the policy's")
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
		keys, err := policy.LoadKeys(f.keys)
		if err != nil {
			return nil, err
		}
		p = p.WithKeys(keys, f.keys)
	}
	return p, nil
}

// options makes of the flags and the arguments what to verify. The caller
// calls done when the verification has ended.
func (f *verifyFlags) options(args []string) (j job, done func(), err error) {
	j = job{Target: verify.Target{TaskType: f.taskType, Product: f.product, NoCheckTask: f.noCheckTask, Strict: f.strict}}
	if len(args) > 0 {
		if j.TaskID, f.live.taskRoot, err = readTask(args[0]); err != nil {
			return j, nil, err
		}
	}
	if f.taskType != "" && !slices.Contains(cot.TaskTypes(), f.taskType) {
		return j, nil, usagef("--task-type: %v", &choiceError{f.taskType, cot.TaskTypes()})
	}
	if j.Policy, err = f.trust.load(); err != nil {
		return j, nil, err
	}
	if f.product != "" && j.Policy.Products[f.product] == nil {
		return j, nil, unknownProduct(f.product, j.Policy)
	}
	if f.taskJSON != "" {
		if j.Definition, err = readFile(f.taskJSON); err != nil {
			return j, nil, usagef("--task-json: %v", err)
		}
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

// fromBundle takes the facts from the bundle, and what the command line does
// not say from its manifest.
func (f *verifyFlags) fromBundle(j job) (job, func(), error) {
	b, err := bundle.Open(f.bundle)
	var unusable *bundle.Error
	if errors.As(err, &unusable) && unusable.None {
		return j, nil, usagef("%v", err)
	}
	if err != nil {
		return j, nil, err
	}
	j.Source = b
	if err := f.fromManifest(&j, b.Manifest()); err != nil {
		b.Close()
		return j, nil, err
	}
	return j, func() { b.Close() }, nil
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
