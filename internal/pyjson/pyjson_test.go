package pyjson

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"cotverify/internal/value"
)

// show writes a value so that a table can have it: as JSON, but with 1 apart
// from 1.0 and every byte of a text in sight.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case *big.Int:
		return v.String()
	case float64:
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(s, ".eIN") {
			s += ".0"
		}
		return s
	case string:
		return strconv.QuoteToASCII(v)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = show(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case *value.Object:
		var fields []string
		for k, item := range v.All() {
			fields = append(fields, show(k)+": "+show(item))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	return fmt.Sprint(v)
}

func TestParse(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`null`, `null`},
		{" \t\r\n[ true , false ]\n", `[true, false]`},
		{`{}`, `{}`},
		{`[]`, `[]`},
		{`{"a": [1, {"b": "c"}], "A": 2}`, `{"a": [1, {"b": "c"}], "A": 2}`},
		{`{"a": 1, "b": 2, "a": 3}`, `{"a": 3, "b": 2}`},
		{`{"a": 1, "\u0061": 2}`, `{"a": 2}`},

		{`[0, -0, 7, -12]`, `[0, 0, 7, -12]`},
		{`[9007199254740993, 123456789012345678901234567890]`, `[9007199254740993, 123456789012345678901234567890]`},
		{`[1.0, -0.0, 1e5, 1E+2, 5e-1]`, `[1.0, -0.0, 100000.0, 100.0, 0.5]`},
		{`[1e400, -1e400, 1e-400]`, `[+Inf, -Inf, 0.0]`},
		{`[NaN, Infinity, -Infinity]`, `[NaN, +Inf, -Inf]`},

		{`"é😀"`, `"\u00e9\U0001f600"`},
		{`"\"\\\/\b\f\n\r\t"`, `"\"\\/\b\f\n\r\t"`},
		{`"\u00e9\u00E9\u0000"`, `"\u00e9\u00e9\x00"`},
		{`"\ud83d\ude00"`, `"\U0001f600"`},
		{`"\ud83d"`, `"\xed\xa0\xbd"`},
		{`"\ude00"`, `"\xed\xb8\x80"`},
		{`"\ude00\ud83d"`, `"\xed\xb8\x80\xed\xa0\xbd"`},
		{`"\ud83d\ud83d\ude00"`, `"\xed\xa0\xbd\U0001f600"`},
		{`"\ud83dx"`, `"\xed\xa0\xbdx"`},
		{`"\ud83d\n"`, `"\xed\xa0\xbd\n"`},
		{"\"a long text without any escapes \x7f\"", `"a long text without any escapes \x7f"`},
		{`"` + strings.Repeat("long ", 20) + `\n` + strings.Repeat("x", 50) + `"`, `"` + strings.Repeat("long ", 20) + `\n` + strings.Repeat("x", 50) + `"`},
	} {
		d, err := Parse([]byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if got := show(d.Value); got != test.want {
			t.Errorf("%s: got %s, want %s", test.text, got, test.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", `line 1, column 1: expected a value, but the text ends`},
		{" \n ", `line 2, column 2: expected a value, but the text ends`},
		{"\uFEFF{}", `line 1, column 1: expected a value, found a byte order mark`},
		{"{'a': 1}", `line 1, column 2: expected a key in double quotes, found '\''`},
		{"{\"é\": 1\n \"b\": 2}", `line 2, column 2: expected "," or "}", found '"'`},
		{`{"é" 1}`, `line 1, column 6: expected ":", found '1'`},
		{`{"a": 1,}`, `line 1, column 9: expected a key in double quotes, found '}'`},
		{`[1,]`, `line 1, column 4: expected a value, found ']'`},
		{`[1 2]`, `line 1, column 4: expected "," or "]", found '2'`},
		{`[1`, `line 1, column 3: expected "," or "]", but the text ends`},
		{`1 2`, `line 1, column 3: expected the end of the text, found '2'`},
		{"1\x00", `line 1, column 2: expected the end of the text, found '\x00'`},
		{`nul`, `line 1, column 4: expected "null", but the text ends`},
		{`True`, `line 1, column 1: expected a value, found 'T'`},
		{`é`, `line 1, column 1: expected a value, found 'é'`},
		{`01`, `line 1, column 2: expected the end of the text, found '1'`},
		{`+1`, `line 1, column 1: expected a value, found '+'`},
		{`-`, `line 1, column 2: expected a value, but the text ends`},
		{`.5`, `line 1, column 1: expected a value, found '.'`},
		{`[1.]`, `line 1, column 4: expected a digit, found ']'`},
		{`[1e+]`, `line 1, column 5: expected a digit, found ']'`},
		{`-Inf`, `line 1, column 5: expected "Infinity", but the text ends`},
		{`"a`, `line 1, column 3: expected a double quote that ends the text, but the text ends`},
		{"\"a\nb\"", `line 1, column 3: the control character '\n' must be escaped in text`},
		{`"\x41"`, `line 1, column 3: expected one of "\/bfnrtu after a backslash, found 'x'`},
		{`"\u12g4"`, `line 1, column 6: expected four hexadecimal digits after \u, found 'g'`},
		{`"\ud83d\u12"`, `line 1, column 12: expected four hexadecimal digits after \u, found '"'`},
		{"\"a\xff\"", `line 1, column 3: byte 0xff is no valid UTF-8`},
		{"\"\xed\xa0\x80\"", `line 1, column 2: byte 0xed is no valid UTF-8`},
		{"[1]\n\xe2\x82", `line 2, column 1: byte 0xe2 is no valid UTF-8`},
	} {
		_, err := Parse([]byte(test.text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: got error %v, want a *SyntaxError", test.text, err)
		} else if err.Error() != test.want {
			t.Errorf("%q: got error %q, want %q", test.text, err, test.want)
		}
	}
}

func TestSyntaxErrorOffset(t *testing.T) {
	_, err := Parse([]byte("{\"é\":\n x}"))
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Offset != 8 {
		t.Errorf("got %#v, want offset 8", err)
	}
}

func TestLimits(t *testing.T) {
	lists := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	objects := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	for _, test := range []struct {
		name, text string
		ok         bool
	}{
		{"lists", lists(maxDepth), true},
		{"lists too deep", lists(maxDepth + 1), false},
		{"objects", objects(maxDepth), true},
		{"objects too deep", objects(maxDepth + 1), false},
		{"very deep", strings.Repeat("[", 1_000_000), false},
		{"side by side", "[" + strings.Repeat("[],", 2*maxDepth) + "[]]", true},
		{"digits", "-" + strings.Repeat("1", maxDigits), true},
		{"too many digits", strings.Repeat("1", maxDigits+1), false},
		{"digits of a float", strings.Repeat("1", maxDigits+1) + ".0", true},
	} {
		if _, err := Parse([]byte(test.text)); (err == nil) != test.ok {
			t.Errorf("%s: Parse: %v", test.name, err)
		}
		_, err := Scan(strings.NewReader(`{"skipped": `+test.text+`}`), func(string) Keep { return nil })
		if ok := test.ok && test.name != "lists" && test.name != "objects"; (err == nil) != ok {
			t.Errorf("%s: Scan: %v", test.name, err)
		}
	}
}

func TestRepeated(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{`{"a": 1, "A": 2}`, nil},
		{`{"a": 1, "a": 1}`, []string{"/a"}},
		{`{"a": 1, "a": 1, "a": 1}`, []string{"/a", "/a"}},
		{`[0, {"b/c": {"~": 1, "~": 2}, "x": {"y": 1, "y": 2}}, {"z": 1, "z": 2}]`, []string{"/1/b~1c/~0", "/1/x/y", "/2/z"}},
		{`{"a": {"b": 1, "b": 2}, "a": {"b": 1, "b": 2}}`, []string{"/a/b", "/a/b", "/a"}},
	} {
		d, err := Parse([]byte(test.text))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(d.Repeated, test.want) {
			t.Errorf("%s: got %q, want %q", test.text, d.Repeated, test.want)
		}
	}
}

func TestRepeatedIsBounded(t *testing.T) {
	key := `"` + strings.Repeat("é", 1000) + `"`
	text := "{" + key + `: {"a": 0` + strings.Repeat(`, "a": 1`, 1000) + "}}"
	d, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Repeated) != maxRepeated {
		t.Errorf("got %d repeated keys, want %d", len(d.Repeated), maxRepeated)
	}
	if want := "/" + strings.Repeat("é", maxPointerKey/2) + "…/a"; d.Repeated[0] != want {
		t.Errorf("got %s, want %s", d.Repeated[0], want)
	}
}

func TestScan(t *testing.T) {
	const text = `{"a": {"x": 1, "x": 2}, "b": {"x": 1, "x": 2}, "c": [1], "b": {"y": "é"}, "\u0063": null}`
	for _, test := range []struct {
		keep, want string
		repeated   []string
	}{
		{"", `{}`, nil},
		{"a", `{"a": {"x": 2}}`, []string{"/a/x"}},
		{"b", `{"b": {"y": "\u00e9"}}`, []string{"/b/x", "/b"}},
		{"c", `{"c": null}`, []string{"/c"}},
		{"z", `{}`, nil},
	} {
		d, err := Scan(strings.NewReader(text), only(test.keep))
		if err != nil {
			t.Fatal(err)
		}
		if got := show(d.Value); got != test.want || !reflect.DeepEqual(d.Repeated, test.repeated) {
			t.Errorf("keeping %q: got %s and %q, want %s and %q", test.keep, got, d.Repeated, test.want, test.repeated)
		}
	}
}

func TestScanRefuses(t *testing.T) {
	none := func(string) Keep { return nil }
	for _, test := range []struct{ text, want string }{
		{`[1, "a"]`, "expected an object, found a list"},
		{`"a"`, "expected an object, found text"},
		{`12`, "expected an object, found a number"},
		{`-Infinity`, "expected an object, found a number"},
		{`null`, "expected an object, found null"},
		{`false`, "expected an object, found false"},
		{`[1`, `line 1, column 3: expected "," or "]", but the text ends`},
		{`[] []`, `line 1, column 4: expected the end of the text, found '['`},
		{`{"a": {"b": [1, tru]}}`, `line 1, column 20: expected "true", found ']'`},
		{"{\"a\": \"\\ud8\"}", `line 1, column 12: expected four hexadecimal digits after \u, found '"'`},
		{"{\n\"a\": \"\xff\"}", `line 2, column 7: byte 0xff is no valid UTF-8`},
		{`{} x`, `line 1, column 4: expected the end of the text, found 'x'`},
	} {
		_, err := Scan(strings.NewReader(test.text), none)
		if err == nil || err.Error() != test.want {
			t.Errorf("%q: got error %v, want %s", test.text, err, test.want)
		}
	}
	_, err := Scan(strings.NewReader("[]"), none)
	var kind *NotObjectError
	if !errors.As(err, &kind) || kind.Kind != "a list" {
		t.Errorf("got %#v, want a *NotObjectError of a list", err)
	}
}

// A reader may return as little as it likes; places count from the start of
// the stream.
func TestScanInPieces(t *testing.T) {
	long := strings.Repeat("line\n", scanBuffer)
	for _, text := range []string{
		`{"a": "é😀\ud83d\ude00\"", "b": [-12.5e-3, NaN, -Infinity, true, null], "c": {}}`,
		`{"a": "\ud83d\ud83d`,
		"{\n\"é\": \xe2\x82",
		"{\"a\": 1}" + strings.ReplaceAll(long, "line", "    ") + "é",
	} {
		parsed, parseErr := Parse([]byte(text))
		for name, r := range map[string]io.Reader{
			"one byte": iotest.OneByteReader(strings.NewReader(text)),
			"half":     iotest.HalfReader(strings.NewReader(text)),
			"data err": iotest.DataErrReader(strings.NewReader(text)),
		} {
			d, err := Scan(r, All)
			if !reflect.DeepEqual(err, parseErr) {
				t.Errorf("%.20q, %s: got error %v, want %v", text, name, err, parseErr)
			} else if err == nil && show(d.Value) != show(parsed.Value) {
				t.Errorf("%.20q, %s: got %s, want %s", text, name, show(d.Value), show(parsed.Value))
			}
		}
	}
}

func TestScanPassesReadErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, text := range []string{"", `{"a": "b`, `{"a": 1`, `{"a": 1}`, `{"a": "é`[:8]} {
		r := io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))
		if _, err := Scan(r, All); !errors.Is(err, broken) {
			t.Errorf("after %q: got %v, want the reader's error", text, err)
		}
	}
	if _, err := Scan(emptyReader{}, All); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v, want %v", err, io.ErrNoProgress)
	}
}

