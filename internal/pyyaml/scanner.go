package pyyaml

import (
	"slices"
	"strings"
	"unicode/utf8"

	"cotverify/internal/value"
)

// kind is what a token is.
type kind int

const (
	streamEnd kind = iota
	yamlDirective
	tagDirective
	otherDirective
	documentStart
	documentEnd
	blockSequenceStart
	blockMappingStart
	blockEnd
	flowSequenceStart
	flowSequenceEnd
	flowMappingStart
	flowMappingEnd
	blockEntry // "-"
	flowEntry  // ","
	keyStart   // "?", or where a simple key turned out to start
	valueStart // ":"
	alias
	anchor
	tag
	scalar
)

// describe names a kind for an error.
func (k kind) describe() string {
	switch k {
	case streamEnd:
		return "the end of the document"
	case yamlDirective, tagDirective, otherDirective:
		return "a directive"
	case documentStart:
		return `"---"`
	case documentEnd:
		return `"..."`
	case blockSequenceStart:
		return "a list"
	case blockMappingStart:
		return "an object"
	case blockEnd:
		return "the end of the block"
	case flowSequenceStart:
		return `"["`
	case flowSequenceEnd:
		return `"]"`
	case flowMappingStart:
		return `"{"`
	case flowMappingEnd:
		return `"}"`
	case blockEntry:
		return `"-"`
	case flowEntry:
		return `","`
	case keyStart:
		return "a key"
	case valueStart:
		return `":"`
	case alias:
		return "an alias"
	case anchor:
		return "an anchor"
	case tag:
		return "a tag"
	}
	return "text"
}

// token is what the scanner makes of the text.
type token struct {
	kind kind
	mark mark
	// text is what a scalar says, the name of an alias or an anchor, a tag
	// after its handle, a YAML directive's major version, or what a TAG
	// directive's handle stands for.
	text   string
	handle string            // of a tag; "" where it is written in full
	quoted bool              // of a scalar that is not plain
	lines  []value.LineStart // of a scalar: where in it each of its lines begins
}

// note says that a scalar goes on with the line that the scanner is at, from an
// offset of its text on.
func (t *token) note(s *scanner, offset int) {
	line := s.mark.line + 1
	if n := len(t.lines); n == 0 || t.lines[n-1].Line != line {
		t.lines = append(t.lines, value.LineStart{Offset: offset, Line: line})
	}
}

// simpleKey is a token that is the start of a key if a colon comes after the
// node that it starts. Only the colon tells, so the token is held back until
// then. It is on one line with the colon and near.
type simpleKey struct {
	token    int // its number, counted from the first token of the document
	index    int // of its first character
	level    int // of flow collections
	required bool
	mark     mark
}

// maxSimpleKey is how many characters after its start a key's colon must be.
const maxSimpleKey = 1024

// scanner splits a text in tokens. Its rules are PyYAML's.
type scanner struct {
	text  string
	pos   int // in bytes
	index int // in characters
	mark  mark

	tokens []token // scanned and not taken
	taken  int     // how many were taken before them
	ready  bool    // the next token is known to be the first of tokens

	flow    int   // how many flow collections are open
	indent  int   // the column of the block collection that is open, or -1
	indents []int // those around it

	// A key may start at the next token.
	keyAllowed bool
	// keys are the tokens that may yet turn out to be keys, at most one a flow
	// level, in the order of the text and so of their levels.
	keys []simpleKey
}

func newScanner(text string) *scanner {
	return &scanner{text: text, indent: -1, keyAllowed: true}
}

// peek returns the next character.
func (s *scanner) peek() rune { return s.peekAt(0) }

// peekAt returns the character that starts so many bytes further.
func (s *scanner) peekAt(bytes int) rune {
	at := s.pos + bytes
	if at >= len(s.text) {
		return end
	}
	if c := s.text[at]; c < utf8.RuneSelf {
		return rune(c)
	}
	r, _ := utf8.DecodeRuneInString(s.text[at:])
	return r
}

// skip moves past the next character.
func (s *scanner) skip() {
	r := s.peek()
	s.pos += utf8.RuneLen(r)
	s.index++
	switch {
	case isBreak(r):
		s.mark.line++
		s.mark.column = 0
	case r != byteOrderMark: // which PyYAML gives no width
		s.mark.column++
	}
}

func (s *scanner) skipSpaces() {
	for s.peek() == ' ' {
		s.skip()
	}
}

// takeWhile moves past the characters that are accepted, and returns them.
func (s *scanner) takeWhile(accepted func(rune) bool) string {
	start := s.pos
	for s.pos < len(s.text) && accepted(s.peek()) {
		s.skip()
	}
	return s.text[start:s.pos]
}

// lineBreak moves past a line break, if one is next, and returns what it
// stands for in a scalar.
func (s *scanner) lineBreak() string {
	switch r := s.peek(); r {
	case '\n', '\u0085':
		s.skip()
		return "\n"
	case '\u2028', '\u2029':
		s.skip()
		return string(r)
	}
	return ""
}

