package decision

import (
	"strings"

	"cotverify/internal/pyurl"
	"cotverify/internal/value"
	"cotverify/pkg/graph"
)

// env reads the variables of payload.env that tell what a task was made from:
// E(X) of the specification, section 7.
type env struct {
	task   *graph.Task
	prefix string
}

// get returns E(X), null where it is absent.
func (e env) get(name string) any {
	v, _ := e.task.Env.Get(e.prefix + "_" + name)
	return v
}

// first returns the first E(X) that is there, else null.
func (e env) first(names ...string) any {
	for _, name := range names {
		if v, ok := e.task.Env.Get(e.prefix + "_" + name); ok {
			return v
		}
	}
	return nil
}

// text returns E(X), which must be there and text.
func (e env) text(name string) (string, error) {
	key := e.prefix + "_" + name
	s, ok, err := e.task.EnvText(key)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", &value.ShapeError{Path: value.Pointer("payload", "env", key), Want: "text"}
	}
	return s, nil
}

// repository returns E(HEAD_REPOSITORY) or E(BASE_REPOSITORY) without the
// slashes at its end.
func (e env) repository(name string) (string, error) {
	s, err := e.text(name)
	return strings.TrimRight(s, "/"), err
}

// revision returns E(HEAD_REV), which becomes part of URLs.
func (e env) revision() (string, error) {
	s, err := e.text("HEAD_REV")
	if err != nil {
		return "", err
	}
	if !pyurl.IsPlainPath(s) {
		return "", refuse(AboutTask, "the revision %q cannot be part of a URL", s)
	}
	return s, nil
}
