package cache

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"cotverify/internal/fileerr"
)

// Folders of a store. The first names its layout: another layout is another
// folder.
const (
	layout         = "v1"
	contentsFolder = "contents" // files named by the sha256 of their content
	indexFolder    = "index"    // files named by the sha256 of a key: a [entry]
	partialFolder  = "partial"  // contents that are being written
)

const (
	// maxStoreEntry is for an index file, which holds a few hundred bytes.
	maxEntry = 16 << 10
	// partialAge is when a file that is being written is taken for one that a
	// crash left: no verification takes a day.
	partialAge = 24 * time.Hour
)

// Store is the folder of a [Source]. Several processes may use one at
// once, and one may end at any moment: files are named by their content,
// appear whole by being renamed, and one that a crash tore is found by its
// hash, since each is hashed before it is used.
//
// All is read and written below the folder that was opened and checked, whatever
// its path leads to later.
type Store struct {
	root *os.Root
}

// Size is what a store holds.
type Size struct {
	Files int
	Bytes int64
}

// entry says what the content of a key is.
type entry struct {
	Key         string `json:"key"`
	SHA256      string `json:"sha256"`
	ContentType string `json:"contentType,omitempty"`
	Seal        string `json:"seal,omitempty"` // what the content is bound to: see [Source]
}

// Open returns the store in a folder, and makes it where there is
// none. Only its owner may enter it. The error says why it is unusable. The
// caller closes the store.
func Open(dir string) (*Store, error) {
	root, err := openStore(dir)
	if err != nil {
		return nil, fmt.Errorf("the cache cannot be used: %w", fileerr.At(err))
	}
	return &Store{root: root}, nil
}

