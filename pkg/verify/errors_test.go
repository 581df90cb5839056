package verify

import (
	"strings"
	"testing"

	"cotverify/pkg/source"
)

// To try again is advised only where it can help: not for a bundle, nor for
// what a service refuses.
func TestHintOfWhatCouldNotBeHad(t *testing.T) {
	for _, test := range []struct {
		err   error
		again bool
	}{
		{&source.UnavailableError{Status: 503, Passing: true}, true},
		{&source.UnavailableError{Status: 403}, false},
		{&source.UnavailableError{Reason: "open bundle/task.json: permission denied"}, false},
	} {
		if _, hint := reasonOf(test.err); strings.HasPrefix(hint, "try again") != test.again {
			t.Errorf("hint of %#v is %q", test.err, hint)
		}
	}
}
