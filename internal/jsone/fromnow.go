package jsone

import (
	"math/big"
	"strings"
	"time"

	"cotverify/internal/pytext"
	"cotverify/internal/value"
)

const day = 24 * 3600 // in seconds

// The units of an offset, in the order that an offset has them. As in the
// reference, a year is 365 days and a month 30.
var units = [...]struct {
	names   []string
	seconds int64
}{
	{[]string{"years", "year", "yr", "y"}, 365 * day},
	{[]string{"months", "month", "mo"}, 30 * day},
	{[]string{"weeks", "week", "wk", "w"}, 7 * day},
	{[]string{"days", "day", "d"}, day},
	{[]string{"hours", "hour", "hr", "h"}, 3600},
	{[]string{"minutes", "minute", "min", "m"}, 60},
	{[]string{"seconds", "second", "sec", "s"}, 1},
}

// addOffset adds an offset ("1 day 2 hours", "-5 min") to a time, and writes the
// sum as the reference does. The time is text as parseTime reads it, or a time
// that YAML read.
func (r *renderer) addOffset(offset string, reference any) (string, error) {
	if err := r.makeText(len(offset)); err != nil {
		return "", err
	}
	seconds, err := parseOffset(offset)
	if err != nil {
		return "", err
	}
	switch reference := reference.(type) {
	case nil:
		return "", problemf("the time of the clock is asked for, which is another one each time")
	case string:
		wall, ok := parseTime(reference)
		if !ok {
			return "", problemf("%s is no time; one looks like 2017-01-19T16:27:20.974Z", quoted(reference))
		}
		return addSeconds(moment{wall: wall}, seconds)
	case value.Opaque:
		if m, ok := parseTimestamp(reference); ok {
			return addSeconds(m, seconds)
		}
	}
	return "", problemf("an offset counts from %s; it has to be a time as text", kind(reference))
}

// parseOffset returns how many seconds an offset is.
func parseOffset(offset string) (int64, error) {
	rest := strings.TrimLeftFunc(pytext.ASCIIDigits(offset), pytext.IsSpace)
	sign := int64(1)
	if after, ok := strings.CutPrefix(rest, "-"); ok {
		sign, rest = -1, strings.TrimLeftFunc(after, pytext.IsSpace)
	}
	if after, ok := strings.CutPrefix(rest, "+"); ok {
		rest = strings.TrimLeftFunc(after, pytext.IsSpace)
	}
	total := new(big.Int)
	for _, unit := range units {
		n, after, ok := amount(rest, unit.names)
		if ok {
			rest = after
			total.Add(total, n.Mul(n, big.NewInt(unit.seconds)))
		}
	}
	if strings.TrimFunc(rest, pytext.IsSpace) != "" {
		return 0, problemf("%s is no offset of time; one looks like \"1 day 2 hours\"", quoted(offset))
	}
	if total.Cmp(big.NewInt(maxOffset)) > 0 {
		return 0, errCalendar
	}
	return sign * total.Int64(), nil
}

// maxYear is the last year of Python's calendar, whose first is 1.
const maxYear = 9999

// maxOffset is more seconds than the calendar has.
const maxOffset = (maxYear + 1) * 366 * day

var errCalendar = problem("an offset leads out of the years 1 to 9999")

// amount reads a number of a unit that a text starts with, such as "2 hours".
func amount(text string, names []string) (n *big.Int, rest string, ok bool) {
	text = strings.TrimLeftFunc(text, pytext.IsSpace)
	digits := text[:digitsLength(text)]
	if digits == "" || len(digits) > value.MaxDigits {
		return nil, "", false
	}
	text = strings.TrimLeftFunc(text[len(digits):], pytext.IsSpace)
	letters := 0
	for letters < len(text) && isIdentifierStart(text[letters]) {
		letters++
	}
	for _, name := range names {
		if text[:letters] == name {
			n, _ := new(big.Int).SetString(digits, 10)
			return n, text[letters:], true
		}
	}
	return nil, "", false
}

// A moment is a point in time as Python's date or datetime has it.
type moment struct {
	wall     time.Time // the time as written, in UTC
	zone     string    // what its offset is written as, if it has one
	dateOnly bool
}

// addSeconds writes a moment some seconds later, or earlier.
func addSeconds(m moment, seconds int64) (string, error) {
	if m.dateOnly {
		// Python adds whole days to a date, cutting what is left of an offset.
		seconds -= seconds % day
	}
	// A time.Duration is too short for all offsets.
	m.wall = time.Unix(m.wall.Unix()+seconds, int64(m.wall.Nanosecond())).UTC()
	if year := m.wall.Year(); year < 1 || year > maxYear {
		return "", errCalendar
	}
	if m.dateOnly {
		return m.wall.Format("2006-01-02") + ".000Z", nil
	}
	return formatTime(m.wall) + strings.TrimPrefix(m.zone, "+00:00"), nil
}

// formatTime writes a time with milliseconds, cut, not rounded.
func formatTime(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z") }

// parseTime reads a time in the one format that the reference does: a fraction
// of seconds and a "Z" have to be there.
func parseTime(text string) (time.Time, bool) {
	f := fields{rest: text}
	year, month, day := f.year(), f.upTo("-"), f.dayUpTo("Tt")
	hour, minute, second := f.upTo(":"), f.upTo(":"), f.upTo(".")
	nanoseconds := f.fraction("Zz")
	if f.rest != "" {
		f.failed = true
	}
	return f.time(year, month, day, hour, minute, second, nanoseconds)
}

// fields takes a text apart at given characters.
type fields struct {
	rest   string
	failed bool
}

// until returns what is before one of the separators, and goes behind it.
func (f *fields) until(separators string) string {
	before, after, ok := cutAny(f.rest, separators)
	f.failed = f.failed || !ok
	f.rest = after
	return before
}

// number returns the number that so many digits are, from least to most.
func (f *fields) number(digits string, least, most int) int {
	if len(digits) < least || len(digits) > most || digitsLength(digits) != len(digits) {
		f.failed = true
		return 0
	}
	n := 0
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}

func (f *fields) year() int { return f.number(f.until("-"), 4, 4) }

func (f *fields) upTo(separators string) int { return f.number(f.until(separators), 1, 2) }

// dayUpTo reads a day of the month, in which Python lets a space stand for a
// zero.
func (f *fields) dayUpTo(separators string) int {
	digits := f.until(separators)
	if len(digits) == 2 {
		digits = strings.TrimPrefix(digits, " ")
	}
	return f.number(digits, 1, 2)
}

// fraction reads a fraction of a second in nanoseconds.
func (f *fields) fraction(separators string) int {
	digits := f.until(separators)
	n := f.number(digits, 1, microseconds)
	for range 9 - len(digits) {
		n *= 10
	}
	return n
}

// microseconds is how many digits of a second Python keeps.
const microseconds = 6

// time returns the time that the fields are, if there is such a time.
func (f *fields) time(year, month, day, hour, minute, second, nanoseconds int) (time.Time, bool) {
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanoseconds, time.UTC)
	// What is out of range changes what is around it.
	exists := t.Year() == year && t.Month() == time.Month(month) && t.Day() == day &&
		t.Hour() == hour && t.Minute() == minute && t.Second() == second
	return t, exists && year >= 1 && !f.failed
}
