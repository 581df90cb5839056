package jsone

import (
	"cmp"
	"slices"
	"strconv"

	"cotverify/internal/value"
)

// Origin tells which template node rendered a value, and what of the context it
// was rendered from.
//
// The node is the innermost one that stands at the value's place: behind $if,
// $switch or the "in" of $let it is the branch, behind $merge or $map what gave
// the part. Where an expression yields the list or object of a variable as it
// is, its parts keep the origins that they have there, since that is where they
// are written.
//
// What an object's key was rendered from counts as what its value was, too.
// Conditions that chose a branch do not.
type Origin struct {
	Line, Column int                // of the template node; 0 where it came from no file
	Reads        []string           // the paths of the context that its text or expression read, such as "event.after", sorted
	Via          []int              // the lines of the other nodes that it came through, such as the definitions of the variables in its text, sorted
	Items        []*Origin          // of a list's items
	Fields       map[string]*Origin // of an object's values

	// path is set where the value is a part of the context as it is.
	path string
	// lines says of a text that the template has on several lines which of them
	// rendered which part of it.
	lines []value.LineStart
}

// LineAt returns the line of the template that rendered the place of a text at
// an offset in bytes.
func (o *Origin) LineAt(offset int) int {
	line := o.Line
	for _, l := range o.lines {
		if l.Offset > offset {
			break
		}
		line = l.Line
	}
	return line
}

// mapLines notes for a segment, rendered at an offset of the text that is made,
// which lines of its template it stands on.
func (o *Origin) mapLines(lines []value.LineStart, s segment, at int) {
	for i, l := range lines {
		ends := i+1 == len(lines) || lines[i+1].Offset > s.start
		if ends && l.Offset <= s.after {
			o.lines = append(o.lines, value.LineStart{Offset: at + max(0, l.Offset-s.start), Line: l.Line})
		}
	}
}

// At returns the origin of the value at a path of object keys and list indexes,
// as a JSON pointer has them, or of the closest value around it that has one.
// Where that has no line, the line is that of the closest around it that has.
func (o *Origin) At(path ...string) *Origin {
	if o == nil {
		return nil
	}
	line, column := o.Line, o.Column
	for _, step := range path {
		next := o.step(step)
		if next == nil {
			break
		}
		o = next
		if o.Line > 0 {
			line, column = o.Line, o.Column
		}
	}
	found := *o
	found.Line, found.Column = line, column
	return &found
}

// step returns the origin of a part, or nil.
func (o *Origin) step(step string) *Origin {
	index, err := strconv.Atoi(step)
	switch {
	case err == nil && o.Items != nil:
		if index < 0 || index >= len(o.Items) {
			return nil
		}
		return o.Items[index]
	case o.Fields != nil:
		return o.Fields[step]
	case o.path != "" && err == nil:
		return o.item(index)
	case o.path != "":
		return o.field(step)
	}
	return nil
}

// item returns the origin of a list's item: its own where it has one.
func (o *Origin) item(i int) *Origin {
	switch {
	case o == nil:
		return nil
	case i < len(o.Items):
		return o.Items[i]
	}
	return o.part("[" + strconv.Itoa(i) + "]")
}

// field returns the origin of an object's value: its own where it has one.
func (o *Origin) field(key string) *Origin {
	if o == nil {
		return nil
	}
	if f, ok := o.Fields[key]; ok {
		return f
	}
	if isIdentifier(key) {
		return o.part("." + key)
	}
	return o.part("[" + strconv.Quote(key) + "]")
}

// maxPath is how long the path of a read may get, in bytes. What lies deeper is
// named by what is around it.
const maxPath = 200

// part returns the origin of a part that has none of its own.
func (o *Origin) part(step string) *Origin {
	if o.path == "" || len(o.path)+len(step) > maxPath {
		return o.whole()
	}
	path := o.path + step
	return &Origin{Line: o.Line, Column: o.Column, Reads: []string{path}, Via: o.Via, path: path}
}

// whole returns the origin without that of parts.
func (o *Origin) whole() *Origin {
	return &Origin{Line: o.Line, Column: o.Column, Reads: o.Reads, Via: o.Via}
}

// MaxReads and maxVia bound what one origin lists, so that a template whose
// values are all made of each other takes no quadratic memory.
const (
	MaxReads = 16
	maxVia   = 16
)

// add makes o say that its value was also made of one with the origin p.
func (o *Origin) add(p *Origin) {
	if p == nil {
		return
	}
	o.Reads = union(o.Reads, p.Reads, MaxReads)
	o.Via = union(o.Via, p.Via, maxVia)
	if p.Line > 0 && p.Line != o.Line {
		o.Via = union(o.Via, []int{p.Line}, maxVia)
	}
}

// with returns the origin of a value that was also made of others.
func (o *Origin) with(others ...*Origin) *Origin {
	c := o
	for _, p := range others {
		if p == nil {
			continue
		}
		if c == o {
			c = o.copy()
		}
		c.add(p)
	}
	return c
}

// copy returns a copy that can be added to.
func (o *Origin) copy() *Origin {
	if o == nil {
		return &Origin{}
	}
	c := *o
	return &c
}

// addParts makes o say that its value was also made of all parts of a list or
// an object with the origin p.
func (r *renderer) addParts(o, p *Origin, depth int) error {
	if p == nil || p.Items == nil && p.Fields == nil {
		return nil
	}
	if depth > maxValueDepth {
		return &LimitError{limitValueDepth, maxValueDepth}
	}
	if err := r.step(len(p.Items) + len(p.Fields)); err != nil {
		return err
	}
	for _, part := range p.Items {
		o.add(part)
		if err := r.addParts(o, part, depth+1); err != nil {
			return err
		}
	}
	for _, part := range p.Fields {
		o.add(part)
		if err := r.addParts(o, part, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// union returns what is in either of two sorted lists, sorted, and of that no
// more than the first most. The lists stay as they are.
func union[T cmp.Ordered](a, b []T, most int) []T {
	if len(b) == 0 || slices.Equal(a, b) {
		return a
	}
	if len(a) == 0 {
		return b
	}
	all := make([]T, 0, min(len(a)+len(b), most))
	for len(all) < most && len(a)+len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			all, a = append(all, a[0]), a[1:]
		case len(a) == 0 || b[0] < a[0]:
			all, b = append(all, b[0]), b[1:]
		default:
			all, a, b = append(all, a[0]), a[1:], b[1:]
		}
	}
	return all
}
