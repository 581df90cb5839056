package diagnose

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
	"cotverify/pkg/report"
	"cotverify/pkg/verify"
)

// RehearsalSchema names the layout of a rehearsal.
const RehearsalSchema = "cotverify/rehearsal/v1"

// Rehearsal is what chains that were recorded would be under something else than
// what they were made with: another template, policy or set of keys. It is no
// verification of any of them.
type Rehearsal struct {
	Schema string `json:"schema"`
	// Changes says in words what is not as it was.
	Changes []string        `json:"changes"`
	Chains  []Rehearsed     `json:"chains"`
	Counts  RehearsalCounts `json:"counts"`
	// Rebuild has the cached tasks that distrusted keys signed, by the decision
	// task whose graph uses them.
	Rebuild []Rebuild `json:"rebuild,omitempty"`
}

// RehearsalCounts add up to all chains.
type RehearsalCounts struct {
	Chains         int `json:"chains"`
	Unchanged      int `json:"unchanged"`
	Break          int `json:"break"`
	Verify         int `json:"verify"`
	NotRehearsable int `json:"notRehearsable"`
}

// Consequence is what becomes of a chain.
type Consequence string

// What becomes of a chain.
const (
	Unchanged      Consequence = "unchanged"
	WouldBreak     Consequence = "would-break"
	WouldVerify    Consequence = "would-verify"
	NotRehearsable Consequence = "not-rehearsable"
)

// Rehearsed is one chain as it was recorded, and as it would be.
type Rehearsed struct {
	Bundle      string         `json:"bundle"`
	Target      report.Target  `json:"target"`
	Recorded    report.Verdict `json:"recorded"`
	Changed     report.Verdict `json:"changed"`
	Consequence Consequence    `json:"consequence"`
	// Why says why it cannot be rehearsed; "" where it can.
	Why string `json:"why,omitempty"`
	// Checks are those that fail on one side only: of a chain that would break
	// the ones that would then fail, of one that would newly verify the ones that
	// fail now.
	Checks []report.Check `json:"checks,omitempty"`

	rebuild Rebuild
}

// Rebuild names cached tasks to make again.
type Rebuild struct {
	Decision string       `json:"decision"` // the taskId of the decision task whose graph uses them
	Input    RebuildInput `json:"input"`    // of its action rebuild-cached-tasks
	// Others are labels of what the keys signed besides, which no action makes
	// again: a new push does.
	Others []string `json:"others,omitempty"`
}

// RebuildInput is what the action rebuild-cached-tasks takes.
type RebuildInput struct {
	Labels []string `json:"labels"`
}

// Rehearse verifies a chain by what counted when it was recorded, and by what is
// supposed. The name is the bundle's, for a person. The error is one of
// [verify.Verifier.Verify].
func Rehearse(ctx context.Context, name string, t verify.Target, recorded, changed *verify.Verifier) (Rehearsed, error) {
	before, err := recorded.Verify(ctx, t)
	if err != nil {
		return Rehearsed{}, err
	}
	after, err := changed.Verify(ctx, t)
	if err != nil {
		return Rehearsed{}, err
	}
	r := Rehearsed{Bundle: name, Target: before.Target, Recorded: before.Verdict, Changed: after.Verdict}
	r.Consequence = r.consequence()
	switch r.Consequence {
	case NotRehearsable:
		r.Why = whyUnknown(before, after)
	case WouldVerify:
		r.Checks = failures(before)
	case WouldBreak:
		r.Checks = failures(after)
	}
	r.rebuild, err = toRebuild(ctx, recorded, before, changed.WhatIf.Distrusted)
	return r, err
}

// consequence tells what becomes of a chain. A verdict that could not be drawn,
// on either side, is not guessed.
func (r Rehearsed) consequence() Consequence {
	switch {
	case r.Recorded == report.Unknown, r.Changed == report.Unknown:
		return NotRehearsable
	case r.Recorded == r.Changed:
		return Unchanged
	case r.Recorded == report.Verified:
		return WouldBreak
	}
	return WouldVerify
}

