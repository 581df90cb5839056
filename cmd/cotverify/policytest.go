package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"cotverify/pkg/report"

	"github.com/spf13/cobra"
)

// verdictEnding is that of the file that has the verdict which is expected of
// the bundle beside it.
const verdictEnding = ".verdict"

func newPolicyTest() *cobra.Command {
	var trust trustFlags
	command := &cobra.Command{
		Use:   "test DIR",
		Short: "Hold a policy against recorded chains and their verdicts",
		Long: `Verify each bundle in a folder that has a file of its name and ".verdict" beside it,
with the word pass, fail or error, and tell where the verdict is another one.

Exit status: 0 all verdicts are as expected; 1 one is not; 2 the policy, the keys,
a bundle or an expected verdict are unusable, or there is none.`,
		Example: `  cotverify policy test --policy policy.yaml chains`,
		Args:    exactly(1),
		RunE: func(command *cobra.Command, args []string) error {
			expected, err := filepath.Glob(filepath.Join(args[0], "*"+verdictEnding))
			if err != nil || len(expected) == 0 {
				return usagef("%s: there is no bundle with a file NAME%s beside it", args[0], verdictEnding)
			}
			failed := 0
			var b strings.Builder
			for _, path := range expected {
				line, ok, err := trust.test(command.Context(), path)
				if err != nil {
					return err
				}
				if !ok {
					failed++
				}
				b.WriteString(line)
			}
			fmt.Fprintf(&b, "%d of %d chains as expected\n", len(expected)-failed, len(expected))
			if err := printOut(b.String()); err != nil {
				return err
			}
			if failed > 0 {
				return status(exitRefused)
			}
			return nil
		},
	}
	trust.addPolicy(command)
	trust.addKeys(command)
	return command
}

// test verifies the bundle beside an expected verdict, and says in a line what
// came of it.
func (f *trustFlags) test(ctx context.Context, path string) (line string, ok bool, err error) {
	text, err := readFile(path)
	if err != nil {
		return "", false, usagef("%v", err)
	}
	want := report.Verdict(strings.TrimSpace(string(text)))
	if !slices.Contains([]report.Verdict{report.Verified, report.Refused, report.Unknown}, want) {
		return "", false, usagef("%s: %s is no verdict; expected pass, fail or error", path, quoted(string(want)))
	}
	in := verifyFlags{bundle: strings.TrimSuffix(path, verdictEnding), trust: *f}
	j, done, err := in.options(nil)
	if err != nil {
		return "", false, err
	}
	defer done()
	found, err := verifyJob(ctx, j)
	if err != nil {
		return "", false, err
	}
	name := shown(filepath.Base(in.bundle))
	if found.Verdict == want {
		return fmt.Sprintf("ok    %s  %s\n", name, want), true, nil
	}
	word, rest := found.Sentence()
	return fmt.Sprintf("WRONG %s  expected %s, got %s: %s: %s\n", name, want, found.Verdict, word, rest), false, nil
}
