package main

import (
	"os"
	"strings"

	"cotverify/internal/suggest"
	"cotverify/pkg/report"
	"cotverify/pkg/report/text"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CHECK…]",
		Short: "Tell what a check means, and what to do about it",
		Long: `Tell what each CHECK means, why it exists, how it fails and what to do about it.
Without one, list them all.`,
		Example: `  cotverify explain artifact`,
		ValidArgsFunction: func(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
			return others(checkNames(), given), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(command *cobra.Command, args []string) error {
			o := new(drawFlags).tree(false)
			if len(args) == 0 {
				return text.Explanations(os.Stdout, verify.Explanations(), o)
			}
			list, err := explanations(args)
			if err != nil {
				return err
			}
			return text.EachExplanation(os.Stdout, list, o)
		},
	}
}

// explanations returns what there is to say of checks, whose names may be in any
// case.
func explanations(names []string) ([]report.Explanation, error) {
	var list []report.Explanation
	for _, name := range names {
		e, ok := verify.Explain(strings.ToLower(name))
		if !ok {
			return nil, usagef("unknown check %s%s; cotverify explain lists them", quoted(name), suggest.Phrase(name, checkNames()))
		}
		list = append(list, e)
	}
	return list, nil
}

func checkNames() []string {
	var names []string
	for _, e := range verify.Explanations() {
		names = append(names, e.Check)
	}
	return names
}
