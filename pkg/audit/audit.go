package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"cotverify/pkg/report"
	"cotverify/pkg/verify"
)

// Audit says how task groups are audited.
type Audit struct {
	Verifier *verify.Verifier
	Select   Selection
	// Target is what the targets have in common: what to verify each as, if not
	// what it is inferred to be, and how strictly.
	Target verify.Target
	// Shard is the share of the targets to verify; the zero shard is of all.
	Shard Shard
	// Previous has the groups audited too that a promoting action of a group
	// names.
	Previous bool
	// Jobs is how many targets are verified side by side; 0 for as many as there
	// are processors, twice.
	Jobs int
	// FailFast ends the audit with the first target that does not verify.
	FailFast bool
	// Baseline is what somebody accepted of the failures; nil if nobody did.
	Baseline *Baseline
	// Tool names the program in the reports; nil in a library.
	Tool *report.Tool
	// Progress is told how many targets there are, and of each that is done; nil
	// if nobody wants to know.
	Progress func(done, all int)
}

// Plan is what an audit is to do.
type Plan struct {
	Groups  []report.Group
	Targets []Member // by group, label and taskId
	Listed  int      // tasks of all groups
	// Shard says which of all targets these are, and OtherShards how many others
	// there are; nil and 0 where these are all.
	Shard       *report.Shard
	OtherShards int
}

// Plan reads the lists of the groups, and of those that they lead to, and
// selects the targets. The error is as of a [source.Source].
func (a *Audit) Plan(ctx context.Context, groups []string) (*Plan, error) {
	p := &Plan{}
	seen := map[string]bool{}
	selected := map[string]bool{}
	upstream := map[string][]string{}
	for queue := slices.Clone(groups); len(queue) > 0; queue = queue[1:] {
		id := queue[0]
		if seen[id] {
			continue
		}
		seen[id] = true
		if len(seen) > maxGroups {
			return nil, fmt.Errorf("the task groups lead to more than %d others, which is the limit", maxGroups)
		}
		group, members, err := list(ctx, a.Verifier.Store.Source(), id)
		if err != nil {
			return nil, err
		}
		p.Groups = append(p.Groups, group)
		p.Listed += len(members)
		slices.SortStableFunc(members, func(a, b Member) int { return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.TaskID, b.TaskID)) })
		for _, m := range members {
			if a.Select.Has(m) && !selected[m.TaskID] {
				selected[m.TaskID] = true
				p.Targets = append(p.Targets, m)
			}
			if a.Previous {
				queue = append(queue, m.previous...)
			}
			if a.Shard.Of > 1 {
				upstream[m.TaskID] = m.upstream
			}
		}
	}
	if a.Shard != (Shard{}) {
		if err := a.Shard.check(); err != nil {
			return nil, err
		}
		p.share(a.Shard, upstream)
	}
	return p, nil
}

// Run verifies the targets of a plan, and gives their reports to each in the
// plan's order, as they are made. It returns their summary. The error is each's
// or the context's; whatever it is, the summary says what was done, and is no
// yes unless all was.
func (a *Audit) Run(ctx context.Context, p *Plan, each func(*report.Report) error) (report.Summary, error) {
	var coverage report.Coverage
	err := a.inOrder(ctx, p.Targets, func(r *report.Report) error {
		if a.Baseline != nil && len(r.Checks) > 0 {
			a.Baseline.Apply(r)
		}
		coverage.Add(r)
		if a.Progress != nil {
			a.Progress(coverage.Listed, len(p.Targets))
		}
		if err := each(r); err != nil {
			return err
		}
		if a.FailFast && a.endsAudit(r) {
			return errFailFast
		}
		return nil
	})
	all := coverage.Listed == len(p.Targets)
	coverage.Unknown += len(p.Targets) - coverage.Listed // those that it did not come to
	coverage.OtherShards = p.OtherShards
	coverage.NotSelected = p.Listed - len(p.Targets) - p.OtherShards
	coverage.Listed = p.Listed
	s := coverage.Summary()
	s.Audit = &report.Audit{
		Tool: a.Tool, RootURL: a.Verifier.Policy.Services.RootURL,
		Trust: a.Verifier.Trust(a.Target), Groups: p.Groups, Shard: p.Shard,
	}
	if a.Baseline != nil {
		s.Audit.Trust.Baseline = &a.Baseline.Origin
		if all {
			s = s.WithUnused(a.Baseline.Unused())
		}
	}
	if errors.Is(err, errFailFast) {
		err = nil
	}
	return s, err
}

// endsAudit reports whether a target does not verify, and nobody accepted that.
func (a *Audit) endsAudit(r *report.Report) bool {
	if _, accepted := r.AllAccepted(); accepted {
		return false
	}
	outcome := r.Outcome()
	return outcome == report.OutcomeRefused || outcome == report.OutcomeUnknown
}

var errFailFast = errors.New("a target does not verify")

// inOrder verifies targets side by side, and calls each with their reports in
// order. Not many more are made than the slowest is waited for.
func (a *Audit) inOrder(ctx context.Context, targets []Member, each func(*report.Report) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()

	jobs := cmp.Or(a.Jobs, 2*runtime.GOMAXPROCS(0))
	const ahead = 8 // reports that wait for one before them, for each job
	type result struct {
		report *report.Report
		err    error
	}
	results := make(chan chan result, jobs*ahead)
	slots := make(chan struct{}, jobs)
	working.Go(func() {
		defer close(results)
		for _, m := range targets {
			done := make(chan result, 1)
			select {
			case results <- done:
			case <-ctx.Done():
				return
			}
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			working.Go(func() {
				defer func() { <-slots }()
				r, err := a.verify(ctx, m)
				done <- result{r, err}
			})
		}
	})
	for done := range results {
		var r result
		select {
		case r = <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if r.err != nil {
			return r.err
		}
		if err := each(r.report); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// verify verifies one target. The error says that the context ended.
func (a *Audit) verify(ctx context.Context, m Member) (*report.Report, error) {
	t := a.Target
	t.TaskID = m.TaskID
	t.NoCheckTask = m.State != report.HasRun
	r := &report.Report{Schema: report.Schema, RootURL: a.Verifier.Policy.Services.RootURL, Target: report.Target{TaskID: m.TaskID}}
	if !report.HasFailed(m.State) {
		found, err := a.Verifier.Verify(ctx, t)
		var usage *verify.UsageError
		switch {
		case errors.As(err, &usage):
			r.Trust = a.Verifier.Trust(t)
			r.Links = []report.Link{{TaskID: m.TaskID, Name: "target", Label: m.Label}}
			r.Checks = []report.Check{report.Check{Check: "task-type", Status: report.Error, TaskID: m.TaskID, Link: "target", Subject: "target", Message: usage.Message}.Because(report.Unavailable)}
			r.Conclude(t.Strict)
		case err != nil:
			return nil, err
		default:
			r = found
		}
	}
	if r.Checks == nil {
		r.Verdict, r.Checks, r.Links = report.Unknown, []report.Check{}, []report.Link{}
	}
	if r.Artifacts == nil {
		r.Artifacts = []report.Artifact{}
	}
	r.Tool = a.Tool
	r.Target.Kind, r.Target.State = m.Kind, m.State
	r.Target.Label = cmp.Or(r.Target.Label, m.Label)
	return r, nil
}
