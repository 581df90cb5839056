package verify

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestPatternsAreLimited matches patterns at each limit, and one step beyond.
func TestPatternsAreLimited(t *testing.T) {
	names := func(n int) []string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("public/%d", i))
		}
		return names
	}
	steps := func(n int) []string { return []string{strings.Repeat("a", n-1)} } // one more for the star
	for _, tt := range []struct {
		name         string
		patterns     int
		pattern      string
		within, over []string
		want         error
	}{
		{"matches", 1, "public/*", names(maxMatches), names(maxMatches + 1), errMatches},
		{"steps", maxSteps / 1000, "*b", steps(1000), steps(1001), errSteps},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &Chain{patterns: tt.patterns}
			if _, err := c.match(t.Context(), tt.pattern, tt.within); err != nil {
				t.Errorf("within the limit: %v", err)
			}
			if found, err := c.match(t.Context(), tt.pattern, tt.over); !errors.Is(err, tt.want) {
				t.Errorf("beyond the limit: got %d names and %v, expected %v", len(found), err, tt.want)
			}
		})
	}
}
