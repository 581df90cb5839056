package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"cotverify/internal/fileerr"
	"cotverify/pkg/graph"
	"cotverify/pkg/report"
	"cotverify/pkg/source"

	"github.com/spf13/cobra"
)

func newWorkdir() *cobra.Command {
	var in verifyFlags
	var out reportFlags
	var path string
	var overwrite bool
	command := &cobra.Command{
		Use:   "workdir TASK_ID",
		Short: "Make the folder that a release script works in, to run one by hand",
		Long: `Verify a task, and write task.json and, as cot/<taskId>/<path>, each artifact that
its upstreamArtifacts ask for. The folder is there only if all of it was verified.
The task itself need not have run.`,
		Example: `  cotverify workdir IJbJTQLOTsuAce5W4sVfnw --path work`,
		Args:    atMost(1),
		RunE: func(command *cobra.Command, args []string) error {
			in.noCheckTask = true
			w := workdir{path: filepath.Clean(path), overwrite: overwrite} // "work/" is beside what "work" is beside
			return out.report(command.Context(), &in, args, w.run)
		},
	}
	in.add(command)
	command.ValidArgsFunction = completeTask(&in)
	out.add(command)
	command.Flags().StringVar(&path, "path", "work", "the `FOLDER` to make")
	command.Flags().BoolVar(&overwrite, "overwrite", false, "replace the folder if it is there")
	return command
}

// workdir is a work folder that is being made. Artifacts are written to a
// folder beside it while they are hashed, which takes its place at the end.
type workdir struct {
	path      string
	overwrite bool
	draft     string
}

func (w *workdir) run(ctx context.Context, j job) (r *report.Report, err error) {
	if base := filepath.Base(w.path); base == "." || base == ".." || base == string(filepath.Separator) {
		return nil, usagef("--path %s: expected a folder that can be made anew, with a name of its own", w.path)
	}
	if _, err := os.Lstat(w.path); err == nil && !w.overwrite {
		return nil, usagef("%s exists already; give --overwrite to replace it", w.path)
	}
	j.Source = source.NewShared(j.Source) // what is written is what was verified
	task, definition, err := w.task(ctx, j)
	if err != nil {
		return verifyJob(ctx, j) // whose report tells that the target could not be had
	}
	w.draft = filepath.Join(filepath.Dir(w.path), "."+filepath.Base(w.path)+"."+rand.Text())
	if err := os.Mkdir(w.draft, 0o777); err != nil {
		return nil, usagef("%s cannot be made: %v", w.path, fileerr.Reason(err))
	}
	defer func() { err = errors.Join(err, fileerr.Reason(os.RemoveAll(w.draft))) }()
	root, err := os.OpenRoot(w.draft)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	saver := &saver{source: j.Source, task: task, root: root}
	j.Source = saver
	if r, err = verifyJob(ctx, j); err != nil || r.Verdict != report.Verified {
		return r, err
	}
	if err := saver.keepVerified(r); err != nil {
		return nil, err
	}
	if err := root.WriteFile("task.json", definition, 0o666); err != nil {
		return nil, err
	}
	return r, w.replace()
}

// task returns the target's definition, read and as it is.
func (w *workdir) task(ctx context.Context, j job) (*graph.Task, []byte, error) {
	definition := j.Definition
	if definition == nil {
		var err error
		if definition, _, err = source.ReadAll(ctx, j.Source, source.Task(j.TaskID), graph.MaxDefinition); err != nil {
			return nil, nil, err
		}
	}
	return graph.ReadTask(j.TaskID, definition), definition, nil
}

// replace gives the draft the folder's name. What had the name is moved aside
// until that is done, so that one of the two is always there.
func (w *workdir) replace() error {
	old := w.draft + ".old"
	moved := false
	if w.overwrite {
		err := os.Rename(w.path, old)
		if moved = err == nil; !moved && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s cannot be replaced: %w", w.path, fileerr.Reason(err))
		}
	}
	if err := os.Rename(w.draft, w.path); err != nil {
		if moved {
			err = errors.Join(fileerr.Reason(err), fileerr.Reason(os.Rename(old, w.path)))
		}
		return fmt.Errorf("%s cannot be made: %w", w.path, fileerr.Reason(err))
	}
	if err := os.RemoveAll(old); err != nil {
		return fmt.Errorf("%s, which was replaced, cannot be removed: %w", old, fileerr.Reason(err))
	}
	return nil
}

// saver is a source that writes the artifacts which a task asks for to a
// folder, while they are read.
type saver struct {
	source source.Source
	task   *graph.Task
	root   *os.Root

	mu    sync.Mutex
	saved []source.Fact
	err   error // the first failure to write
}

// Open implements [source.Source].
func (s *saver) Open(ctx context.Context, f source.Fact) (*source.Answer, error) {
	a, err := s.source.Open(ctx, f)
	if err != nil || f.Kind != source.KindArtifact || !s.task.Asks(f.TaskID, f.Name) {
		return a, err
	}
	file, err := s.create(f)
	if err != nil {
		s.fail(f, err)
		return a, nil
	}
	a.Body = source.Tee(a.Body, &saving{File: file, saver: s, fact: f})
	return a, nil
}

func (s *saver) create(f source.Fact) (*os.File, error) {
	path := savedPath(f)
	s.mu.Lock()
	s.saved = append(s.saved, f)
	s.mu.Unlock()
	if err := s.root.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	return s.root.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

func (s *saver) fail(f source.Fact, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = fmt.Errorf("%s cannot be written: %w", savedPath(f), fileerr.Reason(err))
	}
}

// keepVerified removes what was saved and is not verified: an optional artifact
// with a wrong hash does not refuse, and is not to be used.
func (s *saver) keepVerified(r *report.Report) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	verified := map[source.Fact]bool{}
	for _, a := range r.Artifacts {
		verified[source.Artifact(a.TaskID, a.Path)] = true
	}
	for _, f := range s.saved {
		if verified[f] {
			continue
		}
		if err := s.root.Remove(savedPath(f)); err != nil {
			return err
		}
	}
	return nil
}

func savedPath(f source.Fact) string {
	return filepath.Join("cot", f.TaskID, filepath.FromSlash(f.Name))
}

// saving is an artifact that is being written: a [source.Sink].
type saving struct {
	*os.File
	saver *saver
	fact  source.Fact
}

func (s *saving) Write(p []byte) (int, error) {
	n, err := s.File.Write(p)
	if err != nil {
		s.saver.fail(s.fact, err)
	}
	return n, err
}

// End closes the file. One that is not whole is none of a verified artifact.
func (s *saving) End(error) {
	if err := s.Close(); err != nil {
		s.saver.fail(s.fact, err)
	}
}
