package verify

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"cotverify/internal/terms"
	"cotverify/pkg/graph"
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
			c := &chain{patterns: tt.patterns}
			if _, err := c.match(t.Context(), tt.pattern, tt.within); err != nil {
				t.Errorf("within the limit: %v", err)
			}
			if found, err := c.match(t.Context(), tt.pattern, tt.over); !errors.Is(err, tt.want) {
				t.Errorf("beyond the limit: got %d names and %v, expected %v", len(found), err, tt.want)
			}
		})
	}
}

// TestCotKeepsWhatIsNeeded reads a CoT artifact with more hashes than are kept
// of a document.
func TestCotKeepsWhatIsNeeded(t *testing.T) {
	const id = "IWjnqVarTJeCW1SIckQFiA"
	var signed strings.Builder
	signed.WriteString(`{"taskId": "` + id + `", "artifacts": {"public/a": {"sha256": "00"}`)
	for i := range 200_000 {
		fmt.Fprintf(&signed, `, "public/%d": {"sha256": "00"}`, i)
	}
	signed.WriteString("}}")
	for _, tt := range []struct {
		taskType string
		keeps    bool
	}{{terms.Build, true}, {terms.DockerImage, false}} {
		e := &evidence{link: &graph.Link{Type: tt.taskType}, artifacts: []*artifact{{name: "public/a"}}}
		var cot signedCot
		cot.parse(id, []byte(signed.String()), e.hashesNeeded())
		if !tt.keeps {
			if cot.cotError == nil || !strings.Contains(cot.cotError.Error(), "more values") {
				t.Errorf("%s: got error %v", tt.taskType, cot.cotError)
			}
			continue
		}
		hashes, err := cot.artifacts()
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := hashes.Get("public/a"); !ok || hashes.Len() != 1 {
			t.Errorf("%s: kept %d hashes, expected that of public/a", tt.taskType, hashes.Len())
		}
	}
}
