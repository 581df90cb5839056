package jsone

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"cotverify/internal/pytext"
	"cotverify/internal/value"
)

// builtins returns the functions that every template can call. A context may
// give their names to something else.
func builtins() map[string]traced {
	functions := map[string]func(c *callContext, args []any) (any, error){
		"abs":       abs,
		"ceil":      ceil,
		"defined":   defined,
		"floor":     floor,
		"fromNow":   fromNow,
		"join":      join,
		"len":       length,
		"lowercase": lowercase,
		"lstrip":    lstrip,
		"max":       maximum,
		"min":       minimum,
		"number":    parseNumber,
		"range":     makeRange,
		"rstrip":    rstrip,
		"split":     split,
		"sqrt":      sqrt,
		"str":       str,
		"strip":     strip,
		"typeof":    typeOf,
		"uppercase": uppercase,
	}
	vars := make(map[string]traced, len(functions))
	for name, call := range functions {
		vars[name] = traced{value: &function{name: name, call: call, readsParts: name == "join"}}
	}
	return vars
}

// A parameter is what a function takes as an argument.
type parameter struct {
	name    string
	accepts func(v any) bool
}

var (
	aNumber         = parameter{"a number", isNumber}
	aText           = parameter{"text", isText}
	aList           = parameter{"a list", isList}
	aTextOrList     = parameter{"text or a list", func(v any) bool { return isText(v) || isList(v) }}
	aTextOrNumber   = parameter{"text or a number", func(v any) bool { return isText(v) || isNumber(v) }}
	aScalar         = parameter{"text, a number, a boolean or null", isScalar}
	anythingOfJSONe = parameter{"a value of JSON or a function", func(v any) bool { return isScalar(v) || isList(v) || isObject(v) || isCallable(v) }}
)

func isText(v any) bool   { _, ok := v.(string); return ok }
func isList(v any) bool   { _, ok := v.([]any); return ok }
func isObject(v any) bool { _, ok := v.(*value.Object); return ok }

// isCallable reports whether Python can call a value. It can call what stands for
// nothing there, a class.
func isCallable(v any) bool {
	switch v.(type) {
	case *function, deleted:
		return true
	}
	return false
}

func isScalar(v any) bool {
	switch v.(type) {
	case nil, bool, string:
		return true
	}
	return isNumber(v)
}

