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
	"path/filepath"
	"strconv"
	"sync"

	"cotverify/internal/fileerr"
	"cotverify/pkg/cot"
	"cotverify/pkg/source"
)

// maxDrain is how much of a body the recorder reads on for itself, where who
// asked for it stopped before its end: the rest of any document that a
// verification reads, but not of an answer without end.
const maxDrain = 64 << 20

// RecordOptions say what a recorder keeps.
type RecordOptions struct {
	// WithoutArtifacts leaves out the artifacts that a verification only
	// hashes. They are not asked for, but answered with a *source.LeftOutError, now
	// as when the bundle is read.
	WithoutArtifacts bool
	// Overwrite has the bundle take the place of one that is at the path, once
	// it is whole.
	Overwrite bool
}

// Recorder is a [source.Source] that answers as another one does and keeps what it
// answers, to write a bundle of it that answers the same. What was not there
// or could not be had is kept as that, with its reason.
//
// A fact is kept once it was read to its end, and is then answered from what
// was kept, so that all of a verification sees what the bundle has. Closing
// its body early reads the rest of it, as far as that is not too much; a body
// that is longer, broke off, or is still open when the recording ends is kept
// as one that could not be had. A fact that could not be had and is asked for
// again is asked for again.
//
// Bodies are written to a folder beside the bundle's path, which [Recorder.Finish]
// or [Recorder.Abort] removes; one of them must be called.
type Recorder struct {
	source  source.Source
	path    string
	options RecordOptions
	work    string // the folder beside path

	mu       sync.Mutex
	outcomes map[source.Fact]outcome
	bodies   int   // how many files of bodies were made
	err      error // the first failure to keep something
	ended    bool
}

// outcome is what became of a fact.
type outcome struct {
	body        string // the file that has it, or "" where there is none
	private     bool   // the file is for its owner alone
	size        int64
	sha256      string
	contentType string
	absence     absence // why there is no body
}

// NewRecorder returns a recorder of what s answers, for a bundle at path: a
// tar archive where the name ends in .tar, .tar.gz or .tar.zst, else a folder.
// The error is an *Error, also where path exists already and is not to be, or
// cannot be, overwritten.
func NewRecorder(s source.Source, path string, o RecordOptions) (*Recorder, error) {
	path = filepath.Clean(path) // "out/" is beside what "out" is beside
	if err := mustBeFree(path, o.Overwrite); err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(filepath.Dir(path), ".cotverify-record-")
	if err != nil {
		return nil, &Error{Path: path, Reason: fmt.Sprintf("the folder %s cannot be written to: %v", filepath.Dir(path), fileerr.Reason(err))}
	}
	return &Recorder{source: s, path: path, options: o, work: work, outcomes: map[source.Fact]outcome{}}, nil
}

// mustBeFree refuses a path that exists, and to overwrite what is no bundle: a
// folder without bundle.json has what nobody wants to lose.
func mustBeFree(path string, overwrite bool) error {
	info, err := os.Lstat(path)
	if err == nil && overwrite {
		_, noManifest := os.Lstat(filepath.Join(path, manifestName))
		if !info.Mode().IsRegular() && (!info.IsDir() || noManifest != nil) {
			return &Error{Path: path, Reason: "it is there, is no bundle, and is not overwritten"}
		}
		return nil
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &Error{Path: path, Reason: fmt.Sprintf("it cannot be written: %v", fileerr.Reason(err))}
	}
	return &Error{Path: path, Reason: "it exists already, and is not overwritten"}
}

// Open asks the source that is recorded. The error is that source's, or a
// *source.LeftOutError by the recorder's options.
func (r *Recorder) Open(ctx context.Context, f source.Fact) (*source.Answer, error) {
	if a, ok := r.kept(f); ok {
		return a, nil
	}
	if r.options.WithoutArtifacts && f.Kind == source.KindArtifact && !isDocument(f.Name) {
		err := &source.LeftOutError{Fact: f, Reason: "the recording is one without artifacts"}
		r.keep(f, outcome{absence: absenceOf(err)})
		return nil, err
	}
	a, err := r.source.Open(ctx, f)
	if err != nil {
		var notFound *source.NotFoundError
		if !errors.As(err, &notFound) || !notFound.Unrecorded { // of what nobody asked for there is nothing to tell
			r.keep(f, outcome{absence: absenceOf(err)})
		}
		return nil, err
	}
	file, err := r.newBody(f)
	if err != nil {
		return a, nil // the recording has ended, or Finish says why it failed
	}
	k := &keeping{recorder: r, fact: f, contentType: a.ContentType, file: file, hash: sha256.New()}
	return &source.Answer{
		Body:        &recordedBody{ReadCloser: source.Tee(a.Body, k), keeping: k},
		ContentType: a.ContentType,
	}, nil
}

// isDocument reports whether a verification reads what an artifact of this
// name says, and does not only hash it.
func isDocument(name string) bool {
	switch name {
	case cot.Artifact, cot.SignatureArtifact, cot.ClearSignedArtifact, cot.TaskGraphArtifact, cot.ActionsArtifact, cot.ParametersArtifact:
		return true
	}
	return false
}

// kept returns the answer of a fact that was read to its end before.
func (r *Recorder) kept(f source.Fact) (*source.Answer, bool) {
	r.mu.Lock()
	o := r.outcomes[factKey(f)]
	r.mu.Unlock()
	if o.body == "" {
		return nil, false
	}
	file, err := os.Open(o.body)
	if err != nil {
		return nil, false
	}
	return &source.Answer{Body: file, ContentType: o.contentType}, true
}

