package decision

import (
	"strings"

	"cotverify/internal/value"
	"cotverify/pkg/graph"
	"cotverify/pkg/policy"
)

// HostingOf returns where the repository of a decision task is: the product's
// only hosting, or of a product with several the one that the decision task
// shows (specification, section 7). The error is a *value.ShapeError.
func HostingOf(decision *graph.Task, product *policy.Product, gitHubHost string) (string, error) {
	if len(product.Hostings) == 1 {
		return product.Hostings[0], nil
	}
	isGitHub, err := IsGitHub(decision, gitHubHost)
	if err != nil {
		return "", err
	}
	if isGitHub {
		return policy.HostingGitHub, nil
	}
	return policy.HostingHg, nil
}

// IsGitHub reports whether a task is GitHub's: by its scheduler, by what it is
// for, or by its source (specification, section 10). The error is a
// *value.ShapeError.
func IsGitHub(task *graph.Task, host string) (bool, error) {
	tasksFor := ""
	if v, ok := task.Extra.Get("tasks_for"); ok {
		if tasksFor, ok = v.(string); !ok {
			return false, &value.ShapeError{Path: "/extra/tasks_for", Want: "text", Got: value.Kind(v)}
		}
	}
	scheduler, _ := task.Definition.Get("schedulerId")
	sourceURL, err := task.Source()
	if err != nil {
		return false, err
	}
	return scheduler == "taskcluster-github" || strings.HasPrefix(tasksFor, "github-") ||
		strings.HasPrefix(sourceURL, "https://"+host+"/") || strings.HasPrefix(sourceURL, "ssh://"+host+"/"), nil
}
