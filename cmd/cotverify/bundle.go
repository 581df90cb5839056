package main

import (
	"context"
	"fmt"
	"strings"

	"cotverify/internal/visible"
	"cotverify/pkg/evidence"
	"cotverify/pkg/source/bundle"

	"github.com/spf13/cobra"
)

func newBundle() *cobra.Command {
	command := &cobra.Command{
		Use:   "bundle",
		Short: "Show what a bundle holds",
		Args:  noSuchCommand,
		RunE: func(command *cobra.Command, args []string) error {
			return usagef("no command; %s --help lists them", command.CommandPath())
		},
	}
	command.AddCommand(newBundleShow())
	return command
}

func newBundleShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show BUNDLE",
		Short: "Show what a bundle holds",
		Long: `Show what a bundle holds: what it says of itself, the tasks, the answers of URLs,
and what was asked for and is not there. Nothing of it is verified, and anyone
writes bundles. BUNDLE is a folder or an archive, or - for standard input.`,
		Example: `  cotverify bundle show release.tar.zst`,
		Args:    exactly(1),
		RunE: func(command *cobra.Command, args []string) error {
			b, err := (&verifyFlags{bundle: args[0]}).openBundle()
			if err != nil {
				return err
			}
			defer b.Close()
			c, err := b.Contents()
			if err != nil {
				return fmt.Errorf("bundle %s: %w", args[0], err)
			}
			return printOut(contentsText(c, labelsIn(command.Context(), b, c)))
		},
	}
}

// labelsIn returns the labels of a bundle's tasks, as far as their definitions
// are there.
func labelsIn(ctx context.Context, b *bundle.Source, c *bundle.Contents) map[string]string {
	store := evidence.New(b)
	defer store.Close()
	labels := map[string]string{}
	for _, t := range c.Tasks {
		if task, err := store.Task(ctx, t.TaskID); err == nil {
			labels[t.TaskID] = task.Label()
		}
	}
	return labels
}

// maxLines is how many lines of one kind are shown.
const maxLines = 1000

// contentsText writes what a bundle holds for a person.
func contentsText(c *bundle.Contents, labels map[string]string) string {
	var b strings.Builder
	line := func(format string, args ...any) { b.WriteString(visible.Clean(fmt.Sprintf(format, args...)) + "\n") }
	if c.TaskID != "" {
		line("target      %s  %s", c.TaskID, strings.TrimSpace(strings.Join([]string{c.TaskType, "of", c.Product}, " ")))
	}
	if c.RootURL != "" {
		line("deployment  %s", c.RootURL)
	}
	for _, group := range c.Groups {
		line("group       %s", group)
	}
	line("in all      %s", sizeOf(c.Files, "file", c.Bytes))
	section := func(title string, n int, each func(i int)) {
		if n == 0 {
			return
		}
		line("")
		line("%s: %d", title, n)
		for i := range min(n, maxLines) {
			each(i)
		}
		if n > maxLines {
			line("  and %d more", n-maxLines)
		}
	}
	section("tasks", len(c.Tasks), func(i int) {
		t := c.Tasks[i]
		line("  %s  %-22s  %s", t.TaskID, sizeOf(t.Artifacts, "artifact", t.Bytes), labels[t.TaskID])
	})
	section("lists of task groups", len(c.Lists), func(i int) { line("  %s  %s", c.Lists[i].Name, bytesText(c.Lists[i].Size)) })
	section("answers of URLs", len(c.Sources), func(i int) {
		s := c.Sources[i]
		line("  %d  %s  %s", s.Status, s.URL, bytesText(s.Size))
	})
	section("asked for, and not there", len(c.Absent), func(i int) {
		a := c.Absent[i]
		line("  %s", strings.TrimSuffix(a.Because+"  "+a.Fact.String()+": "+a.Reason, ": "))
	})
	section("files that are no fact", len(c.Others), func(i int) { line("  %s  %s", c.Others[i].Name, bytesText(c.Others[i].Size)) })
	return b.String()
}

func sizeOf(n int, noun string, bytes int64) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s, %s", n, noun, bytesText(bytes))
}
