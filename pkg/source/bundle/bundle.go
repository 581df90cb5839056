// Package bundle keeps the facts that one verification asked for in a folder or
// an archive, and answers from there, so that the verification repeats without
// the network. docs/bundle.md describes its files.
package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"cotverify/internal/fileerr"
	"cotverify/pkg/cot"
	"cotverify/pkg/source"
)

// Limits of a bundle, which comes from anyone.
const (
	// maxUnpacked is how much a compressed archive may unpack to, since that
	// is written to the temporary folder. Larger bundles are folders or plain
	// archives.
	maxUnpacked = 16 << 30
	// maxMembers is how many files and folders an archive may hold: twice
	// what an audit of 5,000 tasks keeps.
	maxMembers = 100_000
	// maxMemberName is the longest name in an archive.
	maxMemberName = 1 << 10
	// maxMemberNames is how long all names in an archive may be together, which
	// bounds the memory that its index takes: with maxMembers 160 bytes each,
	// and those of releases have about 90.
	maxMemberNames = 16 << 20
	// maxManifest is the largest bundle.json: room for 50,000 URLs.
	maxManifest = 16 << 20
)

// manifestName is the file that makes a folder a bundle.
const manifestName = "bundle.json"

// notInBundle is the reason of a fact that a bundle says nothing of.
const notInBundle = "the bundle does not have it"

// Error says that a path is no bundle that can be read or written.
type Error struct {
	Path   string
	Reason string
	// None says that what is at the path is no bundle at all, so that another
	// path was meant. Else it is one that cannot be used.
	None bool
}

func (e *Error) Error() string { return fmt.Sprintf("bundle %s: %s", e.Path, e.Reason) }

// noBundle is the reason of what is no bundle at all.
type noBundle string

func (e noBundle) Error() string { return string(e) }

// unusable returns the error of a bundle that cannot be opened.
func unusable(path string, err error) error {
	var none noBundle
	return &Error{Path: path, Reason: err.Error(), None: errors.As(err, &none)}
}

// Source is the [source.Source] of the facts that a folder or an archive holds: what
// one verification asked for, kept by a [Recorder].
//
// Facts are read when they are asked for, never all of the bundle into memory.
// A bundle is as hostile as any other source, and says nothing of which keys
// are trusted. What it says nothing of is not there, as the queue answers 404.
type Source struct {
	members members
	index   *index
}

// members are a bundle's files by their slash-separated names.
type members interface {
	// open returns a regular file and its size. The error is fs.ErrNotExist
	// where there is none of that name, and else says in plain words what is
	// wrong with it.
	open(name string) (io.ReadCloser, int64, error)
	// list returns the plain files, by their names.
	list() ([]File, error)
	close() error
}

// Open opens a bundle: a folder, or a tar archive of one, plain or
// compressed by gzip or zstd, which its content tells and not its name. A
// compressed archive is unpacked once, to a temporary file that is gone when
// the bundle is closed or the process ends. The error is an *Error.
func Open(path string) (*Source, error) {
	return openWithin(path, usual)
}

// usual are the limits of all bundles but those of tests.
var usual = limits{member: source.MaxBody, unpacked: maxUnpacked, members: maxMembers, names: maxMemberNames}

// limits are those of a bundle that tests lower.
type limits struct {
	member, unpacked int64
	members, names   int
}

func openWithin(path string, l limits) (*Source, error) {
	m, err := openMembers(path, l)
	if err != nil {
		return nil, unusable(path, err)
	}
	return opened(path, m)
}

// opened returns the bundle of the members that were found at a path.
func opened(path string, m members) (*Source, error) {
	x, err := readIndex(m)
	if err != nil {
		m.close()
		return nil, unusable(path, err)
	}
	return &Source{members: m, index: x}, nil
}

func openMembers(path string, l limits) (members, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, noBundle("there is no such file or folder")
	case err != nil:
		return nil, noBundle(fmt.Sprintf("it cannot be read: %v", fileerr.Reason(err)))
	case info.IsDir():
		return openFolder(path, l)
	case !info.Mode().IsRegular():
		return nil, noBundle(fmt.Sprintf("it is %s, neither a folder nor an archive", modeName(info.Mode())))
	}
	if filepath.Base(path) == manifestName {
		return nil, noBundle("it is a file of a bundle; the bundle is the folder " + filepath.Dir(path))
	}
	return openArchive(path, l)
}

// readIndex reads bundle.json.
func readIndex(m members) (*index, error) {
	f, size, err := m.open(manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noBundle("there is no bundle.json in it" + below(m))
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > maxManifest {
		return nil, fmt.Errorf("bundle.json has %d bytes, and at most %d are read", size, int64(maxManifest))
	}
	data, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		return nil, fmt.Errorf("bundle.json cannot be read: %w", fileerr.Reason(err))
	}
	return parseManifest(data)
}

// maxBelow is how many bundles in a folder that is none are named.
const maxBelow = 3

// below names bundles in a folder that is none itself.
func below(m members) string {
	d, ok := m.(*folder)
	if !ok {
		return ""
	}
	found, err := fs.Glob(d.root.FS(), "*/"+manifestName)
	if err != nil || len(found) == 0 {
		return ""
	}
	var names []string
	for _, name := range found[:min(len(found), maxBelow)] {
		names = append(names, path.Dir(name))
	}
	return "; there are bundles below it, such as " + strings.Join(names, ", ")
}

