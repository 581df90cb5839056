package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"cotverify/pkg/verify"
)

// JSON writes a report as report.schema.json in this folder describes it. The
// same report gives the same bytes.
func JSON(w io.Writer, r *verify.Report) error { return writeJSON(w, r) }

// GraphJSON writes a walked chain as graph.schema.json in this folder describes
// it. The same chain gives the same bytes.
func GraphJSON(w io.Writer, g *verify.Graph) error { return writeJSON(w, g) }

func writeJSON(w io.Writer, v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("the report cannot be written as JSON: %w", err)
	}
	_, err := io.WriteString(w, printable(buf.String()))
	return err
}

// printable escapes in JSON what people would not see as it stands. The
// values stay the same, since such letters are only within texts.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || isVisible(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
