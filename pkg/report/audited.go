package report

import (
	"fmt"
	"iter"
)

// Audited is an audit's report that was read. Whatever it has not in itself is
// as if it were not known: a target that should be there and is not counts as
// unknown.
type Audited struct {
	audit    Audit
	coverage Coverage
	targets  []AuditTarget
	links    []Link
	checks   []Check
}

// maxListed is more tasks than any audit has, and few enough to be added up.
const maxListed = 100_000_000

// audited makes an audit's report of what was read, if it holds together.
func (d *document) audited() (*Audited, error) {
	a := &Audited{
		audit:   Audit{Tool: d.Tool, RootURL: d.RootURL, Trust: d.Trust, Groups: d.Groups, Shard: d.Shard, Unused: d.Unused},
		targets: d.Targets, links: d.Links, checks: d.Checks,
	}
	seen := map[string]bool{}
	for _, t := range a.targets {
		if seen[t.TaskID] {
			return nil, fmt.Errorf("the target %q is there twice", t.TaskID)
		}
		seen[t.TaskID] = true
		if err := a.indexes(&t); err != nil {
			return nil, fmt.Errorf("the target %q: %w", t.TaskID, err)
		}
	}
	for r := range a.Reports() {
		a.coverage.Add(r)
	}
	return a, a.addUp(d.Coverage)
}

// indexes refuses a target that has what is not there.
func (a *Audited) indexes(t *AuditTarget) error {
	if len(t.Links) > maxLinks {
		return fmt.Errorf("it has %d links, at most %d are expected", len(t.Links), maxLinks)
	}
	if err := within("link", t.Links, len(a.links)); err != nil {
		return err
	}
	if err := within("check", t.Checks, len(a.checks)); err != nil {
		return err
	}
	own := map[int]bool{}
	for _, at := range t.Checks {
		own[at] = true
	}
	for _, cause := range t.Causes {
		for _, at := range cause.Explains {
			if !own[at] {
				return fmt.Errorf("cause %q: it explains check %d, which is none of the target's", cause.Cause, at)
			}
		}
	}
	return nil
}

func within(what string, indexes []int, n int) error {
	for _, at := range indexes {
		if at < 0 || at >= n {
			return fmt.Errorf("it has %s %d, and there are %d", what, at, n)
		}
	}
	return nil
}

// addUp completes the coverage, which so far has the targets that are there, by
// what the report says of the other tasks.
func (a *Audited) addUp(told Coverage) error {
	listed := 0
	for _, group := range a.audit.Groups {
		if group.Listed < 0 || group.Listed > maxListed || listed > maxListed {
			return fmt.Errorf("the task group %q: it lists %d tasks, which cannot be", group.TaskGroupID, group.Listed)
		}
		listed += group.Listed
	}
	if told.NotSelected < 0 || told.OtherShards < 0 || told.NotSelected > listed || told.OtherShards > listed-told.NotSelected {
		return fmt.Errorf("the coverage does not add up: of %d listed tasks %d are not selected and %d of other shards", listed, told.NotSelected, told.OtherShards)
	}
	selected := listed - told.NotSelected
	own := selected - told.OtherShards
	if len(a.targets) > own {
		return fmt.Errorf("the coverage does not add up: of %d listed tasks %d are to be here, and %d are", listed, own, len(a.targets))
	}
	if err := a.audit.Shard.holds(selected, own); err != nil {
		return err
	}
	a.coverage.Unknown += own - len(a.targets)
	a.coverage.Listed, a.coverage.NotSelected, a.coverage.OtherShards = listed, told.NotSelected, told.OtherShards
	return nil
}

// holds refuses a share that cannot be one of so many selected tasks.
func (s *Shard) holds(selected, own int) error {
	if s == nil {
		if own < selected {
			return fmt.Errorf("%d tasks are of other shards, and it is no shard itself", selected-own)
		}
		return nil
	}
	if s.Index < 1 || s.Of < s.Index {
		return fmt.Errorf("there is no shard %d of %d", s.Index, s.Of)
	}
	if len(s.Targets) != own {
		return fmt.Errorf("shard %d of %d: it has %d targets, and by the coverage %d", s.Index, s.Of, len(s.Targets), own)
	}
	for i, at := range s.Targets {
		if at < 0 || at >= selected || i > 0 && at <= s.Targets[i-1] {
			return fmt.Errorf("shard %d of %d: target %d cannot be at place %d of %d", s.Index, s.Of, i, at, selected)
		}
	}
	return nil
}

// Summary sums the targets up.
func (a *Audited) Summary() Summary {
	s := a.coverage.Summary()
	s.Audit = &a.audit
	return s.WithUnused(a.audit.Unused)
}

// Reports returns the targets' reports one by one, as they were when the audit
// made them.
func (a *Audited) Reports() iter.Seq[*Report] {
	return func(yield func(*Report) bool) {
		for i := range a.targets {
			if !yield(a.report(&a.targets[i])) {
				return
			}
		}
	}
}

// report puts a target's report together again.
func (a *Audited) report(t *AuditTarget) *Report {
	r := &Report{
		Schema: Schema, Tool: a.audit.Tool, RootURL: a.audit.RootURL, Target: t.Target,
		Artifacts: t.Artifacts, Links: make([]Link, len(t.Links)), Checks: make([]Check, len(t.Checks)),
	}
	if r.Artifacts == nil {
		r.Artifacts = []Artifact{}
	}
	for i, at := range t.Links {
		r.Links[i] = a.links[at]
	}
	places := map[int][]int{} // of each check of the audit in the report
	for i, at := range t.Checks {
		r.Checks[i] = a.checks[at]
		places[at] = append(places[at], i)
	}
	for _, cause := range t.Causes {
		explains := make([]int, len(cause.Explains))
		for i, at := range cause.Explains {
			explains[i] = places[at][0]
			if len(places[at]) > 1 { // the same words twice in one report
				places[at] = places[at][1:]
			}
		}
		cause.Explains = explains
		r.Causes = append(r.Causes, cause)
	}
	if failed := len(t.Checks) == 0 && HasFailed(t.State); !failed && a.audit.Trust != nil {
		trust := *a.audit.Trust
		trust.CheckTask = t.State == HasRun
		r.Trust = &trust
	}
	r.Conclude(r.Trust != nil && r.Trust.Strict)
	return r
}
