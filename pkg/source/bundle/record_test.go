package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"cotverify/internal/memsource"
	"cotverify/pkg/source"
)

// exampleFacts returns facts of every kind, among them some that cannot be had.
func exampleFacts() memsource.Facts {
	return memsource.Facts{
		source.Task(signID):                                    {Body: []byte(`{"payload": {}}`)},
		source.Artifacts(buildID):                              {Body: []byte(`{"artifacts": []}`)},
		source.Artifact(buildID, "public/chain-of-trust.json"): {Body: []byte(`{}`)},
		source.Artifact(buildID, "public/build/target.apk"):    {Body: []byte("apk")},
		source.Artifact(buildID, "public/build/x.apk"):         {Err: &source.UnavailableError{Fact: source.Artifact(buildID, "public/build/x.apk"), Status: 424, Reason: "file-missing-on-worker"}},
		source.URL("https://b.example.com/projects.yml?x=1"):   {Body: []byte("b"), ContentType: "text/plain"},
		source.URL("https://a.example.com/"):                   {Body: []byte("a")},
		source.URL("https://dead.example.com/"):                {Err: &source.UnavailableError{Fact: source.URL("https://dead.example.com/"), Reason: "no such host"}},
		source.Artifacts(otherID):                              {Err: &source.NotFoundError{Fact: source.Artifacts(otherID), Reason: "no such thing"}},
		source.Task(buildID):                                   {Body: []byte("")},
	}
}

// asked returns the facts to ask for: those of the source and one of each kind
// that it lacks.
func asked(s memsource.Facts) map[source.Fact]bool {
	all := map[source.Fact]bool{
		source.Task(otherID): true, source.Task("../../../../etc"): true, source.Artifacts(otherID): true,
		source.Artifact(signID, "public/none"): true, source.URL("https://example.com/none"): true,
	}
	for f := range s {
		all[f] = true
	}
	return all
}

func newTestRecorder(t *testing.T, s source.Source, path string, o RecordOptions) *Recorder {
	t.Helper()
	r, err := NewRecorder(s, path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Abort() })
	return r
}

// answerOf tells what a source answers: the body and its type, or the error.
func answerOf(ctx context.Context, s source.Source, f source.Fact) string {
	data, a, err := source.ReadAll(ctx, s, f, 1<<20)
	if err != nil {
		return describeError(err)
	}
	return fmt.Sprintf("%q of type %q", data, a.ContentType)
}

var bundleForms = []string{"bundle", "bundle.tar", "bundle.tar.gz", "bundle.tar.zst"}

func TestRecordAnswersTheSame(t *testing.T) {
	want := Manifest{RootURL: "https://tc.example.com", Product: "glean", TaskID: signID, TaskType: "signing"}
	for _, form := range bundleForms {
		t.Run(form, func(t *testing.T) {
			have := exampleFacts()
			path := filepath.Join(t.TempDir(), form)
			r := newTestRecorder(t, have, path, RecordOptions{})
			for f := range asked(have) {
				if got, want := answerOf(t.Context(), r, f), answerOf(t.Context(), have, f); got != want {
					t.Errorf("%s: the recorder answers %s, and the source %s", f, got, want)
				}
			}
			if err := r.Finish(want); err != nil {
				t.Fatal(err)
			}
			b := openTestBundle(t, path)
			if !reflect.DeepEqual(b.Manifest(), want) {
				t.Errorf("manifest %+v, want %+v", b.Manifest(), want)
			}
			for f := range asked(have) {
				if got, want := answerOf(t.Context(), b, f), answerOf(t.Context(), have, f); got != want {
					t.Errorf("%s: the bundle answers %s, and the source %s", f, got, want)
				}
			}
			checkOnly(t, filepath.Dir(path), form)
		})
	}
}

// TestRecordOfBundle records a bundle again, which gives the same bundle.
func TestRecordOfBundle(t *testing.T) {
	have := exampleFacts()
	first := record(t, have, "bundle.tar", asked(have))
	again := record(t, openTestBundle(t, first), "bundle.tar", asked(have))
	if !bytes.Equal(readTestFile(t, first), readTestFile(t, again)) {
		t.Error("the second bundle differs from the first")
	}
}

func TestRecordIsDeterministic(t *testing.T) {
	have := exampleFacts()
	for _, form := range bundleForms {
		t.Run(form, func(t *testing.T) {
			want := readTree(t, record(t, have, form, asked(have)))
			for range 3 { // a map's order differs from one to the next
				got := readTree(t, record(t, have, form, asked(have)))
				if !maps.Equal(got, want) {
					t.Error("two recordings of the same facts differ")
				}
			}
		})
	}
}

