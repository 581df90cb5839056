package diagnose

import (
	"fmt"
	"strings"
)

// origin is where a value of the template's context comes from.
type origin struct {
	source string // "projects.yml"
	about  string // more of it
	hint   string
}

// in says it within a sentence.
func (o origin) in() string {
	if o.source == "" {
		return ""
	}
	return " " + o.source
}

// valueOrigin returns where a value of the context comes from that a decision
// task is rebuilt with (specification, section 7).
func (v *view) valueOrigin(path, taskID string) origin {
	l, tasksFor := v.link(taskID), v.tasksFor(taskID)
	api := apiOf(l.Repository)
	onHg := api == ""
	is := func(prefixes ...string) bool {
		for _, p := range prefixes {
			if rest, ok := strings.CutPrefix(path, p); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
				return true
			}
		}
		return false
	}
	fromEnv := origin{"by its environment", "", fmt.Sprintf("the task itself says so, in payload.env: see who created %s with a value that does not go with its environment", v.label(taskID))}
	switch {
	case l.TaskType == "action":
		return origin{"by its extra.action.context", "", "the action's context and its definition do not go together: see who fired the action, and with what"}
	case is("repository.level"), is("repository.project") && onHg:
		return origin{"in projects.yml", "projects.yml is read as it is today", "see whether the level in projects.yml was changed since, and whether that was meant"}
	case is("push") && onHg && !is("push.revision", "push.comment"):
		return origin{"by the pushlog", fmt.Sprintf("the pushlog is at %s/json-pushes?changeset=%s", l.Repository, l.Revision), "compare with the pushlog: see who created the task, and when its push was made"}
	case is("event.sender.login") && (strings.HasPrefix(tasksFor, "github-push") || tasksFor == "" && !onHg):
		return origin{"by GitHub's commit", fmt.Sprintf("who pushed GitHub tells nobody afterwards, so it is a guess: the committer of %s/commits/%s, and where that is web-flow or nobody whom GitHub knows, its author", api, l.Revision),
			"see in the repository's activity who pushed the revision; where that was the one whom the task names, it ran as it should, and only a template without event.sender.login can be verified: event.pusher.email is known"}
	case is("event.sender", "event.release") && tasksFor != "cron" && (tasksFor == "github-release" || is("event.release")):
		return origin{"by GitHub's release", fmt.Sprintf("it is read from %s/releases/tags/%s as it is today", api, l.Revision), "see whether the release was edited since, or its branch rewritten"}
	case is("event.pull_request", "event.sender", "event.repository") && strings.HasPrefix(tasksFor, "github-pull-request"):
		return origin{"by GitHub's pull request", fmt.Sprintf("it is read from %s/pulls as it is today", api), "see whether the pull request, its head or its user changed since"}
	case is("repository.type"):
		return origin{"for every repository on GitHub", "", "see what created the task, and whether its cron job is one of a repository that was on hg"}
	case is("now"):
		return origin{"by its created", "", "the time in the definition and what was rendered from it do not go together: see who created the task"}
	case is("cron"):
		return origin{"by its extra.cron", "", "see which cron job made the task, and whether extra.cron was changed"}
	case is("ownTaskId", "taskId"):
		return origin{"by its own taskId", "", "the definition was made for another task: see who created it"}
	case is("tasks_for"):
		return origin{"by its extra.tasks_for", "", "compare extra.tasks_for with what made the task"}
	case is("event", "push", "repository"):
		return fromEnv
	}
	return origin{"", "", "see what changed the value since the task was made, or who created the task with another"}
}

// apiOf returns where GitHub's API has a repository, "" for one that is not
// GitHub's.
func apiOf(repository string) string {
	name := ""
	for _, prefix := range []string{"https://github.com/", "git@github.com:", "ssh://git@github.com/", "ssh://github.com/"} {
		if rest, ok := strings.CutPrefix(repository, prefix); ok {
			name = strings.TrimSuffix(strings.TrimSuffix(rest, "/"), ".git")
		}
	}
	if name == "" {
		return ""
	}
	return "https://api.github.com/repos/" + name
}
