// Package verify verifies a task's chain of trust (specification, sections 3
// to 11), and tells in a report what it found.
//
// Start with [Run]. Its report is to be trusted as far as the policy's keys
// and the source of facts for what carries no signature (definitions, lists,
// answers of GitHub and hg) are. A verdict of [Verified] says that every rule
// of the specification holds for the target and all that it was made from;
// with any other verdict the target is not to be trusted.
//
// It works in two steps. First the facts are gathered, side by side and as
// early as each is known of. Then checks, which are plain functions from
// facts to results, go over the chain in its order, so that the same facts
// give the same report whatever finished first.
package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/suggest"
	"cotverify/pkg/cot"
	"cotverify/pkg/decision"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
)

// Options says what to verify.
type Options struct {
	Source source.Source
	Policy *policy.Policy

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
}

// UsageError says that the options make no verification possible.
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

// Run verifies the chain of trust of a task. What is wrong with the task is
// told in the report, and so is what could not be had before the context's
// deadline. An error is a *UsageError, or says that the context was canceled.
func Run(ctx context.Context, o Options) (*report.Report, error) {
	c, err := collected(ctx, o, (*chain).gather)
	if err != nil {
		return withoutTarget(o, err)
	}
	defer c.close()
	return c.report(linkChecks(), chainChecks()), nil
}

// withoutTarget returns the report of a verification that could not begin since
// its target could not be had, and else the error.
func withoutTarget(o Options, err error) (*report.Report, error) {
	var missing *targetError
	if asError(err, &missing) && !errors.Is(err, context.Canceled) {
		return unread(o, missing), nil
	}
	return nil, err
}

// collected returns the chain of the options with all facts of its links that
// gather gathers. The caller closes it.
func collected(ctx context.Context, o Options, gather func(*chain, context.Context, *evidence)) (*chain, error) {
	c, err := begin(ctx, o)
	if err != nil {
		return nil, err
	}
	c.collect(ctx, gather)
	if interrupted(ctx) {
		c.close()
		return nil, ctx.Err()
	}
	return c, nil
}

// interrupted reports whether somebody ended the verification. Where its time
// was up, there is a report, which tells what was not had by then.
func interrupted(ctx context.Context) bool {
	return errors.Is(ctx.Err(), context.Canceled)
}

// linkCheck checks one link. It has all facts at hand, and does no I/O.
type linkCheck func(c *chain, e *evidence) []report.Check

// linkChecks returns the checks of each link, in the report's order.
func linkChecks() []linkCheck {
	return []linkCheck{
		checkWalk,
		checkSignature,
		checkCot,
		checkArtifacts,
		checkWorkerPool,
		checkRunsOnScriptworker,
		checkOwnTaskGraph,
		checkInTaskGraph,
		checkDecision,
		checkInteractive,
		checkDockerImage,
		checkRepository,
		checkPullRequest,
		warnOfDefinition,
		warnOfCreator,
		warnOfSource,
		warnOfPool,
		warnOfInjected,
	}
}

// chainChecks returns the checks that look at the target among all others.
func chainChecks() []linkCheck {
	return []linkCheck{checkOther, checkAsked, checkScopes, checkTrees, warnOfScopePatterns}
}

// begin makes a chain of the options, and infers what they leave open.
func begin(ctx context.Context, o Options) (*chain, error) {
	if o.TaskType != "" && !slices.Contains(cot.TaskTypes(), o.TaskType) {
		return nil, &UsageError{fmt.Sprintf("unknown task type \"%s\"%s; expected one of %s",
			o.TaskType, suggest.Phrase(o.TaskType, cot.TaskTypes()), strings.Join(cot.TaskTypes(), ", "))}
	}
	o.NoCheckTask = o.NoCheckTask || o.Definition != nil
	o.Source = source.NewOnce(o.Source)
	other := o.give(ctx)
	target, product, err := infer(ctx, o)
	if err != nil {
		var missing *targetError
		if asError(err, &missing) {
			missing.other = other
		}
		return nil, err
	}
	c := newChain(o, target, product)
	c.other = other
	return c, nil
}

