package verify

import (
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	for _, name := range []string{"public/build/target.apk", "a", ".a/..b/...", "a b", "100%", "ä", "a\\b", strings.Repeat("a", maxSegment)} {
		if err := checkName(name); err != nil {
			t.Errorf("checkName(%q) = %v", name, err)
		}
	}
	for _, name := range []string{
		"", "/a", "../a", "a/../b", "a/..", "a/./b", "./a", ".", "a//b", "a/", "a\x00", "a\nb", "a%2Fb", "%61", "a/\xed\xa0\x80",
		strings.Repeat("a", maxSegment+1), strings.Repeat("a/", maxName/2) + "aa",
	} {
		if checkName(name) == nil {
			t.Errorf("checkName(%.20q) = nil, expected an error", name)
		}
	}
}

func TestRejectFolders(t *testing.T) {
	for _, tt := range []struct {
		name     string
		besides  string // names; those in brackets are optional
		names    string
		refused  string
		optional string // of the refused ones
	}{
		{name: "files side by side", besides: "a/c", names: "a/b a.b a-b ab b/c", refused: ""},
		{name: "a folder", names: "a a/b", refused: "a a/b"},
		{name: "a folder further up", names: "x a a.b a-/c a/b/c/d", refused: "a a/b/c/d"},
		{name: "several below it", names: "a/c a a/b", refused: "a a/b a/c"},
		{name: "of one that is asked for besides", besides: "a", names: "a/b c", refused: "a/b"},
		{name: "below one that is asked for besides", besides: "a/b", names: "a c", refused: "a"},
		{name: "those besides are not touched", besides: "a a/b", names: "c", refused: ""},
		{name: "below the CoT artifact", names: "[public/chain-of-trust.json/x]", refused: "public/chain-of-trust.json/x", optional: "public/chain-of-trust.json/x"},
		{name: "the CoT artifact's folder", names: "public public/a", refused: "public public/a"},
		{name: "optional beside one that is not", names: "[a/b] a", refused: "a a/b"},
		{name: "optional with an optional one besides", besides: "[a]", names: "[a/b]", refused: "a/b", optional: "a/b"},
		{name: "optional with one besides that is not", besides: "a", names: "[a/b]", refused: "a/b"},
		{name: "a name that is refused anyway", names: "a a//b", refused: ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			artifacts, besides := artifactsOf(tt.names), artifactsOf(tt.besides)
			rejectFolders(artifacts, besides)
			var refused, optional []string
			for _, a := range (&Link{artifacts: append(artifacts, besides...)}).requested() {
				if a.err != nil {
					refused = append(refused, a.name)
				}
				if a.err != nil && a.optional {
					optional = append(optional, a.name)
				}
			}
			if strings.Join(refused, " ") != tt.refused || strings.Join(optional, " ") != tt.optional {
				t.Errorf("refused %q, of them optional %q", refused, optional)
			}
		})
	}
}

func artifactsOf(names string) []*artifact {
	var artifacts []*artifact
	for _, name := range strings.Fields(names) {
		bare := strings.Trim(name, "[]")
		artifacts = append(artifacts, &artifact{name: bare, optional: bare != name})
	}
	return artifacts
}
