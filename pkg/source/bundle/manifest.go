package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"strings"

	"cotverify/internal/pyjson"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/source"
)

// layoutVersion is the layout that is read and written.
const layoutVersion = 1

// Manifest is what a bundle says of itself. Each text is empty where it says
// nothing.
type Manifest struct {
	RootURL  string // of the deployment that the facts are of
	Product  string // the policy that it was verified by
	TaskID   string // the target
	TaskType string // what the target was verified as
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
	return &source.UnavailableError{Fact: f, Status: a.status, Reason: a.reason}
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
	x := r.index(place{value: document.Value})
	if r.err != nil {
		return nil, r.err
	}
	return x, nil
}

// manifestReader reads values of the types that they should have. It keeps the
// first error, and goes on with zero values after it.
type manifestReader struct{ err error }

// place is a value of bundle.json and where it is.
type place struct {
	path    string // a JSON pointer
	value   any
	missing bool
}

func (r *manifestReader) index(root place) *index {
	if version := r.integer(r.get(root, "version")); r.err == nil && version != layoutVersion {
		r.fail("bundle.json is of version %d, and only version %d can be read", version, layoutVersion)
	}
	x := &index{
		manifest: Manifest{
			RootURL: r.optionalText(r.get(root, "rootUrl")),
			Product: r.optionalText(r.get(root, "product")),
		},
		sources: map[string]urlAnswer{},
		absent:  map[source.Fact]absence{},
	}
	if target := r.get(root, "target"); !target.missing {
		x.manifest.TaskID = r.optionalText(r.get(target, "taskId"))
		x.manifest.TaskType = r.optionalText(r.get(target, "taskType"))
		if id := x.manifest.TaskID; id != "" && !cot.IsTaskID(id) {
			r.refuse(r.get(target, "taskId"), "a taskId, 22 characters of URL-safe base64")
		}
	}
	for _, item := range r.optionalList(r.get(root, "sources")) {
		r.source(x, item)
	}
	for _, item := range r.optionalList(r.get(root, "absent")) {
		r.absence(x, item)
	}
	return x
}

func (r *manifestReader) source(x *index, item place) {
	url := r.text(r.get(item, "url"))
	if _, ok := x.sources[url]; ok {
		r.refuse(r.get(item, "url"), "a URL that is listed once")
	}
	a := urlAnswer{
		status:      r.integer(r.get(item, "status")),
		contentType: r.optionalText(r.get(item, "contentType")),
		file:        r.optionalText(r.get(item, "file")),
		sha256:      strings.ToLower(r.optionalText(r.get(item, "sha256"))),
	}
	if a.status == http.StatusOK && !isMemberName(a.file) {
		r.refuse(r.get(item, "file"), "the name of a file in the bundle")
	}
	if _, err := hex.DecodeString(a.sha256); a.sha256 != "" && (err != nil || len(a.sha256) != hex.EncodedLen(sha256.Size)) {
		r.refuse(r.get(item, "sha256"), "64 hex digits")
	}
	x.sources[url] = a
}

func (r *manifestReader) absence(x *index, item place) {
	f := r.fact(item)
	a := absence{because: r.text(r.get(item, "because")), reason: r.optionalText(r.get(item, "reason"))}
	switch a.because {
	case becauseNotFound, becauseUnavailable, becauseLeftOut:
	default:
		r.refuse(r.get(item, "because"), `"not-found", "unavailable" or "left-out"`)
	}
	if status := r.get(item, "status"); !status.missing {
		a.status = r.integer(status)
	}
	x.absent[f] = a
}

// fact reads what names a fact in an entry of "absent".
func (r *manifestReader) fact(item place) source.Fact {
	f := source.Fact{Kind: r.kind(r.get(item, "kind"))}
	if f.Kind == source.KindURL {
		f.URL = r.text(r.get(item, "url"))
		return f
	}
	f.TaskID = r.text(r.get(item, "taskId"))
	if f.Kind == source.KindArtifact {
		f.Name = r.text(r.get(item, "name"))
	}
	return f
}

func (r *manifestReader) kind(p place) source.Kind {
	name := r.text(p)
	for k := source.KindTask; k <= source.KindURL; k++ {
		if kindName(k) == name {
			return k
		}
	}
	r.refuse(p, `"task", "artifact", "artifacts" or "url"`)
	return 0
}

// get returns what an object has under a key.
func (r *manifestReader) get(p place, key string) place {
	child := place{path: p.path + "/" + key, missing: true}
	o, ok := p.value.(*value.Object)
	if !ok {
		r.refuse(p, "an object")
		return child
	}
	if v, ok := o.Get(key); ok {
		child.value, child.missing = v, false
	}
	return child
}

func (r *manifestReader) optionalList(p place) []place {
	if p.missing {
		return nil
	}
	items, ok := p.value.([]any)
	if !ok {
		r.refuse(p, "a list")
	}
	places := make([]place, len(items))
	for i, item := range items {
		places[i] = place{path: p.path + "/" + strconv.Itoa(i), value: item}
	}
	return places
}

func (r *manifestReader) optionalText(p place) string {
	if p.missing {
		return ""
	}
	return r.text(p)
}

func (r *manifestReader) text(p place) string {
	s, ok := p.value.(string)
	if !ok {
		r.refuse(p, "text")
	}
	return s
}

func (r *manifestReader) integer(p place) int {
	n, ok := p.value.(*big.Int)
	if !ok || !n.IsInt64() || n.Int64() != int64(int32(n.Int64())) {
		r.refuse(p, "a small whole number")
		return 0
	}
	return int(n.Int64())
}

// refuse says that a value is not what it should be.
func (r *manifestReader) refuse(p place, expected string) {
	switch {
	case p.missing:
		r.fail("bundle.json has no %s, which should be %s", p.path, expected)
	case p.path == "":
		r.fail("bundle.json should be %s, and is %s", expected, value.Kind(p.value))
	default:
		r.fail("%s of bundle.json should be %s, and is %s", p.path, expected, describe(p.value))
	}
}

func (r *manifestReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// maxQuoted is how much of an offending value a message quotes.
const maxQuoted = 60

// describe shows a scalar as it is, cut, and names the kind of all else.
func describe(v any) string {
	switch v := v.(type) {
	case string:
		if len(v) > maxQuoted {
			return strconv.Quote(v[:maxQuoted]) + "…"
		}
		return strconv.Quote(v)
	case *big.Int:
		if v.IsInt64() {
			return v.String()
		}
	}
	return value.Kind(v)
}
