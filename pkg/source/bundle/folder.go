package bundle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"cotverify/internal/fileerr"
)

// folder is a bundle that is a folder. No name and no link leads out of it.
type folder struct {
	root   *os.Root
	limits limits
}

func openFolder(path string, l limits) (members, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("the folder cannot be opened: %w", fileerr.Reason(err))
	}
	return &folder{root: root, limits: l}, nil
}

func (d *folder) open(name string) (io.ReadCloser, int64, error) {
	local, err := filepath.Localize(name)
	if err != nil {
		return nil, 0, fs.ErrNotExist
	}
	// A pipe would be waited for when it is opened, so look at it first.
	info, err := d.root.Lstat(local)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENAMETOOLONG):
		return nil, 0, fs.ErrNotExist
	case err != nil && !errors.As(err, new(syscall.Errno)):
		return nil, 0, fmt.Errorf("the bundle's file %s is behind a link that leads out of it", name)
	case err != nil:
		return nil, 0, fmt.Errorf("the bundle's file %s cannot be read: %w", name, fileerr.Reason(err))
	case info.IsDir():
		return nil, 0, fs.ErrNotExist
	case !info.Mode().IsRegular():
		return nil, 0, fmt.Errorf("the bundle's file %s is %s, and only plain files are read", name, modeName(info.Mode()))
	case info.Size() > d.limits.member:
		return nil, 0, tooLarge(name, info.Size(), d.limits)
	}
	f, err := d.root.Open(local)
	if err != nil {
		return nil, 0, fmt.Errorf("the bundle's file %s cannot be read: %w", name, fileerr.Reason(err))
	}
	return f, info.Size(), nil
}

func (d *folder) list() ([]File, error) {
	var files []File
	err := fs.WalkDir(d.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		if len(files) == d.limits.members {
			return fmt.Errorf("it has more than %d files, which is the limit", d.limits.members)
		}
		info, err := entry.Info()
		if err == nil {
			files = append(files, File{name, info.Size()})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("the folder cannot be read: %w", fileerr.Reason(err))
	}
	return files, nil
}

func (d *folder) close() error { return d.root.Close() }

func tooLarge(name string, size int64, l limits) error {
	return fmt.Errorf("the bundle's file %s has %d bytes, and at most %d are read", name, size, l.member)
}
