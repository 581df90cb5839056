package jsone

import (
	"context"
	"errors"
	"strings"
	"testing"

	"cotverify/internal/value"
)

// expressionContext is what the expressions of the tests see.
const expressionContext = `
one: 1
big: 12345678901234567890
float: 1.0
huge: 1.0e+300
truth: true
lie: false
none: null
text: "añ😀z"
list: [10, 20, 30, 40]
object: {a: 1, b: {c: [5]}, "x y": 2, one: 3}
empty: {}
date: 2001-02-03
`

// expressions are expressions with their values as JSON.
var expressions = []struct{ expression, want string }{
	// literals
	{`0`, `0`},
	{`007`, `7`},
	{`1.50`, `1.5`},
	{`1.0`, `1.0`},
	{`12345678901234567890123`, `12345678901234567890123`},
	{`'a"b'`, `"a\"b"`},
	{`"it's"`, `"it's"`},
	{`'a\nb'`, `"a\\nb"`},
	{`''`, `""`},
	{"'two\nlines'", `"two\nlines"`},
	{`true`, `true`},
	{`false`, `false`},
	{`null`, `null`},
	{`[]`, `[]`},
	{`[1, [2], 'x',{}]`, `[1,[2],"x",{}]`},
	{`{}`, `{}`},
	{`{a: 1, 'b c': 2, "d": [3],}`, `{"a":1,"b c":2,"d":[3]}`},
	{`{a: 1, a: 2}`, `{"a":2}`},
	{"\u3000 1\t\n\x1c", `1`},

	// names
	{`one`, `1`},
	{`date == date`, `true`},

	// arithmetic
	{`1 + 2`, `3`},
	{`1 + 2.0`, `3.0`},
	{`'a' + 'b'`, `"ab"`},
	{`big + 1`, `12345678901234567891`},
	{`0.1 + 0.2`, `0.30000000000000004`},
	{`big - 12345678901234567889`, `1`},
	{`2 * 3`, `6`},
	{`big * big`, `152415787532388367501905199875019052100`},
	{`2 * 1.5`, `3.0`},
	{`huge * huge`, `Infinity`},
	{`huge * huge - huge * huge`, `NaN`},
	{`6 / 3`, `2.0`},
	{`1 / 3`, `0.3333333333333333`},
	{`10 ** 400 / 10 ** 399`, `10.0`},
	{`1 / 10 ** 400`, `0.0`},
	{`0 / -1`, `-0.0`},
	{`2 ** 10`, `1024`},
	{`2 ** 100`, `1267650600228229401496703205376`},
	{`2 ** 3 ** 2`, `512`},
	{`2 ** -1`, `0.5`},
	{`2 ** 0.5`, `1.4142135623730951`},
	{`1.1 ** 10`, `2.5937424601000023`},
	{`1.7 ** 3.3`, `5.760781994950998`},
	{`2.0 ** 0`, `1.0`},
	{`0 ** 0`, `1`},
	{`1 ** 1000000000000`, `1`},
	{`(-1) ** 1000000000001`, `-1`},
	{`(-2.0) ** 3`, `-8.0`},
	{`10.0 ** -400`, `0.0`},
	{`5.0 ** -2`, `0.04`},
	{`0.9999999 ** 100000000000`, `0.0`},
	{`1.0000000001 ** 1000000000000`, `2.6881393700484107e+43`},
	{`-2 ** 2`, `4`},
	{`-(2 ** 2)`, `-4`},
	{`1 + 2 * 3 - 4 / 2`, `5.0`},
	{`(1 + 2) * 3`, `9`},
	{`10 - 3 - 2`, `5`},
	{`-one`, `-1`},
	{`--one`, `1`},
	{`+one`, `1`},
	{`-0.0`, `-0.0`},

	// logic: the result is a boolean, the right side is left out where it can be
	{`1 && 'a'`, `true`},
	{`0 || ''`, `false`},
	{`0 || 'a'`, `true`},
	{`true || unknown`, `true`},
	{`false && unknown`, `false`},
	{`(true || )`, `true`},
	{`true || * 3`, `true`},
	{`true || len(1,)`, `true`},
	{`false && ` + strings.Repeat("9", 5000), `false`},
	{`!0`, `true`},
	{`!'a'`, `false`},
	{`!!empty`, `false`},
	{`!none`, `true`},
	{`!len`, `false`},
	{`!date`, `false`},
	{`0.0 || [] || {} || false`, `false`},
	{`1 || 0 && 0`, `true`},
	{`!truth || truth`, `true`},

	// comparison
	{`1 == 1.0`, `true`},
	{`1 == true`, `true`},
	{`0 == false`, `true`},
	{`'1' == 1`, `false`},
	{`null == false`, `false`},
	{`9007199254740993 == 9007199254740992.0`, `false`},
	{`[1, {a: true}] == [1.0, {a: 1}]`, `true`},
	{`[1] == [1, 2]`, `false`},
	{`{a: 1, b: 2} == {b: 2, a: 1}`, `true`},
	{`{a: 1} == {b: 1}`, `false`},
	{`[] == {}`, `false`},
	{`len == len`, `true`},
	{`len == str`, `false`},
	{`number('nan') == number('nan')`, `false`},
	{`1 != 2`, `true`},
	{`'a' != 'a'`, `false`},
	{`1 < 2`, `true`},
	{`2 <= 2`, `true`},
	{`1.5 > 1.0`, `true`},
	{`'b' >= 'a'`, `true`},
	{`'Z' < 'a'`, `true`},
	{`number('nan') < 1.0`, `false`},
	{`number('nan') >= 1.0`, `false`},
	{`1 < 2 == true`, `true`},
	{`1 in [1.0]`, `true`},
	{`'b' in 'abc'`, `true`},
	{`'' in ''`, `true`},
	{`'a' in object`, `true`},
	{`'z' in object`, `false`},
	{`[5] in [[5.0]]`, `true`},
	{`null in [0, false]`, `false`},
	{`1 in [] in [false]`, `true`},

	// access
	{`object.a`, `1`},
	{`object.b.c[0]`, `5`},
	{`object['x y']`, `2`},
	{`object['z']`, `null`},
	{`object['a':'b']`, `1`},
	{`object[lowercase('A')]`, `1`},
	{`list[0]`, `10`},
	{`list[-1]`, `40`},
	{`list[true]`, `20`},
	{`list[1 2]`, `20`},
	{`list[1:3]`, `[20,30]`},
	{`list[:2]`, `[10,20]`},
	{`list[2:]`, `[30,40]`},
	{`list[:]`, `[10,20,30,40]`},
	{`list[-2:]`, `[30,40]`},
	{`list[:-1]`, `[10,20,30]`},
	{`list[3:1]`, `[]`},
	{`list[-99:99]`, `[10,20,30,40]`},
	{`list[99:]`, `[]`},
	{`list[null:true]`, `[10]`},
	{`list[0:null]`, `[10,20,30,40]`},
	{`list[10 ** 30:]`, `[]`},
	{`list[-(10 ** 30):1]`, `[10]`},
	{`text[1]`, `"ñ"`},
	{`text[-2]`, `"😀"`},
	{`text[1:3]`, `"ñ😀"`},
	{`text[3:]`, `"z"`},
	{`''[0:5]`, `""`},
	{`[1, 2][0]`, `1`},
	{`{a: {b: 1}}.a.b`, `1`},
	{`'abc'[1]`, `"b"`},

	// functions
	{`abs(-2)`, `2`},
	{`abs(-2.5)`, `2.5`},
	{`abs(-big)`, `12345678901234567890`},
	{`ceil(1.2)`, `2`},
	{`ceil(-1.2)`, `-1`},
	{`ceil(huge) > big`, `true`},
	{`floor(1.9)`, `1`},
	{`floor(7)`, `7`},
	{`floor(9007199254740993)`, `9007199254740993`},
	{`sqrt(16)`, `4.0`},
	{`sqrt(2)`, `1.4142135623730951`},
	{`min(3, 1.5, 2)`, `1.5`},
	{`max(1, 1.0)`, `1`},
	{`max(1.0, 1)`, `1.0`},
	{`max(number('nan'), 1)`, `NaN`},
	{`min(1, number('nan'))`, `1`},
	{`range(0, 3)`, `[0,1,2]`},
	{`range(3, 0)`, `[]`},
	{`range(3, 0, -1)`, `[3,2,1]`},
	{`range(0, 10, 4)`, `[0,4,8]`},
	{`range(5, -6, -5)`, `[5,0,-5]`},
	{`range(false, 3, true)`, `[0,1,2]`},
	{`range(big, big + 2)`, `[12345678901234567890,12345678901234567891]`},
	{`range(10 ** 30, 0)`, `[]`},
	{`len('añ😀')`, `3`},
	{`len([1, 2])`, `2`},
	{`len('')`, `0`},
	{`str(1)`, `"1"`},
	{`str(1.0)`, `"1.0"`},
	{`str(0.1 + 0.2)`, `"0.30000000000000004"`},
	{`str(10.0 ** 16)`, `"1e+16"`},
	{`str(true)`, `"true"`},
	{`str(null)`, `"null"`},
	{`str('a')`, `"a"`},
	{`str(big)`, `"12345678901234567890"`},
	{`number('1')`, `1.0`},
	{`number(' -1_0.5e-1 ')`, `-1.05`},
	{`number('1.')`, `1.0`},
	{`number('.5')`, `0.5`},
	{`number('1e400')`, `Infinity`},
	{`number('-Infinity')`, `-Infinity`},
	{`number('+NaN')`, `NaN`},
	{`number('٣.٥')`, `3.5`},
	{`lowercase('AÉİΑΣ')`, `"aéi̇ας"`},
	{`lowercase('ΑΣ.Β Σ')`, `"ασ.β σ"`},
	{`uppercase('aßéﬁŉ')`, `"ASSÉFIʼN"`},
	{`uppercase('ΐ')`, "\"\u0399\u0308\u0301\""},
	{"strip('\x1c\u3000 a b\t')", `"a b"`},
	{`lstrip(' a ')`, `"a "`},
	{`rstrip(' a ')`, `" a"`},
	{`split('a,b,,c', ',')`, `["a","b","","c"]`},
	{`split('', ',')`, `[""]`},
	{`split('añ😀', '')`, `["a","ñ","😀"]`},
	{`split('', '')`, `[]`},
	{`split('a1b1.0c', 1.0)`, `["a1b","c"]`},
	{`split('a0b', 0)`, `["a","0","b"]`},
	{`join(['a', 1, 1.0, big], '-')`, `"a-1-1.0-12345678901234567890"`},
	{`join([true, null, [1, 'a'], {a: "it's"}], 0)`, `"True0None0[1, 'a']0{'a': \"it's\"}"`},
	{"join([['\t\n\\\x07\u0085\u2028\\U0001F600', \"'\"]], '')", `"['\\t\\n\\\\\\x07\\x85\\u2028\\\\U0001F600', \"'\"]"`},
	{`join([], ',')`, `""`},
	{`join([date], ',')`, `"2001-02-03"`},
	{`typeof(1)`, `"number"`},
	{`typeof(1.5)`, `"number"`},
	{`typeof(true)`, `"boolean"`},
	{`typeof('')`, `"string"`},
	{`typeof([])`, `"array"`},
	{`typeof({})`, `"object"`},
	{`typeof(null)`, `"null"`},
	{`typeof(typeof)`, `"function"`},
	{`typeof(as_slugid)`, `"function"`},
	{`defined('one')`, `true`},
	{`defined('unknown')`, `false`},
	{`defined('len')`, `true`},
	{`defined('now')`, `true`},
	{`as_slugid('decision')`, `"decision"`},
	{`as_slugid([1])[0]`, `1`},
	{`[len][0]('abc')`, `3`},
	{`fromNow('')`, `"2017-01-19T16:27:20.974Z"`},
	{`fromNow('1 day', '2000-02-28T00:00:00.0Z')`, `"2000-02-29T00:00:00.000Z"`},
	{`fromNow('1 day', '')`, `"2017-01-20T16:27:20.974Z"`},
}

