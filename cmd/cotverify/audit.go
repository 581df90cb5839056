package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"cotverify/pkg/audit"
	"cotverify/pkg/report"
	"cotverify/pkg/source/bundle"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
)

func newAudit() *cobra.Command {
	var in verifyFlags
	var out reportFlags
	var flags auditFlags
	command := &cobra.Command{
		Use:   "audit GROUP...",
		Short: "Verify the release tasks of task groups",
		Long: `Verify every release task of one or more task groups: by default those that run on
scriptworker. What they share is asked for, hashed and rebuilt once. A group may
be given by its URL, or that of one of its tasks' graphs.

The exit status is 0 only if every task that was selected and has run was
verified, and at least one was: 1 if one was refused, else 3. Tasks that have not
run are verified as such; those that failed are listed. What became of all listed
tasks adds up in the last line.

With --shard several machines share an audit: each takes the tasks that hang
together, and cotverify merge joins their JSON reports. A shard without any task
verifies nothing, which is exit status 3. With --shard auto the job says which it
is: CI_NODE_INDEX and CI_NODE_TOTAL of GitLab's parallel; JOB_COMPLETION_INDEX of
Kubernetes' indexed jobs, with JOB_COMPLETIONS set to how many there are;
STRATEGY_JOB_INDEX and STRATEGY_JOB_TOTAL, set to strategy.job-index and
strategy.job-total of GitHub Actions; or, as in a task of Taskcluster,
COTVERIFY_SHARD_INDEX, from 1, and COTVERIFY_SHARD_OF.`,
		Example: `  cotverify audit c6r8K9dzSIK3GDZLlgU9aQ
  cotverify audit c6r8K9dzSIK3GDZLlgU9aQ --select kind=*signing* --report junit=audit.xml
  cotverify audit --bundle release.tar.zst
  cotverify audit c6r8K9dzSIK3GDZLlgU9aQ --shard 2/3 --report json=shard-2.json`,
		RunE: func(command *cobra.Command, args []string) error {
			return flags.run(command.Context(), &in, &out, args)
		},
	}
	out.audit = true
	in.addMany(command)
	in.addBaseline(command)
	in.addExpiring(command)
	out.add(command)
	flags.add(command)
	return command
}

// auditFlags say which tasks of the groups are verified, and how.
type auditFlags struct {
	selects  []string
	tasks    string
	previous bool
	failFast bool
	shard    string

	recording *recording // of the audit; nil if it is not kept
}

func (f *auditFlags) add(command *cobra.Command) {
	flags := command.Flags()
	flags.StringArrayVar(&f.selects, "select", nil, "verify the tasks that match `KEY=PATTERN` in place of those on scriptworker, with a key of "+strings.Join(audit.Keys(), ", ")+"; may be repeated")
	flags.StringVar(&f.tasks, "tasks", "", "verify the tasks whose IDs are in `FILE`, one a line; - is standard input")
	flags.BoolVar(&f.previous, "previous", true, "audit the task groups too that a promoting action names")
	flags.StringVar(&f.shard, "shard", "", "verify the share `I/N` of the tasks, or auto for the one that the CI job has; merge joins the reports")
	flags.BoolVar(&f.failFast, "fail-fast", false, "end with the first task that does not verify")
}

// isSet reports whether one of the flags is given.
func (f *auditFlags) isSet() bool {
	return len(f.selects) > 0 || f.tasks != "" || !f.previous || f.failFast
}

// selection returns what the flags select.
func (f *auditFlags) selection() (audit.Selection, error) {
	var s audit.Selection
	for _, rule := range f.selects {
		if err := s.Add(rule); err != nil {
			return s, usagef("--select %s: %v", quoted(rule), err)
		}
	}
	if f.tasks == "" {
		return s, nil
	}
	if len(f.selects) > 0 {
		return s, usagef("--tasks names the tasks one by one; leave --select away")
	}
	ids, err := readTaskIDs(f.tasks)
	s.TaskIDs = ids
	return s, err
}

// maxTaskIDs is how many bytes a list of taskIds has at most.
const maxTaskIDs = 8 << 20

// readTaskIDs reads the tasks in a file, one a line, written as on a command
// line. Empty lines do not count.
func readTaskIDs(path string) ([]string, error) {
	file := os.Stdin
	if path != "-" {
		var err error
		if file, err = os.Open(path); err != nil {
			return nil, usagef("--tasks: %v", err)
		}
		defer file.Close()
	}
	var ids []string
	lines := bufio.NewScanner(io.LimitReader(file, maxTaskIDs))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		named, err := readTask(line)
		if err != nil {
			return nil, usagef("--tasks: %v", err)
		}
		ids = append(ids, named.id)
	}
	if err := lines.Err(); err != nil {
		return nil, usagef("--tasks: %v", err)
	}
	if len(ids) == 0 {
		return nil, usagef("--tasks: there is no task in %s", cmp.Or(path, "standard input"))
	}
	return ids, nil
}