// record makes a bundle of the facts that are asked for, and returns its path.
func record(t *testing.T, s source.Source, form string, asked map[source.Fact]bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), form)
	r := newTestRecorder(t, s, path, RecordOptions{})
	var wg sync.WaitGroup
	for f := range asked {
		wg.Go(func() { answerOf(t.Context(), r, f) })
	}
	wg.Wait()
	if err := r.Finish(Manifest{TaskID: signID}); err != nil {
		t.Fatal(err)
	}
	return path
}

func readTestFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// readTree returns the files of a folder, or the one file, by their names.
func readTree(t *testing.T, path string) map[string]string {
	t.Helper()
	tree := map[string]string{}
	err := filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(path, file)
		tree[filepath.ToSlash(name)] = string(readTestFile(t, file))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestRecordedFolder(t *testing.T) {
	have := exampleFacts()
	delete(have, source.URL("https://dead.example.com/"))
	path := record(t, have, "bundle", map[source.Fact]bool{
		source.Task(signID): true, source.Artifact(buildID, "public/build/target.apk"): true, source.Artifacts(otherID): true,
		source.URL("https://b.example.com/projects.yml?x=1"): true, source.URL("https://a.example.com/"): true,
	})
	got := readTree(t, path)
	want := map[string]string{
		"bundle.json": `{
  "absent": [
    {
      "because": "not-found",
      "kind": "artifacts",
      "reason": "no such thing",
      "taskId": "` + otherID + `"
    }
  ],
  "sources": [
    {
      "file": "sources/000-a.example.com",
      "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
      "status": 200,
      "url": "https://a.example.com/"
    },
    {
      "contentType": "text/plain",
      "file": "sources/001-projects.yml",
      "sha256": "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
      "status": 200,
      "url": "https://b.example.com/projects.yml?x=1"
    }
  ],
  "target": {
    "taskId": "` + signID + `"
  },
  "version": 1
}
`,
		"sources/000-a.example.com":                               "a",
		"sources/001-projects.yml":                                "b",
		"tasks/" + signID + "/task.json":                          `{"payload": {}}`,
		"tasks/" + buildID + "/artifacts/public/build/target.apk": "apk",
	}
	for name := range got {
		if want[name] != got[name] {
			t.Errorf("%s has\n%s\nwant\n%s", name, got[name], want[name])
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("there is no %s", name)
	}
}

func TestRecordWithoutArtifacts(t *testing.T) {
	have := exampleFacts()
	apk := source.Artifact(buildID, "public/build/target.apk")
	document := source.Artifact(buildID, "public/chain-of-trust.json")
	path := filepath.Join(t.TempDir(), "bundle")
	r := newTestRecorder(t, have, path, RecordOptions{WithoutArtifacts: true})
	want := "left out: " + apk.String() + " was left out: the recording is one without artifacts"
	if got := answerOf(t.Context(), r, apk); got != want {
		t.Errorf("the recorder answers %s", got)
	}
	answerOf(t.Context(), r, document)
	if err := r.Finish(Manifest{}); err != nil {
		t.Fatal(err)
	}
	b := openTestBundle(t, path)
	if got := answerOf(t.Context(), b, apk); got != want {
		t.Errorf("the bundle answers %s", got)
	}
	if got := answerOf(t.Context(), b, document); got != answerOf(t.Context(), have, document) {
		t.Errorf("the bundle answers %s", got)
	}
}

// answersInTurn is a source that answers each question from a list of answers in turn.
type answersInTurn struct {
	mu      sync.Mutex
	answers []func() (*source.Answer, error)
}

func (s *answersInTurn) Open(context.Context, source.Fact) (*source.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.answers[0]
	s.answers = s.answers[1:]
	return next()
}

func bodyOf(r io.Reader) func() (*source.Answer, error) {
	return func() (*source.Answer, error) { return &source.Answer{Body: io.NopCloser(r)}, nil }
}

func TestRecordAskedAgain(t *testing.T) {
	f := source.Task(signID)
	dead := func() (*source.Answer, error) {
		return nil, &source.UnavailableError{Fact: f, Status: 503, Reason: "busy"}
	}
	cut := bodyOf(io.MultiReader(strings.NewReader("who"), iotest.ErrReader(errors.New("reset"))))
	broke := "unavailable 0: " + f.String() + " could not be had: it broke off: reset"
	busy := "unavailable 503: " + f.String() + " could not be had: busy"
	tests := map[string]struct {
		answers []func() (*source.Answer, error)
		want    []string // of the recorder, in turn; the last one also of the bundle
	}{
		"whole":             {[]func() (*source.Answer, error){bodyOf(strings.NewReader("whole"))}, []string{`"whole" of type ""`}},
		"kept when whole":   {[]func() (*source.Answer, error){bodyOf(strings.NewReader("whole"))}, []string{`"whole" of type ""`, `"whole" of type ""`}},
		"broken off":        {[]func() (*source.Answer, error){cut}, []string{broke}},
		"broken, then dead": {[]func() (*source.Answer, error){cut, dead}, []string{broke, busy}},
		"dead, then whole":  {[]func() (*source.Answer, error){dead, bodyOf(strings.NewReader("whole"))}, []string{busy, `"whole" of type ""`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bundle")
			r := newTestRecorder(t, &answersInTurn{answers: test.answers}, path, RecordOptions{})
			for i, want := range test.want {
				if got := answerOf(t.Context(), r, f); got != want {
					t.Errorf("answer %d of the recorder: %s, want %s", i, got, want)
				}
			}
			if err := r.Finish(Manifest{}); err != nil {
				t.Fatal(err)
			}
			want := test.want[len(test.want)-1]
			if got := answerOf(t.Context(), openTestBundle(t, path), f); got != want {
				t.Errorf("the bundle answers %s, want %s", got, want)
			}
		})
	}
}

// endless yields the same byte for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestRecordClosedEarly(t *testing.T) {
	f := source.Task(signID)
	tests := map[string]struct {
		body io.Reader
		want string
	}{
		"rest is read":      {strings.NewReader(strings.Repeat("x", 1000)), fmt.Sprintf("%q of type %q", strings.Repeat("x", 1000), "")},
		"rest breaks off":   {io.MultiReader(strings.NewReader("0123456789"), iotest.ErrReader(errors.New("reset"))), "unavailable 0: " + f.String() + " could not be had: it broke off: reset"},
		"rest has no end":   {endless{}, "unavailable 0: " + f.String() + " could not be had: it was not read to its end, and too much was left to record it"},
		"nothing was left":  {strings.NewReader("0123456789"), `"0123456789" of type ""`},
		"body that is none": {strings.NewReader(""), `"" of type ""`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bundle")
			r := newTestRecorder(t, &answersInTurn{answers: []func() (*source.Answer, error){bodyOf(test.body)}}, path, RecordOptions{})
			a, err := r.Open(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			io.CopyN(io.Discard, a.Body, 10)
			if err := a.Body.Close(); err != nil {
				t.Fatal(err)
			}
			if err := r.Finish(Manifest{}); err != nil {
				t.Fatal(err)
			}
			if got := answerOf(t.Context(), openTestBundle(t, path), f); got != test.want {
				t.Errorf("the bundle answers %s, want %s", got, test.want)
			}
		})
	}
}

func TestRecordInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bundle")
	open, ended := source.Task(signID), source.Task(buildID)
	r := newTestRecorder(t, &answersInTurn{answers: []func() (*source.Answer, error){
		bodyOf(endless{}),
		func() (*source.Answer, error) { return nil, context.Canceled },
	}}, path, RecordOptions{})
	a, err := r.Open(t.Context(), open)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Open(t.Context(), ended); !errors.Is(err, context.Canceled) {
		t.Errorf("the recorder answers %v", err)
	}
	if err := r.Finish(Manifest{}); err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	b := openTestBundle(t, path)
	for f, want := range map[source.Fact]string{
		open:  "the recording ended before it was read to its end",
		ended: "the recording ended before it was answered",
	} {
		want = "unavailable 0: " + f.String() + " could not be had: " + want
		if got := answerOf(t.Context(), b, f); got != want {
			t.Errorf("the bundle answers %s, want %s", got, want)
		}
	}
	checkOnly(t, filepath.Dir(path), "bundle")
}