// expect checks that a function got the arguments that it takes.
func expect(function string, args []any, parameters ...parameter) error {
	if len(args) != len(parameters) {
		return problemf("%s() takes %s, not %d", function, counted(len(parameters), "argument"), len(args))
	}
	for i, p := range parameters {
		if !p.accepts(args[i]) {
			return problemf("argument %d of %s() is %s; it has to be %s", i+1, function, describe(args[i]), p.name)
		}
	}
	return nil
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func abs(_ *callContext, args []any) (any, error) {
	if err := expect("abs", args, aNumber); err != nil {
		return nil, err
	}
	if n, ok := args[0].(*big.Int); ok {
		return new(big.Int).Abs(n), nil
	}
	return math.Abs(args[0].(float64)), nil
}

func ceil(_ *callContext, args []any) (any, error) { return roundTo("ceil", args, math.Ceil) }

func floor(_ *callContext, args []any) (any, error) { return roundTo("floor", args, math.Floor) }

// roundTo makes an integer of a number.
func roundTo(name string, args []any, round func(float64) float64) (any, error) {
	if err := expect(name, args, aNumber); err != nil {
		return nil, err
	}
	f, ok := args[0].(float64)
	if !ok {
		return args[0], nil
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, problemf("%s() of %s, which no integer is near to", name, value.FormatFloat(f))
	}
	n, _ := big.NewFloat(round(f)).Int(nil)
	return n, nil
}

func sqrt(_ *callContext, args []any) (any, error) {
	if err := expect("sqrt", args, aNumber); err != nil {
		return nil, err
	}
	f, err := toFloat(args[0])
	if err != nil {
		return nil, err
	}
	if f < 0 {
		return nil, problem("sqrt() of a negative number")
	}
	return math.Sqrt(f), nil
}

func minimum(_ *callContext, args []any) (any, error) {
	return extreme("min", args, func(order int) bool { return order < 0 })
}

func maximum(_ *callContext, args []any) (any, error) {
	return extreme("max", args, func(order int) bool { return order > 0 })
}

// extreme returns the first of the numbers that no other is better than. In
// Python one number alone is taken for a list, and is an error.
func extreme(name string, args []any, better func(order int) bool) (any, error) {
	if len(args) < 2 {
		return nil, problemf("%s() takes at least 2 numbers", name)
	}
	for i, arg := range args {
		if !isNumber(arg) {
			return nil, problemf("argument %d of %s() is %s; it has to be a number", i+1, name, kind(arg))
		}
	}
	best := args[0]
	for _, arg := range args[1:] {
		if order, ok := value.Compare(arg, best); ok && better(order) {
			best = arg
		}
	}
	return best, nil
}

// makeRange lists the numbers from the first argument to before the second, in
// steps of the third.
func makeRange(c *callContext, args []any) (any, error) {
	if len(args) < 2 || len(args) > 3 {
		return nil, problemf("range() takes 2 or 3 arguments, not %d", len(args))
	}
	bounds := [3]*big.Int{2: big.NewInt(1)}
	for i, arg := range args {
		n, ok := index(arg)
		if !ok {
			return nil, problemf("argument %d of range() is %s; it has to be an integer", i+1, describe(arg))
		}
		bounds[i] = n
	}
	start, stop, step := bounds[0], bounds[1], bounds[2]
	if step.Sign() == 0 {
		return nil, problem("the step of range() is zero")
	}
	// Rounded up; zero or less where there is none.
	count := new(big.Int).Sub(stop, start)
	count.Add(count, step).Sub(count, big.NewInt(int64(step.Sign()))).Quo(count, step)
	if count.Cmp(big.NewInt(maxRange)) > 0 {
		return nil, &LimitError{limitRange, maxRange}
	}
	if count.Sign() < 0 {
		return []any{}, nil
	}
	list := make([]any, 0, count.Int64())
	if err := c.makeParts(cap(list), itemBytes+intBytes+start.BitLen()/8); err != nil {
		return nil, err
	}
	for n := start; len(list) < cap(list); n = new(big.Int).Add(n, step) {
		list = append(list, n)
	}
	return list, nil
}

func lowercase(c *callContext, args []any) (any, error) {
	return changeCase(c, "lowercase", args, pytext.Lower)
}

func uppercase(c *callContext, args []any) (any, error) {
	return changeCase(c, "uppercase", args, pytext.Upper)
}

const (
	// caseGrowth is how many times its length a text takes while its case is
	// changed: some characters become three, and the result is built by
	// doubling.
	caseGrowth = 3 * builderGrowth

	// bytesPerCaseStep is how much text is worth a step where case is changed.
	bytesPerCaseStep = 4
)

func changeCase(c *callContext, name string, args []any, change func(string) string) (any, error) {
	if err := expect(name, args, aText); err != nil {
		return nil, err
	}
	text := args[0].(string)
	if err := c.step(1 + len(text)/bytesPerCaseStep); err != nil {
		return nil, err
	}
	if err := c.make(caseGrowth * len(text)); err != nil {
		return nil, err
	}
	return change(text), nil
}

func strip(c *callContext, args []any) (any, error) { return trim(c, "strip", args, strings.TrimFunc) }

func lstrip(c *callContext, args []any) (any, error) {
	return trim(c, "lstrip", args, strings.TrimLeftFunc)
}

func rstrip(c *callContext, args []any) (any, error) {
	return trim(c, "rstrip", args, strings.TrimRightFunc)
}

func trim(c *callContext, name string, args []any, cut func(string, func(rune) bool) string) (any, error) {
	if err := expect(name, args, aText); err != nil {
		return nil, err
	}
	text := args[0].(string)
	return cut(text, pytext.IsSpace), c.scan(text)
}

func length(c *callContext, args []any) (any, error) {
	if err := expect("len", args, aTextOrList); err != nil {
		return nil, err
	}
	n, err := c.length(args[0])
	return value.Int(int64(n)), err
}

func str(c *callContext, args []any) (any, error) {
	if err := expect("str", args, aScalar); err != nil {
		return nil, err
	}
	return c.toText(args[0])
}

func parseNumber(c *callContext, args []any) (any, error) {
	if err := expect("number", args, aText); err != nil {
		return nil, err
	}
	text := args[0].(string)
	if err := c.makeText(len(text)); err != nil {
		return nil, err
	}
	f, ok := parseFloat(text)
	if !ok {
		return nil, problemf("number() of %s, which is no number", quoted(text))
	}
	return f, nil
}

// split cuts a text where a separator is, or into its characters where the
// separator is empty or zero.
func split(c *callContext, args []any) (any, error) {
	if err := expect("split", args, aText, aTextOrNumber); err != nil {
		return nil, err
	}
	text := args[0].(string)
	if err := c.scan(text); err != nil {
		return nil, err
	}
	if !value.Truthy(args[1]) {
		return c.characters(text)
	}
	separator, err := c.toText(args[1])
	if err != nil {
		return nil, err
	}
	if err := c.makeParts(strings.Count(text, separator)+1, itemBytes); err != nil {
		return nil, err
	}
	var list []any
	for part := range strings.SplitSeq(text, separator) {
		list = append(list, part)
	}
	return list, nil
}

func (c *callContext) characters(text string) (any, error) {
	if err := c.makeParts(pytext.CountRunes(text), itemBytes); err != nil {
		return nil, err
	}
	list := []any{}
	for len(text) > 0 {
		_, size := pytext.DecodeRune(text)
		list, text = append(list, text[:size]), text[size:]
	}
	return list, nil
}

// join joins what Python's str makes of each item. That is not what a template's
// text shows: true is "True" there.
func join(c *callContext, args []any) (any, error) {
	if err := expect("join", args, aList, aTextOrNumber); err != nil {
		return nil, err
	}
	separator, err := c.toText(args[1])
	if err != nil {
		return nil, err
	}
	w := &pythonWriter{textMaker: textMaker{meter: c.meter}}
	for i, item := range args[0].([]any) {
		if i > 0 {
			w.write(separator)
		}
		w.str(item)
	}
	return w.out.String(), w.err
}

func typeOf(_ *callContext, args []any) (any, error) {
	if err := expect("typeof", args, anythingOfJSONe); err != nil {
		return nil, err
	}
	switch args[0].(type) {
	case nil:
		return "null", nil
	case bool:
		return "boolean", nil
	case string:
		return "string", nil
	case []any:
		return "array", nil
	case *value.Object:
		return "object", nil
	case *function, deleted:
		return "function", nil
	}
	return "number", nil
}

func defined(c *callContext, args []any) (any, error) {
	if err := expect("defined", args, aText); err != nil {
		return nil, err
	}
	_, found, err := c.lookup(c.scope, args[0].(string))
	return found, err
}

// fromNow adds an offset to a time, by default to the variable "now".
func fromNow(c *callContext, args []any) (any, error) {
	if len(args) == 1 {
		args = append(args, "")
	}
	if err := expect("fromNow", args, aText, aText); err != nil {
		return nil, err
	}
	reference := traced{value: args[1]}
	if args[1] == "" {
		var err error
		if reference, _, err = c.lookup(c.scope, "now"); err != nil {
			return nil, err
		}
		c.origin.add(reference.origin)
	}
	return c.addOffset(args[0].(string), reference.value)
}
