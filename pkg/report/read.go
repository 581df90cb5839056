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
var ErrSchema = errors.New("it is no report of " + Schema)

// Read reads a report as [JSON] writes it. What it says is believed check by
// check, and the verdict drawn anew from these: a status that is none counts as
// an error.
func Read(from io.Reader) (*Report, error) {
	limited := &io.LimitedReader{R: from, N: MaxReport + 1}
	decoder := json.NewDecoder(limited)
	r := &Report{}
	err := decoder.Decode(r)
	if err == nil {
		_, err = decoder.Token()
	}
	var wrongType *json.UnmarshalTypeError
	switch {
	case limited.N == 0:
		return nil, fmt.Errorf("it is larger than %d bytes, which is the limit for a report", MaxReport)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF) && r.Schema == "" && decoder.InputOffset() == 0:
		return nil, errors.New("it ends before the report does")
	case errors.As(err, &wrongType):
		return nil, fmt.Errorf("%s: expected %s, found %s", wrongType.Field, wrongType.Type, wrongType.Value)
	case err == nil:
		return nil, fmt.Errorf("there is more behind the report, at byte %d", decoder.InputOffset())
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("it is no JSON: %w", err)
	case r.Schema != Schema:
		return nil, fmt.Errorf("%w; its schema is %q", ErrSchema, r.Schema)
	}
	return r, r.mend()
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
