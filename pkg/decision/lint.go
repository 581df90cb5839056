package decision

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cotverify/internal/jsone"
	"cotverify/internal/value"
	"cotverify/pkg/policy"
	"cotverify/pkg/source"
)

// Finding is what in a template makes the tasks that it renders to unverifiable,
// or what a verifier can only guess.
type Finding struct {
	Line    int      `json:"line"`    // of the template; 0 where it is about the whole
	Subject string   `json:"subject"` // a path of the context, or a place in the task
	Message string   `json:"message"`
	For     []string `json:"tasksFor"` // what the tasks are for that it is about
	// Note says that no release rests on it: it is about a pull request's tasks,
	// which a verifier may have to guess of.
	Note bool `json:"note"`
}

// Lint looks at a template in the context of everything that tasks of a product
// are for, and tells what a rebuild cannot know, what it has to guess, and what
// services add to the task that the template does not have (specification,
// sections 6 to 8 and 10). Of a condition that only an event decides both ways are
// looked at. The error is a *Refusal where the template is no YAML, or is ctx's.
func Lint(ctx context.Context, name string, template []byte, product *policy.Product) ([]Finding, error) {
	node, err := parseYAML(source.URL(name), template, AboutTemplate)
	if err != nil {
		return nil, err
	}
	// Where a product has both hostings, a template is of the one that it fits
	// better.
	var fewest []Finding
	for i, hosting := range product.Hostings {
		found, err := lintOn(ctx, hosting, node, product)
		if err != nil {
			return nil, err
		}
		if i == 0 || len(found) < len(fewest) {
			fewest = found
		}
	}
	return fewest, nil
}

// lintOn looks at a template for all that tasks on a hosting are for.
func lintOn(ctx context.Context, hosting string, template *value.Node, product *policy.Product) ([]Finding, error) {
	byKey := map[findingKey]*Finding{}
	defined := defines(template)
	renders := false
	var why error
	for _, tasksFor := range product.TasksFor {
		if !isPurposeOn(hosting, tasksFor) {
			continue
		}
		l := &linter{
			product: product, tasksFor: tasksFor, template: template, paths: knownPaths(hosting, tasksFor),
			defined: defined, found: map[findingKey]*Finding{},
		}
		if err := l.explore(ctx); err != nil {
			return nil, err
		}
		if renders = renders || l.ways > 0; l.ways == 0 {
			why = cmp.Or(why, l.why)
		}
		for key, f := range l.found {
			if byKey[key] == nil {
				byKey[key] = f
			} else {
				byKey[key].For = append(byKey[key].For, tasksFor)
			}
		}
	}
	var all []Finding
	if !renders {
		all = append(all, notRendered(why, product.TasksFor))
	}
	for _, f := range byKey {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Message, b.Message))
	})
	return all, nil
}

// findingKey is a finding without what it is for.
type findingKey struct {
	line             int
	subject, message string
	note             bool
}

// isPurposeOn reports whether tasks on a hosting can be for a purpose.
func isPurposeOn(hosting, tasksFor string) bool {
	switch {
	case tasksFor == "hg-push":
		return hosting == policy.HostingHg
	case tasksFor == "cron", tasksFor == "action":
		return true
	}
	return hosting == policy.HostingGitHub
}

// linter looks at a template for one purpose.
type linter struct {
	product  *policy.Product
	tasksFor string
	template *value.Node
	paths    []known
	defined  map[string]bool // the variables that the template defines
	found    map[findingKey]*Finding

	reads map[string]int // the line of the first read of a path
	ways  int            // through the conditions on which it rendered
	why   error          // the last on which it did not
}

// maxWays is how many ways through the conditions of a template are looked at.
// Real ones have a dozen.
const maxWays = 400

