package main

import (
	"context"
	"encoding/json"
	"io"

	"cotverify/pkg/report/text"
	"cotverify/pkg/verify"
	"cotverify/pkg/workerlog"

	"github.com/spf13/cobra"
)

func newWhy() *cobra.Command {
	var in verifyFlags
	var out outputFlags
	command := &cobra.Command{
		Use:   "why TASK",
		Short: "Tell why a release task was refused",
		Long: `Tell why the chain of trust of a release task was refused: what is wrong and what
would mend it, whether the worker says the same in its own log, and the tree.

TASK is a taskId, or the URL of the task, its run, its log or its job in
Treeherder. Of a task that did not complete, its own artifacts are not looked at,
as its worker did not. The worker's log is public/logs/chain_of_trust.log of the
run that TASK names, else of the latest; it is no evidence, and changes nothing of
the verdict or the exit status, which are as of cotverify verify.`,
		Example: `  cotverify why https://firefox-ci-tc.services.mozilla.com/tasks/IJbJTQLOTsuAce5W4sVfnw/runs/0
  cotverify why --bundle release.tar.zst`,
		Args: atMost(1),
		RunE: func(command *cobra.Command, args []string) error {
			status := func(r *workerlog.Refusal) error { return verdictStatus(r.Report) }
			return produce(command.Context(), &in, out.verbose, args, refusalFormats.open(&out), whyJob, status)
		},
	}
	in.add(command)
	command.ValidArgsFunction = completeTask(&in)
	out.add(command, refusalFormats.described())
	return command
}

// refusalFormats are the formats in which it is told why a task was refused.
var refusalFormats = drawings[*workerlog.Refusal]{
	{described{"tree", "for people, on a terminal"}, text.Why},
	{described{"json", "for programs"}, untuned(refusalJSON)},
}

func refusalJSON(w io.Writer, r *workerlog.Refusal) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// whyJob verifies a job's target as its worker did, and reads the worker's log.
func whyJob(ctx context.Context, j job) (*workerlog.Refusal, error) {
	return with(j, func(v *verify.Verifier) (*workerlog.Refusal, error) {
		refusal := workerlog.Find(ctx, v.Store, j.TaskID, j.Run)
		j.NoCheckTask = j.NoCheckTask || !refusal.HasRun(ctx, v.Store, j.TaskID)
		found, err := j.verify(ctx, v)
		if err != nil {
			return nil, err
		}
		sign(found, j)
		refusal.Compare(ctx, v.Store.Source(), found)
		return refusal, ctx.Err()
	})
}
