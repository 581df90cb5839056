package report

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
}

// Coverage says what became of the targets. It adds up: Listed is the sum of
// the others.
type Coverage struct {
	Listed   int `json:"listed"`
	Verified int `json:"verified"`
	Refused  int `json:"refused"`
	Unknown  int `json:"unknown"`
}

// Add counts a report.
func (c *Coverage) Add(r *Report) {
	c.Listed++
	switch r.Verdict {
	case Verified:
		c.Verified++
	case Refused:
		c.Refused++
	default:
		c.Unknown++
	}
}

// Summary returns the summary of what was counted. Of nothing it is that
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
