package pytime

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"cotverify/internal/pytext"
	"cotverify/internal/value"
)

// created is when the tasks of these tests were created.
var created = time.Date(2024, 2, 28, 23, 59, 59, 999_999_000, time.UTC)

func TestAddRelative(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"0 seconds", "2024-02-28T23:59:59.999Z"}, // cut, not rounded
		{"1 second", "2024-02-29T00:00:00.999Z"},
		{"1s", "2024-02-29T00:00:00.999Z"},
		{"2 min", "2024-02-29T00:01:59.999Z"},
		{"2 minutes", "2024-02-29T00:01:59.999Z"},
		{"3h", "2024-02-29T02:59:59.999Z"},
		{"1 hour", "2024-02-29T00:59:59.999Z"},
		{"2 days", "2024-03-01T23:59:59.999Z"},
		{"1d", "2024-02-29T23:59:59.999Z"},
		{"1 month", "2024-03-29T23:59:59.999Z"},
		{"2mo", "2024-04-28T23:59:59.999Z"},
		{"1 year", "2025-02-27T23:59:59.999Z"},
		{"7974 years", "9992-11-12T23:59:59.999Z"},

		{"-3 days", "2024-03-02T23:59:59.999Z"},
		{"in 1 day or 2", "2024-02-29T23:59:59.999Z"},
		{"1, 2, 3 days", "2024-03-02T23:59:59.999Z"},
		{"1 DAY 2 days", "2024-03-01T23:59:59.999Z"},
		{"1_0 days", "2024-02-28T23:59:59.999Z"},
		{"1.  2 days", "2024-03-01T23:59:59.999Z"},
		{"007   days", "2024-03-06T23:59:59.999Z"},
		{"1days", "2024-02-29T23:59:59.999Z"},
		{"1 dayé", "2024-02-29T23:59:59.999Z"},
		{"٣ days", "2024-03-02T23:59:59.999Z"},
		{"𝟙٠ days", "2024-03-09T23:59:59.999Z"},
		{strings.Repeat("0", maxDigits-1) + "1 day", "2024-02-29T23:59:59.999Z"},
	} {
		got, err := AddRelative(created, test.text)
		if err != nil {
			t.Error(err)
		} else if got != test.want {
			t.Errorf("%q: got %s, want %s", test.text, got, test.want)
		}
	}
}

func TestAddRelativeRefuses(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", `"" has no number with a unit, such as "1 day"`},
		{"day", `"day" has no number with a unit, such as "1 day"`},
		{"1", `"1" has no number with a unit, such as "1 day"`},
		{"1 DAY", `"1 DAY" has no number with a unit, such as "1 day"`},
		{"1\tday", `"1\tday" has no number with a unit, such as "1 day"`},
		{"𑽑 day", `"𑽑 day" has no number with a unit, such as "1 day"`}, // a digit since Unicode 15
		{"² days", `"² days" has no number with a unit, such as "1 day"`},
		{"1 dayss", `"dayss" is no unit of time in "1 dayss"; expected seconds, minutes, hours, days, months or years`},
		{"1 week 2 days", `"week" is no unit of time in "1 week 2 days"; expected seconds, minutes, hours, days, months or years`},
		{"3 m", `"m" is no unit of time in "3 m"; expected seconds, minutes, hours, days, months or years`},
		{"1.5 days", `"1.5 days" has a number with a point, and only whole ones are read`},
		{"1.0 days", `"1.0 days" has a number with a point, and only whole ones are read`},
		{".5 hours", `".5 hours" has a number with a point, and only whole ones are read`},
		{"7982 years", `"7982 years" after 2024-02-28 is after the year 9999`},
		{"99999999999999999999 days", `"99999999999999999999 days" after 2024-02-28 is after the year 9999`},
	} {
		got, err := AddRelative(created, test.text)
		if err == nil {
			t.Errorf("%q: got %s, want an error", test.text, got)
		} else if err.Error() != test.want {
			t.Errorf("%q: got error %q, want %q", test.text, err, test.want)
		}
	}
	if got, err := AddRelative(created, strings.Repeat("0", maxDigits)+"1 day"); err == nil {
		t.Errorf("a number of more digits than Python reads: got %s", got)
	}
}

