package jsone

import (
	"errors"
	"strings"
	"testing"
)

// templateContext is what the templates of the tests see.
const templateContext = `
one: 1
float: 1.0
text: abc
list: [3, 1, 2]
objects: [{a: 2, b: x}, {a: 1, b: y}]
object: {b: 1, a: 2}
template: "${one}"
truth: true
none: null
`

// templates are templates with what they render to, as JSON.
var templates = []struct{ template, want string }{
	// values and text
	{`1`, `1`},
	{`[1, 1.0, true, null, text]`, `[1,1.0,true,null,"text"]`},
	{`{b: 1, a: [{}]}`, `{"a":[{}],"b":1}`},
	{`""`, `""`},
	{`a ${one} b ${float}${text}`, `"a 1 b 1.0abc"`},
	{`${truth}, ${none}, ${10.0 ** 16}, ${[1.5][0]}`, `"true, , 1e+16, 1.5"`},
	{`'a${ {"k": "}"}.k }b'`, `"a}b"`},
	{`$${one} $$${one} $$$${one}`, `"${one} $${one} $$${one}"`},
	{`$one $ {one} $`, `"$one $ {one} $"`},
	{`"${true || }"`, `"true"`},
	{`"${text[1:]}}"`, `"bc}"`},

	// keys
	{`{"k${one}": 1, "${text}": 2}`, `{"abc":2,"k1":1}`},
	{`{"${one}": 1, "1": 2}`, `{"1":2}`},
	{`{$$eval: 1, $$$x: 2, "$$${one}": 3, $-a: 4, $: 5}`, `{"$":5,"$$x":2,"$${one}":3,"$-a":4,"$eval":1}`},

	// $eval
	{`{$eval: list}`, `[3,1,2]`},
	{`{$eval: 'one + 1'}`, `2`},

	// $if
	{`{$if: truth, then: 1, else: 2}`, `1`},
	{`{$if: none, then: 1, else: 2}`, `2`},
	{`{$if: truth, else: 2}`, `null`},
	{`[{$if: 'false', then: 1}, {$if: 'true', then: null}, {$if: 'true'}]`, `[null]`},
	{`{a: {$if: 'false', then: 1}, b: 2}`, `{"b":2}`},
	{`{$if: truth, then: {$if: none, then: 1}}`, `null`},
	{`{$if: truth, then: 1, thenceforth: "${unknown}", $iffy: {1: 2}, "else\n": 3}`, `1`},
	{`{$if: 'false', then: "${unknown}", else: ""}`, `""`},

	// $let
	{`{$let: {x: 1, y: "${text}"}, in: ["${x}", {$eval: y}]}`, `["1","abc"]`},
	{`{$let: {one: 2}, in: {$let: {one: {$eval: one + one}}, in: {$eval: one}}}`, `4`},
	{`{$let: {x: {$if: 'false', then: 1}}, in: {$eval: defined("x")}}`, `false`},
	{`{$let: {$if: truth, then: {x: 1}}, in: {$eval: x}}`, `1`},
	{`{$let: {$eval: object}, in: {$eval: a}}`, `2`},
	{`{$let: {"${text}": 1}, in: {$eval: abc}}`, `1`},
	{`{$let: {len: 1}, in: {$eval: len}}`, `1`},
	{`{$let: {f: {$eval: len}}, in: {$eval: 'f(text)'}}`, `3`},
	{`{$let: {now: "2000-01-01T00:00:00.0Z"}, in: [{$fromNow: ""}, {$eval: 'fromNow("1 day")'}]}`, `["2000-01-01T00:00:00.000Z","2000-01-02T00:00:00.000Z"]`},
	{`{$let: {}, in: {$if: 'false', then: 1}}`, `null`},

	// $json
	{`{$json: {b: "<&>é", a: [1.0, null, true, "\""]}}`, `"{\"a\":[1.0,null,true,\"\\\"\"],\"b\":\"<&>é\"}"`},
	{`{$json: {$eval: '12345678901234567890'}}`, `"12345678901234567890"`},
	{`{$json: "${text}"}`, `"\"abc\""`},

	// $map
	{`{$map: {$eval: list}, each(x): {$eval: x + 1}}`, `[4,2,3]`},
	{`{$map: [a, b], "each(x, i)": "${i}${x}"}`, `["0a","1b"]`},
	{`{$map: [a, b], "each(x,i)": "${i}${x}"}`, `["0a","1b"]`},
	{`{$map: [1, 2], each(x): {$if: x == 1, then: {$eval: x}}}`, `[1]`},
	{`{$map: {$eval: object}, each(x): {"${x.key}!": {$eval: x.val}}}`, `{"a!":2,"b!":1}`},
	{`{$map: {$eval: object}, "each(v, k)": {"${k}": "${v}"}}`, `{"a":"2","b":"1"}`},
	{`{$map: {$eval: object}, each(x): {k: {$eval: x.val}}}`, `{"k":2}`},
	{`{$map: {$eval: object}, each(x): {$if: x.val == 1, then: {k: 1}}}`, `{"k":1}`},
	{`{$map: [], each(x): {$eval: unknown}}`, `[]`},
	{`{$map: {$map: [1], each(x): "${x}"}, each(x): "${x}${x}"}`, `["11"]`},

	// $reduce
	{`{$reduce: {$eval: list}, initial: 0, "each(sum, x)": {$eval: sum + x}}`, `6`},
	{`{$reduce: [a, b], initial: "", "each(acc, x, i)": "${acc}${i}${x}"}`, `"0a1b"`},
	{`{$reduce: [], initial: {k: ["${one}", 1.0]}, "each(acc, x)": 1}`, `{"k":["${one}",1.0]}`},
	{`{$reduce: [1, 2, 3], initial: 0, "each(acc, x)": {$if: x == 2, then: {$eval: x}}}`, `2`},
	{`{$reduce: [1, 2], initial: {}, "each(acc, x)": {$merge: [{$eval: acc}, {"k${x}": {$eval: x}}]}}`, `{"k1":1,"k2":2}`},

	// $find
	{`{$find: [1, 2, 3], each(x): x > 1}`, `2`},
	{`{$find: [1, 2, 3], "each(x, i)": i == 2}`, `3`},
	{`{$find: [1, 2], each(x): x > 5}`, `null`},
	{`[{$find: [], each(x): x}]`, `[]`},
	{`{$find: {$eval: '[template]'}, each(x): 'true'}`, `"1"`},
	{`{$find: [{$eval: '["<", {"k": "$" + "{x[0]}"}]'}], each(x): 'true'}`, `["<",{"k":"<"}]`},
	{`{$find: {$eval: '[{"$eval": "one"}]'}, each(x): 'true'}`, `1`},

	// $match and $switch
	{`{$match: {one == 1: x, text == "abc": "${text}", 'false': z}}`, `["x","abc"]`},
	{`{$match: {text: 2, one: 1}}`, `[1,2]`},
	{`{$match: {}}`, `[]`},
	{`{$switch: {one == 2: x, one == 1: y}}`, `"y"`},
	{`{$switch: {one == 2: x, $default: "${text}"}}`, `"abc"`},
	{`{$switch: {$default: x, one == 1: y}}`, `"y"`},
	{`{k: {$switch: {one == 2: x}}}`, `{}`},
	{`{$switch: {truth: {$if: none, then: 1}}}`, `null`},

	// $merge and $mergeDeep
	{`{$merge: [{a: 1, b: 1}, {b: 2, c: 3}, {$eval: object}]}`, `{"a":2,"b":1,"c":3}`},
	{`{$merge: [{a: {x: 1}}, {a: {y: 2}}]}`, `{"a":{"y":2}}`},
	{`{$merge: [{$if: 'false', then: 1}]}`, `{}`},
	{`{$merge: {$eval: objects}}`, `{"a":1,"b":"y"}`},
	{`{$mergeDeep: [{a: {x: 1, l: [1]}}, {a: {y: 2, l: [2]}}, {a: {l: [3]}}]}`, `{"a":{"l":[1,2,3],"x":1,"y":2}}`},
	{`{$mergeDeep: [{a: [1]}, {a: 5}, {a: [2]}, {a: [3]}]}`, `{"a":[2,3]}`},
	{`{$mergeDeep: [{a: {x: 1}}, {a: [1]}, {a: {y: 1}}, {a: {z: {}}}]}`, `{"a":{"y":1,"z":{}}}`},
	{`{$mergeDeep: []}`, `{}`},

	// lists
	{`{$flatten: [1, [2, [3]], [], [[4]]]}`, `[1,2,[3],[4]]`},
	{`{$flattenDeep: [1, [2, [3, [[]]]], {a: [4]}]}`, `[1,2,3,{"a":[4]}]`},
	{`{$reverse: {$eval: list}}`, `[2,1,3]`},
	{`{$reverse: []}`, `[]`},
	{`{$sort: {$eval: list}}`, `[1,2,3]`},
	{`{$sort: [b, "😀", "\uFFFD", a, B]}`, `["B","a","b","` + "\uFFFD" + `","😀"]`},
	{`{$sort: [1.5, 0.5]}`, `[0.5,1.5]`},
	{`{$sort: [2, true, 0, false]}`, `[0,false,true,2]`},
	{`{$sort: [], by(x): "${"}`, `[]`},
	{`{$sort: {$eval: objects}, by(o): o.a}`, `[{"a":1,"b":"y"},{"a":2,"b":"x"}]`},
	{`{$sort: [bb, a, cc], by(x): len(x)}`, `["a","bb","cc"]`},
	{`{$sort: [{x: 1}, {x: 2}], by(o): -(o.x)}`, `[{"x":2},{"x":1}]`},

	// $fromNow
	{`{$fromNow: ""}`, `"2017-01-19T16:27:20.974Z"`},
	{`{$fromNow: "1 year 2 months 3 weeks 4 days 5 hours 6 minutes 7 seconds"}`, `"2018-04-14T21:33:27.974Z"`},
	{`{$fromNow: 1y2mo3wk4d5hr6min7sec}`, `"2018-04-14T21:33:27.974Z"`},
	{`{$fromNow: "-1 day"}`, `"2017-01-18T16:27:20.974Z"`},
	{`{$fromNow: " - + ٢ h "}`, `"2017-01-19T14:27:20.974Z"`},
	{`{$fromNow: "${one} day", from: "2000-02-28t00:00:00.1239z"}`, `"2000-02-29T00:00:00.123Z"`},
	{`{$fromNow: "", from: "2000-2- 9T1:2:3.5Z"}`, `"2000-02-09T01:02:03.500Z"`},
	{`{$fromNow: 1 day 1 hour, from: 2000-01-01}`, `"2000-01-02.000Z"`},
	{`{$fromNow: -1 hour, from: 2000-01-01}`, `"2000-01-01.000Z"`},
	{`{$fromNow: 1 day, from: 2000-01-01 01:02:03.4567891}`, `"2000-01-02T01:02:03.456Z"`},
	{`{$fromNow: 1 day, from: 2000-01-01T01:02:03Z}`, `"2000-01-02T01:02:03.000Z"`},
	{`{$fromNow: 1 day, from: 2000-01-01T01:02:03.5-1:30}`, `"2000-01-02T01:02:03.500Z-01:30"`},

	// dates that are not quoted
	{`{$let: {d: 2000-01-01}, in: "${d}"}`, `"2000-01-01"`},
	{`{$let: {d: 2000-01-01 01:02:03}, in: "${d}"}`, `"2000-01-01 01:02:03"`},
	{`{$let: {d: 2000-1-1T01:02:03.5 +2}, in: "${d}"}`, `"2000-01-01 01:02:03.500000+02:00"`},
	{`{$let: {d: 2000-1-1T01:02:03Z, e: 2000-01-02}, in: {$eval: 'd == d && d != e'}}`, `true`},
}

