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
		return []string{"now", "clientId", "payload.user"}
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
		commandLeaves(command, []string{"payload", "command"}, func(place []string, text string) {
			for j := range rendered(dangerous, r.Origins[i].At(place...), text) {
				if dangerous[j].Place == "" {
					dangerous[j].Place = value.Pointer(place...)
				}
			}
		})
	}
	return slices.DeleteFunc(dangerous, func(v Injected) bool { return v.Place == "" })
}

// maxSearched is how many values are searched for in a text whose origin may
// have left out some reads. Templates bring a few dozen.
const maxSearched = 200

// rendered yields the indexes of the values, sorted by path, that a text was
// rendered from. An origin does not list more than some reads; where it may have
// left out some, the text itself tells.
func rendered(values []Injected, origin *jsone.Origin, text string) iter.Seq[int] {
	return func(yield func(int) bool) {
		if origin == nil {
			return
		}
		for _, read := range origin.Reads {
			first, _ := slices.BinarySearchFunc(values, read, func(v Injected, read string) int { return strings.Compare(v.Path, read) })
			for j := first; j < len(values) && strings.HasPrefix(values[j].Path, read); j++ {
				if isWithin(values[j].Path, read) && !yield(j) {
					return
				}
			}
		}
		if len(origin.Reads) < jsone.MaxReads {
			return
		}
		for j := range min(len(values), maxSearched) {
			if strings.Contains(text, values[j].Value) && !yield(j) {
				return
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

// leaves yields all texts within a value of the context, with their paths as
// the origins of what is rendered have them.
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
			switch {
			case !plainKey.MatchString(key):
				leaves(item, fmt.Sprintf("%s[%q]", path, key), yield)
			case path == "":
				leaves(item, key, yield)
			default:
				leaves(item, path+"."+key, yield)
			}
		}
	}
}

// commandLeaves yields all texts of a command: a list of words, or of lists of
// words.
func commandLeaves(v any, place []string, yield func(place []string, text string)) {
	switch v := v.(type) {
	case string:
		yield(place, v)
	case []any:
		for i, item := range v {
			commandLeaves(item, append(slices.Clone(place), fmt.Sprint(i)), yield)
		}
	}
}