// openStore opens the folder of this layout below a folder, each made where it
// is not there, and checked before anything is made in it.
func openStore(dir string) (*os.Root, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	outer, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer outer.Close()
	if err := mustBeOwn(outer); err != nil {
		return nil, err
	}
	if err := outer.MkdirAll(layout, 0o700); err != nil {
		return nil, err
	}
	root, err := outer.OpenRoot(layout)
	if err != nil {
		return nil, err
	}
	err = mustBeOwn(root)
	for _, folder := range []string{contentsFolder, indexFolder, partialFolder} {
		if err == nil {
			err = root.MkdirAll(folder, 0o700)
		}
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

// Close ends the use of the store. What was opened from it stays readable.
func (s *Store) Close() error { return s.root.Close() }

// mustBeOwn refuses a folder that another user owns or may write to, whoever
// asks: root could take any for its own. It looks at what was opened.
func mustBeOwn(folder *os.Root) error {
	info, err := folder.Stat(".")
	if err != nil {
		return err
	}
	if owner, ok := ownerOf(info); ok && owner != os.Geteuid() {
		return fmt.Errorf("%s: it belongs to user %d, expected user %d", folder.Name(), owner, os.Geteuid())
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("%s: others may write to it (mode %04o), expected its owner alone", folder.Name(), mode)
	}
	return nil
}

// fileOf returns where the file of a hash is, in hex.
func fileOf(folder, sum string) string { return filepath.Join(folder, sum[:2], sum) }

// isSum reports whether a text is a sha256 as hex, and so a file's name.
func isSum(text string) bool {
	b, err := hex.DecodeString(text)
	return err == nil && len(b) == sha256.Size
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// entry returns what a key's content is. Anything that is not as it was
// written is no entry.
func (s *Store) entry(key string) (entry, bool) {
	f, err := s.root.Open(fileOf(indexFolder, sumOf([]byte(key))))
	if err != nil {
		return entry{}, false
	}
	defer f.Close()
	var e entry
	data, err := io.ReadAll(io.LimitReader(f, maxEntry))
	if err != nil || json.Unmarshal(data, &e) != nil || e.Key != key || !isSum(e.SHA256) {
		return entry{}, false
	}
	return e, true
}

// open returns the content of a hash, after it was read once to see that it
// has that hash. One that has not is removed.
func (s *Store) open(sum string) (*os.File, bool) {
	name := fileOf(contentsFolder, sum)
	f, err := s.root.Open(name)
	if err != nil {
		return nil, false
	}
	h := sha256.New()
	if _, err = io.Copy(h, f); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil || hex.EncodeToString(h.Sum(nil)) != sum {
		_ = f.Close()
		_ = s.root.Remove(name)
		return nil, false
	}
	now := time.Now()
	_ = s.root.Chtimes(name, now, now) // for Prune, which begins with what was not used for longest
	return f, true
}

// put keeps an entry.
func (s *Store) put(e entry) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	w, err := s.create()
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		w.abort()
		return err
	}
	return w.rename(fileOf(indexFolder, sumOf([]byte(e.Key))))
}

// create begins a content.
func (s *Store) create() (*writer, error) {
	name := filepath.Join(partialFolder, rand.Text())
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &writer{root: s.root, name: name, file: f, hash: sha256.New()}, nil
}

// storeWriter is a content that is being written.
type writer struct {
	root *os.Root
	name string // of the file, below root
	file *os.File
	hash hash.Hash
}

func (w *writer) Write(p []byte) (int, error) {
	_, _ = w.hash.Write(p)
	return w.file.Write(p)
}

// commit keeps the content and returns its hash.
func (w *writer) commit() (string, error) {
	sum := hex.EncodeToString(w.hash.Sum(nil))
	return sum, w.rename(fileOf(contentsFolder, sum))
}

func (w *writer) rename(to string) error {
	err := w.file.Close()
	if err == nil {
		err = w.root.MkdirAll(filepath.Dir(to), 0o700)
	}
	if err == nil {
		err = w.root.Rename(w.name, to)
	}
	if err != nil {
		_ = w.root.Remove(w.name)
	}
	return err
}

func (w *writer) abort() {
	_ = w.file.Close()
	_ = w.root.Remove(w.name)
}

// Size returns what the store holds.
func (s *Store) Size() (Size, error) {
	files, err := s.contents()
	return sizeOf(files), err
}

// Prune removes what was not used for maxAge, then what was not used for
// longest until at most maxBytes remain, and what crashes left. It returns
// what it removed. A process that reads a file meanwhile keeps it.
func (s *Store) Prune(maxBytes int64, maxAge time.Duration) (Size, error) {
	files, err := s.contents()
	if err != nil {
		return Size{}, err
	}
	slices.SortFunc(files, func(a, b storedFile) int { return a.used.Compare(b.used) })
	left := sizeOf(files).Bytes
	var removed []storedFile
	for _, f := range files {
		if left <= maxBytes && time.Since(f.used) <= maxAge {
			break
		}
		if err := s.root.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return sizeOf(removed), fileerr.At(err)
		}
		left -= f.size
		removed = append(removed, f)
	}
	return sizeOf(removed), cmp.Or(s.pruneIndex(), s.prunePartial())
}

// pruneIndex removes the entries whose content is gone.
func (s *Store) pruneIndex() error {
	entries, err := s.walk(indexFolder)
	if err != nil {
		return err
	}
	for _, f := range entries {
		data, err := s.root.ReadFile(f.path)
		var e entry
		if err == nil && json.Unmarshal(data, &e) == nil && isSum(e.SHA256) {
			if _, err := s.root.Stat(fileOf(contentsFolder, e.SHA256)); err == nil {
				continue
			}
		}
		_ = s.root.Remove(f.path)
	}
	return nil
}

func (s *Store) prunePartial() error {
	files, err := s.walk(partialFolder)
	if err != nil {
		return err
	}
	for _, f := range files {
		if time.Since(f.used) > partialAge {
			_ = s.root.Remove(f.path)
		}
	}
	return nil
}

// storedFile is a file of a store.
type storedFile struct {
	path string
	size int64
	used time.Time
}

func (s *Store) contents() ([]storedFile, error) { return s.walk(contentsFolder) }

// walk returns the regular files below a folder of the store.
func (s *Store) walk(folder string) ([]storedFile, error) {
	var files []storedFile
	err := fs.WalkDir(s.root.FS(), folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another process pruned it
		}
		if err != nil {
			return err
		}
		files = append(files, storedFile{path: path, size: info.Size(), used: info.ModTime()})
		return nil
	})
	if err != nil {
		return nil, fileerr.At(err)
	}
	return files, nil
}

func sizeOf(files []storedFile) Size {
	size := Size{Files: len(files)}
	for _, f := range files {
		size.Bytes += f.size
	}
	return size
}
