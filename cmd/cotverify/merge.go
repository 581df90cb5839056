package main

import (
	"cotverify/pkg/report"

	"github.com/spf13/cobra"
)

func newMerge() *cobra.Command {
	var out reportFlags
	command := &cobra.Command{
		Use:   "merge REPORT...",
		Short: "Join the JSON reports of an audit's shards",
		Long: `Join the reports that audit --shard wrote as JSON, into the very report that one
machine would have written, in any format. Nothing is verified: the verdict is
drawn anew from the checks that the reports have, and the exit status is that of
the verdict. Which shard a file has does not matter, nor the order.

A shard that is missing, there twice or of another audit is refused: of groups
that have grown, of another selection, policy, keys, strictness or version.`,
		Example: `  cotverify audit c6r8K9dzSIK3GDZLlgU9aQ --shard 1/2 --report json=shard-1.json
  cotverify audit c6r8K9dzSIK3GDZLlgU9aQ --shard 2/2 --report json=shard-2.json
  cotverify merge shard-*.json --report junit=audit.xml`,
		RunE: func(command *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("no report to join; usage: %s", command.UseLine())
			}
			var shards []*report.Audited
			for _, path := range args {
				_, shard, err := readReport(path)
				if err != nil {
					return err
				}
				if shard == nil {
					return usagef("report %s: it is of one task, and no shard of an audit", path)
				}
				shards = append(shards, shard)
			}
			merged, err := report.Merge(shards)
			if err != nil {
				return usagef("the reports are not joined: %v", err)
			}
			return out.writeAudit(merged)
		},
	}
	out.add(command)
	return command
}
