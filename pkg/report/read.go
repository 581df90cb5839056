package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// The limits of a report that is read. Those of chains are some times smaller.
const (
	MaxReport = 256 << 20 // bytes
	maxLinks  = 10_000
)

// ErrSchema says that what was read is no report whose layout is known.
var ErrSchema = errors.New("it is no report of " + Schema + " or " + AuditSchema)

// Read reads a report as [JSON] writes it. What it says is believed check by
// check, and the verdict drawn anew from these: a status that is none counts as
// an error.
func Read(from io.Reader) (*Report, error) {
	r, _, err := ReadAny(from)
	if err == nil && r == nil {
		err = errors.New("it is the report of an audit, and that of one task is expected")
	}
	return r, err
}

// ReadAudit reads the report of an audit as [NewAudit] writes it, and believes it
// as [Read] does. What became of each target, and the coverage, are drawn anew
// too.
func ReadAudit(from io.Reader) (*Audited, error) {
	_, a, err := ReadAny(from)
	if err == nil && a == nil {
		err = errors.New("it is the report of one task, and that of an audit is expected")
	}
	return a, err
}

// ReadAny reads a report of one task or of an audit, whichever it is; the other
// is nil.
func ReadAny(from io.Reader) (*Report, *Audited, error) {
	d, err := decode(from)
	switch {
	case err != nil:
		return nil, nil, err
	case d.Schema == AuditSchema:
		a, err := d.audited()
		return nil, a, err
	case d.Schema == Schema:
		return &d.Report, nil, d.mend()
	}
	return nil, nil, fmt.Errorf("%w; its schema is %q", ErrSchema, d.Schema)
}

// document is a report of either layout. What both have is the report's.
type document struct {
	Report
	Groups   []Group       `json:"groups"`
	Shard    *Shard        `json:"shard"`
	Unused   []Unused      `json:"unused"`
	Coverage Coverage      `json:"coverage"`
	Targets  []AuditTarget `json:"targets"`
}

// decode reads a document, and refuses one that is cut off, too large, or has
// more behind it.
func decode(from io.Reader) (*document, error) {
	limited := &io.LimitedReader{R: from, N: MaxReport + 1}
	decoder := json.NewDecoder(limited)
	d := &document{}
	err := decoder.Decode(d)
	if err == nil {
		_, err = decoder.Token()
	}
	var wrongType *json.UnmarshalTypeError
	switch {
	case limited.N == 0:
		return nil, fmt.Errorf("it is larger than %d bytes, which is the limit for a report", MaxReport)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF) && d.Schema == "" && decoder.InputOffset() == 0:
		return nil, errors.New("it ends before the report does")
	case errors.As(err, &wrongType):
		return nil, fmt.Errorf("%s: expected %s, found %s", wrongType.Field, wrongType.Type, wrongType.Value)
	case err == nil:
		return nil, fmt.Errorf("there is more behind the report, at byte %d", decoder.InputOffset())
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	return d, nil
}

// mend makes a report that was read one that the formats can rely on.
func (r *Report) mend() error {
	if len(r.Links) > maxLinks {
		return fmt.Errorf("it has %d links, at most %d are expected", len(r.Links), maxLinks)
	}
	for _, cause := range r.Causes {
		for _, check := range cause.Explains {
			if check < 0 || check >= len(r.Checks) {
				return fmt.Errorf("cause %q: it explains check %d, and there are %d", cause.Cause, check, len(r.Checks))
			}
		}
	}
	r.Conclude(r.Trust != nil && r.Trust.Strict)
	return nil
}
