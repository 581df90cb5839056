package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"cotverify/internal/fileerr"
	"cotverify/pkg/report/text"

	"github.com/spf13/cobra"
)

// outputFlags say where what a command found goes, and how it looks.
type outputFlags struct {
	drawFlags
	format choice
	output string
}

// add adds the flags. Of the formats, each with what it is for, the first is the
// default.
func (f *outputFlags) add(command *cobra.Command, formats []described) {
	f.format = choice{value: formats[0].name, allowed: names(formats)}
	flags := command.Flags()
	flags.Var(&f.format, "format", "`FORMAT` of the report: "+oneOf(f.format.allowed))
	flags.StringVar(&f.output, "output", "", "write the report to `FILE` instead of standard output")
	f.drawFlags.add(command)
	complete(command, "format", func() []string { return completions(formats) })
}

// open opens where the report of --format goes.
func (f *outputFlags) open() (*destination, error) {
	if f.output == "" {
		return &destination{File: os.Stdout}, nil
	}
	return openDestination("--output "+f.output, f.output)
}

// described is a word that a flag takes, with what it is for.
type described struct{ name, about string }

func names(list []described) []string {
	var words []string
	for _, d := range list {
		words = append(words, d.name)
	}
	return words
}

// completions returns words as shells show them while they are typed.
func completions(list []described) []string {
	var words []string
	for _, d := range list {
		words = append(words, d.name+"\t"+d.about)
	}
	return words
}

// outlet takes what a command found. What it wrote is there for good, or
// discarded.
type outlet[R any] interface {
	write(R) error
	discard()
}

// produce makes a result of what the flags say, and writes it where it is
// wanted. Its status is returned as the error, nil if all is well. The output
// is opened first, since all work is in vain where it cannot be written.
func produce[R any](ctx context.Context, in *verifyFlags, verbose bool, args []string,
	open func() (outlet[R], error),
	run func(context.Context, job) (R, error),
	status func(R) error,
) error {
	out, err := open()
	if err != nil {
		return err
	}
	defer out.discard()
	ctx, cancel, err := in.live.limit(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	in.live.verbose = verbose
	j, done, err := in.options(args)
	if err != nil {
		return err
	}
	result, err := run(ctx, j)
	done()
	if err != nil {
		return err
	}
	if err := out.write(result); err != nil {
		return err
	}
	return status(result)
}

// drawings are the formats of what a command found that is no report.
type drawings[R any] []drawing[R]

type drawing[R any] struct {
	described
	draw func(io.Writer, R, text.TreeOptions) error
}

func (list drawings[R]) described() []described {
	var all []described
	for _, d := range list {
		all = append(all, d.described)
	}
	return all
}

// open returns what draws in the format that the flags say, where they say.
func (list drawings[R]) open(f *outputFlags) func() (outlet[R], error) {
	return func() (outlet[R], error) {
		to, err := f.open()
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			if d.name == f.format.value {
				return &drawn[R]{to, d, f.tree(f.output != "")}, nil
			}
		}
		panic("the flag takes a format that is not there") // which any test of it shows
	}
}

// drawn is an outlet of one drawing.
type drawn[R any] struct {
	*destination
	format  drawing[R]
	options text.TreeOptions
}

func (d *drawn[R]) write(result R) error {
	if err := d.format.draw(d, result, d.options); err != nil {
		return d.failed(err)
	}
	return d.keep()
}

// printOut prints text on standard output.
func printOut(text string) error {
	if _, err := os.Stdout.WriteString(text); err != nil {
		return fmt.Errorf("standard output cannot be written: %w", fileerr.Reason(err))
	}
	return nil
}
