package jsone

import "cotverify/internal/value"

// An evaluator evaluates an expression of a template node.
type evaluator struct {
	*renderer
	scope *scope
	node  *value.Node
	text  string
}

// evaluate evaluates a text that is one expression of a template node.
func (r *renderer) evaluate(n *value.Node, text string, s *scope) (traced, error) {
	e, ok := r.expressions[text]
	if !ok {
		var err error
		if e, err = parse(r.meter, text); err != nil {
			return traced{}, atExpression(n, text, syntaxOffset(err), err)
		}
		r.expressions[text] = e
	}
	ev := &evaluator{renderer: r, scope: s, node: n, text: text}
	t, err := ev.eval(e, 0)
	return ev.told(t), err
}

// evaluateNode evaluates a node that has to be an expression.
func (r *renderer) evaluateNode(n *value.Node, s *scope) (traced, error) {
	text, ok := n.Value.(string)
	if n.Kind != value.Scalar || !ok {
		return traced{}, at(n, problemf("an expression is needed here, not %s", kindOfNode(n)))
	}
	return r.evaluate(n, text, s)
}

// holds evaluates a condition.
func (r *renderer) holds(n *value.Node, s *scope) (bool, error) {
	t, err := r.evaluateNode(n, s)
	return err == nil && r.truthy(t.value), err
}

// fail says that the expression failed at an offset.
func (ev *evaluator) fail(offset int, err error) error {
	return atExpression(ev.node, ev.text, offset, err)
}

// made returns a value that was made of others.
func (ev *evaluator) made(v any, of ...*Origin) traced {
	o := originAt(ev.node)
	for _, p := range of {
		o.add(p)
	}
	return traced{v, o}
}

// eval evaluates an expression that is needed by what stands at an offset.
func (ev *evaluator) eval(e expression, offset int) (traced, error) {
	if err := ev.enter(); err != nil {
		return traced{}, ev.fail(offset, err)
	}
	defer ev.leave()
	switch e := e.(type) {
	case nil:
		return traced{}, ev.fail(offset, problem("an operand is missing"))
	case *literal:
		return traced{value: e.value}, nil
	case *badLiteral:
		return traced{}, ev.fail(e.offset, problemf("a number has more than %d digits", value.MaxDigits))
	case *variable:
		return ev.variable(e)
	case *unary:
		return ev.unary(e)
	case *infix:
		return ev.infix(e)
	case *property:
		return ev.property(e)
	case *access:
		return ev.access(e)
	case *call:
		return ev.call(e)
	case *listLiteral:
		return ev.list(e)
	}
	return ev.object(e.(*objectLiteral))
}

func (ev *evaluator) variable(e *variable) (traced, error) {
	t, found, err := ev.lookup(ev.scope, e.name)
	if err == nil && !found {
		if t, goOn := ev.missing(e.name); goOn {
			return t, nil
		}
		err = problemf("nothing in the context is named %s", quoted(e.name))
	}
	if err != nil {
		return traced{}, ev.fail(e.offset, err)
	}
	return t, nil
}

func (ev *evaluator) unary(e *unary) (traced, error) {
	t, err := ev.eval(e.operand, e.offset)
	if err != nil {
		return traced{}, err
	}
	if v, ok := ev.explored(string(e.operator), t.value); ok {
		return ev.made(v, t.origin), nil
	}
	if e.operator == "!" {
		ev.told(t)
		return ev.made(!ev.truthy(t.value), t.origin), nil
	}
	v, err := unaryOperator(e.operator)(t.value)
	if err != nil {
		return traced{}, ev.fail(e.offset, err)
	}
	return ev.made(v, t.origin), nil
}

func (ev *evaluator) infix(e *infix) (traced, error) {
	left, err := ev.eval(e.left, e.offset)
	if err != nil {
		return traced{}, err
	}
	// These two do without their right side where the left one decides.
	if e.operator == "||" || e.operator == "&&" {
		if holds := ev.truthy(left.value); holds == (e.operator == "||") {
			return ev.made(holds, left.origin), nil
		}
	}
	right, err := ev.eval(e.right, e.offset)
	if err != nil {
		return traced{}, err
	}
	ev.told(left)
	ev.told(right)
	if v, ok := ev.explored(string(e.operator), left.value, right.value); ok {
		return ev.made(v, left.origin, right.origin), nil
	}
	if e.operator == "||" || e.operator == "&&" {
		return ev.made(ev.truthy(right.value), left.origin, right.origin), nil
	}
	v, err := infixOperator(e.operator)(ev.renderer, left.value, right.value)
	if err != nil {
		return traced{}, ev.fail(e.offset, err)
	}
	return ev.made(v, left.origin, right.origin), nil
}

