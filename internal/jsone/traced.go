package jsone

import "cotverify/internal/value"

// A traced value is a value with its origin. A nil origin says that nothing is
// known of it, as of a number in an expression.
type traced struct {
	value  any
	origin *Origin
}

// item returns an item of a list.
func (t traced) item(i int) traced {
	return traced{t.value.([]any)[i], t.origin.item(i)}
}

// field returns the value of an object's key, null where it has no such key.
func (t traced) field(key string) traced {
	v, _ := t.value.(*value.Object).Get(key)
	return traced{v, t.origin.field(key)}
}

// originAt returns the origin of a value that is rendered from nothing but a
// node.
func originAt(n *value.Node) *Origin {
	return &Origin{Line: n.Line, Column: n.Column}
}

// originOfText returns the origin of a text that is as the template has it.
func originOfText(n *value.Node) *Origin {
	o := originAt(n)
	o.lines = n.Lines
	return o
}

// placed returns a value that an expression of a node yields. Its parts keep
// the origins that they have.
func placed(n *value.Node, t traced) traced {
	o := originAt(n)
	if t.origin != nil {
		o.add(t.origin)
		o.Items, o.Fields, o.path = t.origin.Items, t.origin.Fields, t.origin.path
	}
	return traced{t.value, o}
}

// under returns a value at a key that was rendered: it came through what the
// key was rendered from, too.
func (t traced) under(key *Origin) traced {
	if key == nil || len(key.Reads) == 0 && len(key.Via) == 0 {
		return t
	}
	o := t.origin.copy()
	o.Reads = union(o.Reads, key.Reads, MaxReads)
	o.Via = union(o.Via, key.Via, maxVia)
	return traced{t.value, o}
}

// A listMaker makes a list with the origins of its items.
type listMaker struct {
	meter  *meter
	values []any
	origin *Origin
}

func (r *renderer) newList(origin *Origin, capacity int) *listMaker {
	l := &listMaker{meter: r.meter, values: make([]any, 0, capacity), origin: origin}
	l.origin.Items = make([]*Origin, 0, capacity)
	return l
}

func (l *listMaker) add(t traced) error {
	l.values = append(l.values, t.value)
	l.origin.Items = append(l.origin.Items, t.origin)
	return l.meter.makeParts(1, itemBytes)
}

// addAll adds the items of a list.
func (l *listMaker) addAll(list traced) error {
	for i := range list.value.([]any) {
		if err := l.add(list.item(i)); err != nil {
			return err
		}
	}
	return nil
}

// addDeep adds the items of a list, and instead of those that are lists their
// items.
func (l *listMaker) addDeep(list traced, depth int) error {
	if depth > maxValueDepth {
		return &LimitError{limitValueDepth, maxValueDepth}
	}
	if err := l.meter.step(1); err != nil {
		return err
	}
	for i, item := range list.value.([]any) {
		var err error
		if isList(item) {
			err = l.addDeep(list.item(i), depth+1)
		} else {
			err = l.add(list.item(i))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// done returns the list.
func (l *listMaker) done() traced { return traced{l.values, l.origin} }

// An objectMaker makes an object with the origins of its values.
type objectMaker struct {
	meter  *meter
	object *value.Object
	origin *Origin
}

func (r *renderer) newObject(origin *Origin, capacity int) *objectMaker {
	o := &objectMaker{meter: r.meter, object: &value.Object{}, origin: origin}
	o.origin.Fields = make(map[string]*Origin, capacity)
	return o
}

func (o *objectMaker) set(key string, t traced) error {
	o.object.Set(key, t.value)
	o.origin.Fields[key] = t.origin
	return o.meter.makeParts(1, fieldBytes+len(key))
}

// setAll sets the keys of an object.
func (o *objectMaker) setAll(object traced) error {
	for key := range object.value.(*value.Object).All() {
		if err := o.set(key, object.field(key)); err != nil {
			return err
		}
	}
	return nil
}

// done returns the object.
func (o *objectMaker) done() (traced, error) {
	return traced{o.object, o.origin}, o.meter.make(objectBytes)
}

// slice returns a part of a list, which shares its memory.
func (t traced) slice(start, end int) traced {
	list := t.value.([]any)[start:end:end]
	if t.origin == nil {
		return traced{value: list}
	}
	o := t.origin.whole()
	if t.origin.Items != nil {
		o.Items = t.origin.Items[start:end:end]
	}
	return traced{list, o}
}
