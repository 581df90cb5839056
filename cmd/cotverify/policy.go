package main

import (
	"fmt"
	"strings"

	"cotverify/internal/visible"
	"cotverify/pkg/policy"
	"cotverify/pkg/report/text"

	"github.com/spf13/cobra"
)

func newPolicy() *cobra.Command {
	command := &cobra.Command{
		Use:   "policy",
		Short: "Show, check, compare or test what is trusted",
		Args:  noSuchCommand,
		RunE: func(command *cobra.Command, args []string) error {
			return usagef("no command; %s --help lists them", command.CommandPath())
		},
	}
	command.AddCommand(newPolicyShow(), newPolicyCheck(), newPolicyDiff(), newPolicyTest())
	return command
}

func newPolicyShow() *cobra.Command {
	var trust trustFlags
	command := &cobra.Command{
		Use:   "show [PRODUCT]",
		Short: "Print the policy that is in force",
		Long: `Print the policy that is in force, or one product of it, in the layout of a policy
file. Letters that a terminal would act on, or that nobody would see, are written
as YAML's escapes, so that what is printed loads as the same policy.`,
		Example: `  cotverify policy show glean > policy.yaml`,
		Args:    atMost(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return policy.Default().ProductNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(command *cobra.Command, args []string) error {
			p, err := trust.load()
			if err != nil {
				return err
			}
			if len(args) > 0 {
				product, ok := p.Products[args[0]]
				if !ok {
					return unknownProduct(args[0], p)
				}
				p = &policy.Policy{Products: map[string]*policy.Product{product.Name: product}}
			}
			var b strings.Builder
			if err := text.Policy(&b, p); err != nil {
				return err
			}
			return printOut(b.String())
		},
	}
	trust.addPolicy(command)
	trust.addKeys(command)
	return command
}

func newPolicyCheck() *cobra.Command {
	return &cobra.Command{
		Use:     "check FILE",
		Short:   "Tell what is wrong with a policy file",
		Long:    `Read a policy file as --policy does, and tell all that is wrong with it.`,
		Example: `  cotverify policy check policy.yaml`,
		Args:    exactly(1),
		RunE: func(command *cobra.Command, args []string) error {
			p, err := policy.Load(args[0])
			if err != nil {
				return err
			}
			return printOut(fmt.Sprintf("%s is a policy. With it these products are known: %s\n", shown(args[0]), visible.Clean(strings.Join(p.ProductNames(), ", "))))
		},
	}
}
