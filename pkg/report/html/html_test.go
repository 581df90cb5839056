package html

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/internal/visible"
	"cotverify/pkg/report"
)

// elements are those of a page. None of them loads or leads.
var elements = []string{"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "strong", "code", "pre", "section",
	"table", "thead", "tbody", "tr", "th", "td", "ul", "li", "details", "summary"}

// read reads a page, holds it against what Jenkins shows, and returns what people read.
func read(t *testing.T, text string) string {
	t.Helper()
	var read strings.Builder
	policy := ""
	testreport.ReadPage(t, text, func(element string, attributes []xml.Attr) {
		if !slices.Contains(elements, element) {
			t.Errorf("an element %s with %v", element, attributes)
		}
		for _, a := range attributes {
			if !slices.Contains([]string{"lang", "charset", "http-equiv", "content", "name", "scope", "open"}, a.Name.Local) {
				t.Errorf("%s has the attribute %s", element, a.Name.Local)
			}
			if strings.HasPrefix(a.Value, "default-src") {
				policy = a.Value
			}
		}
	}, func(within, text string) {
		if within == "style" && text != style {
			t.Errorf("the style is another than the policy allows: %s", text)
		}
		read.WriteString(text)
	})
	if policy != security() {
		t.Errorf("the policy is %q", policy)
	}
	return read.String()
}

func TestHTML(t *testing.T) {
	text := testreport.Write(t, New, testreport.Refused())
	testreport.Golden(t, "refused.html", []byte(text))
	read(t, text)
}

func TestSections(t *testing.T) {
	text := read(t, testreport.Write(t, New, testreport.Of(), testreport.DecisionRefused(9)))
	for _, want := range []string{"verified: 36 checks passed", "refused: 1 of 37 checks failed", "at 4 more places"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	read(t, testreport.Write(t, New))
	if text := read(t, testreport.Write(t, New, testreport.Skipped())); !strings.Contains(text, "could not tell") {
		t.Errorf("%s", text)
	}
	signed := testreport.Of()
	signed.Trust = &report.Trust{Signatures: "off"}
	if text := read(t, testreport.Write(t, New, signed)); strings.Contains(text, "\nverified: ") || !strings.Contains(text, "signatures not verified") {
		t.Errorf("without signatures it says %s", text)
	}
}

func TestHostileText(t *testing.T) {
	text := read(t, testreport.Write(t, New, testreport.Hostile(0)))
	if n := strings.Count(text, visible.Clean(testreport.HostileText)); n < 5 {
		t.Errorf("the text is read %d times in\n%s", n, text)
	}
	if text := testreport.Write(t, New, testreport.Hostile(1<<20)); len(text) > 200_000 {
		t.Errorf("%d bytes", len(text))
	} else {
		read(t, text)
	}
}