// comment moves past a comment, if one is next.
func (s *scanner) comment() {
	if s.peek() == '#' {
		s.takeWhile(func(r rune) bool { return !isBreak(r) })
	}
}

// atDocumentMarker reports whether three such characters start a line here
// and mark the start or the end of a document.
func (s *scanner) atDocumentMarker(marker string) bool {
	return s.mark.column == 0 && strings.HasPrefix(s.text[s.pos:], marker) && isBlank(s.peekAt(len(marker)))
}

// next returns the next token without taking it.
func (s *scanner) next() (token, error) {
	for !s.ready {
		if len(s.tokens) > 0 {
			if err := s.dropStaleKeys(); err != nil {
				return token{}, err
			}
			// It is known unless a key may have to be put before it.
			s.ready = len(s.keys) == 0 || s.keys[0].token != s.taken
		}
		if !s.ready {
			if err := s.fetch(); err != nil {
				return token{}, err
			}
		}
	}
	return s.tokens[0], nil
}

// take drops the next token. It is never the end.
func (s *scanner) take() {
	s.tokens = slices.Delete(s.tokens, 0, 1)
	s.taken++
	s.ready = false
}

// dropStaleKeys forgets the keys whose colon would be too far away.
func (s *scanner) dropStaleKeys() error {
	for len(s.keys) > 0 {
		key := s.keys[0]
		if key.mark.line == s.mark.line && s.index-key.index <= maxSimpleKey {
			return nil
		}
		if key.required {
			return missingColon(key)
		}
		s.keys = slices.Delete(s.keys, 0, 1)
	}
	return nil
}

func missingColon(key simpleKey) error {
	return key.mark.errorf(`expected ":" after this key, on its line and within %d characters`, maxSimpleKey)
}

// saveKey notes that the next token may be a key.
func (s *scanner) saveKey() error {
	if !s.keyAllowed {
		return nil
	}
	if err := s.dropKey(); err != nil {
		return err
	}
	s.keys = append(s.keys, simpleKey{
		token:    s.taken + len(s.tokens),
		index:    s.index,
		level:    s.flow,
		required: s.flow == 0 && s.indent == s.mark.column,
		mark:     s.mark,
	})
	return nil
}

// dropKey forgets the possible key of this flow level.
func (s *scanner) dropKey() error {
	if key, ok := s.possibleKey(); ok {
		if key.required {
			return missingColon(key)
		}
		s.keys = s.keys[:len(s.keys)-1]
	}
	return nil
}

// possibleKey returns the possible key of this flow level.
func (s *scanner) possibleKey() (simpleKey, bool) {
	if n := len(s.keys); n > 0 && s.keys[n-1].level == s.flow {
		return s.keys[n-1], true
	}
	return simpleKey{}, false
}

// closeBlocks ends the block collections that are deeper than a column.
func (s *scanner) closeBlocks(column int) {
	if s.flow > 0 {
		return
	}
	for s.indent > column {
		s.indent = s.indents[len(s.indents)-1]
		s.indents = s.indents[:len(s.indents)-1]
		s.add(token{kind: blockEnd, mark: s.mark})
	}
}

// openBlock makes a column the one of a block collection, and reports whether
// it is a new collection.
func (s *scanner) openBlock(column int) bool {
	if s.flow > 0 || s.indent >= column {
		return false
	}
	s.indents = append(s.indents, s.indent)
	s.indent = column
	return true
}

func (s *scanner) add(t token) { s.tokens = append(s.tokens, t) }

// insert puts a token before one that is not taken yet, by its number.
func (s *scanner) insert(number int, t token) {
	s.tokens = slices.Insert(s.tokens, number-s.taken, t)
}

// fetch scans one token, and the ends and starts of blocks that come before it.
func (s *scanner) fetch() error {
	s.toNextToken()
	if err := s.dropStaleKeys(); err != nil {
		return err
	}
	s.closeBlocks(s.mark.column)
	switch r := s.peek(); {
	case r == end:
		return s.fetchEnd()
	case r == '%' && s.mark.column == 0:
		return s.fetchDirective()
	case s.atDocumentMarker("---"):
		return s.fetchDocumentMarker(documentStart)
	case s.atDocumentMarker("..."):
		return s.fetchDocumentMarker(documentEnd)
	case r == '[':
		return s.fetchFlowStart(flowSequenceStart)
	case r == '{':
		return s.fetchFlowStart(flowMappingStart)
	case r == ']':
		return s.fetchFlowEnd(flowSequenceEnd)
	case r == '}':
		return s.fetchFlowEnd(flowMappingEnd)
	case r == ',':
		return s.fetchIndicator(flowEntry, true)
	case r == '-' && isBlank(s.peekAt(1)):
		if err := s.startBlock(blockSequenceStart, "a list entry"); err != nil {
			return err
		}
		return s.fetchIndicator(blockEntry, true)
	case r == '?' && (s.flow > 0 || isBlank(s.peekAt(1))):
		if err := s.startBlock(blockMappingStart, "a key"); err != nil {
			return err
		}
		return s.fetchIndicator(keyStart, s.flow == 0)
	case r == ':' && (s.flow > 0 || isBlank(s.peekAt(1))):
		return s.fetchValue()
	case r == '*':
		return s.fetchNodePart(s.scanAlias)
	case r == '&':
		return s.fetchNodePart(s.scanAnchor)
	case r == '!':
		return s.fetchNodePart(s.scanTag)
	case (r == '|' || r == '>') && s.flow == 0:
		return s.fetchBlockScalar()
	case r == '\'' || r == '"':
		return s.fetchNodePart(s.scanQuoted)
	case s.atPlain():
		return s.fetchNodePart(s.scanPlain)
	case r == '\t':
		return s.mark.errorf("a tab is not allowed between tokens, use spaces")
	default:
		return s.mark.errorf("%q cannot start a value, put it in quotes", r)
	}
}

