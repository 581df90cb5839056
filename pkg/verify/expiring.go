package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"cotverify/pkg/cot"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
)

var expiringRule = rule{
	check: warnOfExpiring,
	explanations: []report.Explanation{
		{
			Check:   "expiring",
			Warning: true,
			Meaning: "With --warn-expiring, no artifact that the verification needs expires within the time.",
			Why:     "What has expired cannot be verified. A cached task, such as a docker image, is used long after its push, and every release that rests on it stops on the day that it is gone.",
			Fails:   []string{"A cached task of an earlier push is near its end.", "The release itself is old."},
			Do:      "Have the cached task run again, so that later pushes use the new one. Record a bundle of what is to be verified later.",
		},
	},
}

// expiry says which of the needed artifacts of a link expires first.
type expiry struct {
	artifact string
	at       time.Time // zero where none says
	err      error     // why that could not be had
}

// gatherExpiry finds out when the links' artifacts expire.
func (v *Verifier) gatherExpiry(ctx context.Context, c *Chain) {
	var gathering sync.WaitGroup
	defer gathering.Wait()
	for _, l := range c.members {
		if l.Task != nil && !l.NotRun {
			gathering.Go(func() { l.expiry = v.expiryOf(ctx, l) })
		}
	}
}

func (v *Verifier) expiryOf(ctx context.Context, l *Link) *expiry {
	first := &expiry{}
	var list []source.Listed
	list, first.err = source.List(ctx, v.Store.Source(), l.TaskID)
	for _, a := range list {
		if at, err := time.Parse(time.RFC3339, a.Expires); err == nil && l.needsToVerify(a.Name) && (first.at.IsZero() || at.Before(first.at)) {
			first.artifact, first.at = a.Name, at
		}
	}
	return first
}

// needsToVerify reports whether a verification asks for an artifact of the link.
func (l *Link) needsToVerify(name string) bool {
	switch name {
	case cot.Artifact, cot.SignatureArtifact:
		return true
	case cot.TaskGraphArtifact, cot.ActionsArtifact, cot.ParametersArtifact:
		return isParent(l)
	}
	return slices.ContainsFunc(l.requested(), func(a *artifact) bool { return a.name == name })
}

// warnOfExpiring warns of what can soon be verified no more.
func warnOfExpiring(c *Chain, l *Link) []report.Check {
	const name = "expiring"
	switch e := l.expiry; {
	case e == nil:
	case e.err != nil:
		return []report.Check{l.skip(name, "", "when its artifacts expire is not known: %v", e.err)}
	case !e.at.IsZero() && e.at.Before(c.expiringBefore):
		check := l.warn(name, e.artifact, "it expires on %s, and the task cannot be verified any more then", dayOf(e.at))
		if c.isCached(l) {
			return []report.Check{check.WithHint("it is a cached task of another task group: have it run again, so that later pushes use the new one")}
		}
		return []report.Check{check.WithHint("record a bundle (cotverify record), from which it can be verified later")}
	}
	return nil
}

func dayOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// expiries returns when the links expire, the first of them first.
func (c *Chain) expiries() []report.Expiry {
	var list []report.Expiry
	for _, l := range c.members {
		if l.expiry == nil {
			continue
		}
		e := report.Expiry{TaskID: l.TaskID, Link: l.Name, Label: l.Task.Label(), Artifact: l.expiry.artifact, Cached: c.isCached(l)}
		switch {
		case l.expiry.err != nil:
			e.Unknown = fmt.Sprint(l.expiry.err)
		case l.expiry.at.IsZero():
			e.Unknown = "its list of artifacts does not say"
		default:
			e.Expires = dayOf(l.expiry.at)
		}
		list = append(list, e)
	}
	slices.SortStableFunc(list, func(a, b report.Expiry) int {
		return cmp.Compare(cmp.Or(a.Expires, "~"), cmp.Or(b.Expires, "~")) // those not known last
	})
	return list
}
