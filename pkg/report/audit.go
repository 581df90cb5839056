package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"

	"cotverify/internal/scratch"
	"cotverify/internal/visible"
)

// AuditSchema names the layout of an audit's report.
const AuditSchema = "cotverify/audit/v1"

// AuditTarget is a target of an audit's report. Its links, checks and artifacts
// are indexes into those of the report.
type AuditTarget struct {
	Target
	Verdict   Verdict    `json:"verdict"`
	Outcome   Outcome    `json:"outcome"`
	Artifacts []Artifact `json:"artifacts,omitempty"`
	Links     []int      `json:"links"`
	Checks    []int      `json:"checks"`
	Causes    []Cause    `json:"causes,omitempty"` // what they explain are indexes of the report's checks
}

// NewAudit returns what writes reports as one, as audit.schema.json in this
// folder describes it: links and checks that several targets share stand once.
// What is written waits on disk until the verdict is known, so that as many
// targets as there are need little memory.
func NewAudit(w io.Writer) Sink {
	return &audit{w: w, links: newPool(), checks: newPool()}
}

type audit struct {
	w             io.Writer
	targets       scratch.File
	links, checks *pool
	counts        Counts // of the checks that stand there
	n             int
}

// Report implements [Sink].
func (a *audit) Report(r *Report) error {
	t := AuditTarget{Target: r.Target, Verdict: r.Verdict, Outcome: r.Outcome(), Artifacts: r.Artifacts, Links: []int{}, Checks: []int{}}
	for _, link := range r.Links {
		at, _, err := a.links.put(link)
		if err != nil {
			return err
		}
		t.Links = append(t.Links, at)
	}
	for _, check := range r.Checks {
		at, isNew, err := a.checks.put(check)
		if err != nil {
			return err
		}
		if isNew {
			a.counts = a.counts.plus(CountsOf([]Check{check}))
		}
		t.Checks = append(t.Checks, at)
	}
	for _, cause := range r.Causes {
		explains := make([]int, len(cause.Explains))
		for i, at := range cause.Explains {
			explains[i] = t.Checks[at]
		}
		cause.Explains = explains
		t.Causes = append(t.Causes, cause)
	}
	line, err := jsonLine(t)
	if err != nil {
		return err
	}
	if a.n > 0 {
		line = append([]byte(",\n"), line...)
	}
	a.n++
	_, err = a.targets.Write(line)
	return err
}

// Close implements [Sink].
func (a *audit) Close(s Summary) error {
	defer a.targets.Close()
	defer a.links.file.Close()
	defer a.checks.file.Close()
	head := struct {
		Schema  string  `json:"schema"`
		Verdict Verdict `json:"verdict"`
		Audit
		Coverage Coverage `json:"coverage"`
		Counts   Counts   `json:"counts"`
	}{Schema: AuditSchema, Verdict: s.Verdict, Coverage: s.Coverage, Counts: a.counts}
	if s.Audit != nil {
		head.Audit = *s.Audit
	}
	if head.Groups == nil {
		head.Groups = []Group{}
	}
	line, err := jsonLine(head)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(a.w, "%s", line[:len(line)-1]); err != nil {
		return err
	}
	for _, list := range []struct {
		name string
		file *scratch.File
	}{{"targets", &a.targets}, {"links", &a.links.file}, {"checks", &a.checks.file}} {
		if _, err := fmt.Fprintf(a.w, ",\n%q: [\n", list.name); err != nil {
			return err
		}
		if _, err := io.Copy(a.w, list.file.Reader()); err != nil {
			return err
		}
		if _, err := io.WriteString(a.w, "\n]"); err != nil {
			return err
		}
	}
	_, err = io.WriteString(a.w, "}\n")
	return err
}

// pool is a list of values that are there once each.
type pool struct {
	file scratch.File
	at   map[[sha256.Size]byte]int
}

func newPool() *pool { return &pool{at: map[[sha256.Size]byte]int{}} }

// put returns the place of a value, and whether it was not there before.
func (p *pool) put(v any) (at int, isNew bool, err error) {
	line, err := jsonLine(v)
	if err != nil {
		return 0, false, err
	}
	key := sha256.Sum256(line)
	if at, ok := p.at[key]; ok {
		return at, false, nil
	}
	at = len(p.at)
	p.at[key] = at
	if at > 0 {
		line = append([]byte(",\n"), line...)
	}
	_, err = p.file.Write(line)
	return at, true, err
}

// jsonLine returns a value as one line of JSON, without its end.
func jsonLine(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("the report cannot be written as JSON: %w", err)
	}
	return []byte(visible.JSON(string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))))), nil
}

func (n Counts) plus(m Counts) Counts {
	return Counts{Pass: n.Pass + m.Pass, Fail: n.Fail + m.Fail, Error: n.Error + m.Error, Warn: n.Warn + m.Warn, Skip: n.Skip + m.Skip}
}
