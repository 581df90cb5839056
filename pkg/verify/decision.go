package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/decision"
	"cotverify/pkg/report"
)

// rebuiltDecision is a parent's definition, rebuilt from its source.
type rebuiltDecision struct {
	rebuilt *decision.Rebuilt
	err     error // why it could not be
}

// isParent reports whether the link creates others.
func isParent(e *evidence) bool { return cot.IsParentType(e.link.Type) }

// gatherDecision rebuilds a parent's definition.
func (c *chain) gatherDecision(ctx context.Context, e *evidence) {
	task := e.link.Task
	of := c.await(ctx, task.Group)
	if of == nil && ctx.Err() != nil {
		e.decision.err = ctx.Err()
		return
	}
	if of == nil || of.link.Task == nil || of.link.Task.Definition == nil {
		e.decision.err = &noDecisionError{group: task.Group}
		return
	}
	e.decision.rebuilt, e.decision.err = decision.Rebuild(ctx, task, of.link.Task, decision.Options{
		Source:   c.options.Source,
		Services: c.options.Policy.Services,
		Product:  c.product,
		Artifact: of.verifiedArtifact,
	})
}

// noDecisionError says that the chain has no task that a parent's group names.
type noDecisionError struct{ group string }

func (e *noDecisionError) Error() string {
	return fmt.Sprintf("the chain has no task %s that could be read, which is the decision task of its group", e.group)
}

// verifiedArtifact returns an artifact of the link once its hash held.
func (e *evidence) verifiedArtifact(ctx context.Context, name string) ([]byte, error) {
	a := e.artifact(name)
	if a == nil {
		return nil, fmt.Errorf("%s is no artifact that is verified of %s", name, e.link.TaskID)
	}
	select {
	case <-a.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if a.err != nil {
		return nil, &unverifiedError{artifact: a}
	}
	return a.read()
}

// checkDecision checks that a parent's definition is what its source renders
// to (specification, section 6, decision).
func checkDecision(c *chain, e *evidence) []report.Check {
	const name = "decision"
	if !isParent(e) || e.link.Task == nil || e.link.Task.Definition == nil {
		return nil
	}
	if e.decision.err != nil {
		return []report.Check{e.withoutFile(name, "", e.decision.err)}
	}
	rebuilt := e.decision.rebuilt
	comparison, err := rebuilt.Compare()
	if err != nil {
		return []report.Check{e.problem(name, "", err)}
	}
	if !comparison.Matches {
		return []report.Check{mismatch(e, rebuilt, comparison)}
	}
	checks := []report.Check{e.pass(name, "")}
	for _, pointer := range comparison.Loose {
		checks = append(checks, e.warn("loose-equality", pointer,
			"equals the rebuilt definition only across JSON types, as 1, 1.0 and true do").
			WithHint("harmless where the queue rewrote a number; software that is strict will see a difference"))
	}
	if rebuilt.IsAction() && !rebuilt.GroupKnown {
		checks = append(checks, e.warn("action-group", "",
			"the ACTION_TASK_GROUP_ID that it ran with, %q, is neither the action nor its decision task", rebuilt.RuntimeGroup).
			WithHint("the action's tasks went into a group that it has nothing to do with: see who fired the hook"))
	}
	return checks
}

func mismatch(e *evidence, rebuilt *decision.Rebuilt, comparison *decision.Comparison) report.Check {
	places := "1 place"
	if n := len(comparison.Differences); n != 1 {
		places = fmt.Sprintf("%d places", n)
	}
	check := e.fail("decision", "", "the definition differs from what %s renders to, in %s", rebuilt.TemplateURL, places).
		Because(report.Differs).WithHint("the task was not made from that source for the reason that it names; if it was, see which input changed since")
	if len(rebuilt.Tasks) > 1 {
		check.Message += fmt.Sprintf(" of the closest of %d tasks", len(rebuilt.Tasks))
	}
	check.Diff = Differences(comparison)
	if line := commonLine(check.Diff); line > 0 {
		check.Hint = fmt.Sprintf("all of these come through .taskcluster.yml:%d: look there first", line)
	}
	return check
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

// Differences returns the places of a comparison as a report has them.
func Differences(comparison *decision.Comparison) []report.Difference {
	diff := make([]report.Difference, 0, len(comparison.Differences))
	for _, d := range comparison.Differences {
		entry := report.Difference{Path: value.Pointer(d.Path...), Rebuilt: raw(d.A, d.InA), Runtime: raw(d.B, d.InB)}
		if d.Origin != nil {
			entry.Line, entry.Context, entry.Via = d.Origin.Line, d.Origin.Reads, d.Origin.Via
		}
		diff = append(diff, entry)
	}
	return diff
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
		text, _ = json.Marshal(describe(v))
	}
	return text
}