// whyUnknown says which fact is missing, of the first report that lacks one.
func whyUnknown(reports ...*report.Report) string {
	for _, r := range reports {
		if r.Verdict != report.Unknown {
			continue
		}
		for _, c := range r.Checks {
			if c.Status == report.Error {
				return strings.TrimSpace(fmt.Sprintf("%s %s of %s: %s", c.Check, c.Subject, c.TaskID, c.Message))
			}
		}
	}
	return "there was nothing to verify"
}

func failures(r *report.Report) []report.Check {
	var failed []report.Check
	for _, c := range r.Checks {
		if c.Status == report.Fail {
			failed = append(failed, c)
		}
	}
	return failed
}

// toRebuild returns what of a chain the keys signed.
func toRebuild(ctx context.Context, v *verify.Verifier, r *report.Report, distrusted []string) (Rebuild, error) {
	var found Rebuild
	for _, l := range r.Links {
		if !slices.Contains(distrusted, l.SignedBy) || l.SignedBy == "" {
			continue
		}
		task, err := v.Store.Task(ctx, l.TaskID)
		if err != nil {
			return found, err
		}
		if isCached(l, task) {
			found.Input.Labels = append(found.Input.Labels, l.Label)
		} else {
			found.Others = append(found.Others, l.Label)
		}
	}
	if len(found.Input.Labels)+len(found.Others) == 0 {
		return found, nil
	}
	target, err := v.Store.Task(ctx, r.Target.TaskID)
	if err == nil {
		found.Decision = target.Group
	}
	return found, err
}

// isCached reports whether later pushes take the task from the index in place of
// making their own: images are, and what has a route of the cache.
func isCached(l report.Link, task *graph.Task) bool {
	if l.TaskType == cot.DockerImage {
		return true
	}
	routes, _ := task.Definition.Get("routes")
	list, _ := routes.([]any)
	return slices.ContainsFunc(list, func(route any) bool {
		text, _ := route.(string)
		return strings.HasPrefix(text, "index.") && strings.Contains(text, ".cache.level-")
	})
}

// NewRehearsal sums up chains, in their order.
func NewRehearsal(changes []string, chains []Rehearsed) *Rehearsal {
	r := &Rehearsal{Schema: RehearsalSchema, Changes: changes, Chains: chains}
	r.Counts.Chains = len(chains)
	byDecision := map[string]int{}
	for _, c := range chains {
		switch c.Consequence {
		case Unchanged:
			r.Counts.Unchanged++
		case WouldBreak:
			r.Counts.Break++
		case WouldVerify:
			r.Counts.Verify++
		default:
			r.Counts.NotRehearsable++
		}
		if c.rebuild.Decision == "" {
			continue
		}
		at, known := byDecision[c.rebuild.Decision]
		if !known {
			at = len(r.Rebuild)
			byDecision[c.rebuild.Decision] = at
			r.Rebuild = append(r.Rebuild, Rebuild{Decision: c.rebuild.Decision})
		}
		to := &r.Rebuild[at]
		to.Input.Labels = merged(to.Input.Labels, c.rebuild.Input.Labels)
		to.Others = merged(to.Others, c.rebuild.Others)
	}
	return r
}

// merged returns what is in either list, sorted, each once; never nil.
func merged(a, b []string) []string {
	all := append(append([]string{}, a...), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

// Sentence sums up in one line, which adds up.
func (r *Rehearsal) Sentence() string {
	chains := "chains"
	if r.Counts.Chains == 1 {
		chains = "chain"
	}
	text := fmt.Sprintf("%d %s: %d unchanged, %d would break, %d would newly verify",
		r.Counts.Chains, chains, r.Counts.Unchanged, r.Counts.Break, r.Counts.Verify)
	if r.Counts.NotRehearsable > 0 {
		text += fmt.Sprintf(", %d not rehearsable", r.Counts.NotRehearsable)
	}
	return text
}
