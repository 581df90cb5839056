package verify

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"cotverify/internal/suggest"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// Claim is what a bundle's manifest says of its target. Anyone writes bundles,
// so that it counts only where it asks as much as the definition does.
type Claim struct {
	TaskType string
	Product  string
}

// targetError says that the facts which tell the target's task type or product
// could not be had.
type targetError struct {
	err   error
	other *otherDefinition // as of the chain that there is none of
}

func (e *targetError) Error() string {
	return "to infer its task type and product: " + e.err.Error()
}

func (e *targetError) Unwrap() error { return e.err }

// asked is what the target is verified as, and what is wrong with who said so.
type asked struct {
	report.Target
	refused []string // why what a bundle or the definition alone says does not count
	laxer   string   // why what a flag says asks less than the definition
}

// infer settles what the target is verified as and by which product. The error
// is a *UsageError or a *targetError.
func (v *Verifier) infer(ctx context.Context, t Target) (*asked, *policy.Product, error) {
	target := &asked{Target: report.Target{TaskID: t.TaskID}}
	task, err := v.readTarget(ctx, t)
	if err != nil && (ctx.Err() != nil || cmp.Or(t.TaskType, t.Claim.TaskType) == "" || cmp.Or(t.Product, t.Claim.Product) == "") {
		return nil, nil, err
	}
	target.settleType(t, task)
	if err := v.settleProduct(ctx, target, t, task); err != nil {
		return nil, nil, err
	}
	product, ok := v.Policy.Products[target.Product]
	if !ok {
		names := slices.Sorted(maps.Keys(v.Policy.Products))
		return nil, nil, &UsageError{fmt.Sprintf("unknown product \"%s\"%s; the policy has %s",
			target.Product, suggest.Phrase(target.Product, names), strings.Join(names, ", "))}
	}
	return target, product, nil
}

// settleType settles the task type. task is nil where it could not be had.
func (a *asked) settleType(t Target, task *graph.Task) {
	seen, from := "", ""
	if task != nil {
		seen, from = inferType(task)
	}
	switch {
	case t.TaskType != "":
		a.TaskType, a.TaskTypeFrom = t.TaskType, report.FromFlag
		if task != nil && !cot.IsAsStrict(t.TaskType, seen) {
			a.laxer = fmt.Sprintf("it is verified as %s, and by %s it is %s, of which more is asked", t.TaskType, from, seen)
		}
	case task == nil:
		a.TaskType, a.TaskTypeFrom = t.Claim.TaskType, report.FromBundle
	case t.Claim.TaskType != "" && slices.Contains(cot.TaskTypes(), t.Claim.TaskType) && cot.IsAsStrict(t.Claim.TaskType, seen):
		a.TaskType, a.TaskTypeFrom = t.Claim.TaskType, report.FromBundle
	default:
		a.TaskType, a.TaskTypeFrom = seen, report.FromInferred
		a.Inferred = append(a.Inferred, fmt.Sprintf("task type %s from %s", seen, from))
		if t.Claim.TaskType != "" {
			a.refuseClaim("the bundle says that the task is %s, and by %s it is %s, of which more is asked", t.Claim.TaskType, from, seen)
		}
	}
}

// settleProduct settles the product. task is nil where it could not be had.
func (v *Verifier) settleProduct(ctx context.Context, a *asked, t Target, task *graph.Task) error {
	if t.Product != "" {
		a.Product, a.ProductFrom = t.Product, report.FromFlag
		return nil
	}
	if task == nil {
		a.Product, a.ProductFrom = t.Claim.Product, report.FromBundle
		return nil
	}
	seen, from, err := v.inferProduct(ctx, task)
	switch {
	case t.Claim.Product == "" && err != nil:
		return err
	case t.Claim.Product == "":
		a.Product, a.ProductFrom = seen, report.FromInferred
		a.Inferred = append(a.Inferred, fmt.Sprintf("product %s from %s", seen, from))
	default:
		a.Product, a.ProductFrom = t.Claim.Product, report.FromBundle
		if err == nil && seen != a.Product {
			a.refuseClaim("the bundle says that the task is of %s, and by %s it is of %s", a.Product, from, seen)
		}
	}
	a.refuseForeignScope(v.Policy, task)
	return nil
}

