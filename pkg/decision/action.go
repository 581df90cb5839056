package decision

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cotverify/internal/jsone"
	"cotverify/internal/pyjson"
	"cotverify/internal/pyyaml"
	"cotverify/internal/shape"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
)

// actionContext returns what the action task says that it was asked for.
func (r *rebuild) actionContext() (*value.Object, error) {
	action, err := shape.Document("", r.parent.Definition).Object("extra", "action", "context")
	if err != nil {
		return nil, refuse(AboutPurpose, "/extra/tasks_for says %s, and %v", r.tasksFor, err)
	}
	return action, nil
}

// hook is an action of actions.json, which a hook turns into a task.
type hook struct {
	action     shape.Place
	definition *value.Object // the action itself
	callback   any           // ACTION_CALLBACK, null where the task has none
}

// findHook returns the first action with the task's callback (specification,
// section 8, point 1).
func (r *rebuild) findHook(ctx context.Context) (*hook, error) {
	data, err := r.Artifact(ctx, cot.ActionsArtifact)
	if err != nil {
		return nil, err
	}
	doc, err := pyjson.Parse(data)
	if err != nil {
		return nil, refuse(AboutFile, "%s is no JSON: %v", cot.ActionsArtifact, err)
	}
	actions, err := shape.Document(cot.ActionsArtifact, doc.Value).List("actions")
	if err != nil {
		return nil, err
	}
	callback, _ := r.parent.Env.Get("ACTION_CALLBACK")
	var offered []string
	for _, action := range actions {
		described, err := action.OptionalObject("hookPayload", "decision", "action")
		if err != nil {
			return nil, err
		}
		if name, _ := described.Get("cb_name"); !value.Equal(name, callback) {
			if text, ok := name.(string); ok {
				offered = append(offered, text)
			}
			continue
		}
		definition, err := action.Object()
		if err != nil {
			return nil, err
		}
		if kind, _ := definition.Get("kind"); kind != "hook" {
			return nil, refuse(AboutAction, "the first action with the callback %s is of kind %s; expected \"hook\"", shown(callback), shown(kind))
		}
		return &hook{action, definition, callback}, nil
	}
	return nil, refuse(AboutAction, "%s, and %s has %s", isNone(callback), cot.ActionsArtifact, listed(offered))
}

// isNone says of a callback that no action has it.
func isNone(callback any) string {
	if callback == nil {
		return "payload.env.ACTION_CALLBACK is absent, so that nothing tells which action it ran"
	}
	return "payload.env.ACTION_CALLBACK is " + shown(callback)
}

// shown writes a value as JSON.
func shown(v any) string {
	text, err := value.AppendJSON(nil, v)
	if err != nil {
		return value.Kind(v)
	}
	return string(text)
}

// maxListed is how many names are listed.
const maxListed = 30

func listed(names []string) string {
	if len(names) == 0 {
		return "no action with a callback"
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if more := len(names) - maxListed; more > 0 {
		names = append(names[:maxListed:maxListed], fmt.Sprintf("and %d more", more))
	}
	return "actions with the callbacks " + strings.Join(names, ", ")
}

// permission returns the action's permission (specification, section 8,
// point 3).
func (h *hook) permission() (string, error) {
	extra, err := h.action.OptionalObject("extra")
	if err != nil {
		return "", err
	}
	permission, ok := extra.Get("actionPerm")
	if !ok {
		permission, _ = h.definition.Get("actionPerm")
	}
	if permission == nil {
		generic, err := h.isGeneric()
		if err != nil {
			return "", err
		}
		if generic {
			return "generic", nil
		}
		permission = h.callback
	}
	text, ok := permission.(string)
	if !ok {
		return "", refuse(AboutFile, "the action's permission is %s, not text", value.Kind(permission))
	}
	return text, nil
}

// isGeneric reports whether the hook is one that many actions share.
func (h *hook) isGeneric() (bool, error) {
	id, ok := h.definition.Get("hookId")
	if !ok {
		return true, nil
	}
	text, ok := id.(string)
	if !ok {
		return false, refuse(AboutFile, "the action's hookId is %s, not text", value.Kind(id))
	}
	return strings.Contains(text, "generic/"), nil
}

// payload renders the payload that the hook was fired with (specification,
// section 8, point 2).
func (r *rebuild) hookPayload(ctx context.Context, h *hook, action map[string]any) (any, error) {
	input, ok := action["input"]
	if !ok {
		return nil, &value.ShapeError{Path: "/extra/action/context/input", Want: "a value"}
	}
	template, err := h.action.Get("hookPayload")
	if err != nil {
		return nil, err
	}
	result, err := jsone.Render(ctx, value.NodeOf(template), map[string]any{
		"input":       input,
		"parameters":  action["parameters"],
		"taskGroupId": r.parent.Group,
		"taskId":      action["taskId"],
	})
	if err != nil {
		return nil, refuseRender(AboutAction, "the hookPayload of the action", err)
	}
	return result.Value, nil
}

// parameters reads the decision's parameters.yml.
func (r *rebuild) parameters(ctx context.Context) (any, error) {
	data, err := r.Artifact(ctx, cot.ParametersArtifact)
	if err != nil {
		return nil, err
	}
	node, err := pyyaml.Parse(data)
	if err != nil {
		return nil, refuse(AboutFile, "%s is no YAML that can be read: %v", cot.ParametersArtifact, err)
	}
	parameters, err := node.Plain()
	if err != nil {
		return nil, refuse(AboutFile, "%s: %v", cot.ParametersArtifact, err)
	}
	return parameters, nil
}

// inHook puts the in-tree template into the one that the hook service has
// (specification, section 8, point 4).
func inHook(template *value.Node, tasksFor, permission string) *value.Node {
	eval := func(expression string) any { return value.ObjectOf("$eval", expression) }
	let := value.ObjectOf(
		"tasks_for", tasksFor,
		"action", value.ObjectOf(
			"name", "${payload.decision.action.name}",
			"title", "${payload.decision.action.title}",
			"description", "${payload.decision.action.description}",
			"taskGroupId", "${payload.decision.action.taskGroupId}",
			"symbol", "${payload.decision.action.symbol}",
			"repo_scope", "assume:repo:${payload.decision.repository.url[8:]}:"+tasksFor+":"+permission,
			"action_perm", permission,
			"cb_name", "${payload.decision.action.cb_name}",
		),
		"push", eval("payload.decision.push"),
		"repository", eval("payload.decision.repository"),
		"input", eval("payload.user.input"),
		"parameters", eval("payload.decision['parameters']"),
		"taskId", eval("payload.user.taskId"),
		"taskGroupId", eval("payload.user.taskGroupId"),
		"ownTaskId", eval("taskId"),
	)
	wrapped := value.NodeOf(value.ObjectOf("$let", let))
	wrapped.Fields = append(wrapped.Fields, value.Field{Key: value.NodeOf("in"), Value: template})
	return wrapped
}