func TestTemplates(t *testing.T) {
	for _, c := range templates {
		result, err := render(t, c.template, templateContext)
		if err != nil {
			t.Errorf("%s: %v, want %s", c.template, err, c.want)
			continue
		}
		if got := show(result.Value); got != c.want {
			t.Errorf("%s = %s, want %s", c.template, got, c.want)
		}
	}
}

// TestKeyOrder holds objects to the order of their keys, which $json and a
// comparison do not show.
func TestKeyOrder(t *testing.T) {
	for template, want := range map[string]string{
		`{z: 1, a: 2, "${text}": 3}`:                            "z a abc",
		`{z: 1, "${'a'}": 2, z0: 3, a: 4}`:                      "z a z0",
		`{$merge: [{z: 1, a: 2}, {b: 3, z: 4}]}`:                "z a b",
		`{$mergeDeep: [{z: 1, a: 2}, {b: 3, z: 4}]}`:            "z a b",
		`{$map: {z: 1, a: 2}, each(x): {"${x.key}": 1}}`:        "z a",
		`{$eval: '{z: 1, a: 2, b: 3, a: 4}'}`:                   "z a b",
		`{$switch: {truth: {z: 1, a: 2}}}`:                      "z a",
		`{$let: {x: {z: 1, a: 2}}, in: {$eval: x}}`:             "z a",
		`{$reduce: [], initial: {z: 1, a: 2}, "each(x, y)": 1}`: "z a",
		`{$find: [{z: 1, a: 2}], each(x): "true"}`:              "z a",
	} {
		result, err := render(t, template, templateContext)
		if err != nil {
			t.Errorf("%s: %v", template, err)
			continue
		}
		if got := strings.Join(keysOf(result.Value), " "); got != want {
			t.Errorf("%s has the keys %s, want %s", template, got, want)
		}
	}
}

