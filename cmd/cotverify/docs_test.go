package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/pkg/diagnose"
	"cotverify/pkg/verify"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestGeneratedDocs holds the documents that are made from the program against
// it. With -update they are written anew.
func TestGeneratedDocs(t *testing.T) {
	for path, text := range map[string]string{
		"../../docs/commands.md": commandsPage(newRoot()),
		"../../docs/checks.md":   checksPage(),
		"../../docs/causes.md":   causesPage(),
	} {
		if *testreport.Update {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, string(have)); diff != "" {
			t.Errorf("%s is stale; make generate writes it anew (-program +file):\n%s", path, diff)
		}
	}
}

const generated = "<!-- Written by make generate. -->\n\n"

// commandsPage describes each command with its flags.
func commandsPage(root *cobra.Command) string {
	root.InitDefaultHelpFlag()
	var b strings.Builder
	fmt.Fprintf(&b, "# Commands\n\n%s%s\n", generated, root.Long)
	each(root, func(c *cobra.Command) {
		fmt.Fprintf(&b, "\n## `%s`\n\n", c.CommandPath())
		text := c.Long
		if text == "" {
			text = c.Short + "."
		}
		fmt.Fprintf(&b, "%s\n\n```\n%s\n```\n", text, c.UseLine())
		if c.Example != "" {
			fmt.Fprintf(&b, "\nFor example:\n\n```\n%s\n```\n", strings.ReplaceAll(c.Example, "  cotverify", "cotverify"))
		}
		if c.HasAvailableLocalFlags() {
			b.WriteString("\n| flag | meaning |\n|---|---|\n")
			c.LocalFlags().VisitAll(func(f *pflag.Flag) {
				if f.Name != "help" {
					fmt.Fprintf(&b, "| %s | %s |\n", flagUsage(f), flagMeaning(f))
				}
			})
		}
	})
	return b.String()
}

// each calls f for all commands but those that cobra adds.
func each(c *cobra.Command, f func(*cobra.Command)) {
	for _, child := range c.Commands() {
		if child.Name() == "help" || child.Name() == "completion" {
			continue
		}
		f(child)
		each(child, f)
	}
}

func flagUsage(f *pflag.Flag) string {
	value, _ := pflag.UnquoteUsage(f)
	usage := "--" + f.Name
	if f.Shorthand != "" {
		usage = "-" + f.Shorthand + ", " + usage
	}
	return "`" + strings.TrimSpace(usage+" "+value) + "`"
}

func flagMeaning(f *pflag.Flag) string {
	_, meaning := pflag.UnquoteUsage(f)
	if !slices.Contains([]string{"", "false", "0", "0s", "0d", "[]"}, f.DefValue) {
		meaning += " (default " + f.DefValue + ")"
	}
	return strings.ReplaceAll(meaning, "|", `\|`)
}

// checksPage says of each check what cotverify explain says.
func checksPage() string {
	var b strings.Builder
	b.WriteString("# Checks\n\n" + generated + "`cotverify explain CHECK` prints the same.\n")
	warnings := false
	for _, e := range verify.Explanations() {
		if e.Warning && !warnings {
			warnings = true
			b.WriteString("\n# Warnings\n\nThe reference lets these pass. They refuse only under `--strict`.\n")
		}
		fmt.Fprintf(&b, "\n## `%s`\n\n%s\n\n**Why.** %s\n\n**How it fails.**\n\n", e.Check, e.Meaning, e.Why)
		for _, way := range e.Fails {
			fmt.Fprintf(&b, "- %s\n", way)
		}
		fmt.Fprintf(&b, "\n**What to do.** %s\n", e.Do)
	}
	return b.String()
}

// causesPage lists what is looked for behind the failures of a report.
func causesPage() string {
	var b strings.Builder
	b.WriteString("# Causes\n\n" + generated + `Where several checks fail for one reason, the report has one cause that explains them, with what to do about it:
on top in a tree, and in JSON as an entry of ` + "`causes`" + ` with the indexes of the checks. A cause only adds words: no
verdict depends on one.

| cause | what it is |
|---|---|
`)
	for _, m := range diagnose.Meanings() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", m.Cause, m.Meaning)
	}
	return b.String()
}

// TestReadme runs the commands that README.md shows, and holds what it shows
// against their output. With -update it writes the output anew, but not where
// some of it is left out: there a line with "…" alone stands for any lines.
func TestReadme(t *testing.T) {
	const path = "../../README.md"
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```console\n\\$ (cotverify [^\n]*)\n(.*?)```")
	if !shown.Match(readme) {
		t.Fatal("README.md shows no output")
	}
	updated := shown.ReplaceAllStringFunc(string(readme), func(block string) string {
		m := shown.FindStringSubmatch(block)
		command, want := m[1], m[2]
		got := output(strings.Fields(command))
		if *testreport.Update && !strings.Contains(want, omission) {
			return "```console\n$ " + command + "\n" + got + "```"
		}
		if !matches(got, want) {
			t.Errorf("%s (-README.md +run):\n%s", command, cmp.Diff(want, got))
		}
		return block
	})
	if *testreport.Update {
		if err := os.WriteFile(path, []byte(updated), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// output runs a command in the project's folder, and returns what it prints.
func output(command []string) string {
	run := exec.Command(command[0], command[1:]...)
	run.Dir = "../.."
	run.Env = append(os.Environ(), "COLUMNS=80")
	out, _ := run.CombinedOutput() // refusals have a status, and their output is what counts
	return string(out)
}

// omission is a line that stands for any lines.
const omission = "…\n"

// matches reports whether text is what is shown of it.
func matches(text, shown string) bool {
	parts := strings.Split(shown, omission)
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok || len(parts) == 1 {
		return ok && text == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		if _, text, ok = strings.Cut(text, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(text, parts[last])
}
