package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/http"
	"strings"

	"cotverify/internal/pyjson"
	"cotverify/internal/shape"
	"cotverify/pkg/cot"
	"cotverify/pkg/source"
)

// layoutVersion is the layout that is read and written.
const layoutVersion = 1

// Manifest is what a bundle says of itself. Each text is empty where it says
// nothing.
type Manifest struct {
	RootURL  string   // of the deployment that the facts are of
	Product  string   // the policy that it was verified by
	TaskID   string   // the target
	TaskType string   // what the target was verified as
	Groups   []string // the task groups that were audited
}

// index is what bundle.json says.
type index struct {
	manifest Manifest
	sources  map[string]urlAnswer
	absent   map[source.Fact]absence
}

// urlAnswer is what a URL answered. The body is in a file of its own.
type urlAnswer struct {
	status      int
	contentType string
	file        string
	sha256      string // lower-case hex, or "" where it is not known
}

// absence says why a fact is not among a bundle's files.
type absence struct {
	because string
	status  int
	reason  string
}

// The reasons for which a bundle lacks a fact that was asked for.
const (
	becauseNotFound    = "not-found"
	becauseUnavailable = "unavailable"
	becauseLeftOut     = "left-out"
)

// error returns the error that the fact was answered with, or is to be.
func (a absence) error(f source.Fact) error {
	switch a.because {
	case becauseNotFound:
		return &source.NotFoundError{Fact: f, Reason: a.reason}
	case becauseLeftOut:
		return &source.LeftOutError{Fact: f, Reason: a.reason}
	}
	return &source.UnavailableError{Fact: f, Status: a.status, Reason: a.reason, Recorded: true}
}

// factKey is what a bundle knows a fact by. Whether a URL needed a token makes
// no difference, and credentials in it are not for a bundle to keep.
func factKey(f source.Fact) source.Fact {
	f.Private = false
	f.URL = withoutUserinfo(f.URL)
	return f
}

// withoutUserinfo drops "user:password@" from a URL.
func withoutUserinfo(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	return scheme + "://" + rest[strings.LastIndex(rest[:end], "@")+1:]
}

// kindName is what bundle.json calls a kind of fact.
func kindName(k source.Kind) string {
	switch k {
	case source.KindTask:
		return "task"
	case source.KindArtifact:
		return "artifact"
	case source.KindArtifacts:
		return "artifacts"
	case source.KindStatus:
		return "status"
	case source.KindGroup:
		return "group"
	}
	return "url"
}

// parseManifest reads bundle.json. Its errors name the offending value by its
// JSON pointer. Keys that it does not know are ignored.
func parseManifest(data []byte) (*index, error) {
	document, err := pyjson.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("bundle.json is no JSON: %w", err)
	}
	if len(document.Repeated) > 0 {
		return nil, fmt.Errorf("%s of bundle.json is given more than once", document.Repeated[0])
	}
	r := &manifestReader{}
	x := r.index(shape.Document(manifestName, document.Value))
	if r.err != nil {
		return nil, r.err
	}
	return x, nil
}

// manifestReader reads values of the types that they should have. It keeps the
// first error, and goes on with zero values after it.
type manifestReader struct{ err error }

func (r *manifestReader) index(root shape.Place) *index {
	if version := r.integer(root, "version"); r.err == nil && version != layoutVersion {
		r.fail(fmt.Errorf("bundle.json is of version %d, and only version %d can be read", version, layoutVersion))
	}
	x := &index{
		manifest: Manifest{RootURL: r.optionalText(root, "rootUrl"), Product: r.optionalText(root, "product")},
		sources:  map[string]urlAnswer{},
		absent:   map[source.Fact]absence{},
	}
	if r.has(root, "target") {
		x.manifest.TaskID = r.optionalText(root, "target", "taskId")
		x.manifest.TaskType = r.optionalText(root, "target", "taskType")
		if id := x.manifest.TaskID; id != "" && !cot.IsTaskID(id) {
			r.fail(root.Refuse("a taskId, 22 characters of URL-safe base64", "target", "taskId"))
		}
	}
	for _, item := range r.optionalList(root, "groups") {
		id := r.text(item)
		if r.err == nil && !cot.IsTaskID(id) {
			r.fail(item.Refuse("a taskGroupId, 22 characters of URL-safe base64"))
		}
		x.manifest.Groups = append(x.manifest.Groups, id)
	}
	for _, item := range r.optionalList(root, "sources") {
		r.source(x, item)
	}
	for _, item := range r.optionalList(root, "absent") {
		r.absence(x, item)
	}
	return x
}

