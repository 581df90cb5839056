package source

import (
	"strings"
	"testing"
)

// What a proxy answers in place of a service is told with its first line.
func TestRefusePage(t *testing.T) {
	fact := Task("c6r8K9dzSIK3GDZLlgU9aQ")
	for body, want := range map[string]string{
		"{}":                           "",
		"tasks: <a>":                   "",
		" \n":                          "the answer is empty",
		"\n<html>\n<p>502 Bad Gateway": `the answer is a web page of 26 bytes, which begins with "<html>"`,
		"<" + strings.Repeat("ä", 100): "…",
	} {
		err := RefusePage(fact, []byte(body))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, expected %q", body, err, want)
		}
	}
}
