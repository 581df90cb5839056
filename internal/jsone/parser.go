package jsone

import (
	"math/big"
	"strconv"
	"strings"

	"cotverify/internal/value"
)

// An expression is a parsed expression: one of the types below. Where Python's
// parser finds nothing and goes on, an expression is nil; it is an error only if
// it is evaluated, so that "true || " is true.
type expression any

type (
	literal struct{ value any }

	// badLiteral is an integer that Python does not read. It is an error only
	// where it is evaluated.
	badLiteral struct{ offset int }

	variable struct {
		name   string
		offset int
	}
	unary struct {
		operator tokenKind
		operand  expression
		offset   int
	}
	infix struct {
		operator    tokenKind
		left, right expression
		offset      int
	}
	property struct {
		object expression
		name   string
		offset int // of the dot
	}
	access struct {
		object      expression
		left, right expression // nil where not given
		interval    bool
		offset      int // of the bracket
	}
	call struct {
		function  expression
		arguments []expression
		offset    int // of the parenthesis
	}
	listLiteral   struct{ items []expression }
	objectLiteral struct {
		keys   []string // each once, in the order of their first mention
		values []expression
	}
)

// priority returns how tightly an infix operator binds, 0 for what is none.
func priority(operator tokenKind) int {
	switch operator {
	case "||":
		return 1
	case "&&":
		return 2
	case "in":
		return 3
	case "==", "!=":
		return 4
	case "<", ">", "<=", ">=":
		return 5
	case "+", "-":
		return 6
	case "*", "/":
		return 7
	case "**":
		return priorityPower
	}
	return 0
}

const (
	priorityLowest = 1
	priorityPower  = 8
)

// tokenBytes is what a token and what is parsed from it take in memory.
const tokenBytes = 160

// A parser makes an expression of text. Tokens are read one ahead, never more:
// what follows the expression need not be tokens.
type parser struct {
	meter   *meter
	text    string
	current token
	end     int // offset behind the current token
	nesting int
}

// parse parses a text that is one expression.
func parse(m *meter, text string) (expression, error) {
	e, next, err := parseStart(m, text)
	if err == nil && next.kind != tokenEnd {
		err = unexpected(next)
	}
	return e, err
}

// parseInterpolated parses the expression that a text starts with, up to the
// brace that closes it. It returns the brace's offset.
func parseInterpolated(m *meter, text string) (expression, int, error) {
	e, next, err := parseStart(m, text)
	switch {
	case err != nil:
		return nil, 0, err
	case next.kind == tokenEnd:
		return nil, 0, &syntaxError{next.offset, "a ${ is opened and not closed"}
	case next.kind != "}":
		return nil, 0, unexpected(next)
	}
	return e, next.offset, nil
}

// parseStart parses the expression that a text starts with, and returns the
// token behind it.
func parseStart(m *meter, text string) (expression, token, error) {
	p := &parser{meter: m, text: text}
	if err := p.advance(); err != nil {
		return nil, token{}, err
	}
	if p.current.kind == tokenEnd {
		return nil, token{}, &syntaxError{0, "an expression is empty"}
	}
	e, err := p.binary(priorityLowest)
	return e, p.current, err
}

func unexpected(t token) error {
	if t.kind == tokenEnd {
		return &syntaxError{t.offset, "an expression ends too early"}
	}
	return &syntaxError{t.offset, "an expression cannot have " + quoted(t.text) + " here"}
}

// advance goes to the next token.
func (p *parser) advance() error {
	if err := p.meter.makeParts(1, tokenBytes); err != nil {
		return err
	}
	t, err := nextToken(p.text, p.end)
	if err != nil {
		return err
	}
	p.current, p.end = t, t.offset+len(t.text)
	return nil
}

// take goes past a token of the given kind.
func (p *parser) take(kind tokenKind) error {
	if p.current.kind != kind {
		return unexpected(p.current)
	}
	return p.advance()
}

// enter counts a level of nesting. Where it returns no error, leave must follow.
func (p *parser) enter() error {
	if p.nesting == maxNesting {
		return &LimitError{limitNesting, maxNesting}
	}
	p.nesting++
	return nil
}

func (p *parser) leave() { p.nesting-- }

// nested parses an expression within brackets.
func (p *parser) nested() (expression, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	return p.binary(priorityLowest)
}

