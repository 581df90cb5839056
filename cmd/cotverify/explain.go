package main

import (
	"os"

	"cotverify/internal/suggest"
	"cotverify/pkg/report"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CHECK]",
		Short: "Tell what a check means, and what to do about it",
		Long: `Tell what a check means, why it exists, how it fails and what to do about it.
Without a CHECK, list them all.`,
		Example: `  cotverify explain artifact`,
		Args:    atMost(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return checkNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(command *cobra.Command, args []string) error {
			o := treeOptions(false, false, false)
			if len(args) == 0 {
				return report.Explanations(os.Stdout, verify.Explanations(), o)
			}
			e, ok := verify.Explain(args[0])
			if !ok {
				return usagef("unknown check %q%s; cotverify explain lists them", args[0], suggest.Phrase(args[0], checkNames()))
			}
			return report.Explanation(os.Stdout, e, o)
		},
	}
}

func checkNames() []string {
	var names []string
	for _, e := range verify.Explanations() {
		names = append(names, e.Check)
	}
	return names
}
