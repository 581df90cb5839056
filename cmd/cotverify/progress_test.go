package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"cotverify/pkg/source"
)

// screen returns the lines that a terminal shows after some output, by as much
// of a terminal as progress needs.
func screen(t *testing.T, output string) []string {
	t.Helper()
	lines, row, column := []string{""}, 0, 0
	escape := regexp.MustCompile(`^\x1b\[(\d*)([AJ])`)
	for output != "" {
		if m := escape.FindStringSubmatch(output); m != nil {
			output = output[len(m[0]):]
			if m[2] == "A" {
				up, _ := strconv.Atoi(m[1])
				row -= up
			} else {
				lines = append(lines[:row:row], lines[row][:column])
			}
			continue
		}
		c, size := utf8.DecodeRuneInString(output)
		output = output[size:]
		switch {
		case c == '\r':
			column = 0
		case c == '\n':
			row, column = row+1, 0
			if row == len(lines) {
				lines = append(lines, "")
			}
		case c < ' ':
			t.Fatalf("a control character %q", c)
		default:
			lines[row] = lines[row][:column] + string(c)
			column += size
		}
	}
	return lines
}

func TestProgressOnATerminal(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, false)
	p.width = func() int { return 62 }
	p.now = func() time.Time { return p.began.Add(2 * time.Second) }
	close(p.stopped)

	apk := source.Artifact("HHfi-erFQ0iZcpHBjIDsdw", "public/build/target.apk")
	p.Observe(source.Event{Request: 1, Fact: source.Task("HHfi-erFQ0iZcpHBjIDsdw")})
	p.Observe(source.Event{Request: 2, Fact: apk, Status: 200, State: source.Receiving, Size: 45_000_000, Bytes: 12_000_000})
	p.show(p.lines())
	p.Observe(source.Event{Request: 1, State: source.Finished, Status: 200, Bytes: 1500, Size: 1500})
	p.Observe(source.Event{Request: 3, Fact: source.URL("https://h/?bewit=x"), URL: "https://h/?bewit=REDACTED", Size: -1, Status: 200, State: source.Receiving, Bytes: 10})
	p.show(p.lines())
	want := []string{
		"requests: 1 done, 2 running, 12.0 MB, 6.0 MB/s, 33.0 MB left",
		"  12.0 MB of 45.0 MB of artifact public/build/target.apk of …",
		"  10 B of https://h/?bewit=REDACTED",
	}
	if got := screen(t, out.String()); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the screen shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	p.Stop()
	if got := screen(t, out.String()); fmt.Sprint(got) != "[]" {
		t.Errorf("at the end the screen shows %q", got)
	}
}

func TestProgressVerbose(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, true)
	close(p.stopped)
	p.Observe(source.Event{Request: 1, URL: "https://h/a", Size: -1})
	p.Observe(source.Event{Request: 1, URL: "https://h/a", State: source.Finished, Status: 200, Bytes: 1234, Elapsed: 56 * time.Millisecond})
	p.Observe(source.Event{Request: 2, URL: "https://h/b", State: source.Finished, Failure: "h refuses the connection\x1b[2J"})
	p.Stop()
	want := "200    1.2 kB     56ms  https://h/a\n" +
		"---       0 B       0s  https://h/b  h refuses the connection\\u001b[2J\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestBytesText(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 12_345: "12.3 kB", 999_999: "1.0 MB", 2_000_000_000: "2.0 GB", 5e15: "5000.0 TB",
	} {
		if got := bytesText(n); got != want {
			t.Errorf("bytesText(%d) is %q, want %q", n, got, want)
		}
	}
}