// binary parses operands and the infix operators between them that bind at
// least as tightly as lowest. Power groups from the right, all others from the
// left.
func (p *parser) binary(lowest int) (expression, error) {
	left, err := p.postfix()
	if err != nil {
		return nil, err
	}
	for {
		operator := p.current
		bind := priority(operator.kind)
		if bind == 0 || bind < lowest {
			return left, nil
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		var right expression
		if bind == priorityPower {
			right, err = p.power()
		} else {
			right, err = p.binary(bind + 1)
		}
		if err != nil {
			return nil, err
		}
		left = &infix{operator.kind, left, right, operator.offset}
	}
}

// power parses the exponent behind a "**".
func (p *parser) power() (expression, error) {
	if err := p.meter.enter(); err != nil {
		return nil, err
	}
	defer p.meter.leave()
	return p.binary(priorityPower)
}

// postfix parses an operand and the accesses and calls behind it.
func (p *parser) postfix() (expression, error) {
	e, err := p.operand()
	for err == nil {
		switch p.current.kind {
		case "[":
			e, err = p.access(e)
		case ".":
			e, err = p.property(e)
		case "(":
			e, err = p.call(e)
		default:
			return e, nil
		}
	}
	return nil, err
}

// operand parses what operators stand between. It is nil, and no token is
// taken, where none starts with the current token. A unary operator binds more
// tightly than an access or a call behind its operand.
func (p *parser) operand() (expression, error) {
	t := p.current
	switch t.kind {
	case tokenEnd:
		return nil, unexpected(t)
	case "-", "+", "!":
		return p.unary()
	case tokenNumber:
		return number(t), p.advance()
	case tokenString:
		return &literal{unquote(t.text)}, p.advance()
	case "true", "false":
		return &literal{t.kind == "true"}, p.advance()
	case "null":
		return &literal{nil}, p.advance()
	case tokenIdentifier:
		return &variable{t.text, t.offset}, p.advance()
	case "(":
		return p.parenthesis()
	case "[":
		return p.list()
	case "{":
		return p.object()
	}
	return nil, nil
}

func (p *parser) unary() (expression, error) {
	t := p.current
	if err := p.meter.enter(); err != nil {
		return nil, err
	}
	defer p.meter.leave()
	if err := p.advance(); err != nil {
		return nil, err
	}
	operand, err := p.operand()
	return &unary{t.kind, operand, t.offset}, err
}

func number(t token) expression {
	if strings.Contains(t.text, ".") {
		f, _ := strconv.ParseFloat(t.text, 64) // infinite where it is too large, as in Python
		return &literal{f}
	}
	if len(t.text) > value.MaxDigits {
		return &badLiteral{t.offset}
	}
	n, _ := new(big.Int).SetString(t.text, 10)
	return &literal{n}
}

func unquote(text string) string { return text[1 : len(text)-1] }

func (p *parser) parenthesis() (expression, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	e, err := p.nested()
	if err != nil {
		return nil, err
	}
	if e == nil {
		return nil, unexpected(p.current)
	}
	return e, p.take(")")
}

func (p *parser) property(object expression) (expression, error) {
	dot := p.current
	if err := p.advance(); err != nil {
		return nil, err
	}
	name := p.current
	return &property{object, name.text, dot.offset}, p.take(tokenIdentifier)
}

func (p *parser) call(function expression) (expression, error) {
	c := &call{function: function, offset: p.current.offset}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.current.kind == ")" {
		return c, p.advance()
	}
	for {
		argument, err := p.nested()
		if err != nil {
			return nil, err
		}
		c.arguments = append(c.arguments, argument)
		if p.current.kind != "," {
			return c, p.take(")")
		}
		if argument == nil {
			return nil, unexpected(p.current)
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}

func (p *parser) list() (expression, error) {
	l := &listLiteral{}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.current.kind == "]" {
		return l, p.advance()
	}
	for {
		item, err := p.nested()
		if err != nil {
			return nil, err
		}
		if item == nil {
			return nil, unexpected(p.current)
		}
		l.items = append(l.items, item)
		if p.current.kind != "," {
			return l, p.take("]")
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}

// access parses an index "[i]", a key "[k]" or an interval "[i:j]". Between
// index and bracket Python's parser takes one more expression, which this does
// too: it is evaluated and has no effect.
func (p *parser) access(object expression) (expression, error) {
	a := &access{object: object, offset: p.current.offset}
	err := p.advance()
	if err != nil {
		return nil, err
	}
	if p.current.kind == "]" {
		return nil, unexpected(p.current)
	}
	if p.current.kind != ":" {
		if a.left, err = p.nested(); err != nil {
			return nil, err
		}
	}
	if p.current.kind == ":" {
		a.interval = true
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	if p.current.kind != "]" {
		if a.right, err = p.nested(); err != nil {
			return nil, err
		}
	}
	return a, p.take("]")
}

func (p *parser) object() (expression, error) {
	o := &objectLiteral{}
	if err := p.advance(); err != nil {
		return nil, err
	}
	index := map[string]int{}
	for p.current.kind == tokenString || p.current.kind == tokenIdentifier {
		key, err := p.key()
		if err != nil {
			return nil, err
		}
		v, err := p.nested()
		if err != nil {
			return nil, err
		}
		if v == nil {
			return nil, unexpected(p.current)
		}
		if i, ok := index[key]; ok {
			o.values[i] = v
		} else {
			index[key] = len(o.keys)
			o.keys, o.values = append(o.keys, key), append(o.values, v)
		}
		if p.current.kind == "}" {
			break
		}
		if err := p.take(","); err != nil {
			return nil, err
		}
	}
	return o, p.take("}")
}

// key parses the key of an object and the colon behind it.
func (p *parser) key() (string, error) {
	key := p.current.text
	if p.current.kind == tokenString {
		key = unquote(key)
	}
	if err := p.advance(); err != nil {
		return "", err
	}
	return key, p.take(":")
}
