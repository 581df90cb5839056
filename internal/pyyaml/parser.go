package pyyaml

import (
	"slices"
	"strings"

	"cotverify/internal/value"
)

// shape is what a node of the syntax is.
type shape int

const (
	scalarShape shape = iota
	listShape
	mapShape
)

func (s shape) describe() string {
	return [...]string{"a scalar", "a list", "an object"}[s]
}

// node is a node of the syntax. An alias is the anchor's node itself.
type node struct {
	shape shape
	mark  mark
	tag   string            // resolved, in full
	text  string            // of a scalar
	lines []value.LineStart // of a scalar
	items []*node           // of a list; of a map the keys and values in turn
	open  bool              // its end was not read yet

	// What the constructor knows of it, once it does.
	value  *value.Node
	fields []value.Field // of a map, with what it merges, each key once
	height int           // how deep the lists and maps in it are nested
}

// parser reads the syntax of one document. The first error ends it: its
// methods then return nil.
type parser struct {
	scanner *scanner
	err     error
	anchors map[string]*node
	handles map[string]string // of tags, with what they stand for
	depth   int
	nodes   int
}

// parse returns the root node of a document.
func parse(text string) (*node, error) {
	p := &parser{scanner: newScanner(text), anchors: map[string]*node{}}
	root := p.document()
	if p.err != nil {
		return nil, p.err
	}
	return root, nil
}

// next returns the next token without taking it, and after an error the end.
func (p *parser) next() token {
	if p.err != nil {
		return token{kind: streamEnd}
	}
	t, err := p.scanner.next()
	if err != nil {
		p.err = err
		return token{kind: streamEnd}
	}
	return t
}

// at reports whether the next token is one of some kinds.
func (p *parser) at(kinds ...kind) bool {
	return slices.Contains(kinds, p.next().kind)
}

// accept takes the next token if it is of a kind, which is not the end, and
// reports whether it is.
func (p *parser) accept(k kind) bool {
	if !p.at(k) {
		return false
	}
	p.scanner.take()
	return true
}

func (p *parser) fail(m mark, format string, args ...any) *node {
	if p.err == nil {
		p.err = m.errorf(format, args...)
	}
	return nil
}

// unexpected fails because the next token is not what is expected.
func (p *parser) unexpected(expected string) *node {
	t := p.next()
	return p.fail(t.mark, "expected %s, found %s", expected, t.kind.describe())
}

// document reads the one document of a stream.
func (p *parser) document() *node {
	root := p.content()
	for p.accept(documentEnd) {
	}
	if p.at(yamlDirective, tagDirective, otherDirective, documentStart) {
		return p.fail(p.next().mark, "a second document starts here")
	}
	if !p.at(streamEnd) {
		return p.unexpected("the end of the document")
	}
	return root
}

// content reads a document up to its end, if it has one.
func (p *parser) content() *node {
	p.handles = map[string]string{"!": "!", "!!": tagPrefix}
	if p.at(streamEnd) {
		return p.empty(p.next().mark)
	}
	if !p.at(yamlDirective, tagDirective, otherDirective, documentStart) {
		return p.node(blockContext)
	}
	p.directives()
	if !p.accept(documentStart) {
		return p.unexpected(`"---"`)
	}
	return p.nodeUnless(blockContext, p.next().mark,
		yamlDirective, tagDirective, otherDirective, documentStart, documentEnd, streamEnd)
}

// directives reads the directives before a document.
func (p *parser) directives() {
	hasVersion := false
	defined := map[string]bool{}
	for {
		t := p.next()
		switch t.kind {
		case yamlDirective:
			if hasVersion {
				p.fail(t.mark, "a second YAML directive")
			}
			if strings.TrimLeft(t.text, "0") != "1" {
				p.fail(t.mark, "YAML %s is not known, 1.1 is", t.text)
			}
			hasVersion = true
		case tagDirective:
			if defined[t.handle] {
				p.fail(t.mark, "a second TAG directive for %q", t.handle)
			}
			defined[t.handle] = true
			p.handles[t.handle] = t.text
		case otherDirective:
		default:
			return
		}
		p.scanner.take()
	}
}

