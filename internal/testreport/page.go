package testreport

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// ReadPage reads HTML, and calls back for each element with its attributes, and
// for each text with the element that it is in.
func ReadPage(t *testing.T, page string, element func(name string, attributes []xml.Attr), text func(within, text string)) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	within := []string{""}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, page)
		}
		switch token := token.(type) {
		case xml.StartElement:
			within = append(within, token.Name.Local)
			element(token.Name.Local, token.Attr)
		case xml.EndElement:
			within = within[:len(within)-1]
		case xml.CharData:
			text(within[len(within)-1], string(token))
		}
	}
}
