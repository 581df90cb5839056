package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"

	"cotverify/pkg/evidence"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
	"cotverify/pkg/source/bundle"
	"cotverify/pkg/workerlog"

	"github.com/spf13/cobra"
)

func newRecord() *cobra.Command {
	var in verifyFlags
	var out reportFlags
	var to string
	var overwrite bool
	var groups []string
	var selected auditFlags
	artifacts := choice{value: "needed", allowed: []string{"all", "needed", "none"}}
	command := &cobra.Command{
		Use:   "record [TASK_ID] --to BUNDLE",
		Short: "Verify a task or task groups, and keep every fact in a bundle",
		Long: `Verify a task's chain of trust, and keep every fact that was asked for in a bundle,
from which the verification repeats offline. A name that ends in .tar, .tar.gz or
.tar.zst makes an archive, any other a folder.

What was not there is recorded too, so that a verification that failed in CI can
be debugged at a desk; so is as much as was seen when it is interrupted, and how
the task ended, for cotverify why. Where not even the task could be had, there is
no bundle. No credentials are in one.

With --group, or the URL of a task group, its release tasks are audited in place of
one task: cotverify audit --bundle repeats that.`,
		Example: `  cotverify record IJbJTQLOTsuAce5W4sVfnw -o release.tar.zst
  cotverify record --group c6r8K9dzSIK3GDZLlgU9aQ -o audit.tar.zst
  cotverify verify --bundle release.tar.zst`,
		Args: atMost(1),
		RunE: func(command *cobra.Command, args []string) error {
			if to == "" {
				return usagef("no bundle to write; give --to BUNDLE")
			}
			if ending := archive.FindString(to); ending != "" && !writtenArchive.MatchString(to) {
				return usagef("--to %s: no bundle is a %s archive; expected a folder, or a name that ends in .tar, .tar.gz or .tar.zst", to, ending)
			}
			out.taken = map[string]string{resolved(to): "--to " + to}
			r := recording{to: to, artifacts: artifacts.value, overwrite: overwrite}
			if len(args) == 1 && isGroupURL(args[0]) {
				groups, args = append(groups, args[0]), nil
			}
			var err error
			switch {
			case len(groups) == 0 && selected.isSet():
				return usagef("--select, --tasks, --fail-fast and --previous are for task groups; give one with --group GROUP")
			case len(groups) == 0:
				err = out.report(command.Context(), &in, args, r.run)
			case len(args) > 0 || in.isOfOneTask():
				return usagef("a task, and what is asked of one, cannot be recorded together with a task group")
			case r.artifacts == "all":
				return usagef("--with-artifacts all is for one task; of task groups the needed ones are kept")
			default:
				out.audit, selected.recording = true, &r
				err = selected.run(command.Context(), &in, &out, groups)
			}
			if r.err != nil {
				return r.err
			}
			return err
		},
	}
	in.add(command)
	command.ValidArgsFunction = completeTask(&in)
	in.addSignatures(command)
	out.add(command)
	selected.add(command)
	command.Flags().StringArrayVar(&groups, "group", nil, "audit the task group `GROUP`, and record that; may be repeated")
	command.Flags().StringVarP(&to, "to", "o", "", "write the bundle to `BUNDLE`")
	command.Flags().BoolVar(&overwrite, "overwrite", false, "replace the bundle if it is there")
	command.Flags().Var(&artifacts, "with-artifacts", "which artifacts to keep (`all|needed|none`): all that the tasks have, those needed, or none")
	complete(command, "with-artifacts", func() []string { return artifacts.allowed })
	return command
}

// archive matches the endings of archives, and writtenArchive those that a bundle
// can be. A folder of the name of another is not what was meant.
var (
	archive        = regexp.MustCompile(`(?i)\.(tar(\.[a-z0-9]+)?|t[a-z]{1,2}z2?|tbz2?|txz|tzst|zip|7z|rar|gz|bz2|xz|lz4?|zstd?|br|z)$`)
	writtenArchive = regexp.MustCompile(`\.tar(\.gz|\.zst)?$`)
)

// recording is a verification that is recorded.
type recording struct {
	to        string
	artifacts string // "all", "needed" or "none"
	overwrite bool
	err       error // why there is no bundle
}

// run verifies, and writes the bundle whatever came of that, unless not even the
// task could be had: one without it would only be in the way of the next try.
func (r *recording) run(ctx context.Context, j job) (*report.Report, error) {
	recorder, err := r.start(j)
	if err != nil {
		return nil, err
	}
	defer recorder.Abort() // leaves nothing behind where Finish is not reached
	j.Source = recorder
	found, err := verifyJob(ctx, j)
	manifest := bundle.Manifest{RootURL: j.Policy.Services.RootURL, Product: j.Product, TaskID: j.TaskID, TaskType: j.TaskType}
	if found != nil {
		manifest.Product, manifest.TaskType = found.Target.Product, found.Target.TaskType
		if r.artifacts == "all" {
			readAll(ctx, recorder, found.Links)
		}
	}
	if !recorder.Kept(source.Task(j.TaskID)) {
		complain(fmt.Sprintf("the task could not be had, so there is no bundle %s", r.to))
		return found, err
	}
	readEnd(ctx, recorder, j)
	r.finish(recorder, manifest)
	return found, err
}

// start returns what records the facts of a job.
func (r *recording) start(j job) (*bundle.Recorder, error) {
	recorder, err := bundle.NewRecorder(j.Source, r.to, bundle.RecordOptions{WithoutArtifacts: r.artifacts == "none", Overwrite: r.overwrite})
	if err != nil {
		return nil, usagef("%v", err)
	}
	return recorder, nil
}

// finish writes the bundle.
func (r *recording) finish(recorder *bundle.Recorder, manifest bundle.Manifest) {
	facts, bytes := recorder.Size()
	if r.err = recorder.Finish(manifest); r.err == nil {
		if info, err := os.Stat(r.to); err == nil && info.Mode().IsRegular() {
			bytes = info.Size()
		}
		fmt.Fprintf(os.Stderr, "wrote %s: %d facts, %d bytes\n", shown(r.to), facts, bytes)
	}
}

// finishGroups writes the bundle of an audit, unless not even the list of one
// group could be had.
func (r *recording) finishGroups(recorder *bundle.Recorder, j job, groups []string) {
	if !slices.ContainsFunc(groups, func(id string) bool { return recorder.Kept(source.Group(id)) }) {
		complain(fmt.Sprintf("no list of a task group could be had, so there is no bundle %s", r.to))
		return
	}
	r.finish(recorder, bundle.Manifest{RootURL: j.Policy.Services.RootURL, Groups: groups})
}

// readEnd reads how the task ended and what its worker said of its chain, so that
// it is recorded. It is no part of the verification.
func readEnd(ctx context.Context, recorder *bundle.Recorder, j job) {
	store := evidence.New(recorder)
	defer store.Close()
	if end := workerlog.Find(ctx, store, j.TaskID, j.Run); end.Run != "" {
		_, _ = workerlog.Read(ctx, recorder, j.TaskID, end.Run)
	}
}

// readAll reads all artifacts of the links, so that they are recorded. What
// cannot be had is recorded as that.
func readAll(ctx context.Context, src source.Source, links []report.Link) {
	for _, link := range links {
		names, err := source.ListNames(ctx, src, link.TaskID)
		if err != nil {
			continue
		}
		for _, name := range names {
			if a, err := src.Open(ctx, source.Artifact(link.TaskID, name)); err == nil {
				_, _ = io.Copy(io.Discard, a.Body)
				a.Body.Close()
			}
		}
	}
}
