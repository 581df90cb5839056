package value

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// maxJSONDepth is how deep lists and objects may be nested where they are
// written as JSON. Python's limit on recursion makes about the same an error.
const maxJSONDepth = 980

var errTooDeep = fmt.Errorf("lists and objects are nested more than %d deep, too deep to be written as JSON", maxJSONDepth)

// AppendJSON appends a value as Python's
//
//	json.dumps(v, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
//
// has it: no spaces, keys sorted by code point, floats as [FormatFloat] writes
// them but for NaN, Infinity and -Infinity, and no character escaped but
// quotes, backslashes and what is below U+0020. A lone surrogate is kept in its
// three bytes, so the result is text of this package, not always UTF-8.
//
// The error says why there is no such JSON: an [Opaque] value, an integer of
// more than [MaxDigits] digits, or too deep a nesting.
func AppendJSON(dst []byte, v any) ([]byte, error) {
	return appendJSON(dst, v, maxJSONDepth)
}

func appendJSON(dst []byte, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		if v {
			return append(dst, "true"...), nil
		}
		return append(dst, "false"...), nil
	case *big.Int:
		text, err := FormatInt(v)
		return append(dst, text...), err
	case float64:
		return append(dst, jsonFloat(v)...), nil
	case string:
		return appendJSONText(dst, v), nil
	case []any:
		return appendJSONList(dst, v, depth)
	case *Object:
		return appendJSONObject(dst, v, depth)
	}
	return dst, errors.New(Kind(v) + " cannot be written as JSON")
}

func appendJSONList(dst []byte, list []any, depth int) ([]byte, error) {
	if depth == 0 {
		return dst, errTooDeep
	}
	dst = append(dst, '[')
	for i, item := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendJSON(dst, item, depth-1); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func appendJSONObject(dst []byte, o *Object, depth int) ([]byte, error) {
	if depth == 0 {
		return dst, errTooDeep
	}
	// Text is ordered by code point where its bytes are: surrogates included.
	keys := make([]string, 0, o.Len())
	for k := range o.All() {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendJSONText(dst, k), ':')
		v, _ := o.Get(k)
		var err error
		if dst, err = appendJSON(dst, v, depth-1); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func jsonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return FormatFloat(f)
}

const hexDigits = "0123456789abcdef"

func appendJSONText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0 // of what is not yet appended
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[start:]...), '"')
}
