package decision

import (
	"cmp"
	"context"
	"strings"
	"sync"

	"cotverify/internal/pyjson"
	"cotverify/internal/pyyaml"
	"cotverify/internal/value"
	"cotverify/pkg/source"
)

// Limits on what is read. Real pushes have some thousand changesets, real
// templates some hundred lines.
const (
	maxAnswer   = 32 << 20 // bytes of an API's answer
	maxTemplate = 4 << 20  // bytes of .taskcluster.yml and of projects.yml
)

// fetch returns the body of a URL, which must not be a web page: an error page
// that is sent with status 200 is no answer.
func fetch(ctx context.Context, src source.Source, fact source.Fact, limit int64) ([]byte, error) {
	data, answer, err := source.ReadAll(ctx, src, fact, limit)
	if err != nil {
		return nil, err
	}
	contentType, _, _ := strings.Cut(answer.ContentType, ";")
	if strings.EqualFold(strings.TrimSpace(contentType), "text/html") {
		return nil, &source.UnavailableError{Fact: fact, Reason: "a web page was answered"}
	}
	return data, nil
}

// sideBySide runs functions at the same time, all of them to their end, and
// returns the first error in their order: the same facts give the same error,
// whichever came first.
func sideBySide(run ...func() error) error {
	errs := make([]error, len(run))
	var running sync.WaitGroup
	for i, f := range run {
		running.Go(func() { errs[i] = f() })
	}
	running.Wait()
	return cmp.Or(errs...)
}

// answer is the JSON that a URL answered.
type answer struct {
	url  string
	body any
}

// fetchJSON returns the JSON that a URL answers, which must not call itself a
// web page.
func fetchJSON(ctx context.Context, src source.Source, url string) (answer, error) {
	data, err := fetch(ctx, src, source.URL(url), maxAnswer)
	if err != nil {
		return answer{}, err
	}
	return parseAnswer(url, data)
}

func parseAnswer(url string, data []byte) (answer, error) {
	doc, err := pyjson.Parse(data)
	if err != nil {
		return answer{}, &source.UnavailableError{Fact: source.URL(url), Reason: "the answer is no JSON: " + err.Error()}
	}
	return answer{url: url, body: doc.Value}, nil
}

// get returns the value at a path of object keys.
func (a answer) get(path ...string) (any, error) {
	v, err := value.Lookup(a.body, path...)
	return v, a.named(err)
}

// text returns the text at a path of object keys.
func (a answer) text(path ...string) (string, error) {
	s, err := value.LookupText(a.body, path...)
	return s, a.named(err)
}

// object returns the object at a path of object keys.
func (a answer) object(path ...string) (*value.Object, error) {
	v, err := value.Lookup(a.body, path...)
	if err != nil {
		return nil, a.named(err)
	}
	o, ok := v.(*value.Object)
	if !ok {
		return nil, &value.ShapeError{Where: a.url, Path: value.Pointer(path...), Want: "an object", Got: value.Kind(v)}
	}
	return o, nil
}

// optionalObject returns the object at a path of object keys, none where a key
// is absent.
func (a answer) optionalObject(path ...string) (*value.Object, error) {
	o, err := a.object()
	for i := 0; i < len(path) && err == nil; i++ {
		if _, ok := o.Get(path[i]); !ok {
			return nil, nil
		}
		o, err = a.object(path[:i+1]...)
	}
	return o, err
}

// named says in an error which answer it is about.
func (a answer) named(err error) error {
	if shape, ok := err.(*value.ShapeError); ok {
		shape.Where = a.url
	}
	return err
}

func fetchYAML(ctx context.Context, src source.Source, fact source.Fact) (*value.Node, error) {
	data, err := fetch(ctx, src, fact, maxTemplate)
	if err != nil {
		return nil, err
	}
	node, err := pyyaml.Parse(data)
	if err != nil {
		return nil, refuse("%s is no YAML that can be read: %v", fact, err)
	}
	return node, nil
}
