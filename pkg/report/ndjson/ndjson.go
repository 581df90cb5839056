// Package ndjson writes reports as lines of JSON: one for each report, as
// report.schema.json describes it, and a last one that sums them up. A file
// without that last line was cut off.
package ndjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"cotverify/internal/visible"
	"cotverify/pkg/report"
)

// New returns what writes reports as lines of JSON.
func New(w io.Writer) report.Sink { return sink{w} }

type sink struct{ w io.Writer }

// Report implements [report.Sink].
func (s sink) Report(r *report.Report) error { return s.line(r) }

// Close implements [report.Sink].
func (s sink) Close(summary report.Summary) error { return s.line(summary) }

func (s sink) line(v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("the report cannot be written as JSON: %w", err)
	}
	_, err := io.WriteString(s.w, visible.JSON(buf.String()))
	return err
}