func TestRecordNamesThatDoNotFit(t *testing.T) {
	noPlace := "a bundle cannot have a file of its name"
	tests := map[source.Fact]string{
		source.Artifact(buildID, "public/logs"):                            "",
		source.Artifact(buildID, "public/logs-of-it"):                      "",
		source.Artifact(buildID, "public/logs/live.log"):                   "the bundle has a file tasks/" + buildID + "/artifacts/public/logs, so it cannot have a folder of that name",
		source.Artifact(buildID, "../task.json"):                           noPlace,
		source.Artifact(buildID, "/etc/passwd"):                            noPlace,
		source.Artifact(buildID, strings.Repeat("x", 256)):                 noPlace,
		source.Artifact(buildID, strings.Repeat("x", 255)):                 "",
		source.Artifact(buildID, strings.Repeat("x/", 600)+"x"):            noPlace,
		source.Task("../../../../etc"):                                     noPlace,
		source.URL("https://example.com/" + strings.Repeat("long/", 1000)): "",
		source.URL("https://example.com/../../../%2e%2e/..?/../.."):        "",
	}
	have, asked := memsource.Facts{}, map[source.Fact]bool{}
	for f := range tests {
		have[f], asked[f] = memsource.Answer{Body: []byte("x")}, true
	}
	for _, form := range bundleForms {
		b := openTestBundle(t, record(t, have, form, asked))
		for f, want := range tests {
			if want == "" {
				want = `"x" of type ""`
			} else {
				want = "unavailable 0: " + f.String() + " could not be had: " + want
			}
			if got := answerOf(t.Context(), b, f); got != want {
				t.Errorf("%s answers %s, want %s", form, got, want)
			}
		}
	}
}

