// Package verify verifies a task's chain of trust (specification, sections 3
// to 11), and tells in a report what it found.
//
// Start with a [Verifier], and its method Verify. Its report is to be trusted as
// far as the policy's keys and the source of facts for what carries no signature
// (definitions, lists, answers of GitHub and hg) are. A verdict of
// [report.Verified] says that every rule of the specification holds for the
// target and all that it was made from; with any other verdict the target is not
// to be trusted.
//
// It works in two steps. First the facts are gathered, side by side and as
// early as each is known of. Then checks, which are plain functions from a
// complete [Chain] to results, go over it in its order, so that the same facts
// give the same report whatever finished first.
//
//	section of the specification    check                        file
//	3 the walk                      task, task-type, depth,      walk.go
//	                                worker
//	3 what the target is            task-type                    infer.go, given.go
//	4 signatures                    signature, cot               signature.go, cot.go
//	5 artifacts                     artifact                     artifact.go, request.go
//	6 where it ran                  worker-pool, worker          pool.go, scriptworker.go
//	6 task graphs                   task-graph                   taskgraph.go
//	6 to 8 decision tasks           decision                     decision.go
//	9 how it ran                    interactive, docker-image    interactive.go, image.go
//	10 where it comes from          repository, scope,           repository.go, scope.go,
//	                                pull-request                 tree.go, pullrequest.go
//	under another template or keys                               whatif.go
//	11 warnings                     all others                   beside the checks, and definition.go,
//	                                                             creator.go, source.go, injected.go
package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cotverify/internal/memo"
	"cotverify/internal/suggest"
	"cotverify/pkg/cot"
	"cotverify/pkg/decision"
	"cotverify/pkg/evidence"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// Verifier verifies tasks by a policy. What the chains of several have in common
// is asked for, and judged, once. It is safe for concurrent use.
type Verifier struct {
	Store  *evidence.Store
	Policy *policy.Policy
	// Signatures says how signatures count: "" is that each must hold. With any
	// other than that a report of [report.Verified] says that all fits together,
	// and not that anyone vouches for it.
	Signatures Signatures
	// WhatIf is what is supposed in place of what is; the zero value is nothing.
	WhatIf WhatIf

	hashing      sync.Once
	policy, keys report.Origin // once they were hashed

	cots    memo.Map[string, signedCot]
	rebuilt memo.Map[rebuildKey, rebuiltDecision]
	landed  memo.Map[commit, bool]
}

// Target says what to verify.
type Target struct {
	TaskID   string
	TaskType string // "" to infer it from the definition
	Product  string // "" to infer it from the definition and its decision's
	// Claim is what a bundle says of these, where it holds the target.
	Claim Claim
	// Definition is the target's definition, where the queue does not have it
	// yet; nil else. Such a target has not run.
	Definition []byte
	// NoCheckTask says that the target has not run: it has no CoT artifact.
	NoCheckTask bool
	// Strict makes warnings refuse.
	Strict bool
	// ExpiringBefore has it warned of artifacts that expire earlier; zero for no
	// warning, and no request for when they do.
	ExpiringBefore time.Time
	// Require is what must hold besides.
	Require []Requirement
	// Files must each be an artifact of the target's, or one that it uses.
	Files []File
}

// UsageError says that what is asked for makes no verification possible.
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

// Verify verifies the chain of trust of a task. What is wrong with the task is
// told in the report, and so is what could not be had before the context's
// deadline. An error is a *UsageError, or says that the context was canceled.
func (v *Verifier) Verify(ctx context.Context, t Target) (*report.Report, error) {
	return v.judged(ctx, t, (*Verifier).gatherAll, linkRules, targetRules)
}

// judged returns the report of checks over the target's chain, whose facts
// gather gathers.
func (v *Verifier) judged(ctx context.Context, t Target, gather gatherer, links, whole []rule) (*report.Report, error) {
	c, close, err := v.chain(ctx, t, gather)
	var missing *targetError
	switch {
	case asError(err, &missing) && !errors.Is(err, context.Canceled):
		return v.unread(t, missing), nil
	case err != nil:
		return nil, err
	}
	defer close()
	r := c.report(v.Trust(t), links, whole)
	r.Checks = append(r.Checks, c.checkRequired(t, r)...)
	r.Conclude(t.Strict)
	return r, nil
}