func TestExpressions(t *testing.T) {
	vars := contextOf(t, parseYAML(t, expressionContext))
	for _, c := range expressions {
		result, err := Render(context.Background(), object("$eval", text(c.expression)), vars)
		if err != nil {
			t.Errorf("%s: %v, want %s", c.expression, err, c.want)
			continue
		}
		if got := show(result.Value); got != c.want {
			t.Errorf("%s = %s, want %s", c.expression, got, c.want)
		}
	}
}

// badExpressions are expressions that fail, with the offset of the place and a
// part of the message.
var badExpressions = []struct {
	expression string
	offset     int
	message    string
}{
	// syntax
	{``, 0, "empty"},
	{` `, 0, "empty"},
	{`1 2`, 2, `cannot have "2" here`},
	{`1 +`, 3, "ends too early"},
	{`(1`, 2, "ends too early"},
	{`()`, 1, `cannot have ")" here`},
	{`1)`, 1, `cannot have ")" here`},
	{`[1 2]`, 3, `cannot have "2" here`},
	{`[1,]`, 3, `cannot have "]" here`},
	{`[,]`, 1, `cannot have "," here`},
	{`[1`, 2, "ends too early"},
	{`{a 1}`, 3, `cannot have "1" here`},
	{`{a: }`, 4, `cannot have "}" here`},
	{`{1: 2}`, 1, `cannot have "1" here`},
	{`{true: 2}`, 1, `cannot have "true" here`},
	{`{a: 1 b: 2}`, 6, `cannot have "b" here`},
	{`{,}`, 1, `cannot have "," here`},
	{`len(`, 4, "ends too early"},
	{`len('a'`, 7, "ends too early"},
	{`len('a' 'b')`, 8, "here"},
	{`len(,)`, 4, `cannot have "," here`},
	{`list[`, 5, "ends too early"},
	{`list[]`, 5, `cannot have "]" here`},
	{`list[1`, 6, "ends too early"},
	{`list[1:2:3]`, 8, `cannot have ":" here`},
	{`list[1:)]`, 7, `cannot have ")" here`},
	{`object.`, 7, "ends too early"},
	{`object.in`, 7, `cannot have "in" here`},
	{`object.'a'`, 7, "here"},
	{`'abc`, 0, "not closed"},
	{`1 = 1`, 2, `cannot have "=" here`},
	{`1 & 1`, 2, `cannot have "&" here`},
	{`añ`, 1, `cannot have "ñ" here`},
	{`1 % 2`, 2, `cannot have "%" here`},
	{`one two`, 4, `cannot have "two" here`},
	{`1.`, 2, "ends too early"},
	{`1.a`, 1, "has no properties"},
	{`true || 1 +`, 11, "ends too early"},

	// names
	{`unknown`, 0, "nothing in the context is named"},
	{`one + unknown`, 6, "nothing in the context is named"},
	{`trueish`, 0, "nothing in the context is named"},
	{`1e3`, 1, "cannot have"},
	{`* 3`, 0, "an operand is missing"},
	{`.a`, 0, "an operand is missing"},
	{`len('a',)`, 3, "an operand is missing"},
	{strings.Repeat("9", 4301), 0, "more than 4300 digits"},

	// operators
	{`1 + 'a'`, 2, "between a number and text; it takes two numbers or two texts"},
	{`'a' + 1`, 4, "two numbers or two texts"},
	{`true + 1`, 5, "two numbers or two texts"},
	{`null + null`, 5, "two numbers or two texts"},
	{`[] + []`, 3, "two numbers or two texts"},
	{`1 - 'a'`, 2, "two numbers"},
	{`'a' * 2`, 4, "two numbers"},
	{`true * 2`, 5, "two numbers"},
	{`1 / 0`, 2, "division by zero"},
	{`1.0 / 0`, 4, "division by zero"},
	{`1 / 0.0`, 2, "division by zero"},
	{`10 ** 400 / 3`, 10, "too large for a float"},
	{`10 ** 400 + 1.5`, 10, "too large for a calculation with floats"},
	{`10.0 ** 400`, 5, "too large for a float"},
	{`0 ** -1`, 2, "zero cannot be raised"},
	{`0.0 ** -1`, 4, "zero cannot be raised"},
	{`(-8.0) ** 0.5`, 7, "cannot be raised to a fraction"},
	{`-'a'`, 0, "in front of text"},
	{`+true`, 0, "in front of true"},
	{`-null`, 0, "in front of null"},
	{`-object.a`, 0, "in front of an object"},
	{`!object.a`, 7, "false has no properties"},
	{`!len('a')`, 4, "cannot be called"},
	{`1 < 1.5`, 2, "between an integer and a float"},
	{`1 < 'a'`, 2, "two integers, two floats or two texts"},
	{`true < false`, 5, "two integers"},
	{`null < null`, 5, "two integers"},
	{`[1] < [2]`, 4, "two integers"},
	{`1 < 2 < 3`, 6, "between true and an integer"},
	{`1 in 'a'`, 2, `"in" between a number and text`},
	{`1 in object`, 2, `"in"`},
	{`'a' in 1`, 4, `"in"`},
	{`'a' in null`, 4, `"in"`},

	// access
	{`list.a`, 4, "a list has no properties"},
	{`none.a`, 4, "null has no properties"},
	{`object.z`, 6, `the object has no property "z"`},
	{`object[1]`, 6, "has to be text"},
	{`object[:]`, 6, "has to be text"},
	{`list[4]`, 4, "out of range: there are 4"},
	{`list[-5]`, 4, "out of range"},
	{`list[10 ** 30]`, 4, "out of range"},
	{`''[0]`, 2, "out of range"},
	{`list['a']`, 4, "an index is text"},
	{`list[1.0]`, 4, "an index is a float"},
	{`list[null]`, 4, "an index is null"},
	{`list[1.0:]`, 4, "an interval starts at a float"},
	{`list[:'a']`, 4, "an interval ends at text"},
	{`list[1 unknown]`, 7, "nothing in the context"},
	{`one[0]`, 3, "a number has no elements"},
	{`none[0:1]`, 4, "null has no elements"},
	{`len[0]`, 3, "a function has no elements"},

	// calls
	{`one(1)`, 3, "a number cannot be called"},
	{`unknown(1)`, 0, "nothing in the context"},
	{`abs()`, 3, "takes 1 argument, not 0"},
	{`abs('a')`, 3, "has to be a number"},
	{`abs(true)`, 3, "has to be a number"},
	{`abs(1, 2)`, 3, "takes 1 argument, not 2"},
	{`ceil(huge * huge)`, 4, "ceil() of inf"},
	{`floor(number('nan'))`, 5, "floor() of nan"},
	{`sqrt(-1)`, 4, "negative"},
	{`sqrt(10 ** 400)`, 4, "too large"},
	{`sqrt('4')`, 4, "has to be a number"},
	{`min()`, 3, "at least 2"},
	{`min(1)`, 3, "at least 2"},
	{`max(1, 'a')`, 3, "has to be a number"},
	{`max([1, 2])`, 3, "at least 2"},
	{`range(1)`, 5, "2 or 3 arguments"},
	{`range(1, 2, 3, 4)`, 5, "2 or 3 arguments"},
	{`range(1, 2.0)`, 5, "has to be an integer"},
	{`range(1, 2, 0)`, 5, "is zero"},
	{`range(1, 2, false)`, 5, "is zero"},
	{`len(1)`, 3, "text or a list"},
	{`len({})`, 3, "text or a list"},
	{`str([])`, 3, "has to be"},
	{`str(len)`, 3, "has to be"},
	{`str(10 ** 4300)`, 3, "more than 4300 digits"},
	{`number('')`, 6, "is no number"},
	{`number('𑽓')`, 6, "is no number"},     // a digit since Unicode 15
	{"number('\x1c1')", 6, "is no number"}, // white space, but not around a number
	{`number('1__0')`, 6, "is no number"},
	{`number('_1')`, 6, "is no number"},
	{`number('0x10')`, 6, "is no number"},
	{`number('+-1')`, 6, "is no number"},
	{`number('1e')`, 6, "is no number"},
	{`number('.')`, 6, "is no number"},
	{`number(1)`, 6, "has to be text"},
	{`number('1', '2')`, 6, "takes 1 argument"},
	{`lowercase(1)`, 9, "has to be text"},
	{`strip(null)`, 5, "has to be text"},
	{`split('a')`, 5, "takes 2 arguments"},
	{`split('a', null)`, 5, "text or a number"},
	{`split(1, 'a')`, 5, "has to be text"},
	{`join('a', 'b')`, 4, "has to be a list"},
	{`join([], true)`, 4, "text or a number"},
	{`join([len], '')`, 4, "cannot be written as text"},
	{`join([10 ** 4300], '')`, 4, "more than 4300 digits"},
	{`typeof()`, 6, "takes 1 argument"},
	{`typeof(date)`, 6, "has to be"},
	{`defined(1)`, 7, "has to be text"},
	{`fromNow()`, 7, "takes 2 arguments, not 0"},
	{`fromNow('x')`, 7, "is no offset of time"},
	{`fromNow('1 day', 'x')`, 7, "is no time"},
	{`fromNow('1 day', 1)`, 7, "has to be text"},
	{`fromNow('', '', '')`, 7, "takes 2 arguments"},
	{`as_slugid()`, 9, "as_slugid() failed: it takes one argument"},
}

