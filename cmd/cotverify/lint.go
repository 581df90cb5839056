package main

import (
	"encoding/json"
	"errors"
	"io"

	"cotverify/pkg/decision"
	"cotverify/pkg/policy"
	"cotverify/pkg/report/github"
	"cotverify/pkg/report/text"

	"github.com/spf13/cobra"
)

// linted is what was found in a template.
type linted struct {
	File     string             `json:"file"`
	Product  string             `json:"product"`
	Findings []decision.Finding `json:"findings"`
}

var lintFormats = drawings[*linted]{
	{described{"tree", "for people, on a terminal"}, func(w io.Writer, l *linted, o text.TreeOptions) error {
		return text.Lint(w, l.File, l.Findings, o)
	}},
	{described{"json", "for programs"}, untuned(func(w io.Writer, l *linted) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(l)
	})},
	{described{"github", "workflow commands of GitHub Actions"}, untuned(func(w io.Writer, l *linted) error {
		return github.Lint(w, l.File, l.Findings)
	})},
}

func newLint() *cobra.Command {
	var trust trustFlags
	var out outputFlags
	var product string
	reported := choice{allowed: []string{"github"}}
	command := &cobra.Command{
		Use:   "lint FILE --product NAME",
		Short: "Tell what in a template no verifier can know",
		Long: `Look at a .taskcluster.yml before it lands, and tell what would make the decision
and action tasks that it renders to unverifiable: what of the context no verifier
has, what it must guess, what it needs in the definition and the template does not
set, and what services add to a task. All that tasks of the product are for is
looked at, and of each condition that only an event decides both ways.

A note is about what a verifier guesses for a pull request, on whose tasks no
release rests, or for whoever fires an action; it is right for some of them.

Exit status: 0 nothing but notes; 1 something was found; 2 the command line, the
policy or the template are unusable.`,
		Example: `  cotverify lint .taskcluster.yml --product glean
  cotverify lint .taskcluster.yml --product glean --report github`,
		Args: exactly(1),
		RunE: func(command *cobra.Command, args []string) error {
			if reported.value != "" {
				out.format.value = reported.value
			}
			p, err := trust.load()
			if err != nil {
				return err
			}
			if product == "" {
				return usagef("no product; give --product NAME, one of %s", oneOf(p.ProductNames()))
			}
			if p.Products[product] == nil {
				return unknownProduct(product, p)
			}
			template, err := readFile(args[0])
			if err != nil {
				return usagef("%v", err)
			}
			found, err := decision.Lint(command.Context(), args[0], template, p.Products[product])
			var refusal *decision.Refusal
			if errors.As(err, &refusal) {
				return usagef("%v", err)
			}
			if err != nil {
				return err
			}
			return writeLint(&out, &linted{File: args[0], Product: product, Findings: append([]decision.Finding{}, found...)})
		},
	}
	trust.addPolicy(command)
	out.add(command, lintFormats.described())
	command.Flags().StringVar(&product, "product", "", "`NAME` of the product that the template is of")
	command.Flags().Var(&reported, "report", "write what was found as a `FORMAT` for other programs: github for a pull request, as --format github does")
	complete(command, "product", func() []string { return policy.Default().ProductNames() })
	return command
}

func writeLint(out *outputFlags, l *linted) error {
	to, err := lintFormats.open(out)()
	if err != nil {
		return err
	}
	defer to.discard()
	if err := to.write(l); err != nil {
		return err
	}
	for _, f := range l.Findings {
		if !f.Note {
			return status(exitRefused)
		}
	}
	return nil
}