// Trust says by what the target is verified.
func (v *Verifier) Trust(t Target) *report.Trust {
	v.hashing.Do(func() {
		v.policy = report.Origin{Source: v.Policy.Source, SHA256: v.Policy.SHA256()}
		v.keys = report.Origin{Source: v.Policy.KeysSource, SHA256: v.Policy.KeysSHA256()}
	})
	return &report.Trust{
		Policy:     v.policy,
		Keys:       v.keys,
		Signatures: string(v.signatures()),
		Strict:     t.Strict,
		CheckTask:  !t.NoCheckTask && t.Definition == nil,
		Require:    required(t.Require),
		WhatIf:     v.WhatIf.Words(),
	}
}

// gatherer gathers the facts of the links of a target's chain.
type gatherer func(*Verifier, context.Context, *Chain, Target)

// gatherAll gathers all that is to be known of a chain.
func (v *Verifier) gatherAll(ctx context.Context, c *Chain, t Target) {
	v.walk(ctx, c, t, func(l *Link) { v.gather(ctx, c, l) })
	v.compareGraphs(ctx, c)
	v.gatherRequired(ctx, c, t)
	if !t.ExpiringBefore.IsZero() {
		c.expiringBefore = t.ExpiringBefore
		v.gatherExpiry(ctx, c)
	}
}

// chain returns the target's chain with its facts. The caller calls close once
// it has looked at them. The error is a *UsageError or a *targetError, or says
// that the context was canceled.
func (v *Verifier) chain(ctx context.Context, t Target, gather gatherer) (c *Chain, close func(), err error) {
	if t.TaskType != "" && !slices.Contains(cot.TaskTypes(), t.TaskType) {
		return nil, nil, &UsageError{fmt.Sprintf("unknown task type \"%s\"%s; expected one of %s",
			t.TaskType, suggest.Phrase(t.TaskType, cot.TaskTypes()), strings.Join(cot.TaskTypes(), ", "))}
	}
	if !slices.Contains(signatureModes, v.signatures()) {
		return nil, nil, &UsageError{fmt.Sprintf("signatures are to count as %q; expected require, report or off", v.Signatures)}
	}
	for _, r := range t.Require {
		if _, err := ParseRequirement(r.String()); err != nil {
			return nil, nil, err
		}
	}
	close = func() {}
	var other *otherDefinition
	if t.Definition != nil {
		t.NoCheckTask = true
		if t.TaskID != "" {
			v, other = v.giving(ctx, t)
			close = v.Store.Close
		}
	}
	asked, product, err := v.infer(ctx, t)
	if err != nil {
		close()
		var missing *targetError
		if asError(err, &missing) {
			missing.other = other
		}
		return nil, nil, err
	}
	c = &Chain{
		policy: v.Policy, product: product, asked: asked, target: asked.Target, other: other,
		byID: map[string]*Link{}, children: map[string][]*Link{}, reached: map[string][]edge{},
	}
	gather(v, ctx, c, t)
	if errors.Is(ctx.Err(), context.Canceled) { // where only its time was up, there is a report of what was had
		close()
		return nil, nil, ctx.Err()
	}
	return c, close, nil
}

// report runs the checks over the chain. It draws no verdict.
func (c *Chain) report(trust *report.Trust, links, whole []rule) *report.Report {
	r := &report.Report{
		Schema:    report.Schema,
		RootURL:   c.policy.Services.RootURL,
		Trust:     trust,
		Target:    c.target,
		Artifacts: c.verifiedArtifacts(),
		Links:     []report.Link{},
		Checks:    []report.Check{},
	}
	for i, l := range c.members {
		r.Links = append(r.Links, c.reportLink(l))
		for _, rule := range links {
			r.Checks = append(r.Checks, rule.check(c, l)...)
		}
		if i == 0 {
			for _, rule := range whole {
				r.Checks = append(r.Checks, rule.check(c, l)...)
			}
		}
	}
	r.Target.Label, r.Target.Place = r.Links[0].Label, r.Links[0].Place
	return r
}

