package sarif

import (
	"fmt"
	"strings"

	"cotverify/pkg/report"
)

// rules returns a rule for each check that is explained, and one for each other
// that a result is of, and has the results refer to them.
func rules(explanations []report.Explanation, results []result) []rule {
	list := []rule{}
	index := map[string]int{}
	add := func(r rule) {
		index[r.ID] = len(list)
		list = append(list, r)
	}
	for _, e := range explanations {
		add(ruleOf(e))
	}
	for i := range results {
		r := &results[i]
		if _, known := index[r.Rule]; !known {
			add(unexplained(r.Rule))
		}
		r.RuleIndex = index[r.Rule]
	}
	return list
}

func ruleOf(e report.Explanation) rule {
	help := fmt.Sprintf("%s\n\nWhy: %s\n\nHow it fails: %s\n\nWhat to do: %s", e.Meaning, e.Why, strings.Join(e.Fails, " "), e.Do)
	return rule{ID: e.Check, Short: message{firstSentence(e.Meaning)}, Full: message{e.Meaning + " " + e.Why}, Help: message{help}}
}

// firstSentence is short enough for a heading.
func firstSentence(text string) string {
	first, _, found := strings.Cut(text, ". ")
	if found {
		first += "."
	}
	return first
}

// unexplained is the rule of what is no check of the chain: the verdict, or what
// another version calls a check.
func unexplained(id string) rule {
	return rule{ID: id, Short: message{id + "."}, Full: message{"Nothing more is known of " + id + "."}, Help: message{"Look at the whole report."}}
}
