package main

import (
	"context"

	"cotverify/pkg/audit"
	"cotverify/pkg/diagnose"
	"cotverify/pkg/evidence"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
	"cotverify/pkg/verify"
)

// job is what a command is to verify, by what, and where the facts come from.
type job struct {
	verify.Target
	Run        string // of the target, where the command line names one
	Source     source.Source
	Policy     *policy.Policy
	Signatures verify.Signatures
	WhatIf     verify.WhatIf
	Baseline   *audit.Baseline // of failures that somebody accepted; nil if nobody did
	recorded   bool            // the facts are a bundle's
}

// verifyJob verifies a job's target.
func verifyJob(ctx context.Context, j job) (*report.Report, error) {
	return with(j, func(v *verify.Verifier) (*report.Report, error) { return j.verify(ctx, v) })
}

// verify verifies the job's target, says which of its failures somebody accepted,
// and finds the causes of all of them.
func (j job) verify(ctx context.Context, v *verify.Verifier) (*report.Report, error) {
	r, err := v.Verify(ctx, j.Target)
	if err != nil {
		return nil, err
	}
	if j.Baseline != nil {
		j.Baseline.ApplyAlone(r)
		warnUnused(j.Baseline.Origin.Source, j.Baseline.Unused())
	}
	j.diagnose(ctx, v, r)
	return r, nil
}

// diagnose finds the causes of what failed.
func (j job) diagnose(ctx context.Context, v *verify.Verifier, r *report.Report) {
	facts := diagnose.Gather(ctx, v.Store, j.Policy, r)
	facts.Bundle = j.recorded
	r.Causes = diagnose.Causes(r, facts)
}

// with runs do with a verifier for the job.
func with[R any](j job, do func(*verify.Verifier) (R, error)) (R, error) {
	store := evidence.New(j.Source)
	defer store.Close()
	return do(j.verifier(store))
}

// verifier returns what verifies by what the job says.
func (j job) verifier(store *evidence.Store) *verify.Verifier {
	return &verify.Verifier{Store: store, Policy: j.Policy, Signatures: j.Signatures, WhatIf: j.WhatIf}
}