// context is where a node stands.
type context int

const (
	flowContext  context = iota // in brackets or braces
	blockContext                // in a document or a block list
	entryContext                // key or value of a block map: a list need not be indented
)

// nodeUnless reads a node, or where a token of one of some kinds is next, the
// empty node that is meant at a place.
func (p *parser) nodeUnless(c context, m mark, absent ...kind) *node {
	if p.at(absent...) {
		return p.empty(m)
	}
	return p.node(c)
}

// empty returns a node of which nothing is written.
func (p *parser) empty(m mark) *node {
	return p.newNode(m, scalarShape, resolve(""))
}

func (p *parser) newNode(m mark, s shape, tag string) *node {
	p.count(m)
	return &node{mark: m, shape: s, tag: tag}
}

// count counts a node against the limit.
func (p *parser) count(m mark) {
	if p.nodes++; p.nodes > maxNodes {
		p.fail(m, "the document has more than %d nodes", maxNodes)
	}
}

// node reads a node, with the anchor and the tag before it.
func (p *parser) node(c context) *node {
	first := p.next()
	if p.accept(alias) {
		return p.alias(first)
	}
	name, tagged := p.properties()
	n := p.newNode(first.mark, scalarShape, tagged)
	if name != "" {
		if p.anchors[name] != nil {
			return p.fail(first.mark, "a second anchor %q", name)
		}
		p.anchors[name] = n
	}
	start := p.next()
	switch {
	case start.kind == blockEntry && c == entryContext:
		p.collection(n, listShape, p.bareBlockList)
	case start.kind == blockSequenceStart && c != flowContext:
		p.collection(n, listShape, p.blockList)
	case start.kind == blockMappingStart && c != flowContext:
		p.collection(n, mapShape, p.blockMap)
	case start.kind == flowSequenceStart:
		p.collection(n, listShape, p.flowList)
	case start.kind == flowMappingStart:
		p.collection(n, mapShape, p.flowMap)
	case p.accept(scalar):
		p.scalar(n, start)
	case name != "" || tagged != "": // and nothing after them
		p.scalar(n, token{mark: start.mark})
	default:
		return p.unexpected("a value")
	}
	if p.err != nil {
		return nil
	}
	return n
}

// alias returns the node of an alias's anchor.
func (p *parser) alias(t token) *node {
	n := p.anchors[t.text]
	switch {
	case n == nil:
		return p.fail(t.mark, "there is no anchor %q before this alias", t.text)
	case n.open:
		return p.fail(t.mark, "the anchor %q is around its alias", t.text)
	}
	p.count(t.mark)
	return n
}

// properties reads an anchor's name and a tag, in any order and each at most
// once.
func (p *parser) properties() (name, tagged string) {
	for range 2 {
		t := p.next()
		switch {
		case name == "" && p.accept(anchor):
			name = t.text
		case tagged == "" && p.accept(tag):
			tagged = p.fullTag(t)
		}
	}
	return name, tagged
}

// fullTag returns a tag with its handle replaced by what that stands for.
func (p *parser) fullTag(t token) string {
	if t.handle == "" {
		return t.text
	}
	prefix, ok := p.handles[t.handle]
	if !ok {
		p.fail(t.mark, "the tag's handle %q is not defined", t.handle)
	}
	return prefix + t.text
}

// nonSpecificTag is a tag that says no more than that there is one.
const nonSpecificTag = "!"

// scalar completes a scalar.
func (p *parser) scalar(n *node, t token) {
	n.text, n.lines = t.text, t.lines
	switch {
	case n.tag == nonSpecificTag && t.quoted:
		p.fail(n.mark, `the tag "!" is not supported here`)
	case n.tag == "" && t.quoted:
		n.tag = strTag
	case n.tag == "" || n.tag == nonSpecificTag:
		n.tag = resolve(t.text)
	}
}