// refuseForeignScope refuses a product that nobody but the definition or the
// bundle names, and under which a scope would be anybody's that another product
// restricts.
func (a *asked) refuseForeignScope(p *policy.Policy, task *graph.Task) {
	chosen, ok := p.Products[a.Product]
	if !ok {
		return
	}
	own := restrictedScopes(chosen, task)
	for _, name := range p.ProductNames() {
		others := restrictedScopes(p.Products[name], task)
		for _, scope := range slices.Sorted(maps.Keys(others.rules)) {
			if own.rules[scope] == nil {
				a.refuseClaim("the task is taken for one of %s, and has the scope %s, which is restricted by %s", a.Product, scope, name)
				return
			}
		}
	}
}

func (a *asked) refuseClaim(format string, args ...any) {
	a.refused = append(a.refused, fmt.Sprintf(format, args...))
}

var askedRule = rule{
	check: checkAsked,
	explanations: []report.Explanation{
		{
			Check:   "lax-type",
			Warning: true,
			Meaning: "--task-type asks less of the target than its definition does.",
			Why:     "A signing task that is verified as a build need not have run on scriptworker. Whoever chooses the type chooses what is asked.",
			Fails:   []string{"The flag was taken from another task, or chosen to get past a failing check."},
			Do:      "Leave --task-type away: the definition tells the type of which most is asked.",
		},
	},
}

// checkAsked checks that nobody but the user and the policy chose what is asked
// of the target.
func checkAsked(c *Chain, l *Link) []report.Check {
	var checks []report.Check
	for _, message := range c.asked.refused {
		checks = append(checks, l.fail("task-type", "target", "%s", message).
			Because(report.WeakerClaim))
	}
	if c.asked.laxer != "" {
		checks = append(checks, l.warn("lax-type", c.target.TaskType, "%s", c.asked.laxer).
			WithHint("leave --task-type away, or make sure that the task is no more than that"))
	}
	return checks
}

// unread returns the report of a target of which not even its task type and
// product can be told.
func (v *Verifier) unread(t Target, err *targetError) *report.Report {
	target := report.Target{TaskID: t.TaskID, TaskType: t.TaskType, Product: t.Product}
	if t.TaskType != "" {
		target.TaskTypeFrom = report.FromFlag
	}
	if t.Product != "" {
		target.ProductFrom = report.FromFlag
	}
	l := &Link{Link: &graph.Link{TaskID: t.TaskID, Name: "target"}}
	check := l.problem("task", "", err.err)
	if isUnknownTask(err.err) {
		check.Status = report.Fail
	}
	r := &report.Report{
		Schema:    report.Schema,
		RootURL:   v.Policy.Services.RootURL,
		Trust:     v.Trust(t),
		Target:    target,
		Artifacts: []report.Artifact{},
		Links:     []report.Link{{TaskID: l.TaskID, Name: l.Name}},
		Checks:    slices.Concat([]report.Check{check}, checkGiven(err.other, l), t.requiredOfNone(l)),
	}
	r.Conclude(t.Strict)
	return r
}

// readTarget reads the target's definition, to infer from. The error is a
// *targetError.
func (v *Verifier) readTarget(ctx context.Context, t Target) (*graph.Task, error) {
	if t.Definition != nil {
		return graph.ReadTask(t.TaskID, t.Definition), nil
	}
	task, err := v.Store.Task(ctx, t.TaskID)
	if err != nil {
		return nil, &targetError{err: err}
	}
	return task, nil
}

