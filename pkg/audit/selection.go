package audit

import (
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/pyglob"
)

// Selection says which tasks of the groups are verified. The zero selection is
// of those that have secrets: see [Member.Release].
type Selection struct {
	rules map[string][]pyglob.Pattern // by key; of the patterns of one key any may match, of the keys all must
	// TaskIDs are the tasks to verify, where they are given one by one: all of
	// them, whatever else is selected.
	TaskIDs []string
}

// Keys are what a selection can look at, with what each is.
var keys = map[string]func(Member) string{
	"kind":        func(m Member) string { return m.Kind },
	"label":       func(m Member) string { return m.Label },
	"worker-type": func(m Member) string { return m.WorkerType },
	"state":       func(m Member) string { return m.State },
}

// Keys returns the names of what a selection can look at.
func Keys() []string { return []string{"kind", "label", "worker-type", "state"} }

// Add adds a rule such as "kind=*signing*". The error says what is wrong with
// it.
func (s *Selection) Add(rule string) error {
	key, pattern, ok := strings.Cut(rule, "=")
	if !ok || keys[key] == nil || pattern == "" {
		return fmt.Errorf("expected KEY=PATTERN with a key of %s", strings.Join(Keys(), ", "))
	}
	if s.rules == nil {
		s.rules = map[string][]pyglob.Pattern{}
	}
	s.rules[key] = append(s.rules[key], pyglob.Compile(pattern))
	return nil
}

// Has reports whether a task is selected.
func (s *Selection) Has(m Member) bool {
	if len(s.TaskIDs) > 0 {
		return slices.Contains(s.TaskIDs, m.TaskID)
	}
	if len(s.rules) == 0 {
		return m.Release
	}
	for key, patterns := range s.rules {
		matches := func(p pyglob.Pattern) bool {
			matched, _ := p.Match(keys[key](m))
			return matched
		}
		if !slices.ContainsFunc(patterns, matches) {
			return false
		}
	}
	return true
}
