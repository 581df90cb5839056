package jsone

import (
	"strings"
	"time"

	"cotverify/internal/value"
)

// A date in a YAML template that is not quoted is no text but a date or a time
// of Python. Templates can do little with it but write it into a text.

// timestamp is the tag of dates and times.
const timestamp = "timestamp"

// opaqueText returns what Python's str makes of a value that JSON lacks.
func opaqueText(v value.Opaque) (string, error) {
	m, ok := parseTimestamp(v)
	switch {
	case !ok:
		return "", problemf("%s cannot be written as text", kind(v))
	case m.dateOnly:
		return m.wall.Format("2006-01-02"), nil
	case m.wall.Nanosecond() == 0:
		return m.wall.Format("2006-01-02 15:04:05") + m.zone, nil
	}
	return m.wall.Format("2006-01-02 15:04:05.000000") + m.zone, nil
}

// parseTimestamp reads a date or a time as YAML has it.
func parseTimestamp(v value.Opaque) (moment, bool) {
	if v.Tag != timestamp {
		return moment{}, false
	}
	f := fields{rest: v.Text}
	year, month := f.year(), f.upTo("-")
	if digitsLength(f.rest) == len(f.rest) {
		wall, ok := f.time(year, month, f.number(f.rest, 1, 2), 0, 0, 0, 0)
		return moment{wall: wall, dateOnly: true}, ok
	}
	day := f.upTo("Tt \t")
	f.rest = strings.TrimLeft(f.rest, " \t")
	hour, minute := f.upTo(":"), f.upTo(":")
	second := f.number(f.digits(), 2, 2)
	nanoseconds := 0
	if after, ok := strings.CutPrefix(f.rest, "."); ok {
		f.rest = after
		nanoseconds = f.number((f.digits() + "000000")[:microseconds], microseconds, microseconds) * int(time.Microsecond)
	}
	zone := f.zone()
	wall, ok := f.time(year, month, day, hour, minute, second, nanoseconds)
	return moment{wall: wall, zone: zone}, ok
}

// digits returns the digits that the rest starts with, and goes behind them.
func (f *fields) digits() string {
	n := digitsLength(f.rest)
	digits := f.rest[:n]
	f.rest = f.rest[n:]
	return digits
}

// zone returns how Python writes the offset that is all the rest: "Z", "+2",
// "-02:30" or nothing.
func (f *fields) zone() string {
	rest := strings.TrimLeft(f.rest, " \t")
	switch {
	case rest == "":
		return ""
	case rest == "Z":
		return "+00:00"
	case rest[0] != '+' && rest[0] != '-':
		f.failed = true
		return ""
	}
	sign := rest[:1]
	hours, minutes, ok := strings.Cut(rest[1:], ":")
	if !ok {
		minutes = "00"
	}
	if f.number(hours, 1, 2) == 0 && f.number(minutes, 2, 2) == 0 {
		sign = "+"
	}
	if len(hours) == 1 {
		hours = "0" + hours
	}
	return sign + hours + ":" + minutes
}
