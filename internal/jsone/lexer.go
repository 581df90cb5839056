package jsone

import (
	"strings"

	"cotverify/internal/pytext"
)

// A tokenKind tells what a token of an expression is. Symbols and keywords are
// a kind each, written as they are.
type tokenKind string

const (
	tokenEnd        tokenKind = "" // nothing more
	tokenNumber     tokenKind = "number"
	tokenIdentifier tokenKind = "identifier"
	tokenString     tokenKind = "string"
)

type token struct {
	kind   tokenKind
	text   string
	offset int // of its first byte in the expression
}

// symbols are the tokens without letters, each before those that it starts
// with.
var symbols = [...]tokenKind{
	"**", "+", "-", "*", "/", "[", "]", ".", "(", ")", "{", "}", ":", ",",
	">=", "<=", "<", ">", "==", "!=", "!", "&&", "||",
}

// A syntaxError says that a text is no expression, and where.
type syntaxError struct {
	offset  int
	message string
}

func (e *syntaxError) Error() string { return e.message }

// syntaxOffset returns where a text that could not be parsed went wrong.
func syntaxOffset(err error) int {
	if e, ok := err.(*syntaxError); ok {
		return e.offset
	}
	return 0
}

// nextToken reads the token at or after an offset.
func nextToken(text string, offset int) (token, error) {
	offset += len(text[offset:]) - len(strings.TrimLeftFunc(text[offset:], pytext.IsSpace))
	if offset > maxExpression {
		return token{}, &LimitError{limitExpression, maxExpression}
	}
	rest := text[offset:]
	if rest == "" {
		return token{offset: offset}, nil
	}
	switch c := rest[0]; {
	case isDigit(c):
		return token{tokenNumber, rest[:numberLength(rest)], offset}, nil
	case isIdentifierStart(c):
		word := rest[:identifierLength(rest)]
		switch word {
		case "true", "false", "in", "null":
			return token{tokenKind(word), word, offset}, nil
		}
		return token{tokenIdentifier, word, offset}, nil
	case c == '\'' || c == '"':
		end := strings.IndexByte(rest[1:], c)
		if end < 0 {
			return token{}, &syntaxError{offset, "a quote is opened and not closed"}
		}
		return token{tokenString, rest[:end+2], offset}, nil
	}
	for _, s := range symbols {
		if strings.HasPrefix(rest, string(s)) {
			return token{s, rest[:len(s)], offset}, nil
		}
	}
	_, size := pytext.DecodeRune(rest)
	return token{}, &syntaxError{offset, "an expression cannot have " + quoted(rest[:size]) + " here"}
}

// numberLength returns the length of the number that a text starts with: digits,
// and a fraction if there are digits behind the dot.
func numberLength(text string) int {
	n := digitsLength(text)
	if n < len(text) && text[n] == '.' {
		if fraction := digitsLength(text[n+1:]); fraction > 0 {
			return n + 1 + fraction
		}
	}
	return n
}

func digitsLength(text string) int {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}

func identifierLength(text string) int {
	n := 0
	for n < len(text) && (isIdentifierStart(text[n]) || isDigit(text[n])) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isIdentifierStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

// isIdentifier reports whether a text can be the name of a variable.
// Python's pattern for it lets a line end follow, so this does.
func isIdentifier(text string) bool {
	text = strings.TrimSuffix(text, "\n")
	return text != "" && isIdentifierStart(text[0]) && identifierLength(text) == len(text)
}
