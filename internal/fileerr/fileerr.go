// Package fileerr takes from errors of the file system what people need not
// see: Go's name of the call, and the names of files that the message around
// them gives already, or that are temporary.
package fileerr

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Reason returns the system's reason alone, without the call and the path.
func Reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// At returns the path and the system's reason, without the call.
func At(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Path, path.Err)
	}
	return err
}
