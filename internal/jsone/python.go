package jsone

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"cotverify/internal/pytext"
	"cotverify/internal/value"
)

// toText returns a scalar as the text of a template and str() show it.
func (r *renderer) toText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case bool:
		return strconv.FormatBool(v), nil
	case string:
		return v, nil
	case *big.Int:
		if err := r.makeText(v.BitLen() / 3); err != nil {
			return "", err
		}
		return value.FormatInt(v)
	case float64:
		return value.FormatFloat(v), nil
	case value.Opaque:
		return opaqueText(v)
	}
	return "", problemf("%s cannot be written as text", kind(v))
}

// A pythonWriter writes text as Python's str and repr do. Its first error is
// kept, and ends it.
type pythonWriter struct {
	textMaker
	depth int
	err   error
}

func (w *pythonWriter) write(text string) {
	if w.err == nil {
		w.err = w.textMaker.write(text)
	}
}

// str writes a value as Python's str does: text as it is, all else as repr.
func (w *pythonWriter) str(v any) {
	switch v := v.(type) {
	case string:
		w.write(v)
	case value.Opaque:
		text, err := opaqueText(v)
		w.write(text)
		w.fail(err)
	default:
		w.repr(v)
	}
}

func (w *pythonWriter) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *pythonWriter) repr(v any) {
	if w.err != nil {
		return
	}
	switch v := v.(type) {
	case nil:
		w.write("None")
	case bool:
		if v {
			w.write("True")
		} else {
			w.write("False")
		}
	case *big.Int:
		text, err := value.FormatInt(v)
		w.write(text)
		w.fail(err)
	case float64:
		w.write(value.FormatFloat(v))
	case string:
		w.write(textRepr(v))
	case []any:
		w.list(v)
	case *value.Object:
		w.object(v)
	default:
		w.fail(problemf("%s cannot be written as text", kind(v)))
	}
}

// nested writes what is within brackets.
func (w *pythonWriter) nested(open, closing string, parts func()) {
	if w.depth == maxValueDepth {
		w.fail(&LimitError{limitValueDepth, maxValueDepth})
		return
	}
	w.depth++
	w.write(open)
	parts()
	w.write(closing)
	w.depth--
}

func (w *pythonWriter) list(list []any) {
	w.nested("[", "]", func() {
		for i, item := range list {
			if i > 0 {
				w.write(", ")
			}
			w.repr(item)
		}
	})
}

func (w *pythonWriter) object(o *value.Object) {
	w.nested("{", "}", func() {
		first := true
		for key, v := range o.All() {
			if !first {
				w.write(", ")
			}
			first = false
			w.write(textRepr(key))
			w.write(": ")
			w.repr(v)
		}
	})
}

// textRepr quotes a text as Python does: with single quotes unless only those
// are in it, and what cannot be printed by its number.
func textRepr(text string) string {
	quote := byte('\'')
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		quote = '"'
	}
	b := []byte{quote}
	for len(text) > 0 {
		r, size := pytext.DecodeRune(text)
		switch {
		case r == rune(quote) || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case pytext.IsPrintable(r):
			b = append(b, text[:size]...)
		case r < 0x100:
			b = fmt.Appendf(b, `\x%02x`, r)
		case r < 0x10000:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = fmt.Appendf(b, `\U%08x`, r)
		}
		text = text[size:]
	}
	return string(append(b, quote))
}

// parseFloat is Python's float of a text: white space around it, underscores
// between digits, the digits of all scripts, and names for what is no number.
// What is too large is infinite.
func parseFloat(text string) (float64, bool) {
	text = strings.TrimFunc(pytext.ASCIIDigits(text), pytext.IsSpaceAroundNumber)
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 {
		return 0, false
	}
	switch strings.ToLower(digits) {
	case "nan":
		return math.NaN(), true
	case "inf", "infinity":
	default:
		if !isFloat(digits) {
			return 0, false
		}
	}
	f, _ := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	return f, true
}

// isFloat reports whether a text without its sign is a decimal float: digits
// with a dot somewhere, and maybe an exponent.
func isFloat(text string) bool {
	mantissa, exponent, hasExponent := cutAny(text, "eE")
	if hasExponent {
		unsigned := exponent
		if strings.HasPrefix(exponent, "+") || strings.HasPrefix(exponent, "-") {
			unsigned = exponent[1:]
		}
		if !areDigits(unsigned) {
			return false
		}
	}
	whole, fraction, hasDot := strings.Cut(mantissa, ".")
	switch {
	case !hasDot:
		return areDigits(whole)
	case whole == "":
		return areDigits(fraction)
	}
	return areDigits(whole) && (fraction == "" || areDigits(fraction))
}

func cutAny(text, separators string) (before, after string, found bool) {
	if i := strings.IndexAny(text, separators); i >= 0 {
		return text[:i], text[i+1:], true
	}
	return text, "", false
}

// areDigits reports whether a text is digits, with single underscores between
// them at most.
func areDigits(text string) bool {
	afterDigit := false
	for i := range len(text) {
		switch {
		case isDigit(text[i]):
			afterDigit = true
		case text[i] == '_' && afterDigit:
			afterDigit = false
		default:
			return false
		}
	}
	return afterDigit
}
