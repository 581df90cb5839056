package pyyaml

import (
	"slices"

	"cotverify/internal/value"
)

// constructor makes values of the syntax.
type constructor struct {
	merged int // how many fields were copied for "<<"
}

// value returns what a node stands for. It is the same for each alias.
func (c *constructor) value(n *node) (*value.Node, error) {
	if n.value == nil {
		v := &value.Node{Line: n.mark.line + 1, Column: n.mark.column + 1}
		if err := c.build(n, v); err != nil {
			return nil, err
		}
		if n.height > maxDepth {
			return nil, n.mark.errorf("nested deeper than %d levels, aliases followed", maxDepth)
		}
		n.value = v
	}
	return n.value, nil
}

// build completes the value of a node by its tag.
func (c *constructor) build(n *node, v *value.Node) (err error) {
	expected := scalarShape
	switch n.tag {
	case seqTag, omapTag, pairsTag:
		expected = listShape
	case mapTag, setTag:
		expected = mapShape
	}
	if n.shape != expected {
		return n.mark.errorf("the tag %s is not known for %s", shortTag(n.tag), n.shape.describe())
	}
	switch n.tag {
	case seqTag:
		v.Kind = value.List
		v.Items, err = c.list(n)
	case omapTag, pairsTag:
		v.Kind = value.List
		v.Items, err = c.pairs(n)
	case mapTag:
		v.Kind = value.Map
		v.Fields, err = c.fields(n)
	case setTag:
		v.Value = value.Opaque{Tag: "set"}
		_, err = c.fields(n)
	default:
		v.Value, err = constructScalar(n)
		if _, isText := v.Value.(string); isText && n.isElsewhere(v.Line) {
			v.Lines = n.lines
		}
	}
	return err
}

// isElsewhere reports whether any of a scalar stands on another line than the
// one it starts on.
func (n *node) isElsewhere(line int) bool {
	return len(n.lines) > 1 || len(n.lines) == 1 && n.lines[0].Line != line
}

func (c *constructor) list(n *node) ([]*value.Node, error) {
	items := make([]*value.Node, len(n.items))
	for i, item := range n.items {
		v, err := c.value(item)
		if err != nil {
			return nil, err
		}
		items[i] = v
		n.height = max(n.height, item.height+1)
	}
	return items, nil
}

// pairs returns the items of an ordered map: a tuple of Python for each, which
// no JSON value equals.
func (c *constructor) pairs(n *node) ([]*value.Node, error) {
	items := make([]*value.Node, len(n.items))
	for i, item := range n.items {
		if item.shape != mapShape || len(item.items) != 2 {
			return nil, item.mark.errorf("the tag %s needs objects with one key each", shortTag(n.tag))
		}
		for _, part := range item.items {
			if _, err := c.value(part); err != nil {
				return nil, err
			}
		}
		items[i] = &value.Node{Line: item.mark.line + 1, Column: item.mark.column + 1, Value: value.Opaque{Tag: "pair"}}
	}
	return items, nil
}

// fields returns the fields of a map with what it merges. Those come first, so
// that its own count where both have a key.
func (c *constructor) fields(n *node) ([]value.Field, error) {
	if n.fields != nil {
		return n.fields, nil
	}
	var merged, own []value.Field
	for i := 0; i < len(n.items); i += 2 {
		key, item := n.items[i], n.items[i+1]
		if key.tag == mergeTag {
			fields, err := c.merge(n, item)
			if err != nil {
				return nil, err
			}
			merged = append(merged, fields...)
			continue
		}
		k, err := c.key(key)
		if err != nil {
			return nil, err
		}
		v, err := c.value(item)
		if err != nil {
			return nil, err
		}
		own = append(own, value.Field{Key: k, Value: v})
		n.height = max(n.height, item.height+1)
	}
	n.fields = unique(append(merged, own...))
	return n.fields, nil
}

// key returns the value of a key. "=" is text as a key, and nothing elsewhere.
func (c *constructor) key(n *node) (*value.Node, error) {
	if n.tag == valueTag && n.shape == scalarShape {
		return &value.Node{Line: n.mark.line + 1, Column: n.mark.column + 1, Value: n.text}, nil
	}
	k, err := c.value(n)
	if err != nil {
		return nil, err
	}
	if n.shape != scalarShape {
		return nil, n.mark.errorf("a key cannot be %s", n.shape.describe())
	}
	return k, nil
}

// merge returns the fields that "<<" adds to a map: those of a map, or of a
// list of maps, of which an earlier one counts more.
func (c *constructor) merge(into, from *node) ([]value.Field, error) {
	sources := []*node{from}
	if from.shape == listShape {
		sources = slices.Clone(from.items)
		slices.Reverse(sources)
	}
	var merged []value.Field
	for _, source := range sources {
		if source.shape != mapShape {
			return nil, source.mark.errorf("%s cannot be merged into an object", source.shape.describe())
		}
		fields, err := c.fields(source)
		if err != nil {
			return nil, err
		}
		if c.merged += len(fields); c.merged > maxNodes {
			return nil, source.mark.errorf("more than %d fields are merged", maxNodes)
		}
		merged = append(merged, fields...)
		into.height = max(into.height, source.height)
	}
	return merged, nil
}

// unique returns fields with each key once, as a dict of Python keeps it: at
// its first place and as it was first written, with its last value.
func unique(fields []value.Field) []value.Field {
	places := make(map[any]int, len(fields))
	kept := make([]value.Field, 0, len(fields))
	for _, f := range fields {
		id := identity(f.Key.Value)
		if at, ok := places[id]; ok {
			kept[at].Value = f.Value
			continue
		}
		places[id] = len(kept)
		kept = append(kept, f)
	}
	return kept
}
