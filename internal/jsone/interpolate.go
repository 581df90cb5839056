package jsone

import (
	"strings"

	"cotverify/internal/value"
)

// A segment is a piece of a text: literal text, and the expression that follows
// it, if one does.
type segment struct {
	literal       string
	start, after  int // where in the text the literal begins, and what follows it
	hasExpression bool
	expression    expression
	source        string // the expression as written
}

// interpolate renders a text: "${…}" is replaced by what the expression within
// yields, "$${" by "${".
func (r *renderer) interpolate(n *value.Node, text string, s *scope) (traced, error) {
	if !strings.Contains(text, "${") {
		return traced{text, originOfText(n)}, nil
	}
	segments, err := r.segments(n, text)
	if err != nil {
		return traced{}, err
	}
	origin := originAt(n)
	made := textMaker{meter: r.meter}
	var reads []string
	for i := range segments {
		shown, o, err := r.show(n, &segments[i], s)
		if err == nil {
			origin.mapLines(n.Lines, segments[i], made.out.Len())
			err = made.write(segments[i].literal, shown)
		}
		if err != nil {
			return traced{}, atExpression(n, segments[i].source, 0, err)
		}
		origin.add(o)
		if r.explorer != nil && o != nil {
			reads = union(reads, o.Reads, MaxReads)
		}
	}
	if text := made.out.String(); len(reads) > 0 && strings.Contains(text, "${") {
		return traced{&Unknown{Text: text, Reads: reads}, origin}, nil
	}
	return traced{made.out.String(), origin}, nil
}

// show returns the text of what a segment's expression yields, and its origin.
func (r *renderer) show(n *value.Node, s *segment, scope *scope) (string, *Origin, error) {
	if !s.hasExpression {
		return "", nil, nil
	}
	ev := &evaluator{renderer: r, scope: scope, node: n, text: s.source}
	t, err := ev.eval(s.expression, 0)
	if err != nil {
		return "", nil, err
	}
	switch v := ev.told(t).value.(type) {
	case *Unknown:
		return v.Text, &Origin{Line: n.Line, Reads: v.Reads}, nil
	case nil:
		return "", t.origin, nil
	case []any, *value.Object:
		return "", nil, problemf("%s cannot be part of a text; $json makes text of it", kind(t.value))
	}
	text, err := r.toText(t.value)
	return text, t.origin, err
}

// segments takes a text apart, once for all times that it is rendered.
func (r *renderer) segments(n *value.Node, text string) ([]segment, error) {
	if segments, ok := r.interpolated[text]; ok {
		return segments, nil
	}
	var segments []segment
	rest := text
	for {
		start := strings.Index(rest, "${")
		if start < 0 {
			break
		}
		begin := len(text) - len(rest)
		s := segment{literal: rest[:start], start: begin, after: begin + start, hasExpression: true}
		rest = rest[start+len("${"):]
		if strings.HasSuffix(s.literal, "$") {
			s.literal, s.hasExpression = s.literal+"{", false
		} else {
			e, end, err := parseInterpolated(r.meter, rest)
			if err != nil {
				return nil, atExpression(n, rest, syntaxOffset(err), err)
			}
			s.expression, s.source, rest = e, rest[:end], rest[end+1:]
		}
		if err := r.makeParts(1, itemBytes); err != nil {
			return nil, at(n, err)
		}
		segments = append(segments, s)
	}
	segments = append(segments, segment{literal: rest, start: len(text) - len(rest), after: len(text)})
	r.interpolated[text] = segments
	return segments, nil
}
