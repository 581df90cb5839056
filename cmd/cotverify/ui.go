package main

// The rules of this user interface:
//
//   - Standard output has the report, or what else was asked for, and nothing
//     more. All talk goes to standard error.
//   - An error is one line: "cotverify: ", the thing that is wrong, what is
//     wrong with it, and what to do. Never a bare error of Go or the system.
//     Only a policy file, which may have several errors, has a line for each.
//   - What the command line says is as hostile as what a server does, since
//     people paste it, and may have secrets, which are never repeated.
//   - The exit status is 0 only if what was asked for was done and the verdict
//     is that all is well.
//   - Colour only on a terminal, and not where NO_COLOR is set, unless --color says
//     otherwise. Nothing is cut to a width where there is no terminal.
//   - Nothing that comes from a task, an artifact or a server reaches the
//     terminal as it stands.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"cotverify/internal/suggest"
	"cotverify/internal/visible"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The exit statuses.
const (
	exitVerified = 0
	exitRefused  = 1 // a check failed
	exitUsage    = 2 // the command line, the policy or the keys are unusable
	exitUnknown  = 3 // nothing failed, but a fact could not be had
)

// usageError says what is wrong with the command line.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// status ends a command that has said all there is to say.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// verdictStatus returns the exit status of a report's verdict, nil if all is
// well.
func verdictStatus(r *report.Report) error { return statusOf(r.Verdict) }

// statusOf returns the exit status of a verdict, nil if all is well.
func statusOf(verdict report.Verdict) error {
	switch verdict {
	case report.Verified:
		return nil
	case report.Refused:
		return status(exitRefused)
	}
	return status(exitUnknown)
}

// conclude prints an error that a command ended with, and returns the exit
// status.
func conclude(command *cobra.Command, err error) int {
	var (
		done      status
		usage     *usageError
		options   *verify.UsageError
		policies  policy.FileErrors
		unwritten writeErrors
	)
	switch {
	case err == nil:
		return exitVerified
	case errors.As(err, &done):
		return int(done)
	case errors.Is(err, context.Canceled):
		complain("interrupted")
		return exitUnknown
	case errors.As(err, &policies):
		for _, one := range policies {
			complain(one.Error())
		}
		return exitUsage
	case errors.As(err, &unwritten):
		for _, one := range unwritten {
			complain(one.Error())
		}
		return exitUnknown
	case errors.As(err, &usage), errors.As(err, &options):
		complain(err.Error())
		return exitUsage
	}
	complain(err.Error())
	return exitUnknown
}

// complain prints a message on standard error, in one line.
func complain(message string) {
	fmt.Fprintln(os.Stderr, "cotverify: "+shown(message))
}

// shown makes what repeats the command line fit to be printed.
func shown(s string) string { return visible.Clean(withoutSecrets(s)) }

// maxWord is the longest argument in the place of a word, such as a command or
// a taskId, that a message repeats, in characters. What is longer was not meant
// to be there, and may be a token.
const maxWord = 30

// quoted repeats an argument in a message, as it is: complain escapes it.
func quoted(argument string) string {
	if n := utf8.RuneCountInString(argument); n > maxWord {
		return fmt.Sprintf(`"…" (%d characters)`, n)
	}
	return `"` + strings.ReplaceAll(argument, `"`, `\"`) + `"`
}

// flagError says what is wrong with a flag.
func flagError(command *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var lacks *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return usagef("unknown flag -%s%s; %s --help lists the flags", unknown.GetSpecifiedName(), longFlag(command, unknown.GetSpecifiedName()), command.CommandPath())
	case errors.As(err, &unknown):
		var names []string
		command.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		name := "--" + unknown.GetSpecifiedName()
		return usagef("unknown flag %s%s; %s --help lists the flags", name, suggest.Phrase(name, names), command.CommandPath())
	case errors.As(err, &lacks):
		value, _ := pflag.UnquoteUsage(lacks.GetFlag())
		return usagef("--%s needs a value, %s; %s --help tells which", lacks.GetFlag().Name, value, command.CommandPath())
	case errors.As(err, &invalid):
		return usagef("--%s: %s", invalid.GetFlag().Name, invalidValue(invalid))
	}
	return usagef("%v; %s --help tells how it is used", err, command.CommandPath())
}

// longFlag says which flag a letter may stand for, where one or two have it as
// their first.
func longFlag(command *cobra.Command, letter string) string {
	var names []string
	command.Flags().VisitAll(func(f *pflag.Flag) {
		if strings.HasPrefix(f.Name, letter) {
			names = append(names, "--"+f.Name)
		}
	})
	if len(names) == 0 || len(names) > 2 {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", oneOf(names))
}

func invalidValue(err *pflag.InvalidValueError) string {
	var unknown *choiceError
	var requirement *verify.UsageError
	var noFile *noFileError
	switch {
	case errors.As(err, &requirement):
		return requirement.Error()
	case errors.As(err, &unknown):
		return unknown.Error()
	case errors.As(err, &noFile):
		return noFile.Error()
	case err.GetFlag().Value.Type() == "bool":
		return fmt.Sprintf("expected true or false, got %s", quoted(err.GetValue()))
	case err.GetFlag().Value.Type() == "duration":
		if _, e := strconv.ParseUint(err.GetValue(), 10, 32); e == nil {
			return fmt.Sprintf("%s has no unit; write %[1]ss for seconds, or %[1]sm for minutes", err.GetValue())
		}
		return fmt.Sprintf("expected a time such as 30s or 10m, got %s", quoted(err.GetValue()))
	}
	switch err.GetFlag().Value.(type) {
	case *byteSize:
		return fmt.Sprintf("expected a size such as 500MiB or 2GiB, got %s", quoted(err.GetValue()))
	case *days:
		return fmt.Sprintf("expected an age such as 30d or 12h, got %s", quoted(err.GetValue()))
	}
	value, _ := pflag.UnquoteUsage(err.GetFlag())
	return fmt.Sprintf("%s is no %s", quoted(err.GetValue()), value)
}

// choice is a flag whose value is one of a few words.
type choice struct {
	value   string
	allowed []string
	what    string // names the value in the help; "" is FORMAT
}

func (c *choice) String() string { return c.value }

// Type names the value in the help.
func (c *choice) Type() string { return cmp.Or(c.what, "FORMAT") }

func (c *choice) Set(s string) error {
	for _, word := range c.allowed {
		if s == word {
			c.value = s
			return nil
		}
	}
	return &choiceError{s, c.allowed}
}

type choiceError struct {
	value   string
	allowed []string
}

func (e *choiceError) Error() string {
	return fmt.Sprintf("%s is not known%s; expected %s", quoted(e.value), suggest.Phrase(e.value, e.allowed), oneOf(e.allowed))
}

// oneOf lists words for a sentence.
func oneOf(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
