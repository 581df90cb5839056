package pytime

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"cotverify/internal/pytext"
	"cotverify/internal/value"
)

const (
	// maxYear is the last year of Python's calendar.
	maxYear = 9999

	// maxDigits is how many digits Python reads an integer of.
	maxDigits = 4300

	// maxDepth is how deep lists and objects of a definition may be nested.
	// Python, with two frames a level, ends at its recursion limit of 1,000.
	// This is a little lower than the reference gets.
	maxDepth = 450
)

// relativeKey is the one key of an object that stands for a time.
const relativeKey = "relative-datestamp"

// DatestampError says that a definition cannot be resolved.
type DatestampError struct {
	Path string // where, as a JSON pointer; "" for the definition as a whole
	Err  error  // why
}

func (e *DatestampError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

func (e *DatestampError) Unwrap() error { return e.Err }

// ResolveDatestamps returns a definition with each relative datestamp in it
// replaced by the time that it stands for (specification, section 6): an
// object with the one key relative-datestamp whose value is text becomes what
// [AddRelative] makes of it. If that value is an object, the result is an
// object with its keys so replaced and its values resolved. Any other value
// is an error, and so is nesting that the reference cannot follow. The error
// is a [*DatestampError].
func ResolveDatestamps(v any, created time.Time) (any, error) {
	return resolver{created: created}.resolve(v)
}

// resolver resolves the value at a path of a definition.
type resolver struct {
	created time.Time
	path    []string
}

// at returns the resolver of an entry or an item.
func (r resolver) at(step string) resolver {
	return resolver{created: r.created, path: append(r.path, step)}
}

func (r resolver) fail(err error) error {
	return &DatestampError{Path: value.Pointer(r.path...), Err: err}
}

func (r resolver) resolve(v any) (any, error) {
	if len(r.path) > maxDepth {
		return nil, &DatestampError{Err: fmt.Errorf("the definition is nested deeper than %d levels", maxDepth)}
	}
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			resolved, err := r.at(strconv.Itoa(i)).resolve(item)
			if err != nil {
				return nil, err
			}
			list[i] = resolved
		}
		return list, nil
	case *value.Object:
		if stamp, ok := v.Get(relativeKey); ok && v.Len() == 1 {
			return r.at(relativeKey).stamp(stamp)
		}
		return r.object(v, func(key string) (string, error) { return key, nil })
	}
	return v, nil
}

// stamp resolves the value of a relative datestamp.
func (r resolver) stamp(v any) (any, error) {
	add := func(text string) (string, error) { return AddRelative(r.created, text) }
	switch v := v.(type) {
	case string:
		t, err := add(v)
		if err != nil {
			return nil, r.fail(err)
		}
		return t, nil
	case *value.Object:
		return r.object(v, add)
	}
	return nil, r.fail(fmt.Errorf("expected text such as \"1 day\", found %s", value.Kind(v)))
}

// object resolves the values of an object and replaces its keys.
func (r resolver) object(o *value.Object, replace func(key string) (string, error)) (any, error) {
	result := &value.Object{}
	for key, v := range o.All() {
		replaced, err := replace(key)
		if err != nil {
			return nil, r.fail(err)
		}
		resolved, err := r.at(key).resolve(v)
		if err != nil {
			return nil, err
		}
		result.Set(replaced, resolved)
	}
	return result, nil
}

// AddRelative returns the time that a relative datestamp such as "1 day"
// stands for, as a task definition has it: 2024-02-29T12:30:45.678Z, cut to
// milliseconds (specification, section 6). The first number of the text with a
// word of a to z behind it counts, and nothing around them, so "-3 days" is in
// three days. It is an error if there is none, if the number is not whole, if
// the word is no unit, or if the time is after the year 9999.
func AddRelative(created time.Time, text string) (string, error) {
	number, unit, ok := findAmount(text)
	if !ok {
		return "", fmt.Errorf("%s has no number with a unit, such as \"1 day\"", quote(text))
	}
	length := secondsOf(unit)
	if length == 0 {
		return "", fmt.Errorf("%s is no unit of time in %s; expected seconds, minutes, hours, days, months or years", quote(unit), quote(text))
	}
	count, ok := parseInt(number)
	switch {
	case !ok && strings.HasPrefix(number, "."):
		return "", fmt.Errorf("%s has a number with a point, and only whole ones are read", quote(text))
	case !ok:
		return "", fmt.Errorf("%s is no whole number of at most %d digits in %s", quote(number), maxDigits, quote(text))
	}
	seconds := count.Mul(count, big.NewInt(length))
	if seconds.Cmp(big.NewInt(maxYear*366*day)) < 0 {
		t := time.Unix(created.Unix()+seconds.Int64(), int64(created.Nanosecond())).UTC()
		if t.Year() <= maxYear {
			return t.Format("2006-01-02T15:04:05.000Z"), nil
		}
	}
	return "", fmt.Errorf("%s after %s is after the year %d", quote(text), created.Format(time.DateOnly), maxYear)
}

const day = 24 * 60 * 60 // seconds

// secondsOf returns how long a unit is, and 0 for what is none.
func secondsOf(unit string) int64 {
	switch unit {
	case "s", "second", "seconds":
		return 1
	case "min", "minute", "minutes":
		return 60
	case "h", "hour", "hours":
		return 60 * 60
	case "d", "day", "days":
		return day
	case "mo", "month", "months":
		return 30 * day
	case "y", "year", "years":
		return 365 * day
	}
	return 0
}

// findAmount returns the number and the word of the first match of Python's
// ((?:\d+)?\.?\d+) *([a-z]+), where a digit is one of any script. Of a number
// with a point it returns the point and what follows.
func findAmount(text string) (number, unit string, ok bool) {
	for end := 0; ; {
		next := strings.IndexFunc(text[end:], pytext.IsDigit)
		if next < 0 {
			return "", "", false
		}
		start := end + next
		rest := strings.TrimLeftFunc(text[start:], pytext.IsDigit)
		end = len(text) - len(rest)
		if start > 0 && text[start-1] == '.' {
			start--
		}
		word := strings.TrimLeft(rest, " ")
		if after := strings.TrimLeft(word, "abcdefghijklmnopqrstuvwxyz"); after != word {
			return text[start:end], word[:len(word)-len(after)], true
		}
	}
}

// parseInt reads a number as Python's int does, digits of all scripts mixed.
func parseInt(number string) (*big.Int, bool) {
	digits := make([]byte, 0, len(number))
	for _, r := range number {
		d := pytext.Digit(r)
		if d < 0 || len(digits) == maxDigits {
			return nil, false
		}
		digits = append(digits, '0'+byte(d))
	}
	return new(big.Int).SetString(string(digits), 10)
}
