package bundle

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cotverify/pkg/source"

	"github.com/klauspost/compress/zstd"
)

// maxSegment is the longest name of a file or folder that common file systems
// take.
const maxSegment = 255

// memberFile is a file to be written to a bundle.
type memberFile struct {
	name string
	path string // the file that has the bytes, or "" where data has them
	data []byte
	size int64
	// private says that it is for its owner alone.
	private bool
}

// modeOf returns the mode of a file.
func modeOf(private bool) fs.FileMode {
	if private {
		return 0o600
	}
	return 0o644
}

// manifestJSON is bundle.json as it is written, its keys and lists sorted.
type manifestJSON struct {
	Absent  []absentJSON `json:"absent,omitempty"`
	Groups  []string     `json:"groups,omitempty"`
	Product string       `json:"product,omitempty"`
	RootURL string       `json:"rootUrl,omitempty"`
	Sources []sourceJSON `json:"sources"`
	Target  *targetJSON  `json:"target,omitempty"`
	Version int          `json:"version"`
}

type targetJSON struct {
	TaskID   string `json:"taskId"`
	TaskType string `json:"taskType,omitempty"`
}

type sourceJSON struct {
	ContentType string `json:"contentType,omitempty"`
	File        string `json:"file"`
	SHA256      string `json:"sha256"`
	Status      int    `json:"status"`
	URL         string `json:"url"`
}

