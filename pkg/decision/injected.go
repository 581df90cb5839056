package decision

import (
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"

	"cotverify/internal/jsone"
	"cotverify/internal/value"
	"cotverify/pkg/policy"
)

// Injected is a value that the definition itself brings, that could end a word
// of a shell, and that the template renders into the task's command
// (specification, section 11, untrusted-input).
type Injected struct {
	Path  string // of the context, such as "event.pusher.email"
	Value string
	Place string // JSON pointer into the rebuilt definition
}

// broughtPaths returns the paths of the context whose values come from the
// definition that is rebuilt, and from no service (section 7).
func (r *Rebuilt) broughtPaths() []string {
	switch {
	case r.IsAction():
		return []string{"now", "clientId", "payload"}
	case r.hosting == policy.HostingHg:
		return []string{"now", "cron", "repository.url", "push.revision", "push.comment"}
	}
	switch r.TasksFor {
	case "github-push":
		return []string{
			"now", "event.before", "event.after", "event.pusher.email", "event.base_ref", "event.ref", "event.repository",
		}
	case "github-release":
		return []string{"now", "event.repository", "event.release.tag_name"}
	case "cron":
		return []string{"now", "cron", "event", "push", "repository.url", "repository.project"}
	}
	return []string{"now", "event.pull_request.head.updated_at", "event.pull_request.head.sha", "event.pull_request.base.sha"}
}

// shellMeta are the characters by which a value can be more to a shell than one
// word.
const shellMeta = "'\"`;&|$<>\n\r"

// Injected returns the values of the context that the definition brings and that
// the commands of the rebuilt tasks are rendered from, where they hold
// characters that mean something to a shell. Sorted by path, each once, with
// the first place that it is rendered to.
func (r *Rebuilt) Injected() []Injected {
	var dangerous []Injected
	brought := r.broughtPaths()
	leaves(r.Context, "", func(path, text string) {
		if strings.ContainsAny(text, shellMeta) && slices.ContainsFunc(brought, func(b string) bool { return isWithin(path, b) }) {
			dangerous = append(dangerous, Injected{Path: path, Value: text})
		}
	})
	slices.SortFunc(dangerous, func(a, b Injected) int { return strings.Compare(a.Path, b.Path) })
	for i, task := range r.Tasks {
		command, err := value.Lookup(task, "payload", "command")
		if err != nil {
			continue
		}
		commandLeaves(command, []string{"payload", "command"}, func(place []string) {
			for j := range rendered(dangerous, r.Origins[i].At(place...)) {
				if dangerous[j].Place == "" {
					dangerous[j].Place = value.Pointer(place...)
				}
			}
		})
	}
	found := slices.DeleteFunc(dangerous, func(v Injected) bool { return v.Place == "" })
	return found[:min(len(found), maxInjected)]
}

// maxInjected is how many values are told; one is enough to look at the task.
const maxInjected = 100

// rendered yields the indexes of the values, sorted by path, that a text with
// the origin was rendered from. An origin does not list more than some reads:
// where it may have left out some, all of them count.
func rendered(values []Injected, origin *jsone.Origin) iter.Seq[int] {
	return func(yield func(int) bool) {
		if origin == nil {
			return
		}
		if len(origin.Reads) >= jsone.MaxReads {
			for j := range values {
				if !yield(j) {
					return
				}
			}
			return
		}
		for _, read := range origin.Reads {
			for around := read; around != ""; around = around[:max(0, strings.LastIndexAny(around, ".["))] {
				first, _ := slices.BinarySearchFunc(values, around, func(v Injected, path string) int { return strings.Compare(v.Path, path) })
				for j := first; j < len(values) && strings.HasPrefix(values[j].Path, around); j++ {
					// Of what is around the read, only the value itself counts: a part
					// of a text is read so.
					if (values[j].Path == around || around == read && isWithin(values[j].Path, around)) && !yield(j) {
						return
					}
				}
			}
		}
	}
}

// isWithin reports whether a path of the context is another one, or of a part of
// what that one leads to.
func isWithin(path, around string) bool {
	rest, ok := strings.CutPrefix(path, around)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// leaves yields all texts within a value of the context, keys among them, with
// their paths as the origins of what is rendered have them.
func leaves(v any, path string, yield func(path, text string)) {
	switch v := v.(type) {
	case string:
		yield(path, v)
	case []any:
		for i, item := range v {
			leaves(item, fmt.Sprintf("%s[%d]", path, i), yield)
		}
	case *value.Object:
		for key, item := range v.All() {
			inner := path + "." + key
			switch {
			case !plainKey.MatchString(key):
				inner = fmt.Sprintf("%s[%q]", path, key)
				yield(inner, key)
			case path == "":
				inner = key
			}
			leaves(item, inner, yield)
		}
	}
}

// commandLeaves yields all texts of a command: a list of words, or of lists of
// words.
func commandLeaves(v any, place []string, yield func(place []string)) {
	switch v := v.(type) {
	case string:
		yield(place)
	case []any:
		for i, item := range v {
			commandLeaves(item, append(slices.Clone(place), fmt.Sprint(i)), yield)
		}
	}
}
