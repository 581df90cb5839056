package pyyaml

import (
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"cotverify/internal/value"
)

// maxDigits is how many digits Python reads a decimal integer of. Here it is
// also how long a number in base 60 may be.
const maxDigits = 4300

// explicitFloatPattern is what "!!float" makes a number of besides what is one
// without it.
var explicitFloatPattern = regexp.MustCompile(`^[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$`)

// constructScalar returns what a scalar stands for by its tag.
func constructScalar(n *node) (any, error) {
	var v any
	ok := true
	switch n.tag {
	case strTag:
		return n.text, nil
	case nullTag:
		return nil, nil
	case boolTag:
		v, ok = parseBool(n.text)
	case intTag:
		v, ok = parseInt(n.text)
	case floatTag:
		v, ok = parseFloat(n.text)
	case timestampTag:
		v, ok = value.Opaque{Tag: "timestamp", Text: n.text}, isTimestamp(n.text)
	case binaryTag:
		v, ok = value.Opaque{Tag: "binary", Text: n.text}, isBase64(n.text)
	case mergeTag, valueTag:
		return nil, n.mark.errorf("%q can only be a key, put it in quotes", n.text)
	default:
		return nil, n.mark.errorf("the tag %s is not known for %s", shortTag(n.tag), n.shape.describe())
	}
	if !ok {
		return nil, n.mark.errorf("%q is no valid %s", shorten(n.text), strings.TrimPrefix(n.tag, tagPrefix))
	}
	return v, nil
}

// shorten cuts a text for an error.
func shorten(text string) string {
	const most = 60
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// parseBool reads a boolean in any case, of which only some are one without a tag.
func parseBool(text string) (v, ok bool) {
	switch strings.ToLower(text) {
	case "yes", "true", "on":
		return true, true
	case "no", "false", "off":
		return false, true
	}
	return false, false
}

// parseInt reads an integer: decimal, 0x, 0b, octal after a 0, or in base 60
// with colons.
func parseInt(text string) (*big.Int, bool) {
	if len(text) > maxNumber || !intPattern.MatchString(text) {
		return nil, false
	}
	negative, digits := cutSign(strings.ReplaceAll(text, "_", ""))
	base := 10
	switch {
	case strings.HasPrefix(digits, "0b"):
		base, digits = 2, digits[2:]
	case strings.HasPrefix(digits, "0x"):
		base, digits = 16, digits[2:]
	case strings.HasPrefix(digits, "0"):
		base = 8
	case len(digits) > maxDigits:
		return nil, false
	}
	n := new(big.Int)
	for _, part := range strings.Split(digits, ":") {
		p, ok := new(big.Int).SetString(part, base)
		if !ok {
			return nil, false
		}
		n.Add(n.Mul(n, big.NewInt(60)), p)
	}
	if negative {
		n.Neg(n)
	}
	return n, true
}

// parseFloat reads a float: decimal, infinite, not a number, or in base 60
// with colons.
func parseFloat(text string) (float64, bool) {
	if len(text) > maxNumber || !floatPattern.MatchString(text) && !explicitFloatPattern.MatchString(text) {
		return 0, false
	}
	negative, digits := cutSign(strings.ToLower(strings.ReplaceAll(text, "_", "")))
	var f float64
	switch digits {
	case ".inf":
		f = math.Inf(1)
	case ".nan":
		f = math.NaN()
	default:
		var ok bool
		if f, ok = parseBase60(digits); !ok {
			return 0, false
		}
	}
	if negative {
		f = -f
	}
	return f, true
}

// parseBase60 reads a decimal float, or several with colons between them. They
// are added from the last on, which decides how the sum is rounded.
func parseBase60(text string) (float64, bool) {
	parts := strings.Split(text, ":")
	slices.Reverse(parts)
	sum, base := 0.0, big.NewInt(1)
	for _, part := range parts {
		f, _ := strconv.ParseFloat(part, 64) // out of range, it returns infinity
		factor, _ := new(big.Float).SetInt(base).Float64()
		if math.IsInf(factor, 0) {
			return 0, false
		}
		sum += f * factor
		base.Mul(base, big.NewInt(60))
	}
	return sum, true
}

func cutSign(text string) (negative bool, rest string) {
	if text[0] == '-' || text[0] == '+' {
		return text[0] == '-', text[1:]
	}
	return false, text
}

// isTimestamp reports whether a text is a date, or a date with a time, that
// there is.
func isTimestamp(text string) bool {
	m := datePattern.FindStringSubmatch(text)
	if m == nil {
		m = timePattern.FindStringSubmatch(text)
	}
	if m == nil {
		return false
	}
	var fields [9]int // year, month, day, hour, minute, second; the offset's hours and minutes
	for i, group := range m {
		fields[i], _ = strconv.Atoi(group) // 0 for the text as a whole, and for what is absent
	}
	year, month, day, hour, minute, second := fields[1], fields[2], fields[3], fields[4], fields[5], fields[6]
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	isDate := year > 0 && date.Month() == time.Month(month) && date.Day() == day
	isTime := hour < 24 && minute < 60 && second < 60
	return isDate && isTime && fields[7]*60+fields[8] < 24*60
}

// isBase64 reports whether Python decodes a text from base64. It overlooks
// what is not of the alphabet and stops at complete padding.
func isBase64(text string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	digits, padding := 0, 0
	if strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return false
	}
	for _, r := range text {
		switch {
		case r == '=' && digits%4 >= 2:
			padding++
			if digits%4+padding >= 4 {
				return true
			}
		case strings.ContainsRune(alphabet, r):
			digits++
			padding = 0
		}
	}
	return digits%4 == 0
}

// number identifies all numbers that are equal.
type number string

// identity returns what is equal for two keys that are the same key to Python.
func identity(key any) any {
	switch key := key.(type) {
	case bool:
		if key {
			return number("1")
		}
		return number("0")
	case *big.Int:
		return number(key.Text(16))
	case float64:
		if key == math.Trunc(key) && !math.IsInf(key, 0) {
			n, _ := big.NewFloat(key).Int(nil)
			return number(n.Text(16))
		}
		return number(strconv.FormatFloat(key, 'g', -1, 64))
	}
	return key
}