// badTemplates are templates that fail, with where and why.
var badTemplates = []struct {
	template     string
	line, column int
	path         string
	message      string
}{
	{"a:\n- b: '${unknown}'", 2, 6, "a[0].b", `named "unknown"`},
	{"a b:\n  - ${1", 2, 5, `["a b"][0]`, "not closed"},
	{"x: $${a} ${b c}", 1, 4, "x", `cannot have "c" here`},
	{`x: "${[1]}"`, 1, 4, "x", "a list cannot be part of a text"},
	{`x: "${ {} }"`, 1, 4, "x", "an object cannot be part of a text"},
	{`x: "${len}"`, 1, 4, "x", "a function cannot be written as text"},
	{`x: "${10 ** 4300}"`, 1, 4, "x", "more than 4300 digits"},
	{"'${unknown}': 1", 1, 1, "", "unknown"},
	{"a: {1: 2}", 1, 5, "a", "a key is a number, not text"},
	{"true: 2", 1, 1, "", "a key is true, not text"},
	{"{$eval: one, 1: 2}", 1, 14, "", "a key is a number, not text"},
	{"{a: {$nope: 1}}", 1, 6, "a", `no operator "$nope"`},
	{"{$eval: one, $json: 1}", 1, 1, "", "a second operator"},

	{"{$eval: 1}", 1, 9, "$eval", "an expression is needed here, not a number"},
	{"{$eval: [one]}", 1, 9, "$eval", "an expression is needed here, not a list"},
	{"{$eval: ''}", 1, 9, "$eval", "an expression is empty"},
	{"{$eval: one, x: 1}", 1, 14, "", `"x" is none of the keys`},
	{"{$eval: len}", 1, 1, "", "the function len is not called"},
	{"[[{$eval: as_slugid}]]", 1, 1, "", "the function as_slugid is not called"},

	{"{$if: true, then: 1}", 1, 7, "$if", "an expression is needed"},
	{"{$if: 'unknown', then: 1}", 1, 7, "$if", "unknown"},
	{"{$if: 'true', then: 1, otherwise: 2}", 1, 24, "", `"otherwise" is none`},
	{"{$if: 'true', then: [1, '${unknown}']}", 1, 25, "then[1]", "unknown"},

	{"{$let: [], in: 1}", 1, 8, "", "$let is given a list"},
	{"{$let: {$eval: list}, in: 1}", 1, 8, "", "$let is given a list"},
	{"{$let: {$if: 'false', then: 1}, in: 1}", 1, 8, "", "$let is given nothing"},
	{"{$let: {'a b': 1}, in: 1}", 1, 8, "", `"a b" is no name`},
	{"{$let: {a: 1}}", 1, 1, "", `has no "in"`},
	{"{$let: {a: 1}, in: '${a}${b}'}", 1, 20, "in", `named "b"`},
	{"{$let: {a: '${b}'}, in: 1}", 1, 12, "$let.a", `named "b"`},
	{"{$let: {a: 1}, in: 1, im: 2}", 1, 23, "", "none of the keys"},

	{"{$json: {$eval: len}}", 1, 1, "", "is not called"},
	{"{$json: {$if: 'false', then: 1}}", 1, 1, "", "holds nothing"},
	{"{$json: 2000-01-01}", 1, 1, "", "a timestamp cannot be written as JSON"},

	{"{$map: 1, each(x): 1}", 1, 8, "", "it takes a list or an object"},
	{"{$map: [1]}", 1, 1, "", "has 0 keys each(…)"},
	{"{$map: [1], each(x): 1, each(y): 2}", 1, 1, "", "has 2 keys each(…)"},
	{"{$map: [1], 'each(x,y,z)': 1}", 1, 13, "", "none of the keys"},
	{"{$map: [1], 'each( x)': 1}", 1, 13, "", "none of the keys"},
	{"{$map: [1], 'each(x ,y)': 1}", 1, 13, "", "none of the keys"},
	{"{$map: [1], 'each()': 1}", 1, 13, "", "none of the keys"},
	{"{$map: [1], 'each(x)': '${y}'}", 1, 24, `["each(x)"]`, `named "y"`},
	{"{$map: {$eval: object}, each(x): 1}", 1, 34, "", "it has to give an object"},

	{"{$reduce: {}, initial: 1, 'each(a,b)': 1}", 1, 11, "", "it takes a list"},
	{"{$reduce: [], 'each(a,b)': 1}", 1, 1, "", "takes three keys"},
	{"{$reduce: [], initial: 1}", 1, 1, "", "has 0 keys each(…)"},
	{"{$reduce: [], initial: 1, 'each(a)': 1}", 1, 27, "", "none of the keys"},
	{"{$reduce: [], initial: 1, $reduced: 1, 'each(a,b)': 1}", 1, 1, "", "takes three keys"},
	{"{$reduce: [], initial: {1: 2}, 'each(a,b)': 1}", 1, 24, "", "a key is a number"},

	{"{$find: 1, each(x): x}", 1, 9, "", "it takes a list"},
	{"{$find: [], each(x): 1}", 1, 22, "", "it takes an expression"},
	{"{$find: [1], each(x): y}", 1, 23, `["each(x)"]`, `named "y"`},

	{"{$match: []}", 1, 10, "", "it takes an object"},
	{"{$match: {1: 2}}", 1, 11, "", "a key is a number"},
	{"{$match: {'unknown': 2}}", 1, 11, "$match", "unknown"},
	{"{$match: {'true': '${unknown}'}}", 1, 19, "$match.true", "unknown"},
	{"{$match: {'true': {$if: 'false', then: 1}}}", 1, 1, "", "holds nothing"},
	{"{$switch: []}", 1, 11, "", "it takes an object"},
	{"{$switch: {one: 1, truth: 2}}", 1, 20, "$switch", "only one may"},
	{"{$switch: {'false': 1, $default: '${unknown}'}}", 1, 34, "$switch.$default", "unknown"},

	{"{$merge: {}}", 1, 10, "", "it takes a list"},
	{"{$merge: [{}, 1]}", 1, 10, "", "item 1 of $merge is a number"},
	{"{$mergeDeep: 1}", 1, 14, "", "it takes a list"},
	{"{$mergeDeep: [[]]}", 1, 14, "", "item 0 of $mergeDeep is a list"},
	{"{$flatten: 1}", 1, 12, "", "it takes a list"},
	{"{$flattenDeep: {}}", 1, 16, "", "it takes a list"},
	{"{$reverse: abc}", 1, 12, "", "it takes a list"},

	{"{$sort: 1}", 1, 9, "", "it takes a list"},
	{"{$sort: [1, a]}", 1, 9, "", "an integer and text cannot be sorted"},
	{"{$sort: [1, 1.5]}", 1, 9, "", "an integer and a float cannot be sorted"},
	{"{$sort: [true, 1]}", 1, 9, "", "cannot be sorted"},
	{"{$sort: [null]}", 1, 9, "", "cannot be sorted"},
	{"{$sort: [[1]]}", 1, 9, "", "cannot be sorted"},
	{"{$sort: [{}]}", 1, 9, "", "cannot be sorted"},
	{"{$sort: [.nan, 1.0]}", 1, 9, "", "NaN cannot be sorted"},
	{"{$sort: [1], by(x): y}", 1, 21, `["by(x)"]`, `named "y"`},
	{"{$sort: [1], by(x): x, by(y): y}", 1, 1, "", "has 2 keys by(…)"},
	{"{$sort: [1], 'by(x,y)': x}", 1, 14, "", "none of the keys"},

	{"{$fromNow: 1}", 1, 1, "", "it takes text"},
	{"{$fromNow: 1 dayz}", 1, 1, "", `"1 dayz" is no offset`},
	{"{$fromNow: 1 day 1 year}", 1, 1, "", "is no offset"},
	{"{$fromNow: 9000 years}", 1, 1, "", "out of the years 1 to 9999"},
	{"{$fromNow: -9000 years}", 1, 1, "", "out of the years 1 to 9999"},
	{"{$fromNow: 99999999999999999999999 years}", 1, 1, "", "out of the years"},
	{"{$fromNow: '', from: '2000-01-01T00:00:00Z'}", 1, 1, "", "is no time"},
	{"{$fromNow: '', from: '2000-01-01T00:00:00.0'}", 1, 1, "", "is no time"},
	{"{$fromNow: '', from: '2000-02-30T00:00:00.0Z'}", 1, 1, "", "is no time"},
	{"{$fromNow: '', from: '2000-01-01T00:00:60.0Z'}", 1, 1, "", "is no time"},
	{"{$fromNow: '', from: '2000-01-01T00:00:00.1234567Z'}", 1, 1, "", "is no time"},
	{"{$fromNow: '', from: '0000-01-01T00:00:00.0Z'}", 1, 1, "", "is no time"},
	{"{$fromNow: '', from: '2000-01-01T00:00:00.0Z '}", 1, 1, "", "is no time"},
	{"{$fromNow: '', from: null}", 1, 1, "", "the time of the clock is asked for"},
	{"{$fromNow: '', from: 5}", 1, 1, "", "has to be a time as text"},
	{"{$fromNow: '', to: 5}", 1, 16, "", "none of the keys"},
}

func TestTemplateErrors(t *testing.T) {
	for _, c := range badTemplates {
		result, err := render(t, c.template, templateContext)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, %v, want an *Error", c.template, result, err)
			continue
		}
		if e.Line != c.line || e.Column != c.column || e.TemplatePath != c.path || !strings.Contains(e.Message, c.message) {
			t.Errorf("%s: at %d:%d, %q: %s, want %q at %d:%d, %q",
				c.template, e.Line, e.Column, e.TemplatePath, e.Message, c.message, c.line, c.column, c.path)
		}
	}
}