// groups returns the task groups that the arguments name, and what they are
// verified by.
func (f *verifyFlags) groups(args []string) (groups []string, j job, done func(), err error) {
	for _, arg := range args {
		id, root, err := readGroup(arg)
		if err != nil {
			return nil, j, nil, err
		}
		if root != "" && f.live.taskRoot != "" && root != f.live.taskRoot {
			return nil, j, nil, usagef("the task groups are of different deployments: %s and %s", f.live.taskRoot, root)
		}
		f.live.taskRoot = cmp.Or(f.live.taskRoot, root)
		groups = append(groups, id)
	}
	j, err = f.trusted()
	if err != nil {
		return nil, j, nil, err
	}
	if f.bundle == "" && len(groups) == 0 {
		return nil, j, nil, usagef("no task group to audit; give a GROUP, or --bundle PATH of a bundle that names one")
	}
	if f.bundle == "" {
		var access access
		j.Policy, access = f.live.deployment(j.Policy)
		j.Source, done, err = f.live.open(j.Policy.Services, access)
		return groups, j, done, err
	}
	b, err := f.openBundle()
	if err != nil {
		return nil, j, nil, err
	}
	m := b.Manifest()
	if len(groups) == 0 {
		groups = m.Groups
	}
	if len(groups) == 0 {
		b.Close()
		return nil, j, nil, usagef("bundle %s: it names no task group; give a GROUP", f.bundle)
	}
	j.Source = b
	j.Policy = j.Policy.WithRootURL(cmp.Or(f.live.rootURL, m.RootURL, j.Policy.Services.RootURL))
	return groups, j, func() { b.Close() }, nil
}

// openBundle opens the bundle of --bundle.
func (f *verifyFlags) openBundle() (*bundle.Source, error) {
	b, err := openBundle(f.bundle)
	var unusable *bundle.Error
	if errors.As(err, &unusable) && unusable.None {
		return nil, usagef("%v", err)
	}
	return b, err
}

func (f *auditFlags) run(ctx context.Context, in *verifyFlags, out *reportFlags, args []string) error {
	selection, err := f.selection()
	if err != nil {
		return err
	}
	shard, err := readShard(f.shard)
	if err != nil {
		return err
	}
	reports, err := out.openReports()
	if err != nil {
		return err
	}
	defer reports.discard()
	ctx, cancel, err := in.live.limit(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	in.live.verbose = out.verbose
	groups, j, done, err := in.groups(args)
	if err != nil {
		return err
	}
	defer done()
	if f.recording != nil {
		recorder, err := f.recording.start(j)
		if err != nil {
			return err
		}
		defer recorder.Abort() // leaves nothing behind where it is not finished
		given := j
		j.Source = recorder
		defer f.recording.finishGroups(recorder, given, groups)
	}
	summary, err := with(j, func(v *verify.Verifier) (report.Summary, error) {
		a := &audit.Audit{
			Verifier: v, Select: selection, Target: j.Target, Previous: f.previous,
			Jobs: in.live.jobs, FailFast: f.failFast, Shard: shard, Tool: tool(j.Policy), Baseline: j.Baseline,
		}
		plan, err := a.Plan(ctx, groups)
		if err != nil {
			return report.Summary{}, err
		}
		if in.bundle == "" {
			noteUnsealed(plan.Groups)
		}
		return a.Run(ctx, plan, func(r *report.Report) error {
			j.diagnose(ctx, v, r)
			return reports.take(r)
		})
	})
	if err != nil {
		return err
	}
	if err := reports.end(summary); err != nil {
		return err
	}
	if j.Baseline != nil {
		warnUnused(j.Baseline.Origin.Source, summary.Audit.Unused)
		if _, accepted := summary.AllAccepted(); accepted {
			return nil
		}
	}
	return statusOf(summary.Verdict)
}

// noteUnsealed tells of task groups that tasks can still be added to.
func noteUnsealed(groups []report.Group) {
	for _, group := range groups {
		if !group.Sealed {
			fmt.Fprintf(os.Stderr, "task group %s is not sealed: tasks that are added to it later are not in this audit\n", group.TaskGroupID)
		}
	}
}

// take writes one report of many.
func (r *reports) take(found *report.Report) error {
	found.Trust = withoutSecretNames(found.Trust)
	for _, one := range r.open {
		if err := one.sink.Report(found); err != nil {
			return one.to.failed(err)
		}
	}
	return nil
}

// withoutSecretNames returns what was verified by, without what is secret in the
// names of its files.
func withoutSecretNames(t *report.Trust) *report.Trust {
	if t == nil {
		return nil
	}
	safe := *t
	safe.Policy.Source, safe.Keys.Source = withoutSecrets(t.Policy.Source), withoutSecrets(t.Keys.Source)
	if t.Baseline != nil {
		safe.Baseline = &report.Origin{Source: withoutSecrets(t.Baseline.Source), SHA256: t.Baseline.SHA256}
	}
	return &safe
}

// end ends the reports of many targets.
func (r *reports) end(summary report.Summary) error {
	summary.Audit.Trust = withoutSecretNames(summary.Audit.Trust)
	failures := r.finish(summary, func(one openReport) error { return one.end(summary) })
	if len(failures) > 0 {
		return failures
	}
	return nil
}
