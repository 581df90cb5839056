package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cotverify/pkg/source"

	"github.com/klauspost/compress/zstd"
)

const (
	buildID  = "Bu1ldBu1ldBu1ldBu1ldBg"
	signID   = "S1gnS1gnS1gnS1gnS1gn-_"
	otherID  = "0therOtherOther0therOg"
	someURL  = "https://example.com/projects.yml"
	goneURL  = "https://example.com/gone"
	sickURL  = "https://example.com/sick"
	lostURL  = "https://example.com/lost"
	forgeURL = "https://example.com/forged"
)

// exampleFiles returns the files of a bundle that has an answer of each sort.
func exampleFiles() map[string]string {
	return map[string]string{
		"bundle.json": `{
			"version": 1, "rootUrl": "https://tc.example.com", "product": "glean",
			"target": {"taskId": "` + signID + `", "taskType": "signing"},
			"sources": [
				{"url": "` + someURL + `", "status": 200, "contentType": "text/plain", "file": "sources/000-projects.yml",
				 "sha256": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"},
				{"url": "` + goneURL + `", "status": 404},
				{"url": "` + sickURL + `", "status": 503},
				{"url": "` + lostURL + `", "status": 200, "file": "sources/lost"},
				{"url": "` + forgeURL + `", "status": 200, "file": "sources/forged",
				 "sha256": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"}
			],
			"absent": [
				{"kind": "task", "taskId": "` + otherID + `", "because": "not-found", "reason": "the queue has none"},
				{"kind": "artifacts", "taskId": "` + otherID + `", "because": "unavailable", "status": 502, "reason": "bad gateway"},
				{"kind": "artifact", "taskId": "` + buildID + `", "name": "public/big", "because": "left-out", "reason": "too big"},
				{"kind": "url", "url": "https://example.com/dead", "because": "unavailable", "reason": "no such host"}
			]}`,
		"tasks/" + signID + "/task.json":                                  `{"payload": {}}`,
		"tasks/" + buildID + "/artifacts.json":                            `{"artifacts": []}`,
		"tasks/" + buildID + "/artifacts/public/build/target.apk":         "apk",
		"tasks/" + buildID + "/artifacts/public/empty":                    "",
		"sources/000-projects.yml":                                        "foo\n",
		"sources/forged":                                                  "bar\n",
		"tasks/" + buildID + "/artifacts/public/a name with spaces & (…)": "odd",
	}
}

func writeTestFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// entry is a member of an archive that a test makes.
type entry struct {
	tar.Header
	data string
}

func fileEntry(name, data string) entry {
	return entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}, data}
}

func fileEntries(prefix string, files map[string]string) []entry {
	var entries []entry
	for name, data := range files {
		entries = append(entries, fileEntry(prefix+name, data))
	}
	return entries
}

func tarOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if e.Size == 0 {
			e.Size = int64(len(e.data))
		}
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipOf(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstdOf(t testing.TB, data []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(data, nil)
}

func writeTestFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func openTestBundle(t *testing.T, path string) *Source {
	t.Helper()
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func TestBundleAnswers(t *testing.T) {
	files := exampleFiles()
	dir := entry{Header: tar.Header{Typeflag: tar.TypeDir, Name: "./tasks/", Mode: 0o755}}
	top := entry{Header: tar.Header{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755}}
	comment := entry{Header: tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": "x"}}}
	plain := tarOf(t, fileEntries("", files)...)
	forms := map[string]string{
		"folder":               writeTestFolder(t, files),
		"tar":                  writeTestFile(t, "b.tar", plain),
		"tar of .":             writeTestFile(t, "b.tar", tarOf(t, append(fileEntries("./", files), top, dir)...)),
		"tar of the folder":    writeTestFile(t, "b.tar", tarOf(t, fileEntries("bundle/", files)...)),
		"tar with a comment":   writeTestFile(t, "b.tar", tarOf(t, append(fileEntries("", files), comment)...)),
		"gzip":                 writeTestFile(t, "b.tar.gz", gzipOf(t, plain)),
		"zstd":                 writeTestFile(t, "b.tar.zst", zstdOf(t, plain)),
		"zstd by another name": writeTestFile(t, "b.tar.gz", zstdOf(t, plain)),
		"gzip without a name":  writeTestFile(t, "bundle", gzipOf(t, plain)),
	}
	for form, path := range forms {
		t.Run(form, func(t *testing.T) {
			b := openTestBundle(t, path)
			want := Manifest{RootURL: "https://tc.example.com", Product: "glean", TaskID: signID, TaskType: "signing"}
			if got := b.Manifest(); !reflect.DeepEqual(got, want) {
				t.Errorf("manifest %+v, want %+v", got, want)
			}
			testExampleAnswers(t, b)
		})
	}
}

func testExampleAnswers(t *testing.T, b *Source) {
	bodies := map[source.Fact]string{
		source.Task(signID):                                         `{"payload": {}}`,
		source.Artifacts(buildID):                                   `{"artifacts": []}`,
		source.Artifact(buildID, "public/build/target.apk"):         "apk",
		source.Artifact(buildID, "public/empty"):                    "",
		source.Artifact(buildID, "public/a name with spaces & (…)"): "odd",
		source.URL(someURL):                                         "foo\n",
		{Kind: source.KindURL, URL: someURL, Private: true}:         "foo\n",
		source.URL("https://user:secret@example.com/projects.yml"):  "foo\n",
	}
	for f, want := range bodies {
		data, a, err := source.ReadAll(t.Context(), b, f, 100)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		if string(data) != want {
			t.Errorf("%s: %q, want %q", f, data, want)
		}
		if f.Kind == source.KindURL && a.ContentType != "text/plain" {
			t.Errorf("%s: content type %q", f, a.ContentType)
		}
	}
	errs := map[source.Fact]string{
		source.URL(goneURL):                    "not found: https://example.com/gone is not there",
		source.URL(sickURL):                    "unavailable 503: https://example.com/sick could not be had: when the bundle was recorded, it was answered with status 503",
		source.URL(lostURL):                    "unavailable 0: https://example.com/lost could not be had: bundle.json names sources/lost for it, which is missing",
		source.URL(forgeURL):                   "unavailable 0: https://example.com/forged could not be had: the bundle's file sources/forged was changed: its sha256 is 7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730, and bundle.json says b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
		source.Task(otherID):                   "not found: task " + otherID + " is not there: the queue has none",
		source.Artifacts(otherID):              "unavailable 502: the list of artifacts of task " + otherID + " could not be had: bad gateway",
		source.Artifact(buildID, "public/big"): "left out: artifact public/big of task " + buildID + " was left out: too big",
		source.URL("https://example.com/dead"): "unavailable 0: https://example.com/dead could not be had: no such host",
	}
	for _, f := range []source.Fact{
		source.Task(buildID), source.Artifacts(signID), source.Artifact(signID, "public/a"), source.URL("https://example.com/else"),
		source.Task("../../../../etc"), source.Task(""), source.Task(signID + "A"), source.Task(signID[:21]), source.Task(signID[:21] + "/"), source.Artifacts("."),
		source.Artifact("..", "x"), source.Artifact(buildID, ""), source.Artifact(buildID, "."), source.Artifact(buildID, ".."), source.Artifact(buildID, "public"),
		source.Artifact(buildID, "../artifacts.json"), source.Artifact(buildID, "/etc/passwd"), source.Artifact(buildID, "public//empty"),
		source.Artifact(buildID, "public/empty/"), source.Artifact(buildID, "public/./empty"), source.Artifact(buildID, "public/x/../empty"),
		source.Artifact(buildID, "public/empty\x00"), source.Artifact(buildID, "public/empty/below"), source.Artifact(buildID, `public\empty`),
		source.Artifact(buildID, strings.Repeat("long", 100)), source.Artifact(buildID, "public/\xff"),
	} {
		errs[f] = "not found: " + f.String() + " is not there: the bundle does not have it"
	}
	for f, want := range errs {
		_, _, err := source.ReadAll(t.Context(), b, f, 100)
		if got := describeError(err); got != want {
			t.Errorf("%s:\n got %s\nwant %s", f, got, want)
		}
	}
}

// describeError tells an error of a source by its type and its text.
func describeError(err error) string {
	var (
		notFound    *source.NotFoundError
		leftOut     *source.LeftOutError
		unavailable *source.UnavailableError
	)
	switch {
	case err == nil:
		return "no error"
	case errors.As(err, &notFound):
		return "not found: " + err.Error()
	case errors.As(err, &leftOut) && errors.As(err, &unavailable):
		return "left out: " + err.Error()
	case errors.As(err, &unavailable):
		return "unavailable " + strconv.Itoa(unavailable.Status) + ": " + err.Error()
	}
	return "other: " + err.Error()
}

func TestBundleContext(t *testing.T) {
	b := openTestBundle(t, writeTestFolder(t, exampleFiles()))
	ctx, cancel := context.WithCancel(t.Context())
	a, err := b.Open(ctx, source.Task(signID))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	cancel()
	if _, err := io.ReadAll(a.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("reading on: %v", err)
	}
	if _, err := b.Open(ctx, source.Task(signID)); !errors.Is(err, context.Canceled) {
		t.Errorf("opening: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	small := limits{member: 2000, unpacked: 20_000, members: 10, names: 4000}
	good := fileEntry("bundle.json", `{"version": 1}`)
	of := func(entries ...entry) []byte { return tarOf(t, append([]entry{good}, entries...)...) }
	kind := func(flag byte, name, link string) entry {
		return entry{Header: tar.Header{Typeflag: flag, Name: name, Linkname: link}}
	}
	many := make([]entry, small.members)
	for i := range many {
		many[i] = fileEntry("m"+strconv.Itoa(i), "")
	}
	longNames := make([]entry, 5)
	for i := range longNames {
		longNames[i] = fileEntry(strings.Repeat("n", 900)+strconv.Itoa(i), "")
	}
	tests := map[string]struct {
		data []byte
		want string
	}{
		"text":             {[]byte("hello"), "it is neither a folder nor a tar archive, plain or compressed by gzip or zstd"},
		"much text":        {bytes.Repeat([]byte("hello"), 1000), "it is neither a folder nor a tar archive, plain or compressed by gzip or zstd"},
		"compressed text":  {gzipOf(t, []byte("hello")), "it is neither a folder nor a tar archive, plain or compressed by gzip or zstd"},
		"empty file":       {nil, "there is no bundle.json in it"},
		"empty archive":    {tarOf(t), "there is no bundle.json in it"},
		"no manifest":      {tarOf(t, fileEntry("a", ""), fileEntry("b", "")), "there is no bundle.json in it"},
		"manifest below":   {tarOf(t, fileEntry("a/bundle.json", "{}"), fileEntry("b", "")), "there is no bundle.json in it"},
		"bad manifest":     {tarOf(t, fileEntry("bundle.json", "[]")), "bundle.json: the document is a list; expected an object"},
		"leads out":        {of(fileEntry("../evil", "x")), `its member "../evil" has a name that could lead out of it`},
		"leads out later":  {of(fileEntry("tasks/../../evil", "x")), `its member "tasks/../../evil" has a name that could lead out of it`},
		"absolute":         {of(fileEntry("/etc/passwd", "x")), `its member "/etc/passwd" has a name that could lead out of it`},
		"folder leads out": {of(kind(tar.TypeDir, "../evil/", "")), `its member "../evil/" has a name that could lead out of it`},
		"symbolic link":    {of(kind(tar.TypeSymlink, "l", "/etc/passwd")), `its member "l" is a link, and only plain files and folders are read`},
		"hard link":        {of(kind(tar.TypeLink, "l", "bundle.json")), `its member "l" is a hard link, and only plain files and folders are read`},
		"device":           {of(kind(tar.TypeChar, "d", "")), `its member "d" is a device, and only plain files and folders are read`},
		"pipe":             {of(kind(tar.TypeFifo, "p", "")), `its member "p" is a pipe, and only plain files and folders are read`},
		"unknown kind":     {of(kind('Z', "z", "")), `its member "z" is of the unknown kind 'Z', and only plain files and folders are read`},
		"twice":            {of(fileEntry("a", "x"), fileEntry("./a", "y")), `it has two members of the name "a"`},
		"long name":        {of(fileEntry(strings.Repeat("d/", 1000)+"x", "")), `its member "` + strings.Repeat("d/", 30) + `"… has a name of 2001 bytes, and at most 1024 are allowed`},
		"large file":       {of(fileEntry("a", strings.Repeat("x", 2001))), "the bundle's file a has 2001 bytes, and at most 2000 are read"},
		"many files":       {of(many...), "it has more than 10 members, which is the limit"},
		"long names":       {of(longNames...), "the names of its members have more than 4000 bytes in all, which is the limit"},
		"bomb":             {gzipOf(t, make([]byte, 20_001)), "it unpacks to more than 20000 bytes, which is the limit"},
		"zstd bomb":        {zstdOf(t, make([]byte, 20_001)), "it unpacks to more than 20000 bytes, which is the limit"},
		"cut tar":          {of(fileEntry("a", strings.Repeat("x", 1000)))[:2048], "its tar data breaks off"},
		"damaged tar":      {append(of()[:1024], bytes.Repeat([]byte("x"), 1024)...), "its tar data is damaged"},
		"cut gzip":         {gzipOf(t, of())[:50], "its gzip data breaks off"},
		"gzip header only": {gzipOf(t, of())[:5], "its gzip data breaks off"},
		"cut zstd":         {zstdOf(t, of())[:50], "its zstd data breaks off"},
		"damaged gzip":     {append(gzipOf(t, of())[:20], "xxxxxxxxxxxxxxxxxxxxxxxxxxxxx"...), "its gzip data is damaged: "},
		"damaged zstd":     {append(zstdOf(t, of())[:8], "xxxxxxxxxxxxxxxxxxxxxxxxxxxxx"...), "its zstd data is damaged: "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := writeTestFile(t, "bundle.tar", test.data)
			b, err := openWithin(path, small)
			if err == nil {
				b.Close()
				t.Fatal("it was opened")
			}
			checkError(t, err, path, test.want)
		})
	}
}

// checkError checks for an *Error of a path, whose reason starts
// as given.
func checkError(t *testing.T, err error, path, want string) {
	t.Helper()
	var be *Error
	if !errors.As(err, &be) || be.Path != path || !strings.HasPrefix(be.Reason, want) {
		t.Errorf("got  %v\nwant bundle %s: %s", err, path, want)
		return
	}
	none := slices.ContainsFunc([]string{"there is no such file", "there is no bundle.json", "it is neither", "it is a "}, func(s string) bool { return strings.HasPrefix(want, s) })
	if be.None != none {
		t.Errorf("%v: no bundle at all is %v, want %v", err, be.None, none)
	}
}

func TestOpenRefusesSparse(t *testing.T) {
	// A sparse file says that it is longer than the bytes that it brings.
	// The writer of package tar makes none, so change a name that it writes.
	data := tarOf(t, fileEntry("bundle.json", `{"version": 1}`), entry{tar.Header{
		Typeflag: tar.TypeReg, Name: "s", PAXRecords: map[string]string{"GNU_sparse.realsize": "99999", "GNU_sparse.map": "0,1", "GNU_sparse.numblocks": "1"},
	}, "x"})
	data = bytes.ReplaceAll(data, []byte("GNU_sparse"), []byte("GNU.sparse"))
	path := writeTestFile(t, "b.tar", data)
	_, err := Open(path)
	checkError(t, err, path, `its member "s" is a sparse file, and only plain files and folders are read`)
}

func TestOpenRefusesPaths(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none")
	_, err := Open(missing)
	checkError(t, err, missing, "there is no such file or folder")

	empty := t.TempDir()
	_, err = Open(empty)
	checkError(t, err, empty, "there is no bundle.json in it")
}

func TestFolderWithLinkedManifest(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(writeTestFile(t, "m", []byte(`{"version": 1}`)), filepath.Join(dir, "bundle.json")); err != nil {
		t.Skip(err)
	}
	_, err := Open(dir)
	checkError(t, err, dir, "the bundle's file bundle.json is a link, and only plain files are read")
}

func TestUnpackedBundleLeavesNothingBehind(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	path := writeTestFile(t, "b.tar.gz", gzipOf(t, tarOf(t, fileEntry("bundle.json", `{"version": 1}`))))
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	broken := writeTestFile(t, "b.tar.gz", gzipOf(t, tarOf(t, fileEntry("a", ""))))
	if _, err := Open(broken); err == nil {
		t.Error("a broken one was opened")
	}
	checkEmpty(t, tmp)
}

func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s was left behind", e.Name())
	}
}

// FuzzArchive checks that an archive is read or refused, and that what was
// read has every member inside of the file, under a name that stays inside of
// a folder.
func FuzzArchive(f *testing.F) {
	good := tarOf(f, fileEntry("bundle.json", `{"version": 1}`), fileEntry("tasks/"+buildID+"/task.json", "{}"))
	f.Add(good)
	f.Add(gzipOf(f, good))
	f.Add(zstdOf(f, good))
	f.Add(tarOf(f, fileEntry("bundle/bundle.json", `{"version": 1}`), fileEntry("bundle/"+strings.Repeat("d/", 100)+"x", "x")))
	f.Add(tarOf(f, fileEntry("bundle.json", `{"version": 1}`), fileEntry("../x", "x")))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "b.tar")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		b, err := openWithin(path, limits{member: 1 << 20, unpacked: 1 << 20, members: 100, names: 1 << 10})
		if err != nil {
			return
		}
		defer b.Close()
		for name := range b.members.(*archive).members {
			if !isMemberName(name) {
				t.Errorf("a member is called %q", name)
			}
			r, size, err := b.members.open(name)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := io.Copy(io.Discard, r); n != size || err != nil {
				t.Errorf("%s has %d bytes, and %d can be read: %v", name, size, n, err)
			}
		}
	})
}
