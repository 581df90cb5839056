package pytime

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// ParseISO reads a time as datetime.fromisoformat of Python 3.11 does: a date
// (2024-02-29, 20240229, 2024-W09-4, 2024W094, or a week without its day), and
// after any one character a time of day (12, 12:30, 12:30:45 or the same
// without colons; a fraction is cut to microseconds), which may end in an
// offset (Z, +01, +01:30, +01:30:15.5). The offset is checked and dropped: the
// result is the time as written, in UTC.
//
// A text with a NUL character is refused, though Python reads some of them.
func ParseISO(s string) (time.Time, error) {
	if t, ok := parseISO(replaceSurrogate(s)); ok {
		return t, nil
	}
	return time.Time{}, fmt.Errorf("%s is no time in ISO 8601", quote(s))
}

func parseISO(s string) (time.Time, bool) {
	if len(s) < len("2024W09") || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return time.Time{}, false
	}
	end := dateLength(s)
	date, ok := parseDate(s, end)
	if !ok || end == len(s) {
		return date, ok
	}
	_, separator := utf8.DecodeRuneInString(s[end:])
	clock, ok := parseTimeOfDay(s[end+separator:])
	return date.Add(clock), ok
}

// replaceSurrogate makes a "T" of a lone surrogate that separates date and
// time, as Python does. Anywhere else a surrogate makes the text unreadable.
func replaceSurrogate(s string) string {
	for _, at := range []int{7, 8, 10} { // where a separator can stand
		if at+3 <= len(s) && s[at] == 0xED && s[at+1] >= 0xA0 {
			return s[:at] + "T" + s[at+3:]
		}
	}
	return s
}

// dateLength returns how much of the text is the date. Where the separator
// could be more than one character, it guesses as Python does.
func dateLength(s string) int {
	switch {
	case len(s) == len("2024W09"):
		return len("2024W09")
	case s[4] == '-' && s[5] == 'W':
		if len(s) > 8 && s[8] == '-' && !(len(s) > 10 && isDigit(s[10])) {
			return len("2024-W09-4")
		}
		return len("2024-W09")
	case s[4] == '-':
		return len("2024-02-29")
	case s[4] != 'W':
		return len("20240229")
	}
	digits := 7
	for digits < len(s) && isDigit(s[digits]) {
		digits++
	}
	if digits == 7 || digits >= 9 && digits%2 == 0 {
		return len("2024W09")
	}
	return len("2024W094")
}

// parseDate reads the date that is so long.
func parseDate(s string, length int) (time.Time, bool) {
	if length > len(s) {
		return time.Time{}, false
	}
	s = s[:length]
	year, s, ok := cutDigits(s, 4)
	if !ok || year < 1 {
		return time.Time{}, false
	}
	dash := ""
	if strings.HasPrefix(s, "-") {
		dash, s = "-", s[1:]
	}
	if week, found := strings.CutPrefix(s, "W"); found {
		return parseWeek(year, week, dash)
	}
	month, s, ok := cutDigits(s, 2)
	if !ok || month < 1 || month > 12 || !strings.HasPrefix(s, dash) {
		return time.Time{}, false
	}
	day, _, ok := cutDigits(s[len(dash):], 2)
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return date, ok && day > 0 && date.Day() == day
}

// parseWeek reads what follows the "W" of a date: the week, and after a dash,
// if the date has dashes, the day of the week. Without it, Monday is meant.
func parseWeek(year int, s, dash string) (time.Time, bool) {
	week, s, ok := cutDigits(s, 2)
	if !ok || week < 1 {
		return time.Time{}, false
	}
	day := 1
	if s != "" {
		if !strings.HasPrefix(s, dash) {
			return time.Time{}, false
		}
		if day, _, ok = cutDigits(s[len(dash):], 1); !ok || day < 1 || day > 7 {
			return time.Time{}, false
		}
	}
	january4 := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // always in week 1
	sinceMonday := (int(january4.Weekday()) + 6) % 7
	monday := january4.AddDate(0, 0, 7*(week-1)-sinceMonday)
	if y, w := monday.ISOWeek(); y != year || w != week {
		return time.Time{}, false
	}
	date := monday.AddDate(0, 0, day-1)
	return date, date.Year() <= maxYear
}

// parseTimeOfDay reads a time of day and its offset, if any, and returns what
// went by since midnight.
func parseTimeOfDay(s string) (time.Duration, bool) {
	at := strings.IndexAny(s, "+-Z")
	if at < 0 {
		c, complete, ok := parseClock(s)
		return c.sinceMidnight(), ok && complete && c.isTimeOfDay()
	}
	c, _, ok := parseClock(s[:at]) // Python overlooks what is left before an offset
	if !ok || !c.isTimeOfDay() {
		return 0, false
	}
	if s[at] == 'Z' {
		return c.sinceMidnight(), s[at:] == "Z"
	}
	offset, complete, ok := parseClock(s[at+1:])
	return c.sinceMidnight(), ok && complete && offset.sinceMidnight() < 24*time.Hour
}

// clock is a time of day, or how far an offset is from UTC.
type clock struct {
	fields       [3]int // hours, minutes, seconds
	microseconds int
}

func (c clock) isTimeOfDay() bool {
	return c.fields[0] < 24 && c.fields[1] < 60 && c.fields[2] < 60
}

func (c clock) sinceMidnight() time.Duration {
	return time.Duration(c.fields[0])*time.Hour + time.Duration(c.fields[1])*time.Minute +
		time.Duration(c.fields[2])*time.Second + time.Duration(c.microseconds)*time.Microsecond
}

// parseClock reads hours, minutes, seconds and a fraction, of which the later
// ones may be absent. It is complete if nothing is left of the text. The
// fraction may follow any of them, and seconds even without a dot or comma.
func parseClock(s string) (c clock, complete, ok bool) {
	colons := false
	for i := range c.fields {
		if c.fields[i], s, ok = cutDigits(s, 2); !ok {
			return c, false, false
		}
		if len(s) <= 1 {
			return c, s == "", true
		}
		next := s[0]
		if i == 0 {
			colons = next == ':'
		}
		if next == '.' || next == ',' {
			s = s[1:]
			break
		}
		if colons {
			if next != ':' {
				return c, false, false
			}
			s = s[1:]
		}
	}
	digits := min(len(s), 6)
	if c.microseconds, s, ok = cutDigits(s, digits); !ok {
		return c, false, false
	}
	for range 6 - digits {
		c.microseconds *= 10
	}
	return c, strings.TrimLeft(s, "0123456789") == "", true
}

// cutDigits returns the number that the first n characters are, all of them
// digits, and the text after them.
func cutDigits(s string, n int) (number int, rest string, ok bool) {
	if len(s) < n {
		return 0, s, false
	}
	for i := range n {
		if !isDigit(s[i]) {
			return 0, s, false
		}
		number = 10*number + int(s[i]-'0')
	}
	return number, s[n:], true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
