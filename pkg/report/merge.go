package report

import (
	"cmp"
	"fmt"
	"iter"
	"reflect"
	"slices"
)

// Merged is the audit that the reports of all its shards are of.
type Merged struct {
	shards  []*Audited
	summary Summary
}

// Merge joins the reports of all shards of an audit, in whatever order. The error
// says which is missing, is there twice, or is of another audit: of other groups,
// another policy or another version. What they join to is as one machine would
// have reported it.
func Merge(shards []*Audited) (*Merged, error) {
	shards = slices.Clone(shards)
	for _, s := range shards {
		if s.audit.Shard == nil {
			return nil, fmt.Errorf("the audit of %s is a whole one, and no shard", s.groups())
		}
	}
	slices.SortStableFunc(shards, func(a, b *Audited) int { return cmp.Compare(a.audit.Shard.Index, b.audit.Shard.Index) })
	if err := complete(shards); err != nil {
		return nil, err
	}
	for _, s := range shards[1:] {
		if err := shards[0].audit.sameAs(&s.audit); err != nil {
			return nil, fmt.Errorf("shards 1 and %d are not of one audit: %w", s.audit.Shard.Index, err)
		}
	}
	m := &Merged{shards: shards}
	if err := m.wellShared(); err != nil {
		return nil, err
	}
	m.sumUp()
	return m, nil
}

// groups names the task groups of an audit.
func (a *Audited) groups() string {
	var ids []string
	for _, g := range a.audit.Groups {
		ids = append(ids, fmt.Sprintf("%q", g.TaskGroupID))
	}
	return fmt.Sprint(ids)
}

// complete refuses that one of the shards, which are in order, is missing or there
// twice.
func complete(shards []*Audited) error {
	if len(shards) == 0 {
		return fmt.Errorf("there is no shard")
	}
	of := shards[0].audit.Shard.Of
	for i, s := range shards {
		switch own := s.audit.Shard; {
		case own.Of != of:
			return fmt.Errorf("shard %d of %d is of another audit than shard %d of %d", own.Index, own.Of, shards[0].audit.Shard.Index, of)
		case i > 0 && own.Index == shards[i-1].audit.Shard.Index:
			return fmt.Errorf("shard %d of %d is there twice", own.Index, of)
		case own.Index != i+1:
			return fmt.Errorf("shard %d of %d is missing", i+1, of)
		}
	}
	if len(shards) < of {
		return fmt.Errorf("shard %d of %d is missing", len(shards)+1, of)
	}
	return nil
}

// sameAs refuses that two shards were made of other groups, by another policy or by
// another version.
func (a *Audit) sameAs(b *Audit) error {
	mine, others := a.asked(), b.asked()
	for i, fact := range mine {
		if !reflect.DeepEqual(fact.value, others[i].value) {
			return fmt.Errorf("%s: %q, and %q", fact.name, fmt.Sprint(fact.value), fmt.Sprint(others[i].value))
		}
	}
	return nil
}

type fact struct {
	name  string
	value any
}

// asked returns what all shards of an audit have in common. Whether a group is
// sealed is not among it: that may happen between two shards, and changes nothing.
func (a *Audit) asked() []fact {
	var tool Tool
	if a.Tool != nil {
		tool = *a.Tool
	}
	var trust Trust
	if a.Trust != nil {
		trust = *a.Trust
	}
	var baseline Origin
	if trust.Baseline != nil {
		baseline = *trust.Baseline
	}
	list := []fact{
		{"the program", tool.Name},
		{"its version", tool.Version},
		{"the reference", tool.Reference},
		{"the root URL", a.RootURL},
		{"whether it says by what was verified", a.Trust != nil},
		{"the policy", trust.Policy},
		{"the keys", trust.Keys},
		{"the signatures", trust.Signatures},
		{"whether warnings refuse", trust.Strict},
		{"what is required", trust.Require},
		{"what is supposed", trust.WhatIf},
		{"the accepted failures", baseline},
		{"the number of task groups", len(a.Groups)},
	}
	for _, g := range a.Groups {
		list = append(list,
			fact{"a task group", g.TaskGroupID},
			fact{"the tasks of group " + g.TaskGroupID + ", which may have grown", fmt.Sprintf("%d, sha256 %s", g.Listed, g.SHA256)})
	}
	return append(list, fact{"the selected tasks, by their sha256", a.Shard.Plan})
}

