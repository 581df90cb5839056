package fileerr_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"

	"cotverify/internal/fileerr"
)

func TestReasonAndAt(t *testing.T) {
	path := fmt.Errorf("around: %w", &fs.PathError{Op: "open", Path: "/tmp/a", Err: fs.ErrPermission})
	link := &os.LinkError{Op: "rename", Old: "/tmp/a", New: "/tmp/b", Err: fs.ErrExist}
	other := errors.New("other")
	for _, tt := range []struct {
		err        error
		reason, at string
	}{
		{path, "permission denied", "/tmp/a: permission denied"},
		{link, "file already exists", "rename /tmp/a /tmp/b: file already exists"},
		{other, "other", "other"},
	} {
		if got := fileerr.Reason(tt.err).Error(); got != tt.reason {
			t.Errorf("Reason(%v) is %q, want %q", tt.err, got, tt.reason)
		}
		if got := fileerr.At(tt.err).Error(); got != tt.at {
			t.Errorf("At(%v) is %q, want %q", tt.err, got, tt.at)
		}
	}
	if err := fileerr.Reason(nil); err != nil {
		t.Errorf("of no error: %v", err)
	}
}
