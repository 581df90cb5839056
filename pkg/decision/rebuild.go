// Package decision rebuilds the definition of a decision or action task from
// the source tree's .taskcluster.yml, and compares it with the one that ran
// (specification, sections 6 to 8).
//
// Start with [Rebuild] and [Rebuilt.Compare]. A task whose rebuilt definition
// equals the one that ran was made by the services from the tree that its
// environment names, for the reason that it names; whether that tree is to be
// trusted is not looked at here.
package decision

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cotverify/internal/jsone"
	"cotverify/internal/parallel"
	"cotverify/internal/pyurl"
	"cotverify/internal/value"
	"cotverify/pkg/forge"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/source"
)

// Options says how to rebuild.
type Options struct {
	Source   source.Source
	Services policy.Services
	Product  *policy.Product
	// Artifact returns an artifact of the decision task, whose hash was
	// verified before. Only actions ask for any.
	Artifact func(ctx context.Context, name string) ([]byte, error)
	// Template is rendered in place of the tree's, to see what would be if it
	// were that; nil to render the tree's.
	Template *Template
}

// Template is a .taskcluster.yml that a tree does not have.
type Template struct {
	Name    string // of the file that it is from
	Content []byte
}

// Refusal says why a definition cannot be rebuilt: not for want of a fact, but
// because what was found forbids it.
type Refusal struct {
	About   About
	Message string
	Hint    string // what to do about it, where more is known than what it is about
	// Detail shows the place in the template, in lines of its own; "" where
	// there is none.
	Detail string
}

func (e *Refusal) Error() string { return e.Message }

// About says what a refusal is about, and so who can mend it.
type About int

// What a refusal is about.
const (
	AboutTask     About = iota // the definition that is to be rebuilt
	AboutTemplate              // .taskcluster.yml
	AboutProjects              // projects.yml
	AboutAction                // the action that was fired
	AboutPurpose               // what the task says that it is for
	AboutFile                  // an artifact of the decision task
	AboutURL                   // a repository or a revision that nothing can be asked for
	AboutPush                  // a push that is not there
	AboutAnswer                // what GitHub or hg answered
)

// ofForge has what a forge's refusal is about.
var ofForge = map[forge.About]About{forge.AboutURL: AboutURL, forge.AboutPush: AboutPush, forge.AboutAnswer: AboutAnswer}

func refuse(about About, format string, args ...any) error {
	return &Refusal{About: about, Message: fmt.Sprintf(format, args...)}
}

// refuseRender makes a refusal of an error in rendering, unless it is the
// context's.
func refuseRender(about About, what string, err error) error {
	var place *jsone.Error
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &place):
		return &Refusal{About: about, Message: what + ": " + place.Error(), Detail: place.Excerpt()}
	}
	return refuse(about, "%s: %v", what, err)
}

// Rebuilt is what a template rendered to.
type Rebuilt struct {
	TasksFor    string
	TemplateURL string
	// Context is what the template was rendered from, but for its functions.
	Context *graph.Object
	// Tasks are the definitions that the template rendered, and where each
	// part of them comes from.
	Tasks   []any
	Origins []*Origin

	parent  *graph.Task
	hosting string
	// RuntimeGroup is the ACTION_TASK_GROUP_ID that an action ran with, and
	// GroupKnown whether it names the action or its decision. Empty for other
	// tasks.
	RuntimeGroup string
	GroupKnown   bool
}

// rebuild is one rebuild at work.
type rebuild struct {
	Options
	parent   *graph.Task // what to rebuild
	decision *graph.Task // the decision of its group
	tasksFor string
	hosting  string // of the decision
	env      env
	gitHub   forge.GitHub
}

// Rebuild renders the definition of a parent task. decision is the task of its
// group; for a decision task that is the parent itself. The error is a
// *Refusal or a *value.ShapeError where what was found forbids it, and else
// one of a [source.Source].
func Rebuild(ctx context.Context, parent, decision *graph.Task, o Options) (*Rebuilt, error) {
	r := &rebuild{
		Options:  o,
		parent:   parent,
		decision: decision,
		env:      env{task: decision, prefix: o.Product.EnvPrefix},
		gitHub:   forge.GitHub{Source: o.Source, Services: o.Services.GitHub},
	}
	tasksFor, err := value.LookupText(parent.Definition, "extra", "tasks_for")
	if err != nil {
		return nil, err
	}
	if !slices.Contains(o.Product.TasksFor, tasksFor) {
		return nil, refuse(AboutPurpose, "/extra/tasks_for is %q; expected one of %s, which the policy has for %s",
			tasksFor, strings.Join(o.Product.TasksFor, ", "), o.Product.Name)
	}
	r.tasksFor = tasksFor
	if r.hosting, err = r.gitHub.HostingOf(decision, o.Product); err != nil {
		return nil, err
	}
	rebuilt, err := r.run(ctx)
	var refusal *forge.Refusal
	if errors.As(err, &refusal) {
		return nil, &Refusal{About: ofForge[refusal.About], Message: refusal.Message}
	}
	return rebuilt, err
}

