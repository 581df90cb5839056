// Package diagram draws a chain as text that other programs make a picture of:
// Graphviz and Mermaid.
package diagram

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"cotverify/internal/visible"
	"cotverify/pkg/report"
)

// Dot writes the chain for Graphviz. An arrow leads from a task to one that it
// was made from; a dashed one to the task that created it.
func Dot(w io.Writer, g *report.Graph) error {
	var b strings.Builder
	b.WriteString("digraph chain {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"Helvetica\"];\n")
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;") // Graphviz reads HTML's entities too
	quote := func(lines ...string) string {
		for i, line := range lines {
			lines[i] = escaped.Replace(visible.Clean(line))
		}
		return `"` + strings.Join(lines, `\n`) + `"`
	}
	for _, n := range drawn(g) {
		color := ""
		if n.bad {
			color = ", color=red"
		}
		fmt.Fprintf(&b, "  %s [label=%s%s];\n", quote(n.taskID), quote(n.lines()...), color)
	}
	for _, e := range edges(g) {
		if e.As == report.AsParent {
			fmt.Fprintf(&b, "  %s -> %s [style=dashed];\n", quote(e.from), quote(e.TaskID))
		} else {
			fmt.Fprintf(&b, "  %s -> %s [label=%s];\n", quote(e.from), quote(e.TaskID), quote(e.As))
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// Mermaid writes the chain as a flowchart for Mermaid, which GitHub draws in
// Markdown. Arrows are as those of [Dot].
func Mermaid(w io.Writer, g *report.Graph) error {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	quote := func(lines ...string) string {
		for i, line := range lines {
			lines[i] = mermaidText(visible.Clean(line))
		}
		return `"` + strings.Join(lines, "<br/>") + `"`
	}
	names := map[string]string{}
	for i, n := range drawn(g) {
		names[n.taskID] = fmt.Sprintf("n%d", i)
		class := ""
		if n.bad {
			class = ":::bad"
		}
		fmt.Fprintf(&b, "  %s[%s]%s\n", names[n.taskID], quote(n.lines()...), class)
	}
	for _, e := range edges(g) {
		if e.As == report.AsParent {
			fmt.Fprintf(&b, "  %s -.-> %s\n", names[e.from], names[e.TaskID])
		} else {
			fmt.Fprintf(&b, "  %s -->|%s| %s\n", names[e.from], quote(e.As), names[e.TaskID])
		}
	}
	b.WriteString("  classDef bad stroke:#c00,stroke-width:2px\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// mermaidText escapes in clean text all that Mermaid could read as its own:
// directives (%%{init: …}%%), Markdown, icons (fa:fa-car), formulas and HTML.
// What it may read grows with its releases, so all is escaped but letters,
// digits, and the blanks and marks that join two of these.
func mermaidText(s string) string {
	var b strings.Builder
	inWord := false // the letter before is a letter or a digit
	for _, r := range s {
		word := unicode.In(r, unicode.L, unicode.M, unicode.Nd)
		if word || inWord && strings.ContainsRune(" -_/", r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "#%d;", r)
		}
		inWord = word
	}
	return b.String()
}

// drawing is a task of a graph.
type drawing struct {
	taskID, taskType, label string
	bad                     bool
}

func (d drawing) lines() []string {
	if d.label == "" {
		return []string{d.taskType, d.taskID}
	}
	return []string{d.taskType, d.label, d.taskID}
}

// drawn returns the tasks to draw: the links, and what they lead to that is no
// link. Only those with a problem are marked.
func drawn(g *report.Graph) []drawing {
	bad := map[string]bool{}
	for _, p := range g.Problems {
		bad[p.TaskID] = true
	}
	var result []drawing
	done := map[string]bool{}
	for _, link := range g.Links {
		done[link.TaskID] = true
		result = append(result, drawing{link.TaskID, link.TaskType, link.Label, bad[link.TaskID]})
	}
	for _, link := range g.Links {
		for _, d := range link.Dependencies {
			if !done[d.TaskID] {
				done[d.TaskID] = true
				result = append(result, drawing{taskID: d.TaskID, taskType: d.As, label: "not in the chain", bad: true})
			}
		}
	}
	return result
}

// edge is an arrow of a graph.
type edge struct {
	from string
	report.Dependency
}

// edges returns the arrows to draw, each once, without those of a task to
// itself.
func edges(g *report.Graph) []edge {
	var result []edge
	done := map[edge]bool{}
	for _, link := range g.Links {
		for _, d := range link.Dependencies {
			e := edge{link.TaskID, d}
			if d.TaskID != link.TaskID && !done[e] {
				done[e] = true
				result = append(result, e)
			}
		}
	}
	return result
}
