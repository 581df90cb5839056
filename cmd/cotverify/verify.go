package main

import (
	"github.com/spf13/cobra"
)

func newVerify() *cobra.Command {
	var in verifyFlags
	var out reportFlags
	var attest attestFlags
	command := &cobra.Command{
		Use:   "verify [TASK_ID]",
		Short: "Verify a task's chain of trust",
		Long: `Build the chain of trust of a task, check all of it, and print what was found.

The facts come from the services, or with --bundle from a recorded bundle, whose
target is verified where no TASK_ID is given. The task may also be given by the
URL of itself, a run, a log or an artifact. Everything is checked that can be:
a failure does not hide another.

With --template or --distrust it is told what the verdict would be: the report says
so, and nothing is verified.

` + exitStatuses,
		Example: `  cotverify verify --bundle release.tar.zst
  cotverify verify IJbJTQLOTsuAce5W4sVfnw --task-type signing --product glean
  cotverify verify --bundle release.tar.zst --strict --format json --output report.json
  cotverify verify --bundle release.tar.zst --attest release.intoto.jsonl --attest-key release.pem`,
		Args: atMost(1),
		RunE: func(command *cobra.Command, args []string) error {
			out.taken = map[string]string{}
			a, err := attest.open(&in, out.taken)
			if err != nil {
				return err
			}
			defer a.discard()
			return a.concluded(out.report(command.Context(), &in, args, a.run))
		},
	}
	in.add(command)
	command.ValidArgsFunction = completeTask(&in)
	in.addSignatures(command)
	in.whatIf.add(command)
	in.addBaseline(command)
	in.addExpiring(command)
	out.add(command)
	attest.add(command)
	command.Flags().StringVar(&in.taskJSON, "task-json", "", "verify the definition in `FILE`, which the queue does not have yet")
	return command
}
