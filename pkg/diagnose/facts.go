package diagnose

import (
	"context"
	"regexp"
	"strings"

	"cotverify/internal/value"
	"cotverify/pkg/evidence"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/verify"
)

// Facts are what is known beside a report. The zero value is none.
type Facts struct {
	Bundle bool                    // the facts come from a recorded bundle
	Keys   map[string][]policy.Key // the trusted keys, by worker implementation
	Tasks  map[string]*graph.Task  // the definitions of the links
	// Signers has of tasks whose signature does not hold what their CoT artifact
	// says, which anybody may have written.
	Signers map[string]Signer
	// Listed has of tasks the names of the artifacts that they signed.
	Listed map[string][]string
}

// Signer is who made a signature that does not hold, and for whom.
type Signer struct {
	Worker string     // the implementation that the key is trusted for; "" where it is nowhere
	Key    policy.Key // that made it
	Claims Claims
}

// Claims are what a CoT artifact says of where it was made.
type Claims struct{ WorkerGroup, WorkerID, Region, InstanceType string }

func (c Claims) String() string {
	if c.WorkerID == "" {
		return ""
	}
	text := "worker " + c.WorkerID
	if c.WorkerGroup != "" {
		text += " of " + c.WorkerGroup
	}
	if c.InstanceType != "" {
		text += ", " + c.InstanceType
	}
	return text
}

// Gather returns what a store can say of a report's failures. It asks the store
// for no fact that the verification did not ask it for.
func Gather(ctx context.Context, store *evidence.Store, p *policy.Policy, r *report.Report) Facts {
	f := Facts{
		Keys: p.Keys, Tasks: map[string]*graph.Task{}, Signers: map[string]Signer{},
		Listed: map[string][]string{},
	}
	if r.Counts.Fail+r.Counts.Error == 0 {
		return f
	}
	for _, l := range r.Links {
		if task, err := store.Task(ctx, l.TaskID); err == nil {
			f.Tasks[l.TaskID] = task
		}
	}
	for _, c := range r.Checks {
		switch {
		case c.Status != report.Fail:
		case c.Check == "signature":
			f.Signers[c.TaskID] = signed(ctx, store, p, c.TaskID)
		case c.Check == "artifact" && c.Reason != report.HashMismatch:
			f.Listed[c.TaskID] = listed(ctx, store, c.TaskID)
		}
	}
	return f
}

// signed returns who made a signature that does not hold.
func signed(ctx context.Context, store *evidence.Store, p *policy.Policy, taskID string) Signer {
	var s Signer
	found := store.Cot(ctx, taskID)
	if found.SignedErr != nil || found.SignatureErr != nil {
		return s
	}
	document, wrong, malformed := found.Read(ctx, func(bytes []byte) error {
		if worker, key, err := verify.WhoSigned(p.Keys, bytes, found.Signature); err == nil {
			s.Worker, s.Key = worker, key
		}
		return nil
	})
	if wrong != nil || malformed != nil {
		return s
	}
	claim := func(path ...string) string {
		text, _ := value.LookupText(document.Value, path...)
		return text
	}
	s.Claims = Claims{
		WorkerGroup: claim("workerGroup"), WorkerID: claim("workerId"),
		Region: claim("environment", "region"), InstanceType: claim("environment", "instanceType"),
	}
	return s
}

// listed returns the names of the artifacts that a task signed.
func listed(ctx context.Context, store *evidence.Store, taskID string) []string {
	found := store.Cot(ctx, taskID)
	if found.SignedErr != nil {
		return nil
	}
	document, wrong, malformed := found.Read(ctx, func([]byte) error { return nil })
	if wrong != nil || malformed != nil {
		return nil
	}
	artifacts, _ := value.Lookup(document.Value, "artifacts")
	var names []string
	if o, ok := artifacts.(*value.Object); ok {
		for name := range o.All() {
			names = append(names, name)
		}
	}
	return names
}

// urls matches a URL in a message.
var urls = regexp.MustCompile(`https?://[^\s"'<>]+`)

// urlIn returns the first URL in a text, "" where there is none.
func urlIn(text string) string { return strings.TrimRight(urls.FindString(text), ".,:;)") }
