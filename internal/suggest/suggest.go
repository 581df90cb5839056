// Package suggest finds the known word that a mistyped one was meant to be.
package suggest

import "strings"

// Closest returns the known word that is nearest to a mistyped one, or "" if
// none is near: if more than a third of the word would have to change. Of
// words that are as near the first counts. Case does not matter.
func Closest(word string, known []string) string {
	best, bestDistance := "", max(1, len(word)/3)+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}

// Phrase returns " (did you mean x?)" with the closest known word, or "" if
// none is near.
func Phrase(word string, known []string) string {
	if near := Closest(word, known); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

// distance is the number of letters to add, drop or replace, or of neighbours
// to swap, to make one word of another.
func distance(a, b string) int {
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
