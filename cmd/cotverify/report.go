package main

import (
	"errors"
	"fmt"
	"iter"
	"os"

	"cotverify/internal/fileerr"
	"cotverify/pkg/report"

	"github.com/spf13/cobra"
)

func newReport() *cobra.Command {
	var out reportFlags
	command := &cobra.Command{
		Use:   "report FILE",
		Short: "Write a JSON report in other formats",
		Long: `Read a report that --format json wrote of a task or of an audit, and write it in
other formats. Nothing is verified: the verdict is drawn anew from the checks that the report has, and the
exit status is that of the verdict. The report is as trustworthy as whoever could
write the file.`,
		Example: `  cotverify verify --bundle release.tar.zst --report json=report.json
  cotverify report report.json --report junit=junit.xml --report html=report.html`,
		Args: exactly(1),
		RunE: func(command *cobra.Command, args []string) error {
			one, audit, err := readReport(args[0])
			if err != nil {
				return err
			}
			if audit != nil {
				return out.writeAudit(audit)
			}
			return out.writeOne(one)
		},
	}
	out.add(command)
	command.Flags().Lookup("verbose").Usage = "list passing checks too, and cut nothing"
	return command
}

// writeOne writes the report of one task. The error has the verdict's exit
// status.
func (f *reportFlags) writeOne(r *report.Report) error {
	w, err := f.openReports()
	if err != nil {
		return err
	}
	defer w.discard()
	if err := w.write(r); err != nil {
		return err
	}
	return verdictStatus(r)
}

// audited is an audit that is read, or joined of several.
type audited interface {
	Reports() iter.Seq[*report.Report]
	Summary() report.Summary
}

// writeAudit writes the reports of an audit. The error has the verdict's exit
// status.
func (f *reportFlags) writeAudit(a audited) error {
	f.audit = true
	w, err := f.openReports()
	if err != nil {
		return err
	}
	defer w.discard()
	for r := range a.Reports() {
		if err := w.take(r); err != nil {
			return err
		}
	}
	summary := a.Summary()
	if err := w.end(summary); err != nil {
		return err
	}
	return statusOf(summary.Verdict)
}

// readReport reads the report of one task or of an audit in a file. One that is
// none was not meant; one that is damaged tells nothing.
func readReport(path string) (*report.Report, *report.Audited, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, usagef("report %s: it cannot be read: %v", path, fileerr.Reason(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, nil, usagef("report %s: it is a folder", path)
	}
	one, audit, err := report.ReadAny(f)
	if errors.Is(err, report.ErrSchema) {
		return nil, nil, usagef("report %s: %v", path, err)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("report %s: %w", path, fileerr.Reason(err))
	}
	return one, audit, nil
}
