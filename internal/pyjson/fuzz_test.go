package pyjson

import (
	"bytes"
	"encoding/json"
	"math/big"
	"reflect"
	"regexp"
	"strconv"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"cotverify/internal/value"
)

// FuzzParse holds Parse against encoding/json where the two must agree, and
// Scan against Parse.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"a": 1, "b": [true, null, -1.5e3], "a": "\ud83d\ude00"}`,
		`[NaN, -Infinity, 1e400, 123456789012345678901234567890]`,
		`"\ud83d\ud83d\ude00\n"`,
		"{\"é\": {\"\\u0000\": [[], {}]}}\n",
		"\uFEFF{}", "[1,]", "{\"a\" 1}", "\"\xff\"", "01", "-", "[[[[",
	} {
		f.Add([]byte(seed))
	}
	// Only Python has these numbers; encoding/json replaces lone surrogates.
	differs := regexp.MustCompile(`NaN|Infinity|\\u[dD][89a-fA-F]`)
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		checkScan(t, data, d, err)
		if differs.Match(data) {
			return
		}
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		var want any
		if !json.Valid(data) || dec.Decode(&want) != nil {
			if err == nil {
				t.Fatalf("Parse reads what encoding/json refuses")
			}
			return
		}
		if err != nil {
			if utf8.Valid(data) && len(data) < maxDepth {
				t.Fatalf("Parse refuses what encoding/json reads: %v", err)
			}
			return
		}
		if got, want := plain(d.Value), plain(want); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, encoding/json has %v", got, want)
		}
	})
}

func checkScan(t *testing.T, data []byte, d *Document, parseErr error) {
	for _, keep := range []bool{true, false} {
		scanned, err := Scan(iotest.OneByteReader(bytes.NewReader(data)), func(string) Keep {
			if keep {
				return All
			}
			return nil
		})
		want := parseErr
		if want == nil && value.Kind(d.Value) != "an object" {
			want = &NotObjectError{Kind: value.Kind(d.Value)}
		}
		if !reflect.DeepEqual(err, want) {
			t.Fatalf("Scan: got error %v, want %v", err, want)
		}
		if err == nil && keep && show(scanned.Value) != show(d.Value) {
			t.Fatalf("Scan: got %s, want %s", show(scanned.Value), show(d.Value))
		}
	}
}

// plain makes values of this package and of encoding/json alike.
func plain(v any) any {
	switch v := v.(type) {
	case *big.Int:
		return v.String()
	case float64:
		return show(v)
	case json.Number:
		if n, ok := new(big.Int).SetString(v.String(), 10); ok {
			return n.String()
		}
		f, _ := strconv.ParseFloat(v.String(), 64)
		return show(f)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	case *value.Object:
		m := map[string]any{}
		for key, item := range v.All() {
			m[key] = plain(item)
		}
		return m
	case map[string]any:
		m := map[string]any{}
		for key, item := range v {
			m[key] = plain(item)
		}
		return m
	}
	return v
}
