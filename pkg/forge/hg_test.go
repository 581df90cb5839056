package forge

import (
	"strings"
	"testing"

	"cotverify/internal/memsource"
)

func TestFetchPush(t *testing.T) {
	const repository = "https://hg.example/r"
	push := func(fields string) string { return `{"pushes": {"42": {` + fields + `}, "7": {}}}` }
	const first, last = `{"parents": ["p1", "p2"]}`, `{"desc": "last"}`
	for _, tt := range []struct {
		name, answer string
		problem      string // "" where there is none
	}{
		{"the first of two", push(`"changesets": [` + first + "," + last + `], "user": "me", "date": 1`), ""},
		{"none", `{"pushes": {}}`, "there is no push of this revision"},
		{"a web page", "<html>", "the answer is a web page of 6 bytes, which begins with \"<html>\""},
		{"no JSON", "{", "the answer is no JSON"},
		{"no pushes", "{}", "/pushes is absent"},
		{"a list of pushes", `{"pushes": []}`, "/pushes is a list; expected an object"},
		{"no changesets", push(`"changesets": []`), "/pushes/42/changesets is empty; expected a list that is not empty"},
		{"changesets that are no list", push(`"changesets": {}`), "/pushes/42/changesets is an object; expected a list"},
		{"no parents", push(`"changesets": [{"parents": []}]`), "/pushes/42/changesets/0/parents is empty"},
		{"a changeset that is no object", push(`"changesets": [` + first + `, null]`), "/pushes/42/changesets/1 is null; expected an object"},
		{"a description that is no text", push(`"changesets": [` + first + `, {"desc": 1}]`), "/pushes/42/changesets/1/desc is a number; expected text"},
		{"no date", push(`"changesets": [` + first + "," + last + `], "user": "me"`), "/pushes/42/date is absent"},
		{"no user", push(`"changesets": [` + first + "," + last + `], "date": 1`), "/pushes/42/user is absent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := memsource.URLs(map[string]string{repository + "/json-pushes?changeset=abc&version=2&full=1": tt.answer})
			got, err := FetchPush(t.Context(), src, repository, "abc")
			if tt.problem != "" {
				if err == nil || !strings.Contains(err.Error(), tt.problem) {
					t.Errorf("got %v, expected %q", err, tt.problem)
				}
				return
			}
			if err != nil || got.ID != "42" || got.BaseRevision != "p1" || got.Description != "last" || got.User != "me" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