func TestRecordKeepsNoCredentials(t *testing.T) {
	f := source.URL("https://me:secret@example.com/@x?y=a@b")
	f.Private = true
	path := record(t, memsource.Facts{f: {Body: []byte("x")}}, "bundle.tar", map[source.Fact]bool{f: true})
	if data := readTestFile(t, path); bytes.Contains(data, []byte("secret")) {
		t.Error("the bundle has the password")
	}
	if got := answerOf(t.Context(), openTestBundle(t, path), source.URL("https://example.com/@x?y=a@b")); got != `"x" of type ""` {
		t.Errorf("the bundle answers %s", got)
	}
}

func TestRecordOverwritesNothing(t *testing.T) {
	for _, form := range bundleForms {
		path := filepath.Join(t.TempDir(), form)
		r := newTestRecorder(t, exampleFacts(), path, RecordOptions{})
		answerOf(t.Context(), r, source.Task(signID))
		if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
		checkError(t, r.Finish(Manifest{}), path, "it exists already, and is not overwritten")
		_, err := NewRecorder(exampleFacts(), path, RecordOptions{})
		checkError(t, err, path, "it exists already, and is not overwritten")
		if got := readTestFile(t, path); string(got) != "mine" {
			t.Errorf("it was overwritten with %q", got)
		}
		checkOnly(t, filepath.Dir(path), form)
	}
}

func TestRecordThatFailsLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	ask := func(r *Recorder) {
		for f := range asked(exampleFacts()) {
			answerOf(t.Context(), r, f)
		}
	}
	path := filepath.Join(dir, "bundle.tar.gz")
	r := newTestRecorder(t, exampleFacts(), path, RecordOptions{})
	ask(r)
	if err := r.Abort(); err != nil {
		t.Fatal(err)
	}
	checkEmpty(t, dir)
	ask(r)
	checkEmpty(t, dir)
	checkError(t, r.Finish(Manifest{}), path, "its recording has ended already")

	r = newTestRecorder(t, exampleFacts(), path, RecordOptions{})
	ask(r)
	checkError(t, r.Finish(Manifest{TaskID: "no taskId"}), path, `bundle.json: /target/taskId is "no taskId"; expected a taskId`)
	checkEmpty(t, dir)

	r = newTestRecorder(t, exampleFacts(), path, RecordOptions{})
	if err := os.RemoveAll(r.work); err != nil { // as a full disk would, it takes no body
		t.Fatal(err)
	}
	ask(r)
	checkError(t, r.Finish(Manifest{}), path, "a fact could not be written: ")
	checkEmpty(t, dir)

	missing := filepath.Join(dir, "none", "bundle")
	_, err := NewRecorder(exampleFacts(), missing, RecordOptions{})
	checkError(t, err, missing, "the folder "+filepath.Dir(missing)+" cannot be written to: ")
}

func TestRecordToPathWithSlash(t *testing.T) {
	dir := t.TempDir()
	r := newTestRecorder(t, exampleFacts(), dir+"/bundle/", RecordOptions{})
	if err := r.Finish(Manifest{}); err != nil {
		t.Fatal(err)
	}
	openTestBundle(t, filepath.Join(dir, "bundle"))
	checkOnly(t, dir, "bundle")
}

// checkOnly checks that a folder holds one thing and nothing else.
func checkOnly(t *testing.T, dir, name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != name {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}
