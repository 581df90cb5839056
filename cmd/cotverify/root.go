package main

import (
	"cotverify/internal/suggest"

	"github.com/spf13/cobra"
)

// newRoot returns the whole command line.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "cotverify",
		Short: "Verify Taskcluster's Chain of Trust",
		Long: `cotverify verifies a task's chain of trust: that the task, and every task that it
was made from, is what the source tree asked for, ran where it had to, and
produced the very artifacts that are about to be used.

Exit status: 0 verified; 1 refused, at least one check failed; 2 the command
line, the policy or the keys are unusable; 3 could not tell, since a fact could
not be had. A gate takes all but 0 for no.`,
		Version:       version(),
		Args:          noSuchCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(command *cobra.Command, args []string) error {
			return usagef("no command; %s --help lists them", command.CommandPath())
		},
	}
	root.SetVersionTemplate(versionText())
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newVerify(), newGraph(), newDecision(), newRecord(), newWorkdir(),
		newSignature(), newExplain(), newPolicy(), newCache(), newVersion())
	return root
}

// noSuchCommand refuses an argument in the place of a command.
func noSuchCommand(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range command.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return usagef("unknown command %q%s; expected %s", args[0], suggest.Phrase(args[0], names), oneOf(names))
}

// atMost refuses more than n arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if len(args) > n {
			return usagef("%q is one argument too many; usage: %s", args[n], command.UseLine())
		}
		return nil
	}
}

// exactly refuses another number of arguments than n.
func exactly(n int) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if len(args) < n {
			return usagef("an argument is missing; usage: %s", command.UseLine())
		}
		return atMost(n)(command, args)
	}
}
