// Package pytime reads and writes times as the reference implementation does:
// ISO 8601 as datetime.fromisoformat of Python 3.11 reads it, and the
// relative datestamps of a task graph (specification, section 6,
// "task-graph").
//
// [ResolveDatestamps] makes of a definition in a task graph what the task was
// created as; [ParseISO] reads the time of creation that it needs.
package pytime

import "strconv"

// maxQuoted is how many characters of a bad text an error shows.
const maxQuoted = 60

// quote returns a text as an error shows it.
func quote(text string) string {
	n := 0
	for i := range text {
		if n == maxQuoted {
			return strconv.Quote(text[:i]) + "…"
		}
		n++
	}
	return strconv.Quote(text)
}
