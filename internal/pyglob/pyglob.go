// Package pyglob matches names with patterns as Python's fnmatch does
// (specification, section 5).
package pyglob

import "unicode/utf8"

// Match reports whether the whole name matches the pattern: * stands for any
// characters, slashes among them, ? for one, […] for one of a set with ranges,
// or with ! for one that is not in it. Everything else is itself.
func Match(pattern, name string) bool {
	return match([]rune(pattern), []rune(name))
}

// match tries each star against as little as it can, and goes back to the
// last one only, so that it takes at most len(pattern)*len(name) steps.
func match(pattern, name []rune) bool {
	p, n := 0, 0
	starP, starN := -1, 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			starP, starN = p, n
			p++
			continue
		}
		if p < len(pattern) {
			if ok, width := matchOne(pattern[p:], name[n]); ok {
				p += width
				n++
				continue
			}
		}
		if starP < 0 {
			return false
		}
		starN++
		p, n = starP+1, starN
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchOne matches one character with the head of a pattern, and returns the
// length of that head.
func matchOne(pattern []rune, c rune) (ok bool, width int) {
	switch pattern[0] {
	case '?':
		return true, 1
	case '[':
		if end := setEnd(pattern); end > 0 {
			return inSet(pattern[1:end], c), end + 1
		}
	}
	return pattern[0] == c && c != utf8.RuneError, 1
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

func inSet(set []rune, c rune) bool {
	negated := set[0] == '!'
	if negated {
		set = set[1:]
	}
	found := false
	for i := 0; i < len(set); i++ {
		if i+2 < len(set) && set[i+1] == '-' {
			found = found || set[i] <= c && c <= set[i+2]
			i += 2
			continue
		}
		found = found || set[i] == c
	}
	return found != negated
}