// inferType returns the task type that a definition looks like, and from what:
// where clues allow several, the one of which most is asked.
func inferType(task *graph.Task) (taskType, from string) {
	best := func(taken, takenFrom string) {
		if taken != "" && (taskType == "" || isStricter(taken, taskType)) {
			taskType, from = taken, takenFrom
		}
	}
	kind, _ := task.Tags.Get("kind")
	switch kind {
	case "decision-task", "cron-task":
		best(cot.Decision, fmt.Sprintf("tags.kind %s", kind))
	case "action-callback":
		best(cot.Action, "tags.kind action-callback")
	}
	workerType, _ := task.Definition.Get("workerType")
	named := []any{kind, workerType}
	for i, from := range []string{"tags.kind", "workerType"} {
		text, _ := named[i].(string)
		best(typeIn(text), fmt.Sprintf("%s %s", from, text))
	}
	if task.IsAction() {
		best(cot.Action, "extra.action")
	}
	if task.Group == task.ID {
		best(cot.Decision, "its own taskGroupId")
	}
	if worker, err := task.WorkerImplementation(); err == nil && worker == cot.ScriptworkerImplementation {
		best(cot.Scriptworker, "its worker implementation")
	}
	if taskType == "" {
		return cot.Build, "nothing that says otherwise"
	}
	return taskType, from
}

// isStricter reports whether more is asked of one type than of another.
func isStricter(taskType, than string) bool {
	return cot.IsAsStrict(taskType, than) && !cot.IsAsStrict(than, taskType)
}

// typeIn returns the task type whose name is a text or a word of it, of several
// the one of which most is asked; "" where there is none. A type that must run
// on scriptworker counts however it is written, as push-apk or Signing: whoever
// names a task must not get past what is asked of it.
func typeIn(text string) string {
	if slices.Contains(cot.TaskTypes(), text) {
		return text
	}
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	joined := strings.Join(words, "")
	found := ""
	for _, taskType := range cot.TaskTypes() {
		named := slices.Contains(words, taskType) ||
			cot.IsScriptworkerType(taskType) && strings.Contains(joined, taskType) ||
			taskType == cot.DockerImage && (strings.Contains(text, taskType) || text == "images" || text == "images-gcp")
		if named && (found == "" || isStricter(taskType, found)) {
			found = taskType
		}
	}
	return found
}

// inferProduct returns the product whose trees have the target's source, or
// if that is not just one, whose prefix and pools its decision task has. A
// definition that is too malformed to tell is refused by whatever product, so
// that its error is a *targetError, and a *UsageError only where one must be
// given.
func (v *Verifier) inferProduct(ctx context.Context, task *graph.Task) (name, from string, err error) {
	sourceURL, err := task.Source()
	if problem := firstProblem(task, err); problem != nil {
		return "", "", &targetError{err: problem}
	}
	var candidates []string
	for name, product := range v.Policy.Products {
		if _, ok := product.TreeOf(sourceURL); ok {
			candidates = append(candidates, name)
		}
	}
	if len(candidates) == 1 {
		return candidates[0], "metadata.source " + sourceURL, nil
	}
	decision := task
	if task.Group != task.ID && task.Group != "" {
		if decision, err = v.Store.Task(ctx, task.Group); err != nil {
			return "", "", &targetError{err: err}
		}
	}
	candidates = nil
	pool, err := decision.WorkerPool()
	if problem := firstProblem(decision, err); problem != nil {
		return "", "", &targetError{err: fmt.Errorf("its decision task %s: %w", decision.ID, problem)}
	}
	prefix := ""
	for name, product := range v.Policy.Products {
		if repository, _ := decision.Env.Get(product.EnvPrefix + "_HEAD_REPOSITORY"); value.Truthy(repository) && slices.Contains(product.DecisionPools, pool) {
			candidates, prefix = append(candidates, name), product.EnvPrefix
		}
	}
	if len(candidates) != 1 {
		slices.Sort(candidates)
		return "", "", &UsageError{fmt.Sprintf("task %s does not tell its product (source \"%s\", decision pool \"%s\", candidates: %s): give one with --product",
			task.ID, sourceURL, pool, strings.Join(append(candidates, "none other"), ", "))}
	}
	return candidates[0], fmt.Sprintf("the decision task's pool %s and %s_HEAD_REPOSITORY", pool, prefix), nil
}

// firstProblem returns the first problem of a definition, or what else is wrong
// with it.
func firstProblem(task *graph.Task, err error) error {
	if len(task.Problems) > 0 {
		return task.Problems[0]
	}
	return err
}
