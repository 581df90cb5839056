package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
)

// Sink writes reports in one format. It takes them one by one, so that as many
// as there are need no more memory than one, and the summary last.
//
// An error of writing is returned by the call that meets it, or by a later one;
// where Close returns none, all that the format has of the reports is written.
type Sink interface {
	// Report takes the next report. It does not keep it.
	Report(*Report) error
	// Close takes what sums the reports up, and ends the writing. It is called
	// once, last, and does not close what is written to.
	Close(Summary) error
}

// SummarySchema names the layout of a summary.
const SummarySchema = "cotverify/summary/v1"

// Summary sums up the reports that a sink took.
type Summary struct {
	Schema   string   `json:"schema"`
	Verdict  Verdict  `json:"verdict"`
	Coverage Coverage `json:"coverage"`
	// Audit is what an audit has to say besides; nil of one verification.
	Audit *Audit `json:"audit,omitempty"`
}

// Audit is what all reports of an audit have in common.
type Audit struct {
	Tool    *Tool   `json:"tool,omitempty"`
	RootURL string  `json:"rootUrl,omitempty"`
	Trust   *Trust  `json:"trust,omitempty"`
	Groups  []Group `json:"groups"`
	// Shard says which share of an audit this is; nil of a whole one.
	Shard *Shard `json:"shard,omitempty"`
	// Unused are the entries of the baseline that accepted nothing.
	Unused []Unused `json:"unused,omitempty"`
}

// Shard is the share that one of several machines has of an audit.
type Shard struct {
	Index int `json:"index"` // from 1
	Of    int `json:"of"`
	// Plan is the sha256 of the taskIds of the targets of all shards, in order: see
	// [TaskIDsSHA256].
	Plan string `json:"plan"`
	// Targets are the places of its own targets among these.
	Targets []int `json:"targets"`
}

// TaskIDsSHA256 identifies a list of taskIds: their hash, a line each.
func TaskIDsSHA256(taskIDs iter.Seq[string]) string {
	h := sha256.New()
	for id := range taskIDs {
		fmt.Fprintln(h, id)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Group is a task group that was audited.
type Group struct {
	TaskGroupID string `json:"taskGroupId"`
	Listed      int    `json:"listed"` // how many tasks it has
	SHA256      string `json:"sha256"` // of their taskIds, sorted, a line each
	Sealed      bool   `json:"sealed"` // whether no more can be added
}

// Outcome is what became of a target.
type Outcome string

// The outcomes.
const (
	OutcomeVerified Outcome = "verified"
	OutcomeRefused  Outcome = "refused"
	OutcomeUnknown  Outcome = "unknown"
	OutcomeNotRun   Outcome = "notRun" // it holds as far as can be told of a task that has not run
	OutcomeFailed   Outcome = "failed" // the task itself failed, so that nothing of it was verified
)

// Outcome returns what became of the report's target.
func (r *Report) Outcome() Outcome {
	switch {
	case len(r.Checks) == 0 && HasFailed(r.Target.State):
		return OutcomeFailed
	case r.Verdict == Refused:
		return OutcomeRefused
	case r.Verdict != Verified:
		return OutcomeUnknown
	case r.Target.State != "" && r.Trust != nil && !r.Trust.CheckTask:
		return OutcomeNotRun
	}
	return OutcomeVerified
}

// HasRun is the state of a task that ran and came to what it should.
const HasRun = "completed"

// HasFailed reports whether a task of a state ran and came to nothing.
func HasFailed(state string) bool { return state == "failed" || state == "exception" }

// Coverage says what became of the targets. It adds up: Listed is the sum of
// the others, but for those accepted, which are refused.
type Coverage struct {
	Listed      int `json:"listed"`
	Verified    int `json:"verified"`
	Refused     int `json:"refused"`
	Unknown     int `json:"unknown"`
	NotRun      int `json:"notRun"`
	Failed      int `json:"failed"`
	NotSelected int `json:"notSelected"`
	OtherShards int `json:"otherShards,omitempty"` // selected, and for other shards to verify
	// Accepted is how many of the refused have no failure but accepted ones,
	// AcceptedFailures how many these are, of each target anew, and AcceptedUntil
	// the day on which the first of them ends.
	Accepted         int    `json:"accepted,omitempty"`
	AcceptedFailures int    `json:"acceptedFailures,omitempty"`
	AcceptedUntil    string `json:"acceptedUntil,omitempty"`
}

// Part is one of the numbers that add up to what is listed.
type Part struct {
	Name string // as JSON names it: "notRun"
	Text string // as a sentence does: "not run"
	N    int
}

// Parts returns the numbers that add up to what is listed, in the order in which
// all formats tell them.
func (c Coverage) Parts() []Part {
	parts := []Part{
		{"verified", "verified", c.Verified},
		{"refused", "refused", c.Refused},
		{"unknown", "unknown", c.Unknown},
		{"notRun", "not run", c.NotRun},
		{"failed", "failed", c.Failed},
		{"notSelected", "not selected", c.NotSelected},
	}
	if c.OtherShards > 0 {
		parts = append(parts, Part{"otherShards", "of other shards", c.OtherShards})
	}
	return parts
}

// Add counts a report.
func (c *Coverage) Add(r *Report) {
	c.Listed++
	switch r.Outcome() {
	case OutcomeVerified:
		c.Verified++
	case OutcomeRefused:
		c.Refused++
		if until, ok := r.AllAccepted(); ok {
			c.Accepted++
			c.AcceptedFailures += r.Counts.Fail
			c.AcceptedUntil = earlier(c.AcceptedUntil, until)
		}
	case OutcomeNotRun:
		c.NotRun++
	case OutcomeFailed:
		c.Failed++
	default:
		c.Unknown++
	}
}

// join adds what became of other targets of the same groups.
func (c *Coverage) join(d Coverage) {
	c.Verified += d.Verified
	c.Refused += d.Refused
	c.Unknown += d.Unknown
	c.NotRun += d.NotRun
	c.Failed += d.Failed
	c.Accepted += d.Accepted
	c.AcceptedFailures += d.AcceptedFailures
	c.AcceptedUntil = earlier(c.AcceptedUntil, d.AcceptedUntil)
}

// Summary returns the summary of what was counted. Where nothing was verified,
// nothing is known.
func (c Coverage) Summary() Summary {
	s := Summary{Schema: SummarySchema, Verdict: Verified, Coverage: c}
	switch {
	case c.Refused > 0:
		s.Verdict = Refused
	case c.Unknown > 0 || c.Verified == 0:
		s.Verdict = Unknown
	}
	return s
}

// WithUnused returns the summary with the entries of a baseline that accepted
// nothing. One that has expired refuses.
func (s Summary) WithUnused(unused []Unused) Summary {
	said := *s.Audit
	said.Unused = unused
	s.Audit = &said
	if s.hasExpired() {
		s.Verdict = Refused
	}
	return s
}
