package github

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"cotverify/internal/visible"
	"cotverify/pkg/decision"
)

// Lint writes what was found in a template as workflow commands at its lines.
func Lint(w io.Writer, file string, found []decision.Finding) error {
	out := bufio.NewWriter(w)
	for _, f := range found {
		name := "error"
		if f.Note {
			name = "notice"
		}
		fmt.Fprintf(out, "::%s title=%s,file=%s", name, ofProperties.Replace("cotverify: "+visible.Clean(f.Subject)), ofProperties.Replace(visible.Clean(file)))
		if f.Line > 0 {
			fmt.Fprintf(out, ",line=%d", f.Line)
		}
		fmt.Fprintf(out, "::%s\n", ofMessages.Replace(visible.Prose(f.Message)+"\nfor "+visible.Clean(strings.Join(f.For, ", "))))
	}
	return out.Flush()
}