// report runs the checks over the chain.
func (c *chain) report(links, whole []linkCheck) *report.Report {
	r := &report.Report{
		Schema:    report.Schema,
		RootURL:   c.options.Policy.Services.RootURL,
		Trust:     trustOf(c.options),
		Target:    c.target,
		Artifacts: c.verifiedArtifacts(),
		Links:     []report.Link{},
		Checks:    []report.Check{},
	}
	for i, e := range c.members {
		r.Links = append(r.Links, c.describe(e))
		for _, check := range links {
			r.Checks = append(r.Checks, check(c, e)...)
		}
		if i == 0 {
			for _, check := range whole {
				r.Checks = append(r.Checks, check(c, e)...)
			}
		}
	}
	r.Target.Label, r.Target.Place = r.Links[0].Label, r.Links[0].Place
	r.Conclude(c.options.Strict)
	return r
}

// trustOf says by what the options have a task verified.
func trustOf(o Options) *report.Trust {
	return &report.Trust{
		Policy:     report.Origin{Source: o.Policy.Source, SHA256: o.Policy.SHA256()},
		Keys:       report.Origin{Source: o.Policy.KeysSource, SHA256: o.Policy.KeysSHA256()},
		Signatures: "require",
		Strict:     o.Strict,
		CheckTask:  !o.NoCheckTask && o.Definition == nil,
		Require:    []string{},
	}
}

// describe returns a link as the report has it.
func (c *chain) describe(e *evidence) report.Link {
	l := report.Link{
		TaskID:               e.link.TaskID,
		Name:                 e.link.Name,
		TaskType:             e.link.Type,
		WorkerImplementation: e.link.Worker,
		SignedBy:             e.cot.key.Ed25519,
	}
	if task := e.link.Task; task != nil {
		l.Parent = task.Creator
		l.Label = task.Label()
		l.Pool, _ = task.WorkerPool()
		l.Place = c.place(e)
	}
	for _, d := range e.link.Dependencies {
		l.Dependencies = append(l.Dependencies, report.Dependency{TaskID: d.TaskID, As: d.As})
	}
	return l
}

// place returns where a task says that it comes from.
func (c *chain) place(e *evidence) report.Place {
	task := e.link.Task
	var p report.Place
	p.Source, _ = task.Source()
	for _, prefix := range c.product.SourcePrefixes() {
		if p.Repository, _, _ = task.EnvText(prefix + "_HEAD_REPOSITORY"); p.Repository != "" {
			p.Revision, _, _ = task.EnvText(prefix + "_HEAD_REV")
			break
		}
	}
	if tree := c.tree(e); tree.known {
		p.Tree = tree.String()
	}
	return p
}

// verifiedArtifacts returns the target's upstream artifacts whose hash held, in
// the order of the links.
func (c *chain) verifiedArtifacts() []report.Artifact {
	verified := []report.Artifact{}
	for _, e := range c.members {
		for _, a := range e.needed() {
			if a.err != nil || !a.ofTarget {
				continue
			}
			found := report.Artifact{TaskID: e.link.TaskID, Path: a.name, Size: a.digest.size, Optional: a.optional}
			found.SHA256, _ = a.digest.sum("sha256")
			if found.SHA256 == "" {
				found.SHA512, _ = a.digest.sum("sha512")
			}
			verified = append(verified, found)
		}
	}
	return verified
}

// result returns a check of the link with the given outcome.
func (e *evidence) result(check string, status report.Status, subject, message string) report.Check {
	return report.Check{Check: check, Status: status, TaskID: e.link.TaskID, Link: e.link.Name, Subject: subject, Message: message}
}

func (e *evidence) pass(check, subject string) report.Check {
	return e.result(check, report.Pass, subject, "")
}

func (e *evidence) fail(check, subject, format string, args ...any) report.Check {
	return e.result(check, report.Fail, subject, fmt.Sprintf(format, args...))
}

func (e *evidence) skip(check, subject, format string, args ...any) report.Check {
	return e.result(check, report.Skip, subject, fmt.Sprintf(format, args...))
}

func (e *evidence) warn(check, subject, format string, args ...any) report.Check {
	return e.result(check, report.Warn, subject, fmt.Sprintf(format, args...))
}

// problem returns a check that did not pass because of an error: a failure
// where that tells what is wrong, an error where a fact could not be had.
func (e *evidence) problem(check, subject string, err error) report.Check {
	c := e.fail(check, subject, "%v", err)
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
