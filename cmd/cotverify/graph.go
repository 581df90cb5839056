package main

import (
	"context"
	"io"

	"cotverify/pkg/report"
	"cotverify/pkg/report/diagram"
	"cotverify/pkg/report/text"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
)

func newGraph() *cobra.Command {
	var in verifyFlags
	var out outputFlags
	var expiry bool
	command := &cobra.Command{
		Use:   "graph [TASK_ID]",
		Short: "Show a task's chain of trust without verifying it",
		Long: `Walk the chain of trust of a task, and show it. Nothing is verified: a chain
that could be walked whole says nothing of whether any of its tasks is to be
trusted. Only links that the walk had a problem with are marked.

With --expiry it is told on which day each task can be verified no more, the first
of them first. One that is "cached" is of another task group: have it run again, so
that later pushes do not rest on it.

Exit status: 0 walked whole; 1 the walk met something wrong; 3 a fact that it
needs could not be had.`,
		Example: `  cotverify graph --bundle release.tar.zst
  cotverify graph --bundle release.tar.zst --format dot | dot -Tsvg > chain.svg`,
		Args: atMost(1),
		RunE: func(command *cobra.Command, args []string) error {
			walk := (*verify.Verifier).Walk
			if expiry {
				walk = (*verify.Verifier).WalkExpiry
			}
			walked := func(ctx context.Context, j job) (*report.Graph, error) {
				g, err := with(j, func(v *verify.Verifier) (*report.Graph, error) { return walk(v, ctx, j.Target) })
				if g != nil {
					g.Tool = tool(j.Policy)
				}
				return g, err
			}
			return produce(command.Context(), &in, out.verbose, args, walkFormats.open(&out), walked, walkStatus)
		},
	}
	in.addTarget(command)
	command.ValidArgsFunction = completeTask(&in)
	out.add(command, walkFormats.described())
	command.Flags().BoolVar(&expiry, "expiry", false, "tell which task of the chain expires first, and which cached ones to make anew")
	return command
}

// walkFormats are the formats that a walk is shown in.
var walkFormats = drawings[*report.Graph]{
	{described{"tree", "for people, on a terminal"}, text.GraphTree},
	{described{"json", "for programs"}, untuned(report.GraphJSON)},
	{described{"dot", "a picture, by Graphviz"}, untuned(diagram.Dot)},
	{described{"mermaid", "a picture in Markdown"}, untuned(diagram.Mermaid)},
}

// untuned is a drawing that no options of a tree are for.
func untuned[R any](draw func(io.Writer, R) error) func(io.Writer, R, text.TreeOptions) error {
	return func(w io.Writer, result R, _ text.TreeOptions) error { return draw(w, result) }
}

// walkStatus returns the exit status of a walk, nil if it met nothing that is
// wrong or missing.
func walkStatus(g *report.Graph) error {
	switch {
	case g.Has(report.Wrong):
		return status(exitRefused)
	case g.Has(report.Missing):
		return status(exitUnknown)
	}
	return nil
}
