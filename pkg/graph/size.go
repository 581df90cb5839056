package graph

import "fmt"

// MaxLinks is how many links a chain may have. Release graphs have some
// hundred.
const MaxLinks = 3_000

// Limits on a chain as a whole, so that one that is made to be large is refused
// within a few hundred MiB and seconds. Release graphs have less than a tenth
// of each.
const (
	maxEdges     = 50_000   // dependencies of all links
	maxAllValues = 500_000  // lists, objects and what is in them, in all definitions
	maxAllBytes  = 64 << 20 // bytes of all definitions
)

// size is how large a chain is.
type size struct{ links, edges, values, bytes int }

// size returns how large the task alone makes a chain.
func (t *Task) size() size {
	return size{edges: len(t.Inputs) + len(t.Upstream), values: t.values, bytes: t.bytes}
}

func (s *size) add(other size) {
	s.links += other.links
	s.edges += other.edges
	s.values += other.values
	s.bytes += other.bytes
}

// exceeded returns the limit that a chain of this size is beyond, or nil.
func (s size) exceeded() error {
	for _, limit := range []struct {
		size, most int
		what       string
	}{
		{s.links, MaxLinks, "links"},
		{s.edges, maxEdges, "dependencies"},
		{s.values, maxAllValues, "values in its definitions"},
		{s.bytes, maxAllBytes, "bytes of definitions"},
	} {
		if limit.size > limit.most {
			return &SizeError{What: limit.what, Most: limit.most}
		}
	}
	return nil
}

// SizeError says that a chain is larger than is verified. The walk ends there.
type SizeError struct {
	What string // there are too many of: "links"
	Most int
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("the chain has more than %d %s, and is not followed further", e.Most, e.What)
}
