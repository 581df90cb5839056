package markdown

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/internal/visible"
	"cotverify/pkg/report"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

// elements are those that a report may become. None of them loads, leads or
// mentions.
var elements = []string{"h2", "p", "strong", "code", "pre", "table", "thead", "tbody", "tr", "th", "td", "details", "summary"}

// shown renders a text as GitHub does, holds the page against what may be in it,
// and returns what people read.
func shown(t *testing.T, text string) string {
	t.Helper()
	var page strings.Builder
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe())).Convert([]byte(text), &page); err != nil {
		t.Fatal(err)
	}
	var read strings.Builder
	testreport.ReadPage(t, page.String(), func(element string, attributes []xml.Attr) {
		if !slices.Contains(elements, element) {
			t.Errorf("an element %s with %v", element, attributes)
		}
		for _, a := range attributes {
			if a.Name.Local != "open" {
				t.Errorf("%s has an attribute %s", element, a.Name.Local)
			}
		}
	}, func(within, text string) {
		read.WriteString(text)
		if strings.Contains(text, "@") && within != "code" && within != "pre" {
			t.Errorf("a mention in %q", text)
		}
	})
	return read.String()
}

func TestMarkdown(t *testing.T) {
	for name, r := range map[string]*report.Report{"verified": testreport.Of(), "refused": testreport.Refused(), "decision": testreport.DecisionRefused(4)} {
		text := testreport.Write(t, New(Comment), r)
		testreport.Golden(t, name+".md", []byte(text))
		shown(t, text)
	}
}

func TestHostileText(t *testing.T) {
	read := shown(t, testreport.Write(t, New(Comment), testreport.Hostile(0)))
	// The label of the target, and the product in a table, are read as they are.
	if n := strings.Count(read, visible.Clean(testreport.HostileText)); n < 5 {
		t.Errorf("the text is read %d times in\n%s", n, read)
	}
	if text := testreport.Write(t, New(Comment), testreport.Hostile(1<<20)); len(text) > Comment {
		t.Errorf("%d bytes", len(text))
	} else {
		shown(t, text)
	}
}

func TestLimit(t *testing.T) {
	for _, limit := range []int{Comment, CheckText, 300} {
		text := testreport.Write(t, New(limit), testreport.Failing(500), testreport.Refused())
		if len(text) > limit {
			t.Errorf("%d bytes, at most %d are taken", len(text), limit)
		}
		read := shown(t, text)
		if !strings.Contains(read, "more sections are left out here") {
			t.Errorf("it does not say that some are left out:\n%s", read)
		}
		if strings.Count(text, "<details") != strings.Count(text, "</details>") {
			t.Errorf("cut within a section:\n%s", text)
		}
	}
}

func TestNothingVerified(t *testing.T) {
	if read := shown(t, testreport.Write(t, New(Comment), testreport.Skipped())); !strings.Contains(read, "❔") || strings.Contains(read, "✅") {
		t.Errorf("%s", read)
	}
}
