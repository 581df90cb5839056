package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"cotverify/internal/value"
	"cotverify/pkg/decision"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// rebuiltDecision is a parent's definition, rebuilt from its source.
type rebuiltDecision struct {
	rebuilt *decision.Rebuilt
	err     error    // why it could not be
	read    []string // the artifacts of the decision task that it was rebuilt from

	comparison *decision.Comparison // with the definition that ran
	compareErr error                // why there is none
	injected   []decision.Injected  // what the definition itself brought into its command
}

// rebuildKey says what is rebuilt, and by which product's rules.
type rebuildKey struct{ taskID, product string }

// rebuild rebuilds a parent's definition.
func (v *Verifier) rebuild(ctx context.Context, task *graph.Task, product *policy.Product) rebuiltDecision {
	d, err := v.rebuilt.Get(ctx, rebuildKey{task.ID, product.Name}, func(ctx context.Context) (rebuiltDecision, error) {
		of, err := v.Store.Task(ctx, task.Group)
		if err != nil || of.Definition == nil {
			return rebuiltDecision{err: &noDecisionError{group: task.Group}}, ctx.Err()
		}
		var d rebuiltDecision
		d.rebuilt, d.err = decision.Rebuild(ctx, task, of, decision.Options{
			Source:   v.Store.Source(),
			Services: v.Policy.Services,
			Product:  product,
			Template: v.WhatIf.template(task.ID),
			Artifact: func(ctx context.Context, name string) ([]byte, error) {
				d.read = append(d.read, name)
				return v.verifiedArtifact(ctx, of, name)
			},
		})
		if d.err == nil {
			d.comparison, d.compareErr = d.rebuilt.Compare()
			d.injected = d.rebuilt.Injected()
		}
		return d, ctx.Err()
	})
	if err != nil {
		return rebuiltDecision{err: err}
	}
	return d
}

// noDecisionError says that the chain has no task that a parent's group names.
type noDecisionError struct{ group string }

func (e *noDecisionError) Error() string {
	return fmt.Sprintf("the chain has no task %s that could be read, which is the decision task of its group", e.group)
}

// verifiedArtifact returns an artifact of a decision task once its hash held.
func (v *Verifier) verifiedArtifact(ctx context.Context, of *graph.Task, name string) ([]byte, error) {
	l := &Link{Link: &graph.Link{TaskID: of.ID, Task: of}}
	l.Worker, l.WorkerError = of.WorkerImplementation()
	a := &artifact{name: name}
	v.gatherArtifact(ctx, l, a)
	if a.err != nil {
		return nil, &unverifiedError{artifact: a}
	}
	return a.digest.Read()
}

var decisionRule = rule{
	check: checkDecision,
	explanations: []report.Explanation{
		{
			Check:   "decision",
			Meaning: "The definition of the decision or action task is what .taskcluster.yml of its revision renders to, given the push, release, pull request, cron job or action that it says it is for.",
			Why:     "A decision task runs with the scopes of its branch and defines all other tasks. If somebody could choose its command, all that hangs below it would be theirs.",
			Fails: []string{
				"The task was created with another command, image, scope or environment than the template gives.",
				"The revision or repository in its environment is not the one that it ran for.",
				"What the services say has changed since: a repository was renamed, a pull request's head moved, a level in projects.yml changed.",
				"The template does not render.",
			},
			Do: "The report shows the paths that differ, with the template's line and the context that it reads. cotverify decision TASK_ID --context shows all of the rebuilt definition and what it was rendered from.",
		},
		{
			Check:   "loose-equality",
			Warning: true,
			Meaning: "Values that were compared are equal in their types too.",
			Why:     "The reference takes 1, 1.0 and true for equal. A worker may not.",
			Fails:   []string{"A number stands in for a boolean, or a float for an integer, at the path in the message."},
			Do:      "Write the value in the same type in both places.",
		},
		{
			Check:   "action-group",
			Warning: true,
			Meaning: "The ACTION_TASK_GROUP_ID that an action ran with is its own taskId or its decision's.",
			Why:     "The comparison with the rebuilt action leaves this value out, as the reference does. An action that works on a foreign group would not be noticed.",
			Fails:   []string{"The variable names a task group that has nothing to do with the action."},
			Do:      "Find out who started the action, and which group it changed.",
		},
	},
}

