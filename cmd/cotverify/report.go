package main

import (
	"errors"
	"fmt"
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
		Long: `Read a report that --format json wrote, and write it in other formats. Nothing is
verified: the verdict is drawn anew from the checks that the report has, and the
exit status is that of the verdict. The report is as trustworthy as whoever could
write the file.`,
		Example: `  cotverify verify --bundle release.tar.zst --report json=report.json
  cotverify report report.json --report junit=junit.xml --report html=report.html`,
		Args: exactly(1),
		RunE: func(command *cobra.Command, args []string) error {
			w, err := out.openReports()
			if err != nil {
				return err
			}
			defer w.discard()
			r, err := readReport(args[0])
			if err != nil {
				return err
			}
			if err := w.write(r); err != nil {
				return err
			}
			return verdictStatus(r)
		},
	}
	out.add(command)
	command.Flags().Lookup("verbose").Usage = "list passing checks too, and cut nothing"
	return command
}

// readReport reads a report in a file. One that is none was not meant; one that
// is damaged tells nothing.
func readReport(path string) (*report.Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usagef("report %s: it cannot be read: %v", path, fileerr.Reason(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, usagef("report %s: it is a folder", path)
	}
	r, err := report.Read(f)
	if errors.Is(err, report.ErrSchema) {
		return nil, usagef("report %s: %v", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("report %s: %w", path, fileerr.Reason(err))
	}
	return r, nil
}