type absentJSON struct {
	Because string `json:"because"`
	Kind    string `json:"kind"`
	Name    string `json:"name,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Run     string `json:"run,omitempty"`
	Status  int    `json:"status,omitempty"`
	TaskID  string `json:"taskId,omitempty"`
	URL     string `json:"url,omitempty"`
}

// bundleFiles returns the files of a bundle of the given facts, bundle.json
// among them, sorted by name. It refuses what [Open] would refuse.
func filesOf(m Manifest, outcomes map[source.Fact]outcome) ([]memberFile, error) {
	manifest := manifestJSON{Version: layoutVersion, Product: m.Product, Groups: m.Groups, RootURL: m.RootURL, Sources: []sourceJSON{}}
	if m.TaskID != "" {
		manifest.Target = &targetJSON{TaskID: m.TaskID, TaskType: m.TaskType}
	}
	var files []memberFile
	names := map[string]bool{}
	for _, f := range slices.SortedFunc(maps.Keys(outcomes), compareFacts) {
		o := outcomes[f]
		if o.body == "" {
			manifest.Absent = append(manifest.Absent, absentOf(f, o.absence))
			continue
		}
		name, ok := memberName(f)
		if f.Kind == source.KindURL {
			name, ok = sourceName(len(manifest.Sources), f.URL), true
		}
		if reason := unfit(name, ok, o.size, names); reason != "" {
			manifest.Absent = append(manifest.Absent, absentOf(f, absence{because: becauseUnavailable, reason: reason}))
			continue
		}
		if f.Kind == source.KindURL {
			manifest.Sources = append(manifest.Sources, sourceJSON{ContentType: o.contentType, File: name, SHA256: o.sha256, Status: http.StatusOK, URL: f.URL})
		}
		names[name] = true
		files = append(files, memberFile{name: name, path: o.body, size: o.size, private: o.private})
	}
	data, err := manifest.encode()
	if err != nil {
		return nil, err
	}
	files = append(files, memberFile{name: manifestName, data: data, size: int64(len(data))})
	if len(files) > maxMembers {
		return nil, fmt.Errorf("it would have %d files, and at most %d can be read", len(files), maxMembers)
	}
	if long := namesLength(files); long > maxMemberNames {
		return nil, fmt.Errorf("the names of its files would have %d bytes, and at most %d can be read", long, maxMemberNames)
	}
	slices.SortFunc(files, func(a, b memberFile) int { return strings.Compare(a.name, b.name) })
	return files, nil
}

func namesLength(files []memberFile) int {
	sum := 0
	for _, f := range files {
		sum += len(f.name)
	}
	return sum
}

// compareFacts orders facts so that a file comes before one in a folder of
// its name.
func compareFacts(a, b source.Fact) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), strings.Compare(a.TaskID, b.TaskID), strings.Compare(a.Run, b.Run), strings.Compare(a.Name, b.Name), strings.Compare(a.URL, b.URL))
}

// unfit says why a bundle cannot have a file of this name and size, or "".
// names are those that it has already.
func unfit(name string, ok bool, size int64, names map[string]bool) string {
	if !ok || len(name) > maxMemberName {
		return "a bundle cannot have a file of its name"
	}
	for dir := name; dir != "."; dir = path.Dir(dir) {
		if len(path.Base(dir)) > maxSegment {
			return "a bundle cannot have a file of its name"
		}
		if names[dir] {
			return fmt.Sprintf("the bundle has a file %s, so it cannot have a folder of that name", dir)
		}
	}
	if size > source.MaxBody {
		return fmt.Sprintf("it has %d bytes, and a file of a bundle may have at most %d", size, int64(source.MaxBody))
	}
	return ""
}

// sourceName returns the name of the file for a URL's body: its number in the
// order of URLs, and for a person what the URL's path ends in.
func sourceName(number int, url string) string {
	url, _, _ = strings.Cut(url, "?")
	base := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-' {
			return c
		}
		return -1
	}, path.Base(url))
	base = strings.TrimLeft(base, ".")
	return strings.TrimSuffix(fmt.Sprintf("sources/%03d-%s", number, base[:min(len(base), 64)]), "-")
}

func absentOf(f source.Fact, a absence) absentJSON {
	return absentJSON{Because: a.because, Kind: kindName(f.Kind), Name: f.Name, Reason: a.reason, Run: f.Run, Status: a.status, TaskID: f.TaskID, URL: f.URL}
}

// encode returns bundle.json. It refuses one that could not be read.
func (m *manifestJSON) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return nil, err
	}
	if b.Len() > maxManifest {
		return nil, fmt.Errorf("its bundle.json would have %d bytes, and at most %d are read", b.Len(), int64(maxManifest))
	}
	if _, err := parseManifest(b.Bytes()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// writeMembers writes files, sorted by name, to a new bundle at path, in the
// form that the ending of its name-to-be asks for.
func writeMembers(path, as string, files []memberFile) error {
	switch {
	case strings.HasSuffix(as, ".tar"):
		return writeFile(path, files, func(w io.Writer) error { return writeTar(w, files) })
	case strings.HasSuffix(as, ".tar.gz"):
		return writeFile(path, files, func(w io.Writer) error {
			return compressed(gzip.NewWriter(w), files)
		})
	case strings.HasSuffix(as, ".tar.zst"):
		return writeFile(path, files, func(w io.Writer) error {
			// One encoder at a time: more give other bytes.
			z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
			if err != nil {
				return err
			}
			return compressed(z, files)
		})
	}
	return writeFolder(path, files)
}

// writeFile writes a file, for its owner alone if any that it holds is.
func writeFile(path string, files []memberFile, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, modeOf(slices.ContainsFunc(files, func(f memberFile) bool { return f.private })))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

// compressed writes an archive through a compressor, and closes that.
func compressed(w io.WriteCloser, files []memberFile) error {
	var total int64
	for _, f := range files {
		total += f.size
	}
	if total > maxUnpacked {
		return fmt.Errorf("it would unpack to %d bytes, and at most %d are read: record to a folder or a .tar", total, int64(maxUnpacked))
	}
	if err := writeTar(w, files); err != nil {
		return err
	}
	return w.Close()
}

func writeTar(w io.Writer, files []memberFile) error {
	t := tar.NewWriter(w)
	for _, f := range files {
		if err := writeMember(t, f); err != nil {
			return err
		}
	}
	return t.Close()
}

// writeMember writes a file with a fixed time, which tools do not take for a
// mistake as they do the first ones, so that the same facts give the same
// bytes.
func writeMember(t *tar.Writer, f memberFile) error {
	r, err := f.open()
	if err != nil {
		return err
	}
	defer r.Close()
	err = t.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg,
		Name:     f.name,
		Size:     f.size,
		Mode:     int64(modeOf(f.private)),
		ModTime:  time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		return err
	}
	_, err = io.Copy(t, r)
	return err
}

func (f memberFile) open() (io.ReadCloser, error) {
	if f.path == "" {
		return io.NopCloser(bytes.NewReader(f.data)), nil
	}
	return os.Open(f.path)
}

// writeFolder moves files to a new folder.
func writeFolder(folder string, files []memberFile) error {
	for _, f := range files {
		to := filepath.Join(folder, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if f.path != "" {
			if err := os.Rename(f.path, to); err != nil {
				return err
			}
		} else if err := os.WriteFile(to, f.data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