// reportLink returns a link as the report has it.
func (c *Chain) reportLink(e *Link) report.Link {
	l := report.Link{
		TaskID:               e.TaskID,
		Name:                 e.Name,
		TaskType:             e.Type,
		WorkerImplementation: e.Worker,
		SignedBy:             e.cot.signedBy(),
		CotSHA256:            e.cot.sha256,
	}
	if task := e.Task; task != nil {
		l.Parent = task.Creator
		l.Label = task.Label()
		l.Pool, _ = task.WorkerPool()
		l.Place = c.place(e)
	}
	for _, d := range e.Dependencies {
		l.Dependencies = append(l.Dependencies, report.Dependency{TaskID: d.TaskID, As: d.As})
	}
	return l
}

// place returns where a task says that it comes from.
func (c *Chain) place(l *Link) report.Place {
	task := l.Task
	var p report.Place
	p.Source, _ = task.Source()
	for _, prefix := range c.product.SourcePrefixes() {
		if p.Repository, _, _ = task.EnvText(prefix + "_HEAD_REPOSITORY"); p.Repository != "" {
			p.Revision, _, _ = task.EnvText(prefix + "_HEAD_REV")
			break
		}
	}
	if tree := c.tree(l); tree.known {
		p.Tree = tree.String()
	}
	return p
}

// verifiedArtifacts returns the target's upstream artifacts whose hash held, in
// the order of the links.
func (c *Chain) verifiedArtifacts() []report.Artifact {
	verified := []report.Artifact{}
	for _, l := range c.members {
		for _, a := range l.requested() {
			if a.digest == nil || a.err != nil || !a.ofTarget {
				continue
			}
			found := report.Artifact{TaskID: l.TaskID, Path: a.name, Size: a.digest.Size, Optional: a.optional}
			found.SHA256, _ = a.digest.Sum("sha256")
			if found.SHA256 == "" {
				found.SHA512, _ = a.digest.Sum("sha512")
			}
			verified = append(verified, found)
		}
	}
	return verified
}

// result returns a check of the link with the given outcome.
func (l *Link) result(check string, status report.Status, subject, message string) report.Check {
	return report.Check{Check: check, Status: status, TaskID: l.TaskID, Link: l.Name, Subject: subject, Message: message}
}

func (l *Link) pass(check, subject string) report.Check {
	return l.result(check, report.Pass, subject, "")
}

func (l *Link) fail(check, subject, format string, args ...any) report.Check {
	return l.result(check, report.Fail, subject, fmt.Sprintf(format, args...))
}

func (l *Link) skip(check, subject, format string, args ...any) report.Check {
	return l.result(check, report.Skip, subject, fmt.Sprintf(format, args...))
}

func (l *Link) warn(check, subject, format string, args ...any) report.Check {
	return l.result(check, report.Warn, subject, fmt.Sprintf(format, args...))
}

// problem returns a check that did not pass because of an error: a failure
// where that tells what is wrong, an error where a fact could not be had.
func (l *Link) problem(check, subject string, err error) report.Check {
	c := l.fail(check, subject, "%v", err)
	if errors.Is(err, context.DeadlineExceeded) {
		c.Message = "it could not be had before the time was up"
		if err.Error() != context.DeadlineExceeded.Error() {
			c.Message += ": " + err.Error()
		}
	}
	var refusal *decision.Refusal
	if asError(err, &refusal) {
		c.Detail = refusal.Detail
	}
	if isAbsent(err) {
		c.Status = report.Error
	}
	reason, hint := reasonOf(err)
	if c = c.Because(reason); hint != "" {
		c = c.WithHint(hint)
	}
	return c
}
