package value

import (
	"errors"
	"testing"
)

// TestErrorInLeavesTheError shows that an error which is told of two documents
// stays as it was.
func TestErrorInLeavesTheError(t *testing.T) {
	shape := &ShapeError{Path: "/a", Want: "text"}
	for _, document := range []string{"one", "two"} {
		if got, want := ErrorIn(shape, document, "/b").Error(), document+": /b/a is absent; expected text"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if want := (ShapeError{Path: "/a", Want: "text"}); *shape != want {
		t.Errorf("the error is now %+v", *shape)
	}
	other := errors.New("other")
	if got := ErrorIn(other, "one", "/b"); got != other {
		t.Errorf("an error of another kind became %v", got)
	}
	if got := ErrorIn(nil, "one", "/b"); got != nil {
		t.Errorf("no error became %v", got)
	}
}