// emptyReader never returns anything.
type emptyReader struct{}

func (emptyReader) Read([]byte) (int, error) { return 0, nil }

func TestScanHoldsOnlyWhatIsKept(t *testing.T) {
	const entries = 20_000
	var parts []io.Reader
	parts = append(parts, strings.NewReader(`{"kept": 1`))
	entry := `, "skipped": {"text": "` + strings.Repeat("x", 1000) + `\n", "list": [1.5, 12345678901234567890, {}]}`
	for range entries {
		parts = append(parts, strings.NewReader(entry))
	}
	r := io.MultiReader(append(parts, strings.NewReader("}"))...)

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d, err := Scan(r, only("kept"))
	runtime.ReadMemStats(&after)
	if err != nil || show(d.Value) != `{"kept": 1}` {
		t.Fatalf("got %v, %v", d, err)
	}
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(2<<20); got > most {
		t.Errorf("allocated %d bytes for a document of %d, want at most %d", got, entries*len(entry), most)
	}
}

// only keeps the value of one key.
func only(kept string) Keep {
	return func(key string) Keep {
		if key == kept {
			return All
		}
		return nil
	}
}

func TestScanKeepsBelow(t *testing.T) {
	names := func(key string) Keep {
		if key == "list" {
			return only("name")
		}
		return nil
	}
	d, err := Scan(strings.NewReader(`{"list": [{"name": {"x": 1}, "size": 2}, 3, [{"name": 4, "size": 5}]], "other": 6}`), names)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := show(d.Value), `{"list": [{"name": {"x": 1}}, 3, [{"name": 4}]]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestValuesAreLimited(t *testing.T) {
	list := func(values int) string { return `{"a": [` + strings.Repeat("0, ", values-3) + "0]}" }
	for _, test := range []struct {
		values int
		want   string
	}{
		{maxValues, ""},
		{maxValues + 1, "more values than are read of one document, which are 300000"},
	} {
		text := list(test.values)
		_, err := Parse([]byte(text))
		_, scanErr := Scan(strings.NewReader(text), All)
		for _, err := range []error{err, scanErr} {
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasSuffix(err.Error(), test.want)) {
				t.Errorf("%d values: got error %v, want %q", test.values, err, test.want)
			}
		}
		if _, err := Scan(strings.NewReader(text), only("b")); err != nil {
			t.Errorf("%d values that are not kept: %v", test.values, err)
		}
	}
}

func TestIndex(t *testing.T) {
	const text = "\n{\"a\" : {\"x\": 1, \"x\": 2}, \"b\": \"é\" ,\"\\u0061\": [1, {}], \"c\": null}\n"
	index, repeated, err := Index(iotest.OneByteReader(strings.NewReader(text)), func(key string) bool { return key != "c" })
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for key, at := range index {
		got[key] = text[at.Offset : at.Offset+at.Length]
	}
	if want := map[string]string{"a": "[1, {}]", "b": "\"é\""}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := []string{"/a"}; !reflect.DeepEqual(repeated, want) {
		t.Errorf("got %q repeated, want %q", repeated, want)
	}
	for _, text := range []string{"[]", "{", `{"a": 01}`, `{"a": 1} x`, ""} {
		_, _, err := Index(strings.NewReader(text), func(string) bool { return true })
		_, scanErr := Scan(strings.NewReader(text), All)
		if err == nil || !reflect.DeepEqual(err, scanErr) {
			t.Errorf("%s: got error %v, Scan has %v", text, err, scanErr)
		}
	}
}

func TestIndexIsLimited(t *testing.T) {
	entries := func(n int) io.Reader {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `, "%d": 0`, i)
		}
		return strings.NewReader("{" + b.String()[1:] + "}")
	}
	every := func(string) bool { return true }
	if _, _, err := Index(entries(maxIndexed), every); err != nil {
		t.Error(err)
	}
	if _, _, err := Index(entries(maxIndexed+1), every); err == nil || !strings.HasSuffix(err.Error(), "which are 200000") {
		t.Errorf("got error %v", err)
	}
}

// A key that ends where the buffer does is not lost with it.
func TestKeysAtTheEndOfTheBuffer(t *testing.T) {
	const start = `{"a": "`
	for before := scanBuffer - 20; before <= scanBuffer; before++ {
		text := start + strings.Repeat("x", before-len(start)) + `", "key" : 1}`
		d, err := Scan(strings.NewReader(text), only("key"))
		if err != nil || show(d.Value) != `{"key": 1}` {
			t.Fatalf("the key after %d bytes: got %v, %v", before, d, err)
		}
		index, _, err := Index(strings.NewReader(text), func(key string) bool { return key == "key" })
		if at := index["key"]; err != nil || text[at.Offset:at.Offset+at.Length] != "1" {
			t.Fatalf("the key after %d bytes: indexed at %v, %v", before, at, err)
		}
	}
}

func TestEach(t *testing.T) {
	keep := func(key string) Keep {
		if key == "skipped" {
			return nil
		}
		return All
	}
	var got []string
	rest, err := Each(iotest.OneByteReader(strings.NewReader(`{"a": 1, "list": [{"x": 1, "skipped": 2}, "y", []], "skipped": 3, "b": {}}`)), "list", keep, func(item any) error {
		got = append(got, show(item))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{`{"x": 1, "skipped": 2}`, `"y"`, `[]`}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	if text := show(rest.Value); text != `{"a": 1, "b": {}}` {
		t.Errorf("the rest is %s", text)
	}
	ended := errors.New("enough")
	for text, want := range map[string]string{
		`{}`:                         "/list is absent, or no list",
		`{"list": {}}`:               "/list is absent, or no list",
		`{"list": [1], "list": [2]}`: `line 1, column 21: the list "list" is there twice`,
		`{"list": [1,]}`:             "line 1, column 13: expected a value, found ']'",
		`{"list": [0]}`:              "enough",
	} {
		_, err := Each(strings.NewReader(text), "list", All, func(item any) error {
			if show(item) == "0" {
				return ended
			}
			return nil
		})
		if err == nil || err.Error() != want {
			t.Errorf("%.30s: got %v, want %s", text, err, want)
		}
	}
}
