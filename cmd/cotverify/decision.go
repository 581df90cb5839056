package main

import (
	"context"
	"io"

	"cotverify/pkg/report"
	"cotverify/pkg/report/text"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
)

func newDecision() *cobra.Command {
	var in verifyFlags
	var out outputFlags
	var showContext bool
	drawnBy := func(draw func(io.Writer, *verify.Rebuild, text.DecisionOptions) error) func(io.Writer, *verify.Rebuild, text.TreeOptions) error {
		return func(w io.Writer, r *verify.Rebuild, o text.TreeOptions) error {
			return draw(w, r, text.DecisionOptions{TreeOptions: o, Context: showContext})
		}
	}
	formats := drawings[*verify.Rebuild]{
		{described{"tree", "for people, on a terminal"}, drawnBy(text.Decision)},
		{described{"json", "for programs"}, drawnBy(text.DecisionJSON)},
		{described{"yaml", "the definition, with what rendered each value"}, drawnBy(text.DecisionYAML)},
	}
	command := &cobra.Command{
		Use:   "decision [TASK_ID]",
		Short: "Rebuild a decision or action task from its source",
		Long: `Rebuild the definition of a decision or action task from the .taskcluster.yml of
its revision, and tell how it differs from the one that ran, or show it if it
does not. Of any other task its parent is rebuilt. After each value stands the
line of the template that rendered it, and what of the context it was rendered
from.

Nothing but what the rebuild needs is verified: an equal definition says that
the task is what the source asked for, not that the source is to be trusted.
The exit status is 1 if the definitions differ.`,
		Example: `  cotverify decision TzcmAgOaS_-fKH_dxG3yoQ --context
  cotverify decision --bundle release.tar.zst --format yaml`,
		Args: atMost(1),
		RunE: func(command *cobra.Command, args []string) error {
			rebuild := func(ctx context.Context, j job) (*verify.Rebuild, error) {
				return with(j, func(v *verify.Verifier) (*verify.Rebuild, error) { return v.Rebuild(ctx, j.Target) })
			}
			return produce(command.Context(), &in, out.verbose, args, formats.open(&out), rebuild, rebuildStatus)
		},
	}
	in.addTarget(command)
	command.ValidArgsFunction = completeTask(&in)
	in.trust.addKeys(command) // an action's rebuild reads signed artifacts
	out.add(command, formats.described())
	command.Flags().BoolVar(&showContext, "context", false, "show the context that it was rendered from")
	return command
}

// rebuildStatus returns the exit status of a rebuild, nil if the definitions
// are equal.
func rebuildStatus(r *verify.Rebuild) error {
	switch r.Check.Status {
	case report.Pass, report.Warn:
		return nil
	case report.Fail:
		return status(exitRefused)
	}
	return status(exitUnknown)
}