// checkDecision checks that a parent's definition is what its source renders
// to (specification, section 6, decision).
func checkDecision(c *Chain, l *Link) []report.Check {
	const name = "decision"
	if !isParent(l) || l.Task == nil || l.Task.Definition == nil {
		return nil
	}
	of := c.byID[l.Task.Group]
	if of == nil || of.Task == nil || of.Task.Definition == nil {
		return []report.Check{l.problem(name, "", &noDecisionError{group: l.Task.Group})}
	}
	for _, file := range l.decision.read {
		if of.artifact(file) == nil { // as where the walk took it for no decision task
			return []report.Check{l.fail(name, "", "%s is no artifact that is verified of %s", file, of.TaskID).Because(report.NotRebuilt)}
		}
	}
	if l.decision.err != nil {
		return []report.Check{l.withoutFile(name, "", l.decision.err)}
	}
	rebuilt := l.decision.rebuilt
	comparison, err := l.decision.comparison, l.decision.compareErr
	if err != nil {
		return []report.Check{l.problem(name, "", err)}
	}
	if !comparison.Matches {
		return []report.Check{mismatch(l, rebuilt, comparison)}
	}
	checks := []report.Check{l.pass(name, "")}
	for _, d := range comparison.Loose {
		checks = append(checks, l.warn("loose-equality", value.Pointer(d.Path...),
			"equals the rebuilt definition only across JSON types, as 1, 1.0 and true do").
			Comparing(asJSON(d.A), asJSON(d.B)).
			WithHint(looseHint))
	}
	if rebuilt.IsAction() && !rebuilt.GroupKnown {
		checks = append(checks, l.warn("action-group", "",
			"the ACTION_TASK_GROUP_ID that it ran with, %q, is neither the action nor its decision task", rebuilt.RuntimeGroup).
			WithHint("the action's tasks went into a group that it has nothing to do with: see who fired the hook"))
	}
	return checks
}

func mismatch(l *Link, rebuilt *decision.Rebuilt, comparison *decision.Comparison) report.Check {
	places := "1 place"
	if n := len(comparison.Differences); n != 1 {
		places = fmt.Sprintf("%d places", n)
	}
	check := l.fail("decision", "", "the definition differs from what %s renders to, in %s", rebuilt.TemplateURL, places).
		Because(report.Differs).WithHint("somebody created it with other values than .taskcluster.yml gives, or what the template reads has changed since; cotverify decision " + l.TaskID + " --context shows what it reads")
	if len(rebuilt.Tasks) > 1 {
		check.Message += fmt.Sprintf(" of the closest of %d tasks", len(rebuilt.Tasks))
	}
	check.Diff = differences(rebuilt, comparison)
	if line := commonLine(check.Diff); line > 0 {
		check.Hint = fmt.Sprintf("all of these come through .taskcluster.yml:%d: look there first", line)
	}
	for _, d := range comparison.Differences {
		if opaque, ok := d.A.(value.Opaque); ok && d.Origin != nil {
			check.Hint = fmt.Sprintf("put %s in quotes in .taskcluster.yml:%d: YAML reads it as a date without them, and no value of a definition equals one", opaque.Text, d.Origin.Line)
		}
	}
	if rebuilt.IsAction() && readsClient(check.Diff) {
		if _, err := value.Lookup(l.Task.Definition, "extra", "action", "context", "clientId"); err != nil {
			check.Message += "; /extra/action/context/clientId, which the template reads, is absent"
		}
	}
	return check
}

// readsClient reports whether what differs was rendered from who fired an action.
func readsClient(diff []report.Difference) bool {
	return slices.ContainsFunc(diff, func(d report.Difference) bool { return slices.Contains(d.Context, "clientId") })
}

// commonLine returns the line of the template that several differences all
// come through, the last one if there are more; 0 where there is none. What
// only the runtime definition has comes through no line.
func commonLine(diff []report.Difference) int {
	diff = slices.DeleteFunc(slices.Clone(diff), func(d report.Difference) bool { return d.Rebuilt == nil })
	if len(diff) < 2 {
		return 0
	}
	through := map[int]int{}
	for _, d := range diff {
		lines := append([]int{d.Line}, d.Via...)
		slices.Sort(lines)
		for _, line := range slices.Compact(lines) {
			through[line]++
		}
	}
	common := 0
	for line, n := range through {
		if n == len(diff) {
			common = max(common, line)
		}
	}
	return common
}

// maxContextValue is how large a value of the context may be to be shown beside
// its path, in bytes.
const maxContextValue = 1000

// differences returns the places of a comparison as a report has them, each with
// the values of the context that it was rendered from.
func differences(rebuilt *decision.Rebuilt, comparison *decision.Comparison) []report.Difference {
	diff := make([]report.Difference, 0, len(comparison.Differences))
	for _, d := range comparison.Differences {
		entry := report.Difference{Path: value.Pointer(d.Path...), Rebuilt: raw(d.A, d.InA), Runtime: raw(d.B, d.InB)}
		if d.Origin != nil {
			entry.Line, entry.Context, entry.Via = d.Origin.Line, d.Origin.Reads, d.Origin.Via
			entry.Values = contextValues(rebuilt, d.Origin.Reads)
		}
		diff = append(diff, entry)
	}
	return diff
}

// contextValues returns by path the values of the context that are small enough.
func contextValues(rebuilt *decision.Rebuilt, paths []string) map[string]json.RawMessage {
	var values map[string]json.RawMessage
	for _, path := range paths {
		v, ok := rebuilt.ContextValue(path)
		if !ok {
			continue
		}
		if text := raw(v, true); len(text) <= maxContextValue {
			if values == nil {
				values = map[string]json.RawMessage{}
			}
			values[path] = text
		}
	}
	return values
}

// raw returns a value as JSON, as text for what JSON cannot hold; nothing where
// there is no value.
func raw(v any, there bool) json.RawMessage {
	if !there {
		return nil
	}
	text, err := value.AppendJSON(nil, v)
	text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	if err != nil || !json.Valid(text) {
		text, _ = json.Marshal(inWords(v))
	}
	return text
}
