package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"cotverify/internal/visible"
)

// JSON writes a report as report.schema.json in this folder describes it. The
// same report gives the same bytes.
func JSON(w io.Writer, r *Report) error { return writeJSON(w, r) }

// GraphJSON writes a walked chain as graph.schema.json in this folder describes
// it. The same chain gives the same bytes.
func GraphJSON(w io.Writer, g *Graph) error { return writeJSON(w, g) }

// NewJSON returns what writes each report as [JSON] does.
func NewJSON(w io.Writer) Sink { return jsonSink{w} }

type jsonSink struct{ w io.Writer }

func (s jsonSink) Report(r *Report) error { return JSON(s.w, r) }
func (s jsonSink) Close(Summary) error    { return nil }

func writeJSON(w io.Writer, v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("the report cannot be written as JSON: %w", err)
	}
	_, err := io.WriteString(w, visible.JSON(buf.String()))
	return err
}
