package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cotverify/internal/fileerr"
	"cotverify/pkg/audit"
	"cotverify/pkg/report"

	"github.com/spf13/cobra"
)

func newBaseline() *cobra.Command {
	command := &cobra.Command{
		Use:   "baseline",
		Short: "Propose a list of accepted failures",
		Args:  noSuchCommand,
		RunE: func(command *cobra.Command, args []string) error {
			return usagef("no command; %s --help lists them", command.CommandPath())
		},
	}
	command.AddCommand(newBaselineWrite())
	return command
}

func newBaselineWrite() *cobra.Command {
	var by, reason string
	command := &cobra.Command{
		Use:   "write REPORT",
		Short: "Propose a baseline of a report's failures",
		Long: `Propose on standard output a baseline that accepts, for 30 days, the failures that
a JSON report has. Whoever accepts them looks at each, and says why: without
--reason that is for them to fill in, and the file is refused until it is. A
signature that fails cannot be accepted, nor what could not be told.`,
		Example: `  cotverify baseline write report.json --by you@example.org > baseline.yaml`,
		Args:    exactly(1),
		RunE: func(command *cobra.Command, args []string) error {
			if strings.TrimSpace(by) == "" {
				return usagef("nobody accepts the failures; say who does with --by NAME")
			}
			one, all, err := readReport(args[0])
			if err != nil {
				return err
			}
			p := audit.Proposal{By: by, Reason: reason, Now: time.Now()}
			if all == nil {
				p.Add(one)
			} else {
				for r := range all.Reports() {
					p.Add(r)
				}
			}
			if p.Never > 0 {
				complain(fmt.Sprintf("%d of the checks cannot be accepted: signatures, and what could not be told", p.Never))
			}
			return printOut(p.String())
		},
	}
	command.Flags().StringVar(&by, "by", "", "`NAME` of who accepts the failures")
	command.Flags().StringVar(&reason, "reason", "", "`TEXT` that says why they are accepted")
	return command
}

// loadBaseline reads the file of --baseline, "" for none.
func loadBaseline(path string) (*audit.Baseline, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, usagef("--baseline %s: it cannot be read: %v", path, fileerr.Reason(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, audit.MaxBaseline+1))
	if err != nil {
		return nil, usagef("--baseline %s: it cannot be read: %v", path, fileerr.Reason(err))
	}
	b, err := audit.ReadBaseline(data, path, time.Now())
	if err != nil {
		return nil, err
	}
	b.Origin.Source = filepath.Base(path)
	return b, nil
}

// warnUnused tells of the entries of a baseline that accepted nothing.
func warnUnused(name string, unused []report.Unused) {
	for _, u := range unused {
		what := "nothing fails that it accepts; take it out"
		if u.Expired {
			what = "it has expired on " + u.Expires
		}
		complain(fmt.Sprintf("%s:%d: %s: %s", name, u.Line, what, u.Term))
	}
}

// verdictStatus returns the exit status of a report's verdict. Failures that are
// all accepted let pass only because the user gave the baseline.
func (f *verifyFlags) verdictStatus(r *report.Report) error {
	if _, accepted := r.AllAccepted(); accepted && f.baseline != "" {
		return nil
	}
	return verdictStatus(r)
}