// Manifest returns what the bundle says of itself.
func (b *Source) Manifest() Manifest { return b.index.manifest }

// Close releases the bundle's files. Bodies that are still open break off.
func (b *Source) Close() error { return b.members.close() }

// Open returns a fact of the bundle, as [source.Source] has it. The error is a
// *source.LeftOutError for what the recording left out, and an *source.UnavailableError for
// what it could not have, for a file that is no regular one or too large, and
// while reading for one that is not what bundle.json says.
func (b *Source) Open(ctx context.Context, f source.Fact) (*source.Answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	key := factKey(f)
	if a, ok := b.index.absent[key]; ok {
		return nil, a.error(f)
	}
	if f.Kind == source.KindURL {
		return b.openURL(ctx, f, key.URL)
	}
	name, ok := memberName(f)
	if !ok {
		return nil, &source.NotFoundError{Fact: f, Reason: notInBundle, Unrecorded: true}
	}
	body, err := b.openMember(ctx, f, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &source.NotFoundError{Fact: f, Reason: notInBundle, Unrecorded: true}
	}
	if err != nil {
		return nil, err
	}
	return &source.Answer{Body: body}, nil
}

func (b *Source) openURL(ctx context.Context, f source.Fact, url string) (*source.Answer, error) {
	s, ok := b.index.sources[url]
	switch {
	case !ok:
		return nil, &source.NotFoundError{Fact: f, Reason: notInBundle, Unrecorded: true}
	case s.status == 404:
		return nil, &source.NotFoundError{Fact: f}
	case s.status != 200:
		return nil, &source.UnavailableError{Fact: f, Status: s.status, Reason: fmt.Sprintf("when the bundle was recorded, it was answered with status %d", s.status), Recorded: true}
	}
	body, err := b.openMember(ctx, f, s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &source.UnavailableError{Fact: f, Reason: fmt.Sprintf("bundle.json names %s for it, which is missing", s.file), Recorded: true}
	}
	if err != nil {
		return nil, err
	}
	if s.sha256 != "" {
		body.hash, body.want, body.name = sha256.New(), s.sha256, s.file
	}
	return &source.Answer{Body: body, ContentType: s.contentType}, nil
}

// openMember opens the file of a fact. The error is fs.ErrNotExist or what
// Source promises.
func (b *Source) openMember(ctx context.Context, f source.Fact, name string) (*memberBody, error) {
	file, _, err := b.members.open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fs.ErrNotExist
	}
	if err != nil {
		return nil, &source.UnavailableError{Fact: f, Reason: err.Error(), Recorded: true}
	}
	return &memberBody{ctx: ctx, fact: f, file: file}, nil
}

// memberBody is the body of a fact from a bundle's file. It ends with its
// context, and where a hash is given at the end of a file that has another.
type memberBody struct {
	ctx  context.Context
	fact source.Fact
	file io.ReadCloser

	hash hash.Hash // nil where nothing is known of the content
	want string
	name string
}

func (b *memberBody) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.file.Read(p)
	if b.hash == nil {
		return n, err
	}
	b.hash.Write(p[:n])
	if err == io.EOF {
		if got := hex.EncodeToString(b.hash.Sum(nil)); got != b.want {
			return n, &source.UnavailableError{Fact: b.fact, Reason: fmt.Sprintf("the bundle's file %s was changed: its sha256 is %s, and bundle.json says %s", b.name, got, b.want), Recorded: true}
		}
	}
	return n, err
}

func (b *memberBody) Close() error { return b.file.Close() }

// memberName returns the file of a bundle that a fact of a task is in. What
// could lead out of its folder, or has no form of a taskId, is in none.
func memberName(f source.Fact) (string, bool) {
	if !cot.IsTaskID(f.TaskID) {
		return "", false
	}
	folder := "tasks/" + f.TaskID + "/"
	switch f.Kind {
	case source.KindGroup:
		return "groups/" + f.TaskID + ".json", true
	case source.KindTask:
		return folder + "task.json", true
	case source.KindArtifacts:
		return folder + "artifacts.json", true
	case source.KindStatus:
		return folder + "status.json", true
	case source.KindArtifact:
		if f.Run != "" {
			folder += "runs/" + f.Run + "/"
		}
		return folder + "artifacts/" + f.Name, isMemberName(f.Name) && (f.Run == "" || runNumber.MatchString(f.Run))
	}
	return "", false
}

// runNumber matches the number of a run. A task has a few dozen at most.
var runNumber = regexp.MustCompile(`^[0-9]{1,4}$`)

// isMemberName reports whether a name stays in the folder that it is put in.
func isMemberName(name string) bool {
	return fs.ValidPath(name) && name != "." && !strings.ContainsRune(name, 0)
}

// modeName names a kind of file for a person.
func modeName(m fs.FileMode) string {
	switch {
	case m.IsRegular():
		return "a file"
	case m.IsDir():
		return "a folder"
	case m&fs.ModeSymlink != 0:
		return "a link"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}