// explore looks at all ways through the conditions that only an event decides:
// after each way at those that part from it at one condition.
func (l *linter) explore(ctx context.Context) error {
	l.reads = map[string]int{}
	queue, seen := []map[string]bool{{}}, map[string]bool{}
	for len(queue) > 0 && len(seen) < maxWays {
		forced := queue[0]
		queue = queue[1:]
		var asked []string
		taken := maps.Clone(forced)
		err := l.way(ctx, func(c *jsone.Unknown) bool {
			l.guessed(c.Reads)
			holds, known := taken[c.Text]
			if !known {
				holds = true
				taken[c.Text] = holds
				asked = append(asked, c.Text)
			}
			return holds
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			l.why = err
		} else {
			l.ways++
		}
		before := maps.Clone(forced)
		for _, text := range asked {
			other := maps.Clone(before)
			other[text] = false
			if key := fmt.Sprint(other); !seen[key] {
				seen[key] = true
				queue = append(queue, other)
			}
			before[text] = true
		}
	}
	return nil
}

// notRendered says that a template renders for nothing that a product's tasks are
// for. One that fails for some of it is not meant for that: then there is no task.
func notRendered(why error, tasksFor []string) Finding {
	f := Finding{Subject: "tasks", Message: fmt.Sprintf("the template does not render: %v", why), For: tasksFor}
	var place *jsone.Error
	if errors.As(why, &place) {
		f.Line = place.Line
	}
	return f
}

// way looks at the template on one way through its conditions.
func (l *linter) way(ctx context.Context, decide func(*jsone.Unknown) bool) error {
	missing := map[string]int{}
	result, err := jsone.Explore(ctx, l.template, symbolic(l.tasksFor, l.paths), jsone.Explorer{
		Decide: func(c *jsone.Unknown) bool {
			if len(c.Reads) == 1 && c.Text == "${"+c.Reads[0]+"}" && l.known(c.Reads[0]).filled {
				return true
			}
			return decide(c)
		},
		Missing: func(path string, line int) bool {
			if !strings.Contains(path, ".") && (slices.Contains(roots, path) || l.defined[path]) {
				return false // which no service has either, or the template defines on other ways only
			}
			missing[path] = line
			return true
		},
		Read: func(path string, line int) {
			if l.reads[path] == 0 {
				l.reads[path] = line
			}
		},
	})
	for path, line := range missing {
		l.add(line, path, "no verifier has it, so that the task cannot be rebuilt", false)
	}
	if err != nil {
		return err
	}
	tasks, _ := value.Lookup(result.Value, "tasks")
	list, _ := tasks.([]any)
	for i, task := range list {
		if o, ok := task.(*value.Object); ok && o.Len() > 0 {
			l.task(o, result.Origin.At("tasks", fmt.Sprint(i)))
		}
	}
	return nil
}

// roots are the variables that the context has for one purpose or the other.
var roots = []string{"event", "push", "repository", "cron", "action", "input", "parameters", "payload", "taskGroupId", "clientId"}

// defines returns the variables that a template defines anywhere.
func defines(n *value.Node) map[string]bool {
	names := map[string]bool{}
	var look func(*value.Node)
	look = func(n *value.Node) {
		for _, item := range n.Items {
			look(item)
		}
		for _, f := range n.Fields {
			if f.Key.Value == "$let" {
				for _, variable := range f.Value.Fields {
					if name, ok := variable.Key.Value.(string); ok {
						names[name] = true
					}
				}
			}
			look(f.Value)
		}
	}
	look(n)
	return names
}

// known returns what a rebuild knows of a path: the entry of it, or of the closest
// around it.
func (l *linter) known(path string) known {
	var found known
	for _, k := range l.paths {
		if isWithin(path, k.path) && len(k.path) > len(found.path) {
			found = k
		}
	}
	return found
}

func (l *linter) add(line int, subject, message string, note bool) {
	key := findingKey{line, subject, message, note}
	l.found[key] = &Finding{Line: line, Subject: subject, Message: message, Note: note, For: []string{l.tasksFor}}
}

// guessed tells of the paths whose values a verifier has to guess, where a task
// or a condition is made of them.
func (l *linter) guessed(reads []string) {
	for _, path := range reads {
		if k := l.known(path); k.guess != "" && k.guess != guessPRReady {
			l.add(l.reads[path], path, "a verifier must guess it: "+k.guess, strings.Contains(l.tasksFor, "pull-request"))
		}
	}
}

// task looks at a task that the template renders to.
func (l *linter) task(task *value.Object, origin *jsone.Origin) {
	reads := map[string]bool{}
	unknownParts(task, func(u *jsone.Unknown) {
		for _, path := range u.Reads {
			reads[path] = true
		}
	})
	used := slices.Sorted(maps.Keys(reads))
	l.guessed(used)
	if reads["event.action"] && l.known("event.action").guess != "" {
		l.add(l.reads["event.action"], "event.action", "a verifier must guess it: "+guessPRReady, true)
	}
	for _, path := range used {
		l.roundTrip(task, origin, path)
	}
	l.required(task, origin)
	l.added(task, origin)
	l.sourceWithin(task, origin)
}

// unknownParts yields all that is unknown of a value.
func unknownParts(v any, yield func(*jsone.Unknown)) {
	switch v := v.(type) {
	case *jsone.Unknown:
		yield(v)
	case []any:
		for _, item := range v {
			unknownParts(item, yield)
		}
	case *value.Object:
		for _, item := range v.All() {
			unknownParts(item, yield)
		}
	}
}

// place returns where a definition has what is meant by a place in the list of
// what is known, and whether it has that. The name of a variable may itself be
// unknown: one that ends as it should is taken for it.
func (l *linter) place(task *value.Object, from string) (place []string, there bool) {
	name, isEnv := strings.CutPrefix(from, "E(")
	if !isEnv {
		place = strings.Split(strings.TrimPrefix(from, "/"), "/")
		_, err := value.Lookup(task, place...)
		return place, err == nil
	}
	name = "_" + strings.TrimSuffix(name, ")")
	place = []string{"payload", "env", l.product.EnvPrefix + name}
	env, _ := value.Lookup(task, place[:2]...)
	variables, _ := env.(*value.Object)
	if variables == nil {
		return place, false
	}
	if _, ok := variables.Get(place[2]); ok {
		return place, true
	}
	for key := range variables.All() {
		if strings.Contains(key, "${") && strings.HasSuffix(key, name) {
			return []string{"payload", "env", key}, true
		}
	}
	return place, false
}

// roundTrip tells where a value of the context is not in the definition where a
// verifier takes it from. Those of an action are its decision task's, but for
// what its own context has.
func (l *linter) roundTrip(task *value.Object, origin *jsone.Origin, path string) {
	k := l.known(path)
	if len(k.from) == 0 {
		return
	}
	for _, from := range k.from {
		place, there := l.place(task, from)
		if !there {
			continue
		}
		v, _ := value.Lookup(task, place...)
		if text := textOf(v); !isMadeOf(v, k.path) {
			l.add(origin.At(place...).Line, value.Pointer(place...),
				fmt.Sprintf("a verifier takes %s from here, and the template has %s", k.path, shownText(text)), false)
		}
		return
	}
	var places []string
	for _, from := range k.from {
		place, _ := l.place(task, from)
		places = append(places, value.Pointer(place...))
	}
	// Some who fire an action have no clientId, so that null is right for these.
	l.add(l.reads[path], path, fmt.Sprintf("a verifier takes it from %s, which the template does not set", strings.Join(places, " or ")), path == "clientId")
}

// isMadeOf reports whether a value is one of the context, or a part of it alone:
// templates take the start off a ref, and leave one without it as it is.
func isMadeOf(v any, path string) bool {
	u, ok := v.(*jsone.Unknown)
	return ok && len(u.Reads) == 1 && u.Reads[0] == path && strings.HasPrefix(u.Text, "${") && strings.Count(u.Text, "${") == 1 && strings.HasSuffix(u.Text, "}")
}

func textOf(v any) string {
	switch v := v.(type) {
	case *jsone.Unknown:
		return v.Text
	case string:
		return v
	case nil:
		return ""
	}
	return value.Kind(v)
}

// maxShown is how many bytes of a text are shown.
const maxShown = 100

func shownText(text string) string {
	if len(text) > maxShown {
		text = text[:maxShown] + "…"
	}
	return fmt.Sprintf("%q", text)
}

// required tells which places of a definition a rebuild needs, and the template
// does not set.
func (l *linter) required(task *value.Object, origin *jsone.Origin) {
	places := []string{"/extra/tasks_for"}
	switch {
	case isAction(l.tasksFor):
		places = append(places, "/extra/action/context/input", "/payload/env/ACTION_CALLBACK", "/payload/env/ACTION_TASK_GROUP_ID")
	case strings.Contains(l.tasksFor, "pull-request"):
		places = append(places, "E(HEAD_REPOSITORY)", "E(HEAD_REV)", "E(BASE_REPOSITORY)", "E(PULL_REQUEST_NUMBER)")
	case l.tasksFor == "cron":
		places = append(places, "E(HEAD_REPOSITORY)", "E(HEAD_REV)", "/extra/cron")
	default:
		places = append(places, "E(HEAD_REPOSITORY)", "E(HEAD_REV)")
	}
	for _, from := range places {
		if place, there := l.place(task, from); !there {
			l.add(origin.At(place...).Line, value.Pointer(place...), "a verifier needs it to rebuild the task, and the template does not set it", false)
		}
	}
}

// byQueue is what the queue adds where a definition does not have it. None of it
// is empty, so that a rebuilt definition would lack it.
var byQueue = []string{"taskGroupId", "schedulerId", "requires", "priority", "retries", "expires"}

// added tells what services add to a definition that the template does not have.
func (l *linter) added(task *value.Object, origin *jsone.Origin) {
	for _, key := range byQueue {
		if _, ok := task.Get(key); !ok {
			l.add(origin.Line, "/"+key, "the queue adds it where the template does not set it, so that the task is not what a verifier rebuilds", false)
		}
	}
	if !strings.HasPrefix(l.tasksFor, "github-") {
		return
	}
	route := "statuses"
	if l.template.Get("reporting") != nil {
		route = "checks"
	}
	routes, _ := task.Get("routes")
	list, isList := routes.([]any)
	if routes != nil && !isList || slices.ContainsFunc(list, func(r any) bool { return r == route }) {
		return
	}
	l.add(origin.At("routes").Line, "/routes", fmt.Sprintf("the GitHub service adds the route %q, which the template does not have", route), false)
}

// sourceWithin tells where a task says that it is from another repository than it
// is made from (section 10).
func (l *linter) sourceWithin(task *value.Object, origin *jsone.Origin) {
	written, err := value.Lookup(task, "metadata", "source")
	if err != nil {
		l.add(origin.At("metadata").Line, "/metadata/source", "a verifier needs it, and the template does not set it", false)
		return
	}
	prefixes := l.product.SourcePrefixes()
	for _, prefix := range prefixes {
		v, err := value.Lookup(task, "payload", "env", prefix+"_HEAD_REPOSITORY")
		if err != nil || textOf(v) == "" {
			continue
		}
		repository := strings.TrimSuffix(strings.TrimRight(textOf(v), "/"), ".git")
		from := textOf(written)
		if from != repository && !strings.HasPrefix(from, repository+"/") {
			l.add(origin.At("metadata", "source").Line, "/metadata/source",
				fmt.Sprintf("it is not in %s_HEAD_REPOSITORY: the template has %s and %s", prefix, shownText(from), shownText(repository)), false)
		}
		return
	}
}
