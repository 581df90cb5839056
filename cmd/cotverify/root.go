package main

import (
	"slices"
	"strings"

	"cotverify/internal/suggest"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// exitStatuses says what the exit statuses of all commands that verify mean.
const exitStatuses = `Exit status: 0 verified; 1 refused, at least one check failed; 2 the command
line, the policy or the keys are unusable; 3 could not tell, since a fact could
not be had. A gate takes all but 0 for no, and may try 3 again.`

// newRoot returns the whole command line.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "cotverify",
		Short: "Verify Taskcluster's Chain of Trust",
		Long: `cotverify verifies a task's chain of trust: that the task, and every task that it
was made from, is what the source tree asked for, ran where it had to, and
produced the very artifacts that are about to be used.

` + exitStatuses,
		Version:           version(),
		Args:              noSuchCommand,
		PersistentPreRunE: func(command *cobra.Command, args []string) error { return noEmptyFlags(command) },
		SilenceErrors:     true,
		SilenceUsage:      true,
		RunE: func(command *cobra.Command, args []string) error {
			return usagef("no command; %s --help lists them", command.CommandPath())
		},
	}
	root.SetVersionTemplate(versionText())
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		newVerify(), newAudit(), newWhy(), newGraph(), newDecision(),
		newRecord(), newBundle(), newRehearse(), newLint(), newBaseline(), newWorkdir(),
		newReport(), newMerge(), newSignature(), newAttestation(),
		newExplain(), newPolicy(), newCache(),
		newVersion(), newMan(),
	)
	mendHelp(root)
	mendCompletion(root)
	return root
}

// mendHelp has "help" refuse what is no command: cobra prints it as it is, and
// ends well.
func mendHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help := child(root, "help")
	help.Run = nil
	help.RunE = func(_ *cobra.Command, args []string) error {
		command, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return usagef("%s is no command; %s --help lists them", quoted(strings.Join(args, " ")), root.CommandPath())
		}
		command.InitDefaultHelpFlag()
		command.InitDefaultVersionFlag()
		return command.Help()
	}
}

// mendCompletion has "completion" refuse a shell that it does not know, where
// cobra prints help and ends well.
func mendCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	completion := child(root, "completion")
	completion.Args = noSuchCommand
	completion.RunE = func(command *cobra.Command, args []string) error {
		return usagef("no shell; %s --help lists them", command.CommandPath())
	}
	for _, shell := range completion.Commands() {
		shell.Args = atMost(0)
	}
}

// noHelpOfNothing refuses --help of what is no command, of which cobra prints the
// help of the command above, and ends well.
func noHelpOfNothing(root *cobra.Command, args []string) error {
	command, rest, err := root.Find(args)
	if err != nil || isCompletion(args) || !command.HasSubCommands() || len(rest) == 0 || strings.HasPrefix(rest[0], "-") {
		return nil
	}
	if slices.Contains(rest, "--help") || slices.Contains(rest, "-h") {
		return noSuchCommand(command, rest)
	}
	return nil
}

// isCompletion reports whether it is a shell that asks how a command line goes
// on.
func isCompletion(args []string) bool {
	return len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd)
}

// plainUsages takes from the usages of flags the marks of their values, which
// shells show as they are.
func plainUsages(command *cobra.Command) {
	plain := func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) }
	command.LocalFlags().VisitAll(plain)
	for _, c := range command.Commands() {
		plainUsages(c)
	}
}

// child returns the command of a name.
func child(parent *cobra.Command, name string) *cobra.Command {
	for _, c := range parent.Commands() {
		if c.Name() == name {
			return c
		}
	}
	panic("cobra has no command " + name) // which any test shows
}

// noEmptyFlags refuses a text flag that is given and empty, as of a variable that
// is not set: taken for one that is not given, it would silently have another
// bundle, policy or task type count.
func noEmptyFlags(command *cobra.Command) error {
	var err error
	command.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.String() == "" && err == nil {
			value, _ := pflag.UnquoteUsage(f)
			err = usagef("--%s is given without a value, %s", f.Name, value)
		}
	})
	return err
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
	return usagef("unknown command %s%s; expected %s", quoted(args[0]), suggest.Phrase(args[0], names), oneOf(names))
}

// atMost refuses more than n arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if len(args) > n {
			return usagef("%s is one argument too many; usage: %s", quoted(args[n]), command.UseLine())
		}
		return nil
	}
}

// atLeastOne refuses no argument.
func atLeastOne(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("an argument is missing; usage: %s", command.UseLine())
	}
	return nil
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