func (r *rebuild) run(ctx context.Context) (*Rebuilt, error) {
	url, err := r.templateURL()
	if err != nil {
		return nil, err
	}
	var template *value.Node
	var vars map[string]any
	err = parallel.Run(
		func() (err error) {
			if r.Template != nil {
				url = source.URL(r.Template.Name)
				template, err = parseYAML(url, r.Template.Content, AboutTemplate)
				return err
			}
			template, err = fetchYAML(ctx, r.Source, url, AboutTemplate)
			return err
		},
		func() (err error) {
			vars, err = r.context(ctx)
			return err
		},
	)
	if err != nil {
		return nil, err
	}
	if isAction(r.tasksFor) {
		if template, vars, err = r.hookTask(ctx, template, vars); err != nil {
			return nil, err
		}
	}
	result, err := jsone.Render(ctx, template, vars)
	if err != nil {
		return nil, refuseRender(AboutTemplate, ".taskcluster.yml", err)
	}
	rebuilt := &Rebuilt{TasksFor: r.tasksFor, TemplateURL: url.URL, Context: contextObject(vars), parent: r.parent, hosting: r.hosting}
	if err := rebuilt.keepTasks(result); err != nil {
		return nil, err
	}
	if isAction(r.tasksFor) {
		return rebuilt, rebuilt.setGroup(r.parent, r.decision.ID)
	}
	return rebuilt, nil
}

// IsAction reports whether the task is an action task, by what it is for.
func (r *Rebuilt) IsAction() bool { return isAction(r.TasksFor) }

func isAction(tasksFor string) bool { return tasksFor == "action" || tasksFor == "pr-action" }

// templateURL returns where the in-tree template is (specification,
// section 2).
func (r *rebuild) templateURL() (source.Fact, error) {
	written, err := r.env.repository("HEAD_REPOSITORY")
	if err != nil {
		return source.Fact{}, err
	}
	revision, err := r.env.revision()
	if err != nil {
		return source.Fact{}, err
	}
	if url := r.gitHub.URL(written); r.gitHub.Has(url) {
		repo, err := r.gitHub.Parse(url)
		if err != nil {
			return source.Fact{}, err
		}
		fact := source.URL(r.Services.GitHub.Raw + "/" + repo.FullName() + "/" + revision + "/.taskcluster.yml")
		fact.Private = strings.HasPrefix(url, "ssh:") || r.Product.NeedsSecret()
		return fact, nil
	}
	_, hg, _ := strings.Cut(r.Services.Hg, "://")
	u, err := pyurl.Parse(written)
	switch {
	case err != nil:
		return source.Fact{}, refuse(AboutURL, "%q: %v", written, err)
	case u.Netloc != hg:
		return source.Fact{}, refuse(AboutURL, "the repository %q is on no host that templates are read from (%s, %s)",
			written, r.gitHub.Host(), hg)
	case u.Path != "" && !pyurl.IsPlainPath(strings.TrimPrefix(u.Path, "/")):
		return source.Fact{}, refuse(AboutURL, "the path of the repository %q cannot be part of a URL", written)
	}
	return source.URL(u.Scheme + "://" + u.Netloc + u.Path + "/raw-file/" + revision + "/.taskcluster.yml"), nil
}

// context makes the JSON-e context of the parent task (specification,
// section 7).
func (r *rebuild) context(ctx context.Context) (map[string]any, error) {
	created, err := value.Lookup(r.parent.Definition, "created")
	if err != nil {
		return nil, err
	}
	vars := map[string]any{
		"now":       created,
		"as_slugid": r.asSlugid(),
		"tasks_for": r.tasksFor,
		"ownTaskId": r.parent.ID,
		"taskId":    nil,
	}
	extra, err := r.productContext(ctx)
	if err != nil {
		return nil, err
	}
	// An action's own context may name anything, the keys above included: the
	// reference lets it.
	maps.Insert(vars, extra.All())
	return vars, nil
}