// wellShared refuses that a target is of no shard, or of two, and that the targets
// are others than were planned.
func (m *Merged) wellShared() error {
	first := m.shards[0].coverage
	selected, have := first.Listed-first.NotSelected, 0
	for _, s := range m.shards {
		have += len(s.audit.Shard.Targets)
	}
	if have != selected {
		return fmt.Errorf("the shards have %d targets, and of one audit %d are selected", have, selected)
	}
	planned := make([]int, selected) // the shard of each
	for _, s := range m.shards {
		own := s.audit.Shard
		if s.coverage.NotSelected != first.NotSelected {
			return fmt.Errorf("shards 1 and %d are not of one audit: %d tasks are not selected, and %d", own.Index, first.NotSelected, s.coverage.NotSelected)
		}
		for _, at := range own.Targets {
			if planned[at] != 0 {
				return fmt.Errorf("shards %d and %d both have target %d", planned[at], own.Index, at)
			}
			planned[at] = own.Index
		}
	}
	targets, seen := 0, map[string]bool{}
	for t := range m.targets() {
		if seen[t.TaskID] {
			return fmt.Errorf("two shards have the target %q", t.TaskID)
		}
		seen[t.TaskID] = true
		targets++
	}
	if targets < len(planned) {
		return nil // a shard ended early, and the rest counts as unknown
	}
	ids := func(yield func(string) bool) {
		for t := range m.targets() {
			if !yield(t.TaskID) {
				return
			}
		}
	}
	if found := TaskIDsSHA256(ids); found != m.shards[0].audit.Shard.Plan {
		return fmt.Errorf("the targets are not those that were planned: expected sha256 %q, found %s", m.shards[0].audit.Shard.Plan, found)
	}
	return nil
}

// sumUp sums the shards up. A term of accepted failures that none of them used is
// one that the audit did not use.
func (m *Merged) sumUp() {
	var c Coverage
	audit := m.shards[0].audit
	audit.Shard = nil
	audit.Groups = slices.Clone(audit.Groups)
	for _, s := range m.shards {
		c.join(s.coverage)
		for i := range audit.Groups {
			audit.Groups[i].Sealed = audit.Groups[i].Sealed && s.audit.Groups[i].Sealed
		}
		audit.Unused = slices.DeleteFunc(slices.Clone(audit.Unused), func(u Unused) bool { return !slices.Contains(s.audit.Unused, u) })
	}
	c.Listed, c.NotSelected = m.shards[0].coverage.Listed, m.shards[0].coverage.NotSelected
	m.summary = c.Summary()
	m.summary.Audit = &audit
	m.summary = m.summary.WithUnused(audit.Unused)
}

// Summary sums the targets of all shards up.
func (m *Merged) Summary() Summary { return m.summary }

// Reports returns the targets' reports one by one, in the order in which one
// machine would have made them.
func (m *Merged) Reports() iter.Seq[*Report] {
	return func(yield func(*Report) bool) {
		for t, s := range m.targets() {
			if !yield(s.report(t)) {
				return
			}
		}
	}
}

// targets returns the targets that are there in the order of the plan, each with
// its shard.
func (m *Merged) targets() iter.Seq2[*AuditTarget, *Audited] {
	return func(yield func(*AuditTarget, *Audited) bool) {
		next := make([]int, len(m.shards))
		for {
			first := -1 // the shard whose next target comes first
			for i, s := range m.shards {
				if next[i] < len(s.targets) && (first < 0 || s.place(next[i]) < m.shards[first].place(next[first])) {
					first = i
				}
			}
			if first < 0 || !yield(&m.shards[first].targets[next[first]], m.shards[first]) {
				return
			}
			next[first]++
		}
	}
}

// place returns where a target of a shard stands among all targets.
func (a *Audited) place(target int) int { return a.audit.Shard.Targets[target] }
