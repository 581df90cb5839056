package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"cotverify/internal/fileerr"
)

// destination is where a report goes. A file is there only once all of it is
// written.
type destination struct {
	*os.File
	flag   string // that names it; "" for standard output
	path   string // that the file is to have; "" where there is no file to keep
	folder string // that was made for it; "" where none was
}

// openDestination opens the file that a flag names, before any work that would
// be in vain. A link leads to the file that is to be written.
func openDestination(flag, path string) (*destination, error) {
	d := &destination{flag: flag}
	folder := filepath.Dir(path)
	path = resolved(path)
	info, err := os.Stat(path)
	switch {
	case err == nil && sameFile(info, os.Stdout):
		d.File = os.Stdout // a file in its place would take it from what else is printed
		return d, nil
	case err == nil && sameFile(info, os.Stderr):
		d.File = os.Stderr
		return d, nil
	case err == nil && !info.Mode().IsRegular():
		d.File, err = os.OpenFile(path, os.O_WRONLY, 0) // a device or a pipe
	default:
		d.path = path
		draft := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text())
		d.File, err = os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("%s: it cannot be written: there is no folder %s", flag, folder)
	}
	if err != nil {
		return nil, usagef("%v", d.failed(err))
	}
	return d, nil
}

func sameFile(info os.FileInfo, f *os.File) bool {
	other, err := f.Stat()
	return err == nil && os.SameFile(info, other)
}

// resolved returns the path that a file has or will have, which two names of one
// file have in common.
func resolved(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(folder, filepath.Base(path))
	}
	return path
}

// failed says that the destination cannot be written, and why.
func (d *destination) failed(err error) error {
	if d.flag == "" {
		return fmt.Errorf("the report cannot be written: %w", fileerr.Reason(err))
	}
	return fmt.Errorf("%s: it cannot be written: %w", d.flag, fileerr.Reason(err))
}

// keep ends the writing, and gives the file its name.
func (d *destination) keep() error {
	if d.File == os.Stdout || d.File == os.Stderr {
		return nil
	}
	err := d.Close()
	if err == nil && d.path != "" {
		err = os.Rename(d.Name(), d.path)
	}
	if err != nil {
		return d.failed(err)
	}
	d.path, d.folder = "", ""
	return nil
}

// discard removes what was not kept.
func (d *destination) discard() {
	if d.path != "" {
		d.Close()
		os.Remove(d.Name())
	}
	if d.folder != "" {
		os.Remove(d.folder) // unless something is in it
	}
}

// fill writes all that a file is to have, and ends the writing.
func (d *destination) fill(data []byte) error {
	if _, err := d.Write(data); err != nil {
		return d.failed(err)
	}
	return d.keep()
}

// remove removes the file that is to be replaced, where one is there.
func (d *destination) remove() error {
	if d.path == "" {
		return nil
	}
	if err := os.Remove(d.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: it cannot be removed: %w", d.flag, fileerr.Reason(err))
	}
	return nil
}
