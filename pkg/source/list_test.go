package source_test

import (
	"strings"
	"testing"

	"cotverify/internal/memsource"
	"cotverify/pkg/source"
)

// TestListNames shows what of a list of artifacts is read, and how much.
func TestListNames(t *testing.T) {
	const many = 100_000 // several times what the largest tasks have
	listOf := func(n int) string {
		return `{"artifacts":[` + strings.TrimSuffix(strings.Repeat(`{"name":"a"},`, n), ",") + `]}`
	}
	padded := func(size int) string { return listOf(1) + strings.Repeat(" ", size-len(listOf(1))) }
	for name, tt := range map[string]struct {
		list string
		want int
		err  string
	}{
		"empty":           {listOf(0), 0, ""},
		"many":            {listOf(many), many, ""},
		"too many":        {listOf(10 * many), 0, "more values than are read"},
		"large":           {padded(source.MaxList), 1, ""},
		"too large":       {padded(source.MaxList + 1), 0, "it is larger than 67108864 bytes"},
		"a long name":     {`{"artifacts": [{"name": "` + strings.Repeat("n", 4097) + `"}]}`, 0, "a name of 4097 bytes"},
		"no list":         {`{"artifacts": {}}`, 0, "the answer is malformed: /artifacts is an object; expected a list"},
		"no entries":      {`{}`, 0, "the answer is malformed: "},
		"no name":         {`{"artifacts": [{}]}`, 0, "the answer is malformed: /artifacts/0/name is absent; expected text"},
		"no JSON":         {`{"artifacts": [`, 0, "the answer is malformed: "},
		"name is no text": {`{"artifacts": [{"name": 1}]}`, 0, "the answer is malformed: "},
	} {
		got, err := source.ListNames(t.Context(), memsource.Texts{source.Artifacts("build"): tt.list}, "build")
		if len(got) != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %d names, %v; expected %d, %q", name, len(got), err, tt.want, tt.err)
		}
	}
}