// toNextToken moves past spaces, comments and line breaks.
func (s *scanner) toNextToken() {
	if s.index == 0 && s.peek() == byteOrderMark {
		s.skip()
	}
	for {
		s.skipSpaces()
		s.comment()
		if s.lineBreak() == "" {
			return
		}
		if s.flow == 0 {
			s.keyAllowed = true
		}
	}
}

// atPlain reports whether a plain scalar can start here.
func (s *scanner) atPlain() bool {
	r := s.peek()
	switch r {
	case '-':
		return !isBlank(s.peekAt(1))
	case '?', ':':
		return s.flow == 0 && !isBlank(s.peekAt(1))
	}
	return !isBlank(r) && !strings.ContainsRune(",[]{}#&*!|>'\"%@`", r)
}

func (s *scanner) fetchEnd() error {
	if err := s.endBlocks(); err != nil {
		return err
	}
	s.keys = nil
	s.add(token{kind: streamEnd, mark: s.mark})
	return nil
}

func (s *scanner) fetchDirective() error {
	if err := s.endBlocks(); err != nil {
		return err
	}
	t, err := s.scanDirective()
	if err != nil {
		return err
	}
	s.add(t)
	return nil
}

// fetchDocumentMarker scans "---" or "...".
func (s *scanner) fetchDocumentMarker(k kind) error {
	if err := s.endBlocks(); err != nil {
		return err
	}
	s.add(token{kind: k, mark: s.mark})
	for range 3 {
		s.skip()
	}
	return nil
}

// endBlocks ends all block collections.
func (s *scanner) endBlocks() error {
	s.closeBlocks(-1)
	s.keyAllowed = false
	return s.dropKey()
}

// fetchFlowStart scans "[" or "{".
func (s *scanner) fetchFlowStart(k kind) error {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.flow++
	s.keyAllowed = true
	s.addIndicator(k)
	return nil
}

// fetchFlowEnd scans "]" or "}".
func (s *scanner) fetchFlowEnd(k kind) error {
	if s.flow == 0 {
		return s.mark.errorf("%s closes nothing", k.describe())
	}
	if err := s.dropKey(); err != nil {
		return err
	}
	s.flow--
	s.keyAllowed = false
	s.addIndicator(k)
	return nil
}

// fetchIndicator scans an indicator that is one character, and sets whether a
// simple key may follow it.
func (s *scanner) fetchIndicator(k kind, keyAllowed bool) error {
	s.keyAllowed = keyAllowed
	if err := s.dropKey(); err != nil {
		return err
	}
	s.addIndicator(k)
	return nil
}

// addIndicator adds the token of the next character.
func (s *scanner) addIndicator(k kind) {
	s.add(token{kind: k, mark: s.mark})
	s.skip()
}

// startBlock starts a block collection where its first entry makes one.
func (s *scanner) startBlock(k kind, entry string) error {
	if s.flow > 0 {
		return nil
	}
	if !s.keyAllowed {
		return s.mark.errorf("%s is not allowed here", entry)
	}
	if s.openBlock(s.mark.column) {
		s.add(token{kind: k, mark: s.mark})
	}
	return nil
}

// fetchValue scans ":". If a key was possible, it is one now.
func (s *scanner) fetchValue() error {
	key, ok := s.possibleKey()
	if !ok {
		if err := s.startBlock(blockMappingStart, "a value"); err != nil {
			return err
		}
		return s.fetchIndicator(valueStart, s.flow == 0)
	}
	s.keys = s.keys[:len(s.keys)-1]
	s.insert(key.token, token{kind: keyStart, mark: key.mark})
	if s.openBlock(key.mark.column) {
		s.insert(key.token, token{kind: blockMappingStart, mark: key.mark})
	}
	s.keyAllowed = false
	s.addIndicator(valueStart)
	return nil
}

// fetchNodePart scans what may be the start of a key.
func (s *scanner) fetchNodePart(scan func() (token, error)) error {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.keyAllowed = false
	t, err := scan()
	if err != nil {
		return err
	}
	s.add(t)
	return nil
}

func (s *scanner) fetchBlockScalar() error {
	s.keyAllowed = true
	if err := s.dropKey(); err != nil {
		return err
	}
	t, err := s.scanBlockScalar()
	if err != nil {
		return err
	}
	s.add(t)
	return nil
}