func (r *rebuild) productContext(ctx context.Context) (*value.Object, error) {
	if r.hosting == policy.HostingHg {
		return r.hgContext(ctx)
	}
	return r.gitHubContext(ctx)
}

// asSlugid returns the function that gives decision tasks their taskId.
func (r *rebuild) asSlugid() jsone.Function {
	return func(args []any) (any, error) {
		if len(args) != 1 {
			return nil, fmt.Errorf("as_slugid takes one argument, and got %d", len(args))
		}
		switch args[0].(type) {
		case []any, *value.Object:
			return nil, fmt.Errorf("as_slugid takes no %s", strings.TrimPrefix(value.Kind(args[0]), "an "))
		}
		if args[0] == "decision" {
			return r.decision.ID, nil
		}
		return r.parent.ID, nil
	}
}

// hookTask returns the template and the context of an action (specification,
// section 8).
func (r *rebuild) hookTask(ctx context.Context, template *value.Node, action map[string]any) (*value.Node, map[string]any, error) {
	hook, err := r.findHook(ctx)
	if err != nil {
		return nil, nil, err
	}
	if r.hosting == policy.HostingHg {
		if action["parameters"], err = r.parameters(ctx); err != nil {
			return nil, nil, err
		}
	}
	permission, err := hook.permission()
	if err != nil {
		return nil, nil, err
	}
	payload, err := r.hookPayload(ctx, hook, action)
	if err != nil {
		return nil, nil, err
	}
	return inHook(template, r.tasksFor, permission), map[string]any{
		"payload":   payload,
		"taskId":    r.parent.ID,
		"now":       action["now"],
		"as_slugid": action["as_slugid"],
		"clientId":  action["clientId"],
	}, nil
}

// contextObject returns a context for a person to read: sorted, and without
// its functions.
func contextObject(vars map[string]any) *value.Object {
	o := &value.Object{}
	for _, key := range slices.Sorted(maps.Keys(vars)) {
		if _, ok := vars[key].(jsone.Function); !ok {
			o.Set(key, vars[key])
		}
	}
	return o
}

// maxTasks is how many tasks a template may render to, since each is compared
// with the one that ran. Real ones render to one or two.
const maxTasks = 100

// keepTasks keeps the tasks of what was rendered.
func (r *Rebuilt) keepTasks(result *jsone.Result) error {
	tasks, err := value.Lookup(result.Value, "tasks")
	if err != nil {
		return refuse(AboutTemplate, "what .taskcluster.yml renders to has no tasks: %v", err)
	}
	list, ok := tasks.([]any)
	if !ok {
		return refuse(AboutTemplate, "the tasks that .taskcluster.yml renders to are %s, not a list", value.Kind(tasks))
	}
	if len(list) > maxTasks {
		return refuse(AboutTemplate, ".taskcluster.yml renders to %d tasks; expected at most %d", len(list), maxTasks)
	}
	r.Tasks = list
	for i := range list {
		r.Origins = append(r.Origins, result.Origin.At("tasks", fmt.Sprint(i)))
	}
	return nil
}

// setGroup checks the ACTION_TASK_GROUP_ID of the first rebuilt task, and puts
// that of the task that ran in its place (specification, section 8, point 5).
func (r *Rebuilt) setGroup(parent *graph.Task, decisionID string) error {
	if len(r.Tasks) == 0 {
		return refuse(AboutTemplate, ".taskcluster.yml renders to no task")
	}
	path := []string{"payload", "env", "ACTION_TASK_GROUP_ID"}
	rebuilt, err := value.LookupText(r.Tasks[0], path...)
	if err != nil {
		return refuse(AboutTemplate, "of the rebuilt task, %v", err)
	}
	if rebuilt != parent.ID && rebuilt != decisionID {
		return refuse(AboutAction, "the rebuilt ACTION_TASK_GROUP_ID is %q, neither the action nor its decision task %s", rebuilt, decisionID)
	}
	runtime, err := value.Lookup(parent.Definition, path...)
	if err != nil {
		return err
	}
	text, isText := runtime.(string)
	r.RuntimeGroup = text
	r.GroupKnown = isText && (text == parent.ID || text == decisionID)
	r.Tasks = slices.Clone(r.Tasks)
	r.Tasks[0] = replaced(r.Tasks[0], runtime, path...)
	return nil
}

// replaced returns an object with the value at a path, which it has, replaced.
func replaced(v any, by any, path ...string) any {
	if len(path) == 0 {
		return by
	}
	o := v.(*value.Object)
	inner, _ := o.Get(path[0])
	return o.With(path[0], replaced(inner, by, path[1:]...))
}
