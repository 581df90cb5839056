// Package pyregexp compiles regular expressions in which the classes of
// characters are Python's: \d is any decimal digit, \s any white space and \w
// any letter, digit or underscore of Unicode 14, while package regexp knows
// those of ASCII only.
package pyregexp

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"cotverify/internal/pytext"
)

// Regexp is a compiled expression.
type Regexp struct {
	*regexp.Regexp
	text string
}

// Compile compiles an expression.
func Compile(text string) (*Regexp, error) {
	translated, err := translate(text)
	if err != nil {
		return nil, err
	}
	compiled, err := regexp.Compile(translated)
	if err != nil {
		return nil, err
	}
	return &Regexp{Regexp: compiled, text: text}, nil
}

// MustCompile is Compile for expressions that are known to be right.
func MustCompile(text string) *Regexp {
	r, err := Compile(text)
	if err != nil {
		panic(err)
	}
	return r
}

// String returns the expression as it was written.
func (r *Regexp) String() string { return r.text }

// MarshalText returns the expression as it was written.
func (r *Regexp) MarshalText() ([]byte, error) { return []byte(r.text), nil }

var (
	errBoundary = errors.New(`\b and \B are those of ASCII here; write which characters may stand there`)
	errQuote    = errors.New(`\Q is not Python's; put a backslash before each character`)
	errInClass  = errors.New("a negated class stands within brackets; write what may stand there")
)

// translate writes out the classes of an expression.
func translate(text string) (string, error) {
	var out strings.Builder
	inBrackets := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			part, err := escape(text[i], inBrackets)
			if err != nil {
				return "", err
			}
			out.WriteString(part)
		case inBrackets && strings.HasPrefix(text[i:], "[:"):
			end := strings.Index(text[i:], ":]")
			if end < 0 {
				return "", fmt.Errorf("missing closing :] in %q", text)
			}
			out.WriteString(text[i : i+end+2])
			i += end + 1
		case !inBrackets && c == '[':
			inBrackets = true
			start := i
			if strings.HasPrefix(text[i+1:], "^") {
				i++
			}
			if strings.HasPrefix(text[i+1:], "]") { // a member of the class
				i++
			}
			out.WriteString(text[start : i+1])
		default:
			inBrackets = inBrackets && c != ']'
			out.WriteByte(c)
		}
	}
	return out.String(), nil
}

// escape translates a backslash and the byte behind it.
func escape(c byte, inBrackets bool) (string, error) {
	switch {
	case c == 'Q':
		return "", errQuote
	case c == 'b' || c == 'B':
		return "", errBoundary
	}
	members := membersOf(c | 0x20)
	switch {
	case members == "":
		return string([]byte{'\\', c}), nil
	case c >= 'a' && inBrackets:
		return members, nil
	case c >= 'a':
		return "[" + members + "]", nil
	case inBrackets:
		return "", errInClass
	}
	return "[^" + members + "]", nil
}

// membersOf returns what a class has, as it is written between brackets, or
// nothing for a letter that names no class.
func membersOf(class byte) string {
	switch class {
	case 'd':
		return members(pytext.IsDigit, unicode.Nd)
	case 's':
		return members(pytext.IsSpace, unicode.White_Space, unicode.Cc)
	case 'w':
		return "_" + members(pytext.IsAlnum, unicode.L, unicode.N)
	}
	return ""
}

// members lists the characters of some tables for which a test holds.
func members(test func(rune) bool, tables ...*unicode.RangeTable) string {
	var out strings.Builder
	each := func(lo, hi, stride rune) {
		for r := lo; r <= hi; r += stride {
			if !test(r) {
				continue
			}
			first := r
			for stride == 1 && r < hi && test(r+1) {
				r++
			}
			fmt.Fprintf(&out, `\x{%x}-\x{%x}`, first, r)
		}
	}
	for _, table := range tables {
		for _, r := range table.R16 {
			each(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range table.R32 {
			each(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return out.String()
}