// collection completes a list or a map, whose entries are read by a method
// that starts at its first token.
func (p *parser) collection(n *node, s shape, entries func(n *node)) {
	n.shape = s
	if n.tag == "" || n.tag == nonSpecificTag {
		n.tag = seqTag
		if s == mapShape {
			n.tag = mapTag
		}
	}
	if p.depth == maxDepth {
		p.fail(n.mark, "nested deeper than %d levels", maxDepth)
		return
	}
	p.depth++
	n.open = true
	entries(n)
	n.open = false
	p.depth--
}

// blockList reads a list of lines that start with "-".
func (p *parser) blockList(n *node) {
	p.scanner.take()
	for t := p.next(); p.accept(blockEntry); t = p.next() {
		n.items = append(n.items, p.nodeUnless(blockContext, t.mark.after(), blockEntry, blockEnd))
	}
	if !p.accept(blockEnd) {
		p.unexpected("a list entry or the end of the list")
	}
}

// bareBlockList reads such a list where it is the value of a key and not
// indented deeper.
func (p *parser) bareBlockList(n *node) {
	for t := p.next(); p.accept(blockEntry); t = p.next() {
		n.items = append(n.items, p.nodeUnless(blockContext, t.mark.after(), blockEntry, keyStart, valueStart, blockEnd))
	}
}

// blockMap reads a map of lines.
func (p *parser) blockMap(n *node) {
	p.scanner.take()
	for t := p.next(); p.accept(keyStart); t = p.next() {
		key := p.nodeUnless(entryContext, t.mark.after(), keyStart, valueStart, blockEnd)
		n.items = append(n.items, key, p.mapValue(entryContext, keyStart, valueStart, blockEnd))
	}
	if !p.accept(blockEnd) {
		p.unexpected("a key or the end of the object")
	}
}

// mapValue reads ":" and a value, each of which may be absent.
func (p *parser) mapValue(c context, absent ...kind) *node {
	t := p.next()
	if !p.accept(valueStart) {
		return p.empty(t.mark)
	}
	return p.nodeUnless(c, t.mark.after(), absent...)
}

// flowList reads a list in brackets.
func (p *parser) flowList(n *node) {
	p.flowEntries(flowSequenceEnd, func() {
		t := p.next()
		if t.kind != keyStart {
			n.items = append(n.items, p.node(flowContext))
			return
		}
		pair := p.newNode(t.mark, mapShape, "")
		p.collection(pair, mapShape, func(pair *node) { p.flowPair(pair, flowSequenceEnd) })
		n.items = append(n.items, pair)
	})
}

// flowMap reads a map in braces.
func (p *parser) flowMap(n *node) {
	p.flowEntries(flowMappingEnd, func() {
		if p.at(keyStart) {
			p.flowPair(n, flowMappingEnd)
			return
		}
		key := p.node(flowContext)
		n.items = append(n.items, key, p.empty(p.next().mark))
	})
}

// flowEntries reads what is in brackets or braces: entries with commas
// between them, and maybe one after the last.
func (p *parser) flowEntries(closer kind, entry func()) {
	p.scanner.take()
	for first := true; !p.accept(closer); first = false {
		if !first && !p.accept(flowEntry) {
			p.unexpected(`"," or ` + closer.describe())
			return
		}
		if !p.at(closer) {
			entry()
		}
		if p.err != nil {
			return
		}
	}
}

// flowPair reads a key and its value in a flow collection.
func (p *parser) flowPair(n *node, closer kind) {
	t := p.next()
	p.scanner.take()
	key := p.nodeUnless(flowContext, t.mark.after(), valueStart, flowEntry, closer)
	n.items = append(n.items, key, p.mapValue(flowContext, flowEntry, closer))
}