func (r *manifestReader) source(x *index, item shape.Place) {
	url := r.text(item, "url")
	if _, ok := x.sources[url]; ok {
		r.fail(item.Refuse("a URL that is listed once", "url"))
	}
	a := urlAnswer{
		status:      r.integer(item, "status"),
		contentType: r.optionalText(item, "contentType"),
		file:        r.optionalText(item, "file"),
		sha256:      strings.ToLower(r.optionalText(item, "sha256")),
	}
	if a.status == http.StatusOK && !isMemberName(a.file) {
		r.fail(item.Refuse("the name of a file in the bundle", "file"))
	}
	if _, err := hex.DecodeString(a.sha256); a.sha256 != "" && (err != nil || len(a.sha256) != hex.EncodedLen(sha256.Size)) {
		r.fail(item.Refuse("64 hex digits", "sha256"))
	}
	x.sources[url] = a
}

func (r *manifestReader) absence(x *index, item shape.Place) {
	f := r.fact(item)
	a := absence{because: r.text(item, "because"), reason: r.optionalText(item, "reason")}
	switch a.because {
	case becauseNotFound, becauseUnavailable, becauseLeftOut:
	default:
		r.fail(item.Refuse(`"not-found", "unavailable" or "left-out"`, "because"))
	}
	if r.has(item, "status") {
		a.status = r.integer(item, "status")
	}
	x.absent[f] = a
}

// fact reads what names a fact in an entry of "absent".
func (r *manifestReader) fact(item shape.Place) source.Fact {
	f := source.Fact{Kind: r.kind(item)}
	if f.Kind == source.KindURL {
		f.URL = r.text(item, "url")
		return f
	}
	f.TaskID = r.text(item, "taskId")
	if f.Kind == source.KindArtifact {
		f.Name = r.text(item, "name")
		f.Run = r.optionalText(item, "run")
	}
	return f
}

func (r *manifestReader) kind(item shape.Place) source.Kind {
	name := r.text(item, "kind")
	for k := source.KindTask; k <= source.KindURL; k++ {
		if kindName(k) == name {
			return k
		}
	}
	r.fail(item.Refuse(`"task", "artifact", "artifacts", "url" or "status"`, "kind"))
	return 0
}

// has reports whether there is a value at a path of keys. What is on the way to
// it must be objects.
func (r *manifestReader) has(p shape.Place, keys ...string) bool {
	last := len(keys) - 1
	o, err := p.Object(keys[:last]...)
	if err != nil {
		r.fail(err)
		return false
	}
	_, ok := o.Get(keys[last])
	return ok
}

func (r *manifestReader) optionalList(p shape.Place, key string) []shape.Place {
	if !r.has(p, key) {
		return nil
	}
	items, err := p.List(key)
	r.fail(err)
	return items
}

func (r *manifestReader) optionalText(p shape.Place, keys ...string) string {
	if !r.has(p, keys...) {
		return ""
	}
	return r.text(p, keys...)
}

func (r *manifestReader) text(p shape.Place, keys ...string) string {
	s, err := p.Text(keys...)
	r.fail(err)
	return s
}

func (r *manifestReader) integer(p shape.Place, key string) int {
	v, err := p.Get(key)
	r.fail(err)
	n, ok := v.(*big.Int)
	if !ok || !n.IsInt64() || n.Int64() != int64(int32(n.Int64())) {
		r.fail(p.Refuse("a small whole number", key))
		return 0
	}
	return int(n.Int64())
}

// fail keeps an error, if it is the first one.
func (r *manifestReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}
