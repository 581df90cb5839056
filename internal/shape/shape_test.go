package shape

import (
	"testing"

	"cotverify/internal/pyjson"
)

// TestErrors expects of each read what it says where it finds something else.
func TestErrors(t *testing.T) {
	doc, err := pyjson.Parse([]byte(`{"a": {"b": [{"c": 1}, null]}, "empty": []}`))
	if err != nil {
		t.Fatal(err)
	}
	document := Document("doc", doc.Value)
	items, err := document.List("a", "b")
	if err != nil || len(items) != 2 || items[0].Document() != "doc" {
		t.Fatalf("%v, %v", items, err)
	}
	for want, read := range map[string]func() error{
		"doc: /x is absent; expected a value":                     func() error { _, err := document.Get("x"); return err },
		"doc: /x is absent; expected an object":                   func() error { _, err := document.Get("x", "y"); return err },
		"doc: /a/x is absent; expected text":                      func() error { _, err := document.Text("a", "x"); return err },
		"doc: /a is an object; expected text":                     func() error { _, err := document.Text("a"); return err },
		"doc: /a/x is absent; expected an object":                 func() error { _, err := document.Object("a", "x"); return err },
		"doc: /a/b is a list; expected an object":                 func() error { _, err := document.OptionalObject("a", "b", "c"); return err },
		"doc: /y is absent; expected a list":                      func() error { _, err := document.List("y"); return err },
		"doc: /a is an object; expected a list":                   func() error { _, err := document.List("a"); return err },
		"doc: /empty is empty; expected a list that is not empty": func() error { _, err := document.Items("empty"); return err },
		"doc: /a/b/0/c is a number; expected text":                func() error { _, err := items[0].Text("c"); return err },
		"doc: /a/b/1 is null; expected an object":                 func() error { _, err := items[1].Object(); return err },
		"doc: /a/b/0/c is a number; expected an object":           func() error { _, err := items[0].OptionalObject("c"); return err },
		"the document is null; expected an object":                func() error { _, err := Document("", nil).Object(); return err },
	} {
		if err := read(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if o, err := document.OptionalObject("a", "x", "y"); o != nil || err != nil {
		t.Errorf("what may be absent is %v, %v", o, err)
	}
}
