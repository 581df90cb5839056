// Package pyglob matches names with patterns as Python's fnmatch does
// (specification, section 5).
package pyglob

import (
	"slices"

	"cotverify/internal/pytext"
)

// Pattern is a pattern that was read.
type Pattern struct{ parts []part }

// Compile reads a pattern: * stands for any characters, slashes among them, ?
// for one, […] for one of a set with ranges, or with ! for one that is not in
// it. Everything else is itself.
func Compile(pattern string) Pattern {
	return Pattern{parse(pytext.Runes(pattern))}
}

// Match reports whether the whole name matches the pattern, and how many steps
// it took to see: at most the product of their lengths, mostly no more than the
// name is long.
func (p Pattern) Match(name string) (matched bool, steps int) {
	return match(p.parts, pytext.Runes(name))
}

// part is a part of a pattern: a star, or what matches one character.
type part struct {
	star bool
	set  set
}

// set is a set of characters, or of all others.
type set struct {
	ranges  [][2]rune // from, to
	negated bool
}

func (s set) has(c rune) bool {
	found := slices.ContainsFunc(s.ranges, func(r [2]rune) bool { return r[0] <= c && c <= r[1] })
	return found != s.negated
}

func parse(pattern []rune) []part {
	var parts []part
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			parts = append(parts, part{star: true})
		case '?':
			parts = append(parts, part{set: set{negated: true}})
		case '[':
			if end := setEnd(pattern[i:]); end > 0 {
				parts = append(parts, part{set: parseSet(pattern[i+1 : i+end])})
				i += end
				continue
			}
			fallthrough
		default:
			parts = append(parts, part{set: set{ranges: [][2]rune{{c, c}}}})
		}
	}
	return parts
}

// match tries each star against as little as it can, and goes back to the
// last one only, so that it takes at most len(pattern)*len(name) steps.
func match(pattern []part, name []rune) (matched bool, steps int) {
	p, n := 0, 0
	starP, starN := -1, 0
	for ; n < len(name); steps++ {
		switch {
		case p < len(pattern) && pattern[p].star:
			starP, starN = p, n
			p++
		case p < len(pattern) && pattern[p].set.has(name[n]):
			p++
			n++
		case starP >= 0:
			starN++
			p, n = starP+1, starN
		default:
			return false, steps
		}
	}
	for p < len(pattern) && pattern[p].star {
		p++
	}
	return p == len(pattern), steps
}

// setEnd returns the place of the bracket that closes a set, or 0 for none. A
// bracket in first place, also after !, is a member.
func setEnd(pattern []rune) int {
	i := 1
	if i < len(pattern) && pattern[i] == '!' {
		i++
	}
	if i < len(pattern) && pattern[i] == ']' {
		i++
	}
	for ; i < len(pattern); i++ {
		if pattern[i] == ']' {
			return i
		}
	}
	return 0
}

// parseSet reads what is between the brackets of a set. Python takes ranges
// that run backwards out first. What then comes first is what negates a set,
// so "[b-a!x]" is a negated one.
func parseSet(text []rune) set {
	chunks := splitRanges(text)
	for k := len(chunks) - 1; k > 0; k-- {
		before, after := chunks[k-1], chunks[k]
		if before[len(before)-1] > after[0] {
			chunks[k-1] = slices.Concat(before[:len(before)-1], after[1:])
			chunks = slices.Delete(chunks, k, k+1)
		}
	}
	var s set
	if len(chunks[0]) > 0 && chunks[0][0] == '!' {
		s.negated = true
		chunks[0] = chunks[0][1:]
		if len(chunks[0]) == 0 && len(chunks) > 1 { // the hyphen of the range is then the first
			chunks[1] = slices.Concat([]rune{'-'}, chunks[1])
			chunks = chunks[1:]
		}
	}
	for k, chunk := range chunks {
		for _, c := range chunk {
			s.ranges = append(s.ranges, [2]rune{c, c})
		}
		if k > 0 {
			s.ranges = append(s.ranges, [2]rune{chunks[k-1][len(chunks[k-1])-1], chunk[0]})
		}
	}
	return s
}

// splitRanges cuts the text of a set at the hyphens that make ranges: the
// characters before and after each are the range's ends.
func splitRanges(text []rune) [][]rune {
	var chunks [][]rune
	start, from := 0, 1
	if text[0] == '!' {
		from = 2
	}
	for from < len(text) {
		hyphen := slices.Index(text[from:], '-')
		if hyphen < 0 {
			break
		}
		hyphen += from
		chunks = append(chunks, text[start:hyphen])
		start, from = hyphen+1, hyphen+3
	}
	if start < len(text) || len(chunks) == 0 {
		return append(chunks, text[start:])
	}
	last := len(chunks) - 1 // a hyphen at the end is a member
	chunks[last] = slices.Concat(chunks[last], []rune{'-'})
	return chunks
}
