package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cotverify/internal/fileerr"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/report/text"
	"cotverify/pkg/report/treeherder"

	"github.com/spf13/cobra"
)

// reportFlags say in which formats a report is written, and where.
type reportFlags struct {
	outputFlags
	more  moreReports
	audit bool              // of many targets
	taken map[string]string // what the command writes besides, to the flag that names it
}

func (f *reportFlags) add(command *cobra.Command) {
	f.outputFlags.add(command, describedFormats(false))
	command.Flags().Var(&f.more, "report", "write a report in a `FORMAT=FILE` too, github-check to a folder; may be repeated")
	err := command.RegisterFlagCompletionFunc("report", func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		if strings.Contains(typed, "=") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		var words []string
		for _, d := range describedFormats(true) {
			words = append(words, d.name+"=\t"+d.about)
		}
		return words, cobra.ShellCompDirectiveNoSpace
	})
	if err != nil {
		panic(err) // the flag is not there, which a test of any command shows
	}
}

// moreReports are the values of --report.
type moreReports []oneReport

type oneReport struct {
	format reportFormat
	path   string
}

func (r oneReport) String() string { return r.format.name + "=" + r.path }

func (m *moreReports) String() string {
	var values []string
	for _, r := range *m {
		values = append(values, r.String())
	}
	return strings.Join(values, " ")
}

// Type names the value in the help.
func (m *moreReports) Type() string { return "FORMAT=FILE" }

func (m *moreReports) Set(value string) error {
	name, path, _ := strings.Cut(value, "=")
	format, known := formatNamed(name)
	if !known {
		return &choiceError{name, names(describedFormats(true))}
	}
	if path == "" {
		return &noFileError{format}
	}
	*m = append(*m, oneReport{format, path})
	return nil
}

type noFileError struct{ format reportFormat }

func (e *noFileError) Error() string {
	what := "FILE"
	if e.format.isFolder() {
		what = "FOLDER"
	}
	return fmt.Sprintf("expected %s=%s, and no %s is named", e.format.name, what, strings.ToLower(what))
}

// report runs a verification, and writes its report where that is wanted. The
// error has the verdict's exit status.
func (f *reportFlags) report(ctx context.Context, in *verifyFlags, args []string, run func(context.Context, job) (*report.Report, error)) error {
	open := func() (outlet[*report.Report], error) {
		w, err := f.openReports()
		if err == nil && os.Getenv("TASK_ID") != "" && os.Getenv("RUN_ID") != "" {
			w.inTask = true
		}
		return w, err
	}
	named := func(ctx context.Context, j job) (*report.Report, error) {
		r, err := run(ctx, j)
		if r != nil {
			sign(r, j)
		}
		return r, err
	}
	return produce(ctx, in, f.verbose, args, open, named, in.verdictStatus)
}

// sign has a report say what made it, without what may be secret of the command
// line.
func sign(r *report.Report, j job) {
	r.Tool = tool(j.Policy)
	r.Trust = withoutSecretNames(r.Trust)
}

// tool names this program, for what it writes.
func tool(p *policy.Policy) *report.Tool {
	return &report.Tool{Name: "cotverify", Version: version(), Reference: p.Reference}
}

// reports are all that a report is written to.
type reports struct {
	open     []openReport
	audit    bool // of many targets
	lastLine bool // goes to standard error, since the report of --format goes to a file
	inTask   bool // of Taskcluster, where Treeherder looks for failures in the log
}

// openReport is one of them.
type openReport struct {
	to   *destination
	sink report.Sink
}

// openReports opens all that the flags name.
func (f *reportFlags) openReports() (*reports, error) {
	r := &reports{lastLine: f.output != "", audit: f.audit}
	if err := f.openEach(r); err != nil {
		r.discard()
		return nil, err
	}
	return r, nil
}

func (f *reportFlags) openEach(r *reports) error {
	to, err := f.outputFlags.open()
	if err != nil {
		return err
	}
	format, _ := formatNamed(f.format.value)
	r.add(to, format.files[0], f.tree(f.output != ""))
	files := maps.Clone(f.taken)
	if files == nil {
		files = map[string]string{}
	}
	if f.output != "" {
		if err := claim(files, f.output, "--output "+f.output); err != nil {
			return err
		}
	}
	inFile := f.tree(true)
	for _, more := range f.more {
		flag := "--report " + more.String()
		if err := claim(files, more.path, flag); err != nil {
			return err
		}
		if err := r.openMore(more, flag, inFile); err != nil {
			return err
		}
	}
	return nil
}

// claim refuses that a flag names a file that another one names.
func claim(files map[string]string, path, flag string) error {
	path = resolved(path)
	if other, taken := files[path]; taken {
		return usagef("%s: %s writes there too", flag, other)
	}
	files[path] = flag
	return nil
}

// openMore opens the file, or the files of the folder, of --report.
func (r *reports) openMore(more oneReport, flag string, o text.TreeOptions) error {
	made := false
	if more.format.isFolder() {
		err := os.Mkdir(more.path, 0o777)
		if made = err == nil; !made && !errors.Is(err, fs.ErrExist) {
			return usagef("%s: it cannot be written: %v", flag, fileerr.Reason(err))
		}
	}
	for _, file := range more.format.files {
		to, err := openDestination(flag, filepath.Join(more.path, file.name))
		if err != nil {
			return err
		}
		if made {
			to.folder = more.path
		}
		r.add(to, file, o)
	}
	return nil
}

func (r *reports) add(to *destination, file reportFile, o text.TreeOptions) {
	sink := file.sink
	if r.audit && file.audit != nil {
		sink = file.audit
	}
	r.open = append(r.open, openReport{to, sink(to, o)})
}

// write writes the report to all of them, to that of --format last: who reads
// standard output may leave, which ends the process. Where one fails the others
// are written all the same, and each failure is told.
func (r *reports) write(found *report.Report) error {
	var coverage report.Coverage
	coverage.Add(found)
	summary := coverage.Summary()
	failures := r.finish(found, func(one openReport) error { return one.write(found, summary) })
	if r.inTask {
		log := treeherder.NewLog(os.Stderr)
		if err := errors.Join(log.Report(found), log.Close(summary)); err != nil {
			failures = append(failures, fmt.Errorf("standard error cannot be written: %w", fileerr.Reason(err)))
		}
	}
	if len(failures) > 0 {
		return failures
	}
	return nil
}

// sentenced has a verdict to say in one line.
type sentenced interface{ Sentence() (word, rest string) }

// finish ends all of them, that of --format last, and says the verdict where
// none that ends does.
func (r *reports) finish(verdict sentenced, end func(openReport) error) writeErrors {
	var failures writeErrors
	for _, one := range slices.Backward(r.open) {
		if err := end(one); err != nil {
			failures = append(failures, err)
		}
	}
	if r.lastLine {
		word, rest := verdict.Sentence()
		fmt.Fprintln(os.Stderr, word+": "+rest)
	}
	return failures
}

// writeErrors say what of the reports could not be written.
type writeErrors []error

func (e writeErrors) Error() string { return errors.Join(e...).Error() }

func (r openReport) write(found *report.Report, summary report.Summary) error {
	if err := r.sink.Report(found); err != nil {
		return r.to.failed(err)
	}
	return r.end(summary)
}

// end ends the writing, and gives what was written its name.
func (r openReport) end(summary report.Summary) error {
	if err := r.sink.Close(summary); err != nil {
		return r.to.failed(err)
	}
	return r.to.keep()
}

func (r *reports) discard() {
	for _, one := range r.open {
		one.to.discard()
	}
}