// keep notes what became of a fact. A body that was kept stays.
func (r *Recorder) keep(f source.Fact, o outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := factKey(f)
	if r.ended || r.outcomes[key].body != "" {
		return
	}
	r.outcomes[key] = o
}

// newBody makes the file for a body. Until it is kept, the fact counts as one
// whose recording was not finished.
func (r *Recorder) newBody(f source.Fact) (*os.File, error) {
	r.keep(f, outcome{absence: absence{because: becauseUnavailable, reason: "the recording ended before it was read to its end"}})
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return nil, os.ErrClosed
	}
	if r.err != nil {
		return nil, r.err
	}
	r.bodies++
	var file *os.File
	file, r.err = os.OpenFile(filepath.Join(r.work, strconv.Itoa(r.bodies)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, modeOf(f.IsPrivate()))
	return file, r.err
}

// fail notes that something could not be kept, which Finish says.
func (r *Recorder) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

// absenceOf returns how an error of a source is kept.
func absenceOf(err error) absence {
	var (
		notFound    *source.NotFoundError
		leftOut     *source.LeftOutError
		unavailable *source.UnavailableError
	)
	switch {
	case errors.As(err, &notFound):
		return absence{because: becauseNotFound, reason: notFound.Reason}
	case errors.As(err, &leftOut):
		return absence{because: becauseLeftOut, reason: leftOut.Reason}
	case errors.As(err, &unavailable):
		return absence{because: becauseUnavailable, status: unavailable.Status, reason: unavailable.Reason}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return absence{because: becauseUnavailable, reason: "the recording ended before it was answered"}
	}
	return absence{because: becauseUnavailable, reason: err.Error()}
}

// recordedBody is a body that is kept while it is read.
type recordedBody struct {
	io.ReadCloser
	keeping *keeping
}

// Close reads what is left, so that the whole body is kept, and closes it.
func (b *recordedBody) Close() error {
	if !b.keeping.ended {
		io.Copy(io.Discard, io.LimitReader(b, maxDrain+1))
	}
	return b.ReadCloser.Close()
}

// keeping is a body that is being written to a file: a [source.Sink].
type keeping struct {
	recorder    *Recorder
	fact        source.Fact
	contentType string
	file        *os.File
	size        int64
	hash        hash.Hash
	ended       bool
}

func (k *keeping) Write(p []byte) (int, error) {
	k.size += int64(len(p))
	k.hash.Write(p)
	n, err := k.file.Write(p)
	if err != nil {
		k.recorder.fail(err)
	}
	return n, err
}

// End keeps the body as a whole one, or drops what was written of it.
func (k *keeping) End(err error) {
	k.ended = true
	if closed := k.file.Close(); closed != nil {
		k.recorder.fail(closed)
	}
	switch err {
	case nil:
		k.recorder.keep(k.fact, outcome{
			body: k.file.Name(), private: k.fact.IsPrivate(), size: k.size,
			sha256: hex.EncodeToString(k.hash.Sum(nil)), contentType: k.contentType,
		})
		return
	case source.ErrNotRead:
		k.recorder.keep(k.fact, outcome{absence: absence{because: becauseUnavailable, reason: "it was not read to its end, and too much was left to record it"}})
	default:
		k.recorder.keep(k.fact, outcome{absence: absenceOf(source.ReadError(context.Background(), k.fact, err))})
	}
	os.Remove(k.file.Name())
}

// Kept reports whether a fact is kept so far.
func (r *Recorder) Kept(f source.Fact) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.outcomes[factKey(f)].body != ""
}

// Size returns how many facts are kept so far, and how many bytes they have.
func (r *Recorder) Size() (facts int, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range r.outcomes {
		if o.body != "" {
			facts++
			bytes += o.size
		}
	}
	return facts, bytes
}

// Abort ends the recording and leaves nothing of it behind. After Finish it
// does nothing.
func (r *Recorder) Abort() error {
	if !r.end() {
		return nil
	}
	return os.RemoveAll(r.work)
}

// end ends the recording, and reports whether it had not ended before.
func (r *Recorder) end() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	ended := r.ended
	r.ended = true
	return !ended
}

// Finish ends the recording and writes the bundle, with what m says of it, to
// where there was nothing before, or one that it overwrites: whole or not at all. The same facts and the
// same m give the same bytes. The error is an *Error.
func (r *Recorder) Finish(m Manifest) error {
	if !r.end() {
		return &Error{Path: r.path, Reason: "its recording has ended already"}
	}
	defer os.RemoveAll(r.work)
	if r.err != nil {
		return &Error{Path: r.path, Reason: fmt.Sprintf("a fact could not be written: %v", fileerr.Reason(r.err))}
	}
	files, err := filesOf(m, r.outcomes)
	if err != nil {
		return &Error{Path: r.path, Reason: err.Error()}
	}
	done := filepath.Join(r.work, "bundle")
	if err := writeMembers(done, r.path, files); err != nil {
		return &Error{Path: r.path, Reason: fmt.Sprintf("it cannot be written: %v", fileerr.Reason(err))}
	}
	if err := mustBeFree(r.path, r.options.Overwrite); err != nil {
		return err
	}
	if err := r.place(done); err != nil {
		return &Error{Path: r.path, Reason: fmt.Sprintf("it cannot be written: %v", fileerr.Reason(err))}
	}
	return nil
}

// place gives the bundle its path. What had it is moved aside until that is
// done, so that one of the two is always there.
func (r *Recorder) place(done string) error {
	old := filepath.Join(r.work, "old")
	err := os.Rename(r.path, old)
	moved := err == nil
	if !moved && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err = os.Rename(done, r.path)
	if err != nil && moved {
		err = errors.Join(err, os.Rename(old, r.path))
	}
	return err
}
