package main

import (
	"os"
	"regexp"
	"strconv"

	"cotverify/pkg/report/text"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// drawFlags say how a tree looks.
type drawFlags struct {
	verbose bool
	all     bool
	ascii   bool
	only    choice
	color   choice
}

func (f *drawFlags) add(command *cobra.Command) {
	f.only = choice{allowed: []string{"failures"}}
	f.color = choice{value: "auto", allowed: []string{"always", "auto", "never"}}
	flags := command.Flags()
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "list passing checks too, cut nothing, and tell of each request")
	flags.BoolVar(&f.all, "all", false, "list all tasks and all failures, however many")
	flags.Var(&f.only, "only", "leave `failures` alone of the tasks")
	flags.BoolVar(&f.ascii, "ascii", false, "draw the tree in ASCII, as where the locale has no more")
	flags.Var(&f.color, "color", "colour the tree `WHEN`: always, never, or auto, on a terminal where NO_COLOR is not set")
	complete(command, "only", func() []string { return f.only.allowed })
	complete(command, "color", func() []string { return f.color.allowed })
}

// tree says how a tree is drawn on standard output, or in a file.
func (f *drawFlags) tree(toFile bool) text.TreeOptions {
	o := text.TreeOptions{Verbose: f.verbose, All: f.all, OnlyFailures: f.only.value != "", ASCII: f.ascii || !hasUnicode(), Width: columns()}
	stdout := int(os.Stdout.Fd())
	terminal := !toFile && term.IsTerminal(stdout)
	if terminal && o.Width == 0 {
		if width, _, err := term.GetSize(stdout); err == nil {
			o.Width = min(width, maxWidth)
		}
	}
	plain := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	o.Color = f.color.value == "always" || f.color.value != "never" && terminal && !plain
	o.Links = o.Color && terminal
	return o
}

// maxWidth is the widest that a tree gets on a terminal. In longer lines the eye
// loses the row.
const maxWidth = 120

// columns is the width that the environment asks for, 0 where it asks for none.
func columns() int {
	width, err := strconv.Atoi(os.Getenv("COLUMNS"))
	if err != nil || width < 0 {
		return 0
	}
	return width
}

// unicodeLocale matches the locales whose letters are Unicode's.
var unicodeLocale = regexp.MustCompile(`(?i)utf-?8`)

// hasUnicode reports whether the locale has more than ASCII. One that nobody set
// says nothing: logs of CI services show all.
func hasUnicode() bool {
	for _, variable := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := os.Getenv(variable); locale != "" {
			return unicodeLocale.MatchString(locale)
		}
	}
	return true
}
