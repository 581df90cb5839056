package main

import (
	"fmt"
	"strings"

	"cotverify/internal/visible"
	"cotverify/pkg/policy"

	"github.com/spf13/cobra"
)

func newPolicyDiff() *cobra.Command {
	return &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Tell what a policy trusts otherwise than another",
		Long: `Read two policy files as --policy does, and tell in words what the second trusts
that the first does not (+), and the other way round (-): keys, repositories,
pools, and which tree may have which scope. The file "embedded" is the policy that
this program has. A line is what one policy says: that a scope is restricted is
a gain of rules and a loss of freedom.

Exit status: 0 both trust the same; 1 they differ; 2 a policy is unusable.`,
		Example: `  cotverify policy diff embedded policy.yaml`,
		Args:    exactly(2),
		RunE: func(command *cobra.Command, args []string) error {
			var policies [2]*policy.Policy
			for i, path := range args {
				var err error
				if policies[i], err = loadNamed(path); err != nil {
					return err
				}
			}
			changes := policy.Changes(policies[0], policies[1])
			var b strings.Builder
			for _, c := range changes {
				sign := "-"
				if c.Gains {
					sign = "+"
				}
				fmt.Fprintf(&b, "%s %s %s\n", sign, visible.Clean(c.About), visible.Clean(c.Text))
			}
			if len(changes) == 0 {
				return printOut("both trust the same\n")
			}
			if err := printOut(b.String()); err != nil {
				return err
			}
			return status(exitRefused)
		},
	}
}

func loadNamed(path string) (*policy.Policy, error) {
	if path == policy.Embedded {
		return policy.Default(), nil
	}
	return policy.Load(path)
}