func TestExpressionErrors(t *testing.T) {
	vars := contextOf(t, parseYAML(t, expressionContext))
	for _, c := range badExpressions {
		result, err := Render(context.Background(), object("$eval", text(c.expression)), vars)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.50s: %v, %v, want an *Error", c.expression, result, err)
			continue
		}
		if e.Offset != c.offset || e.Expression != c.expression || !strings.Contains(e.Message, c.message) {
			t.Errorf("%.50s: at %d of %.50q: %s, want %q at %d", c.expression, e.Offset, e.Expression, e.Message, c.message, c.offset)
		}
	}
}

// TestSurrogates holds lone surrogates, which JSON can have and UTF-8 cannot, to
// be characters like others.
func TestSurrogates(t *testing.T) {
	const surrogate = "\xed\xa0\xbd" // U+D83D
	vars := map[string]any{"s": "a" + surrogate + "b"}
	for expression, want := range map[string]any{
		"len(s)":                          value.Int(3),
		"s[1]":                            surrogate,
		"s[2:]":                           "b",
		"split(s, '')[1]":                 surrogate,
		"uppercase(s)":                    "A" + surrogate + "B",
		"lowercase(s)":                    "a" + surrogate + "b",
		"join([[s]], '')":                 "['a\\ud83db']",
		"s > 'a' && s < 'a\uffff'":        true,
		"split(join([s, s], s[1]), s[1])": []any{"a", "b", "a", "b"},
	} {
		result, err := Render(context.Background(), eval(expression), vars)
		if err != nil || !value.Equal(result.Value, want) {
			t.Errorf("%s = %v, %v, want %q", expression, result, err, want)
		}
	}
}
