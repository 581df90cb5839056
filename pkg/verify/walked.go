package verify

import (
	"context"

	"cotverify/pkg/report"
)

// Walk only walks the chain, and tells what it met. Errors are as of
// [Verifier.Verify].
func (v *Verifier) Walk(ctx context.Context, t Target) (*report.Graph, error) {
	return v.walkOnly(ctx, t, func(*Chain) []report.Expiry { return nil })
}

// WalkExpiry walks the chain as [Verifier.Walk] does, and tells when its links
// expire.
func (v *Verifier) WalkExpiry(ctx context.Context, t Target) (*report.Graph, error) {
	return v.walkOnly(ctx, t, func(c *Chain) []report.Expiry {
		v.gatherExpiry(ctx, c)
		return c.expiries()
	})
}

func (v *Verifier) walkOnly(ctx context.Context, t Target, expiries func(*Chain) []report.Expiry) (*report.Graph, error) {
	var expiry []report.Expiry
	only := func(v *Verifier, ctx context.Context, c *Chain, t Target) {
		v.walk(ctx, c, t, func(*Link) {})
		expiry = expiries(c)
	}
	r, err := v.judged(ctx, t, only, []rule{walkRule}, nil)
	if err != nil {
		return nil, err
	}
	g := walked(r)
	g.Expiry = expiry
	return g, nil
}

// walked keeps of a report whose checks are the walk's what is no verdict.
func walked(r *report.Report) *report.Graph {
	kinds := map[report.Status]report.ProblemKind{report.Fail: report.Wrong, report.Error: report.Missing, report.Warn: report.Doubtful}
	g := &report.Graph{Schema: report.GraphSchema, Target: r.Target, Links: r.Links, Problems: []report.Problem{}}
	for _, c := range r.Checks {
		if kind, ok := kinds[c.Status]; ok {
			g.Problems = append(g.Problems, report.Problem{
				Kind: kind, Check: c.Check, TaskID: c.TaskID, Link: c.Link, Subject: c.Subject,
				Message: c.Message, Expected: c.Expected, Actual: c.Actual, Hint: c.Hint,
			})
		}
	}
	return g
}