func (ev *evaluator) property(e *property) (traced, error) {
	t, err := ev.eval(e.object, e.offset)
	if err != nil {
		return traced{}, err
	}
	if isUnknown(t.value) {
		return ev.part(t, "."+e.name), nil
	}
	o, ok := t.value.(*value.Object)
	if !ok {
		return traced{}, ev.fail(e.offset, problemf("%s has no properties; only an object has", kind(t.value)))
	}
	if _, ok := o.Get(e.name); !ok {
		if t.origin != nil && t.origin.path != "" {
			if t, goOn := ev.missing(t.origin.path + "." + e.name); goOn {
				return t, nil
			}
		}
		return traced{}, ev.fail(e.offset, problemf("the object has no property %s", quoted(e.name)))
	}
	return t.field(e.name), nil
}

// access evaluates an index, a key or an interval. What stands in the brackets
// is evaluated whether it is used or not.
func (ev *evaluator) access(e *access) (traced, error) {
	t, err := ev.eval(e.object, e.offset)
	if err != nil {
		return traced{}, err
	}
	left, err := ev.optional(e.left, e.offset)
	if err != nil {
		return traced{}, err
	}
	right, err := ev.optional(e.right, e.offset)
	if err != nil {
		return traced{}, err
	}
	if isUnknown(t.value) || isUnknown(left.value) || isUnknown(right.value) {
		return ev.partIn(e, t, left, right), nil
	}
	var found traced
	switch {
	case isObject(t.value):
		found, err = fieldAt(t, left.value)
	case e.interval:
		found, err = ev.interval(t, left.value, right.value)
	default:
		found, err = ev.element(t, left.value)
	}
	if err != nil {
		return traced{}, ev.fail(e.offset, err)
	}
	found.origin = found.origin.with(left.origin, right.origin)
	return found, nil
}

// optional evaluates an expression that need not be there. It is null then.
func (ev *evaluator) optional(e expression, offset int) (traced, error) {
	if e == nil {
		return traced{}, nil
	}
	return ev.eval(e, offset)
}

func (ev *evaluator) call(e *call) (traced, error) {
	t, err := ev.eval(e.function, e.offset)
	if err != nil {
		return traced{}, err
	}
	f, ok := t.value.(*function)
	if !ok {
		return traced{}, ev.fail(e.offset, problemf("%s cannot be called; only a function can", kind(t.value)))
	}
	result := ev.made(nil, t.origin)
	args := make([]any, len(e.arguments))
	for i, argument := range e.arguments {
		t, err := ev.eval(argument, e.offset)
		if err != nil {
			return traced{}, err
		}
		args[i] = t.value
		result.origin.add(t.origin)
		if f.readsParts {
			if err := ev.addParts(result.origin, t.origin, 0); err != nil {
				return traced{}, ev.fail(e.offset, err)
			}
		}
	}
	if ev.explorer != nil && hasUnknown(args) {
		result.value = ev.calls(f, args)
		return result, nil
	}
	result.value, err = f.call(&callContext{ev.renderer, ev.scope, result.origin}, args)
	if err != nil {
		return traced{}, ev.fail(e.offset, err)
	}
	return result, nil
}

func (ev *evaluator) list(e *listLiteral) (traced, error) {
	l := ev.newList(originAt(ev.node), len(e.items))
	for _, item := range e.items {
		t, err := ev.eval(item, 0)
		if err == nil {
			err = l.add(placed(ev.node, t))
		}
		if err != nil {
			return traced{}, err
		}
	}
	return l.done(), nil
}

func (ev *evaluator) object(e *objectLiteral) (traced, error) {
	o := ev.newObject(originAt(ev.node), len(e.keys))
	for i, key := range e.keys {
		t, err := ev.eval(e.values[i], 0)
		if err == nil {
			err = o.set(key, placed(ev.node, t))
		}
		if err != nil {
			return traced{}, err
		}
	}
	return o.done()
}
