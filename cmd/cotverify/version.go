package main

import (
	"fmt"
	"runtime/debug"
)

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
