package workerlog

import (
	"cmp"
	"context"
	"strconv"

	"cotverify/pkg/evidence"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
)

// Schema names the layout of a refusal.
const Schema = "cotverify/why/v1"

// Refusal is a release task that failed, with what its worker said of its chain
// of trust and what a verification says.
type Refusal struct {
	Schema string `json:"schema"`
	// Run is the number of the run that it is about, and State that run's. Each
	// is "" where it is not known.
	Run      string `json:"run,omitempty"`
	State    string `json:"state,omitempty"`
	Resolved string `json:"resolved,omitempty"` // why the run ended
	// NoStatus says why it is not known, NoLog why there is no worker's log.
	NoStatus string         `json:"noStatus,omitempty"`
	NoLog    string         `json:"noLog,omitempty"`
	Worker   *Worker        `json:"worker,omitempty"`
	Report   *report.Report `json:"report"`

	latest bool // as far as is known, the run is the task's latest
}

// Worker is what the worker found, beside the report.
type Worker struct {
	Version   string    `json:"version,omitempty"` // of scriptworker
	Passed    bool      `json:"passed"`
	Agreement Agreement `json:"agreement"`
	Errors    []Error   `json:"errors"`
	// OnlyReport are indexes of the report's checks of which the worker said
	// nothing.
	OnlyReport []int `json:"onlyReport,omitempty"`
}

// Find finds out what is known of a task's run, of which the number is given, or
// with "" of its latest.
func Find(ctx context.Context, s *evidence.Store, taskID, run string) *Refusal {
	r := &Refusal{Schema: Schema, Run: run, latest: true}
	status, err := s.Status(ctx, taskID)
	if err != nil {
		r.NoStatus = err.Error()
		return r
	}
	r.State = status.State
	last := ""
	if len(status.Runs) > 0 {
		last = strconv.Itoa(len(status.Runs) - 1)
	}
	r.Run = cmp.Or(r.Run, last)
	r.latest = r.Run == last
	if n, err := strconv.Atoi(r.Run); err == nil && n < len(status.Runs) {
		r.State, r.Resolved = status.Runs[n].State, status.Runs[n].ReasonResolved
	}
	return r
}

// HasRun reports whether the task ran to its end, so that it has a CoT artifact.
// Where its state is not known, that artifact tells.
func (r *Refusal) HasRun(ctx context.Context, s *evidence.Store, taskID string) bool {
	if r.NoStatus == "" {
		return r.State == evidence.Completed
	}
	return !source.IsNotFound(s.Cot(ctx, taskID).SignedErr)
}

// Compare reads the worker's log, and holds it beside a report.
func (r *Refusal) Compare(ctx context.Context, s source.Source, found *report.Report) {
	r.Report = found
	taskID := found.Target.TaskID
	log, err := Read(ctx, s, taskID, r.Run)
	if source.IsNotFound(err) && r.Run != "" && r.latest { // as recordings have it
		if latest, latestErr := Read(ctx, s, taskID, ""); latestErr == nil {
			log, err = latest, nil
		}
	}
	if err != nil {
		r.NoLog = err.Error()
		return
	}
	r.Worker = &Worker{Version: log.Version, Passed: log.Passed, Errors: log.Errors}
	r.Worker.Agreement, r.Worker.OnlyReport = compare(log, found)
}