func TestResolveDatestamps(t *testing.T) {
	stamp := func(v any) *value.Object { return value.ObjectOf(relativeKey, v) }
	const tomorrow = "2024-02-29T23:59:59.999Z"
	for _, test := range []struct {
		name     string
		in, want any
	}{
		{"text", "1 day", "1 day"},
		{"null", nil, nil},
		{"stamp", stamp("1 day"), tomorrow},
		{"in an object", value.ObjectOf("a", stamp("1 day"), "b", value.Int(1)), value.ObjectOf("a", tomorrow, "b", value.Int(1))},
		{"in a list", []any{[]any{stamp("1 day")}, true}, []any{[]any{tomorrow}, true}},
		{"not alone", value.ObjectOf(relativeKey, "x", "b", stamp("1 day")), value.ObjectOf(relativeKey, "x", "b", tomorrow)},
		{"object as value", stamp(value.ObjectOf("1 day", "x")), value.ObjectOf(tomorrow, "x")},
		{"stamp in an object as value", stamp(value.ObjectOf("1 day", stamp("1 day"))), value.ObjectOf(tomorrow, tomorrow)},
		{"stamp as value", stamp(value.ObjectOf("1 day", []any{}, "24 h", "last")), value.ObjectOf(tomorrow, "last")},
		{"empty object as value", stamp(&value.Object{}), &value.Object{}},
	} {
		got, err := ResolveDatestamps(test.in, created)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if !value.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestResolveDatestampsRefuses(t *testing.T) {
	stamp := func(v any) *value.Object { return value.ObjectOf(relativeKey, v) }
	for _, test := range []struct {
		name string
		in   any
		want string
	}{
		{"null", stamp(nil), `/relative-datestamp: expected text such as "1 day", found null`},
		{"number", []any{"", stamp(value.Int(1))}, `/1/relative-datestamp: expected text such as "1 day", found a number`},
		{"list", value.ObjectOf("a/b", stamp([]any{"1 day"})), `/a~1b/relative-datestamp: expected text such as "1 day", found a list`},
		{"no time", stamp("soon"), `/relative-datestamp: "soon" has no number with a unit, such as "1 day"`},
		{"stamp as value", stamp(stamp("1 day")), `/relative-datestamp: "relative-datestamp" has no number with a unit, such as "1 day"`},
		{"in an object as value", stamp(value.ObjectOf("1 day", stamp("soon"))), `/relative-datestamp/1 day/relative-datestamp: "soon" has no number with a unit, such as "1 day"`},
		{"too deep", nested(maxDepth + 1), "the definition is nested deeper than 450 levels"},
	} {
		got, err := ResolveDatestamps(test.in, created)
		if err == nil {
			t.Errorf("%s: got %v, want an error", test.name, got)
		} else if err.Error() != test.want {
			t.Errorf("%s: got error %q, want %q", test.name, err, test.want)
		}
		var located *DatestampError
		if !errors.As(err, &located) {
			t.Errorf("%s: got a %T, want a *DatestampError", test.name, err)
		}
	}
	if _, err := ResolveDatestamps(nested(maxDepth), created); err != nil {
		t.Errorf("nested as deep as it may be: %v", err)
	}
}

// nested returns so many lists and objects in each other.
func nested(depth int) any {
	var v any = "leaf"
	for i := range depth {
		if i%2 == 0 {
			v = []any{v}
		} else {
			v = value.ObjectOf("a", v)
		}
	}
	return v
}

func FuzzAddRelative(f *testing.F) {
	for _, seed := range []string{
		"1 day", "-3 days", "1.5 hours", ".5s", "99999999999 years", "٣ months", "1 DAY 2 days", "", "\xff1d", "1 1 1 1d",
	} {
		f.Add(seed)
	}
	// The number is of ASCII digits here, since Go's \d is.
	amount := regexp.MustCompile(`((?:\d+)?\.?\d+) *([a-z]+)`)
	form := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := AddRelative(created, text)
		if err == nil && !form.MatchString(got) {
			t.Fatalf("%q: got %q", text, got)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r > '9' && pytext.IsDigit(r) }) {
			return
		}
		m := amount.FindStringSubmatch(text)
		number, unit, ok := findAmount(text)
		if ok != (m != nil) {
			t.Fatalf("%q: found an amount: %v, the pattern: %v", text, ok, m != nil)
		}
		if ok && (!strings.HasSuffix(m[1], number) || unit != m[2]) {
			t.Fatalf("%q: found %q %q, the pattern finds %q", text, number, unit, m[1:])
		}
	})
}

func FuzzParseISO(f *testing.F) {
	for _, seed := range []string{
		"2024-02-29T12:30:45.678Z", "20240229", "2024-W09-4", "2024W09T12+01:30", "2024-02-29\xed\xa0\x8012", "2024-02-29é", "2024-W09-",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseISO(text)
		if err != nil {
			return
		}
		// What was read is written so that it is read again.
		again, err := ParseISO(got.Format("2006-01-02T15:04:05.000000"))
		if err != nil || !again.Equal(got) {
			t.Fatalf("%q: got %s, then %s, %v", text, got, again, err)
		}
		if std, err := time.Parse(time.RFC3339, text); err == nil && !strings.Contains(text, "+") && strings.HasSuffix(text, "Z") {
			if !got.Equal(std.Truncate(time.Microsecond)) {
				t.Fatalf("%q: got %s, package time has %s", text, got, std)
			}
		}
	})
}
