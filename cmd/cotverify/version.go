package main

import (
	"fmt"
	"runtime/debug"

	"cotverify/pkg/policy"

	"github.com/spf13/cobra"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, and the release of scriptworker that the policy follows",
		Args:  atMost(0),
		RunE: func(command *cobra.Command, args []string) error {
			return printOut(versionText())
		},
	}
}

// versionText says for people which build this is, and whose rules it has.
func versionText() string {
	return fmt.Sprintf("cotverify %s\nreference: %s\n", version(), policy.Default().Reference)
}

// version names the build: the module's version where it was installed as
// one, and the revision that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "of an unknown build"
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	result := info.Main.Version
	if result == "" {
		result = "(devel)"
	}
	if revision := settings["vcs.revision"]; revision != "" {
		changed := ""
		if settings["vcs.modified"] == "true" {
			changed = ", with changes"
		}
		result += fmt.Sprintf(" (revision %s of %s%s)", revision, settings["vcs.time"], changed)
	}
	return result + " " + info.GoVersion
}
