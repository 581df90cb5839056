package verify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cotverify/internal/suggest"
	"cotverify/internal/terms"
	"cotverify/internal/value"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
	"cotverify/pkg/source"
)

// infer fills in the target's task type and product where they were not
// given, says so in the target, and returns the product.
func infer(ctx context.Context, o Options, target *Target) (*policy.Product, error) {
	var task *graph.Task
	if target.TaskType == "" || target.Product == "" {
		var err error
		if task, err = readTarget(ctx, o); err != nil {
			return nil, err
		}
	}
	if target.TaskType == "" {
		taskType, from := inferType(task)
		target.TaskType = taskType
		target.Inferred = append(target.Inferred, fmt.Sprintf("task type %s from %s", taskType, from))
	}
	if target.Product == "" {
		name, from, err := inferProduct(ctx, o, task)
		if err != nil {
			return nil, err
		}
		target.Product = name
		target.Inferred = append(target.Inferred, fmt.Sprintf("product %s from %s", name, from))
	}
	product, ok := o.Policy.Products[target.Product]
	if !ok {
		names := slices.Sorted(maps.Keys(o.Policy.Products))
		return nil, &UsageError{fmt.Sprintf("unknown product %q%s; the policy has %s",
			target.Product, suggest.Phrase(target.Product, names), strings.Join(names, ", "))}
	}
	return product, nil
}

// readTarget reads the target's definition, to infer from.
func readTarget(ctx context.Context, o Options) (*graph.Task, error) {
	if o.Definition != nil {
		return graph.ReadTask(o.TaskID, o.Definition), nil
	}
	data, _, err := source.ReadAll(ctx, o.Source, source.Task(o.TaskID), graph.MaxDefinition)
	if err != nil {
		return nil, fmt.Errorf("to infer its task type and product: %w", err)
	}
	return graph.ReadTask(o.TaskID, data), nil
}

// inferType returns the task type that a definition looks like, and from what.
func inferType(task *graph.Task) (taskType, from string) {
	kind, _ := task.Tags.Get("kind")
	switch kind {
	case "decision-task", "cron-task":
		return terms.Decision, fmt.Sprintf("tags.kind %s", kind)
	case "action-callback":
		return terms.Action, "tags.kind action-callback"
	}
	workerType, _ := task.Definition.Get("workerType")
	named := []any{kind, workerType}
	for i, from := range []string{"tags.kind", "workerType"} {
		text, _ := named[i].(string)
		if taskType := typeIn(text); taskType != "" {
			return taskType, fmt.Sprintf("%s %s", from, text)
		}
	}
	worker, err := task.WorkerImplementation()
	switch {
	case task.IsAction():
		return terms.Action, "extra.action"
	case task.Group == task.ID:
		return terms.Decision, "its own taskGroupId"
	case err == nil && worker == terms.ScriptworkerImplementation:
		return terms.Scriptworker, "its worker implementation"
	}
	return terms.Build, "nothing that says otherwise"
}

// typeIn returns the task type whose name is a text, or a word of it.
func typeIn(text string) string {
	if slices.Contains(terms.TaskTypes(), text) {
		return text
	}
	if strings.Contains(text, "docker-image") || text == "images" || text == "images-gcp" {
		return terms.DockerImage
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == '_' || r == '/' })
	for _, taskType := range terms.TaskTypes() {
		if slices.Contains(words, taskType) {
			return taskType
		}
	}
	return ""
}

// inferProduct returns the product whose trees have the target's source, or
// if that is not just one, whose prefix and pools its decision task has.
func inferProduct(ctx context.Context, o Options, task *graph.Task) (name, from string, err error) {
	sourceURL, _ := task.Source()
	var candidates []string
	for name, product := range o.Policy.Products {
		if _, ok := treeOf(product, sourceURL); ok {
			candidates = append(candidates, name)
		}
	}
	if len(candidates) == 1 {
		return candidates[0], "metadata.source " + sourceURL, nil
	}
	decision := task
	if task.Group != task.ID && task.Group != "" {
		data, _, err := source.ReadAll(ctx, o.Source, source.Task(task.Group), graph.MaxDefinition)
		if err != nil {
			return "", "", fmt.Errorf("to infer the product: %w", err)
		}
		decision = graph.ReadTask(task.Group, data)
	}
	candidates = nil
	pool, _ := decision.WorkerPool()
	prefix := ""
	for name, product := range o.Policy.Products {
		if repository, _ := decision.Env.Get(product.EnvPrefix + "_HEAD_REPOSITORY"); value.Truthy(repository) && slices.Contains(product.DecisionPools, pool) {
			candidates, prefix = append(candidates, name), product.EnvPrefix
		}
	}
	if len(candidates) != 1 {
		slices.Sort(candidates)
		return "", "", &UsageError{fmt.Sprintf("task %s does not tell its product (source %q, decision pool %q, candidates: %s): give one with --product",
			task.ID, sourceURL, pool, strings.Join(append(candidates, "none other"), ", "))}
	}
	return candidates[0], fmt.Sprintf("the decision task's pool %s and %s_HEAD_REPOSITORY", pool, prefix), nil
}
