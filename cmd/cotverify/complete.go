package main

import (
	"slices"

	"github.com/spf13/cobra"
)

// completeTask completes a TASK: of the bundle that --bundle names the tasks with
// their labels, else nothing, since nobody types a taskId, and none is a file.
func completeTask(in *verifyFlags) cobra.CompletionFunc {
	return func(command *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 || in.bundle == "" || in.bundle == standardInput {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		b, err := in.openBundle()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer b.Close()
		c, err := b.Contents()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		labels := labelsIn(command.Context(), b, c)
		var words []string
		for _, t := range c.Tasks {
			words = append(words, t.TaskID+"\t"+shown(labels[t.TaskID]))
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// others returns the words that are not there yet.
func others(words, given []string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return slices.Contains(given, w) })
}
