package value

import "fmt"

// NodeKind tells what a node is.
type NodeKind int

// The kinds of nodes.
const (
	Scalar NodeKind = iota
	List
	Map
)

// Node is a value as a file has it, with its place. A YAML alias is the
// anchor's node itself, not a copy, so nodes form a graph without cycles.
type Node struct {
	Kind         NodeKind
	Line, Column int     // of the first character, from 1; 0 where no file has it
	Value        any     // of a Scalar: nil, bool, *big.Int, float64, string or Opaque
	Items        []*Node // of a List
	Fields       []Field // of a Map, in file order, each key once
	// Lines says of a text that the file has on several lines where in it each
	// of them begins; nil of any other.
	Lines []LineStart
}

// LineStart is where a line of a file begins in a text.
type LineStart struct {
	Offset int // in bytes
	Line   int // from 1
}

// Field is a key of a map with its value. In YAML a key need not be text.
type Field struct {
	Key, Value *Node
}

// KeyError says that a YAML map has a key that is not text, where a JSON
// object is needed.
type KeyError struct {
	Line, Column int
	Kind         string // what the key is, as [Kind] names it
}

func (e *KeyError) Error() string {
	return fmt.Sprintf("line %d, column %d: a key is %s, not text", e.Line, e.Column, e.Kind)
}

// Plain returns the node's value without places. Shared nodes become shared
// values. The error is a [*KeyError].
func (n *Node) Plain() (any, error) {
	return plain(n, map[*Node]any{})
}

func plain(n *Node, done map[*Node]any) (any, error) {
	if n.Kind == Scalar {
		return n.Value, nil
	}
	if v, ok := done[n]; ok {
		return v, nil
	}
	var result any
	if n.Kind == List {
		items := make([]any, len(n.Items))
		for i, item := range n.Items {
			v, err := plain(item, done)
			if err != nil {
				return nil, err
			}
			items[i] = v
		}
		result = items
	} else {
		o := &Object{}
		for _, f := range n.Fields {
			key, ok := f.Key.Value.(string)
			if !ok || f.Key.Kind != Scalar {
				return nil, &KeyError{Line: f.Key.Line, Column: f.Key.Column, Kind: f.Key.kind()}
			}
			v, err := plain(f.Value, done)
			if err != nil {
				return nil, err
			}
			o.Set(key, v)
		}
		result = o
	}
	done[n] = result
	return result, nil
}

func (n *Node) kind() string {
	switch n.Kind {
	case List:
		return "a list"
	case Map:
		return "an object"
	}
	return Kind(n.Value)
}

// Get returns the value node of a text key of a map, or nil.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != Map {
		return nil
	}
	for _, f := range n.Fields {
		if s, ok := f.Key.Value.(string); ok && f.Key.Kind == Scalar && s == key {
			return f.Value
		}
	}
	return nil
}

// NodeOf returns the node of a value that no file has.
func NodeOf(v any) *Node {
	switch v := v.(type) {
	case []any:
		n := &Node{Kind: List, Items: make([]*Node, len(v))}
		for i, item := range v {
			n.Items[i] = NodeOf(item)
		}
		return n
	case *Object:
		n := &Node{Kind: Map, Fields: make([]Field, 0, v.Len())}
		for k, item := range v.All() {
			n.Fields = append(n.Fields, Field{Key: NodeOf(k), Value: NodeOf(item)})
		}
		return n
	}
	return &Node{Value: v}
}
