package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"cotverify/internal/fileerr"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/report/text"

	"github.com/spf13/cobra"
)

// outputFlags say where a report goes, and how it looks.
type outputFlags struct {
	format  choice
	output  string
	verbose bool
	ascii   bool
}

func (f *outputFlags) add(command *cobra.Command, formats ...string) {
	f.format = choice{value: formats[0], allowed: formats}
	flags := command.Flags()
	flags.Var(&f.format, "format", "`FORMAT` of the report: "+oneOf(formats))
	flags.StringVar(&f.output, "output", "", "write the report to `FILE` instead of standard output")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "list passing checks too, cut nothing, and tell of each request")
	flags.BoolVar(&f.ascii, "ascii", false, "draw the tree in ASCII")
	complete(command, "format", func() []string { return formats })
}

func (f *outputFlags) tree() text.TreeOptions {
	return treeOptions(f.output != "", f.verbose, f.ascii)
}

// report runs a verification, and writes its report where that is wanted. The
// error has the verdict's exit status.
func (f *outputFlags) report(ctx context.Context, in *verifyFlags, args []string,
	run func(context.Context, job) (*report.Report, error),
	draw func(io.Writer, *report.Report) error,
) error {
	named := func(ctx context.Context, j job) (*report.Report, error) {
		r, err := run(ctx, j)
		if r != nil {
			r.Tool = tool(j.Policy)
			r.Trust.Policy.Source = withoutSecrets(r.Trust.Policy.Source)
			r.Trust.Keys.Source = withoutSecrets(r.Trust.Keys.Source)
		}
		return r, err
	}
	return produce(ctx, in, f, args, named, draw, verdictStatus)
}

// tool names this program, for what it writes.
func tool(p *policy.Policy) *report.Tool {
	return &report.Tool{Name: "cotverify", Version: version(), Reference: p.Reference}
}

// produce makes a result of what the flags say, and writes it where it is
// wanted. Its status is returned as the error, nil if all is well. The output
// is opened first, since all work is in vain where it cannot be written.
func produce[R any](ctx context.Context, in *verifyFlags, out *outputFlags, args []string,
	run func(context.Context, job) (R, error),
	draw func(io.Writer, R) error,
	status func(R) error,
) error {
	file, err := out.open()
	if err != nil {
		return err
	}
	defer file.discard()
	ctx, cancel, err := in.live.limit(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	in.live.verbose = out.verbose
	j, done, err := in.options(args)
	if err != nil {
		return err
	}
	result, err := run(ctx, j)
	done()
	if err != nil {
		return err
	}
	if err := draw(file, result); err != nil {
		return fmt.Errorf("the report cannot be written: %w", fileerr.Reason(err))
	}
	if err := file.keep(); err != nil {
		return err
	}
	return status(result)
}

// destination is where a report goes. A file is there only once all of it is
// written.
type destination struct {
	*os.File
	path string // that the file is to have; "" where there is no file to keep
}

// open opens where the report goes, before any work that would be in vain.
func (f *outputFlags) open() (*destination, error) {
	if f.output == "" {
		return &destination{File: os.Stdout}, nil
	}
	if info, err := os.Stat(f.output); err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(f.output, os.O_WRONLY, 0) // a device or a pipe
		if err != nil {
			return nil, f.unusable(err)
		}
		return &destination{File: file}, nil
	}
	name := filepath.Join(filepath.Dir(f.output), "."+filepath.Base(f.output)+"."+rand.Text())
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, f.unusable(err)
	}
	return &destination{file, f.output}, nil
}

func (f *outputFlags) unusable(err error) error {
	return usagef("--output %s: it cannot be written: %v", f.output, fileerr.Reason(err))
}

// keep ends the writing, and gives the file its name.
func (d *destination) keep() error {
	if d.path == "" {
		return nil
	}
	err := d.Close()
	if err == nil {
		err = os.Rename(d.Name(), d.path)
	}
	if err != nil {
		return fmt.Errorf("--output %s: it cannot be written: %w", d.path, fileerr.Reason(err))
	}
	return nil
}

// discard removes a file that was not kept.
func (d *destination) discard() {
	if d.path != "" {
		d.Close()
		os.Remove(d.Name())
	}
}

// printOut prints text on standard output.
func printOut(text string) error {
	if _, err := os.Stdout.WriteString(text); err != nil {
		return fmt.Errorf("standard output cannot be written: %w", fileerr.Reason(err))
	}
	return nil
}
