package main

import (
	"io"

	"cotverify/pkg/report"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
)

func newGraph() *cobra.Command {
	var in verifyFlags
	var out outputFlags
	command := &cobra.Command{
		Use:   "graph [TASK_ID]",
		Short: "Show a task's chain of trust without verifying it",
		Long: `Walk the chain of trust of a task, and show it. Only what the walk itself needs is
checked: nothing is said of signatures, artifacts and sources.`,
		Example: `  cotverify graph --bundle release.tar.zst
  cotverify graph --bundle release.tar.zst --format dot | dot -Tsvg > chain.svg`,
		Args: atMost(1),
		RunE: func(command *cobra.Command, args []string) error {
			return out.report(command.Context(), &in, args, verify.Walk, func(w io.Writer, r *verify.Report) error {
				switch out.format.value {
				case "json":
					return report.JSON(w, r)
				case "dot":
					return report.Dot(w, r)
				case "mermaid":
					return report.Mermaid(w, r)
				}
				return report.GraphTree(w, r, out.tree())
			})
		},
	}
	in.add(command)
	out.add(command, "tree", "json", "dot", "mermaid")
	return command
}
