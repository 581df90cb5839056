package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cotverify/internal/suggest"

	"go.yaml.in/yaml/v3"
)

// decoder collects what is wrong with a file, so that a person sees all of it
// at once.
type decoder struct {
	file string
	json bool // as far as its first letter tells
	errs FileErrors
}

// err returns what is wrong with the file, by line.
func (d *decoder) err() error {
	if len(d.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(d.errs, func(a, b *FileError) int { return a.Line - b.Line })
	return d.errs
}

// place is a value of the file with the path that leads to it.
type place struct {
	d    *decoder
	node *yaml.Node
	path string
}

func (p place) failf(format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if p.path != "" {
		message = p.path + ": " + message
	}
	p.d.errs = append(p.d.errs, &FileError{File: p.d.file, Line: p.node.Line, Message: message})
}

// document reads the file's one YAML document.
func (d *decoder) document(data []byte) (place, bool) {
	if len(data) > maxFileSize {
		d.errs = append(d.errs, &FileError{File: d.file, Message: fmt.Sprintf("is larger than %d bytes, which is the limit", maxFileSize)})
		return place{}, false
	}
	d.json = bytes.HasPrefix(bytes.TrimSpace(data), []byte("{"))
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		d.errs = append(d.errs, &FileError{File: d.file, Message: "is empty"})
		return place{}, false
	}
	if err != nil {
		d.errs = append(d.errs, d.syntaxError(err))
		return place{}, false
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		d.errs = append(d.errs, &FileError{File: d.file, Line: second.Line, Message: "a second YAML document starts here; expected one in the file"})
		return place{}, false
	case !errors.Is(err, io.EOF):
		d.errs = append(d.errs, d.syntaxError(err))
		return place{}, false
	}
	return place{d: d, node: doc.Content[0]}, true
}

// syntaxMessage is how the YAML library names the place of a syntax error.
var syntaxMessage = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

func (d *decoder) syntaxError(err error) *FileError {
	language := "YAML"
	if d.json {
		language = "JSON"
	}
	if m := syntaxMessage.FindStringSubmatch(err.Error()); m != nil {
		if line, err := strconv.Atoi(m[1]); err == nil {
			return &FileError{File: d.file, Line: line, Message: "not " + language + ": " + m[2]}
		}
	}
	return &FileError{File: d.file, Message: "not " + language + ": " + strings.TrimPrefix(err.Error(), "yaml: ")}
}

// kind names what the value is, for a person.
func (p place) kind() string {
	switch p.node.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias; write the value out, so that each part of a policy can be read by itself"
	}
	switch p.node.ShortTag() {
	case "!!str":
		return strconv.Quote(p.node.Value)
	case "!!null":
		return "nothing"
	}
	return p.node.Value + ", which is not text unless quoted"
}

// simpleKey is a key that is joined to a path with a dot.
var simpleKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// under returns the path of a key of the object.
func (p place) under(key string) string {
	switch {
	case !simpleKey.MatchString(key):
		return fmt.Sprintf("%s[\"%s\"]", p.path, key)
	case p.path == "":
		return key
	}
	return p.path + "." + key
}

// field is a key of an object with its value.
type field struct {
	name  string
	key   place
	value place
}

// fields returns an object's fields in order, each key once.
func (p place) fields() []field {
	if !p.isObject() {
		p.failf("expected an object, got %s", p.kind())
		return nil
	}
	var fields []field
	first := map[string]int{}
	for i := 0; i+1 < len(p.node.Content); i += 2 {
		key := place{d: p.d, node: p.node.Content[i], path: p.path}
		if !key.isText() {
			key.failf("expected text as key, got %s", key.kind())
			continue
		}
		name := key.node.Value
		key.path = p.under(name)
		if line, again := first[name]; again {
			key.failf("is there twice, first on line %d", line)
			continue
		}
		first[name] = key.node.Line
		fields = append(fields, field{name, key, place{p.d, p.node.Content[i+1], key.path}})
	}
	return fields
}

// object has the fields of an object by name.
type object map[string]place

// object returns an object's fields by name, of which only the known ones may
// be there.
func (p place) object(known ...string) object {
	result := object{}
	for _, f := range p.fields() {
		if slices.Contains(known, f.name) {
			result[f.name] = f.value
		} else {
			f.key.failf("is not known; %s", hint(f.name, known))
		}
	}
	return result
}

// hint says what an unknown word may have been meant to be.
func hint(word string, known []string) string {
	if near := suggest.Closest(word, known); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "expected " + oneOf(known)
}

func oneOf(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// list returns a list's items.
func (p place) list() []place {
	if p.node.Kind != yaml.SequenceNode {
		p.failf("expected a list, got %s", p.kind())
		return nil
	}
	items := make([]place, len(p.node.Content))
	for i, n := range p.node.Content {
		items[i] = place{p.d, n, fmt.Sprintf("%s[%d]", p.path, i)}
	}
	return items
}

// oneOrMore returns the items of a list that is not empty, or the one value
// that stands in place of it.
func (p place) oneOrMore() []place {
	if p.node.Kind != yaml.SequenceNode {
		return []place{p}
	}
	items := p.list()
	if len(items) == 0 {
		p.failf("expected at least one value")
	}
	return items
}

func (p place) isObject() bool { return p.node.Kind == yaml.MappingNode }

func (p place) isText() bool {
	return p.node.Kind == yaml.ScalarNode && p.node.ShortTag() == "!!str"
}

// anyText returns a text, which may be empty.
func (p place) anyText() string {
	if !p.isText() {
		p.failf("expected text, got %s", p.kind())
		return ""
	}
	return p.node.Value
}

// text returns a text that is not empty.
func (p place) text() (string, bool) {
	if !p.isText() || p.node.Value == "" {
		p.failf("expected text, got %s", p.kind())
		return "", false
	}
	return p.node.Value, true
}

// word returns a text that is one of the known words.
func (p place) word(known []string) (string, bool) {
	s, ok := p.text()
	if ok && !slices.Contains(known, s) {
		p.failf("\"%s\" is not known; %s", s, hint(s, known))
		return "", false
	}
	return s, ok
}

// texts returns a list of texts that are not empty.
func (p place) texts() []string {
	var result []string
	for _, item := range p.list() {
		if s, ok := item.text(); ok {
			result = append(result, s)
		}
	}
	return result
}

// words returns a list of known words.
func (p place) words(known []string) []string {
	var result []string
	for _, item := range p.list() {
		if s, ok := item.word(known); ok {
			result = append(result, s)
		}
	}
	return result
}

// matching returns a text that matches a pattern; the description says what
// such a text is.
func (p place) matching(pattern *regexp.Regexp, description string) string {
	s, ok := p.text()
	if ok && !pattern.MatchString(s) {
		p.failf("expected %s, got \"%s\"", description, s)
	}
	return s
}

// flag returns true or false.
func (p place) flag() bool {
	if p.node.Kind == yaml.ScalarNode && p.node.ShortTag() == "!!bool" {
		return p.node.Value == "true"
	}
	p.failf("expected true or false, got %s", p.kind())
	return false
}
