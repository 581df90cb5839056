package main

import (
	"os"
	"path/filepath"
	"time"

	"cotverify/internal/fileerr"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manDate stands in all manual pages, so that the same program writes the same
// bytes whenever that is.
var manDate = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// newMan returns the command that packages are built with. It is no work of
// users, so that help does not list it.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use:    "man FOLDER",
		Short:  "Write the manual pages to a folder",
		Hidden: true,
		Args:   exactly(1),
		RunE: func(command *cobra.Command, args []string) error {
			folder := filepath.Clean(args[0])
			root := command.Root()
			root.DisableAutoGenTag = true // which has the day
			err := os.MkdirAll(folder, 0o777)
			if err == nil {
				err = doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "cotverify", Manual: "cotverify", Date: &manDate}, folder)
			}
			if err != nil {
				return usagef("%s: the manual pages cannot be written: %v", folder, fileerr.Reason(err))
			}
			return nil
		},
	}
}
