package decision

import (
	"strings"

	"cotverify/internal/jsone"
	"cotverify/internal/value"
	"cotverify/pkg/policy"
)

// known is a path of the context that a rebuild has, and where it has it from
// (specification, sections 7 and 8).
type known struct {
	path string
	// from are the places of the definition, the first that is there counts; none
	// where it is from a service, or made of what is. E(X) is an environment
	// variable with the product's prefix.
	from []string
	// guess says why the value may be another than the task was made with; "" where
	// it is the same.
	guess string
	// value is the one that it always has, where it has one.
	value any
	// filled says that the value is never empty in a definition that ran.
	filled bool
}

func services(paths ...string) []known {
	var all []known
	for _, path := range paths {
		all = append(all, known{path: path})
	}
	return all
}

const (
	guessSender  = "the commit's committer is taken for who pushed"
	guessPR      = "it is as GitHub has it now, and can have been edited since"
	guessSynced  = "who opened the pull request is taken for who caused the event"
	guessPRReady = "every event of a pull request is taken for synchronize"
)

// edited are the parts of a pull request that anybody changes later.
var edited = []string{
	"title", "body", "labels", "draft", "state", "assignee", "assignees", "requested_reviewers", "requested_teams", "milestone",
	"merged", "merged_at", "merged_by", "closed_at", "updated_at", "mergeable", "mergeable_state", "comments", "review_comments",
	"commits", "additions", "deletions", "changed_files", "locked", "auto_merge", "merge_commit_sha",
}

// knownPaths returns what a rebuild knows for a purpose. A path that leads to an
// object stands for all in it, but for what stands below it in the list.
func knownPaths(hosting, tasksFor string) []known {
	switch {
	case isAction(tasksFor):
		return append(services("action.name", "action.title", "action.description", "action.taskGroupId", "action.symbol",
			"action.repo_scope", "action.action_perm", "action.cb_name", "push", "repository", "parameters", "payload", "taskGroupId"),
			known{path: "input", from: []string{"/extra/action/context/input"}},
			known{path: "taskId", from: []string{"/extra/action/context/taskId"}},
			known{path: "clientId", from: []string{"/extra/action/context/clientId"}},
		)
	case hosting == policy.HostingHg:
		all := append(services("repository.level", "repository.project", "push.base_revision", "push.pushlog_id", "push.pushdate"),
			known{path: "repository.url", from: []string{"E(HEAD_REPOSITORY)"}},
			known{path: "repository.type", value: "hg"},
			known{path: "push.revision", from: []string{"E(HEAD_REV)"}},
		)
		if tasksFor == "cron" {
			return append(all, known{path: "push.comment", value: ""}, known{path: "push.owner", value: "cron"}, cronPath)
		}
		return append(all, services("push.owner")[0], known{path: "push.comment", from: []string{"/payload/env/GECKO_COMMIT_MSG"}})
	}
	switch tasksFor {
	case "github-push":
		return append(services("event.repository.full_name", "event.repository.ssh_url", "event.repository.name"),
			known{path: "event.before", from: []string{"E(BASE_REV)"}},
			known{path: "event.after", from: []string{"E(HEAD_REV)"}},
			known{path: "event.pusher.email", from: []string{"/metadata/owner"}, filled: true},
			known{path: "event.base_ref", from: []string{"E(BASE_BRANCH)", "E(BASE_REF)"}},
			known{path: "event.ref", from: []string{"E(HEAD_BRANCH)", "E(HEAD_REF)"}},
			known{path: "event.repository.html_url", from: []string{"E(HEAD_REPOSITORY)"}},
			known{path: "event.repository.pushed_at", from: []string{"E(PUSH_DATE_TIME)"}},
			known{path: "event.sender.login", guess: guessSender},
		)
	case "github-release":
		return append(services("event.repository.clone_url", "event.repository.full_name", "event.repository.name",
			"event.release.target_commitish", "event.release.published_at", "event.sender.login"),
			known{path: "event.action", value: "published"},
			known{path: "event.repository.html_url", from: []string{"E(HEAD_REPOSITORY)"}},
			known{path: "event.release.tag_name", from: []string{"E(HEAD_REV)"}},
		)
	case "cron":
		return append(services("event.repository.clone_url", "event.repository.html_url", "event.repository.full_name", "event.repository.name",
			"event.sender.login", "repository.project", "repository.level"),
			known{path: "event.release.tag_name", from: []string{"E(HEAD_REV)"}},
			known{path: "event.release.target_commitish", from: []string{"E(HEAD_BRANCH)", "E(HEAD_REF)"}},
			known{path: "event.release.published_at", from: []string{"E(PUSH_DATE_TIME)"}},
			known{path: "repository.url", from: []string{"E(HEAD_REPOSITORY)"}},
			known{path: "repository.type", value: "git"},
			known{path: "push.revision", from: []string{"E(HEAD_REV)"}},
			known{path: "push.branch", from: []string{"E(HEAD_BRANCH)", "E(HEAD_REF)"}},
			cronPath,
		)
	}
	all := append(services("event.repository", "event.pull_request"),
		known{path: "event.action", guess: guessPRReady},
		known{path: "event.sender.login", guess: guessSynced},
		known{path: "event.pull_request.head.sha", from: []string{"E(HEAD_REV)"}},
		known{path: "event.pull_request.base.sha", from: []string{"E(BASE_REV)"}},
		known{path: "event.pull_request.head.updated_at", from: []string{"E(PUSH_DATE_TIME)"}},
	)
	for _, key := range edited {
		all = append(all, known{path: "event.pull_request." + key, guess: guessPR})
	}
	return all
}

var cronPath = known{path: "cron", from: []string{"/extra/cron"}}

// symbolic returns the context that a template is looked at in: what a rebuild
// has, most of it unknown.
func symbolic(tasksFor string, paths []known) map[string]any {
	top := &value.Object{}
	for _, k := range paths {
		v := k.value
		if v == nil {
			v = jsone.UnknownAt(k.path)
		}
		top = withPath(top, v, strings.Split(k.path, ".")...)
	}
	vars := map[string]any{
		"tasks_for": tasksFor, "ownTaskId": jsone.UnknownAt("ownTaskId"), "now": "2026-01-01T00:00:00.000Z",
		"as_slugid": jsone.Function(func([]any) (any, error) { return jsone.UnknownAt("ownTaskId"), nil }),
	}
	if !isAction(tasksFor) {
		vars["taskId"] = nil
	}
	for name, v := range top.All() {
		vars[name] = v
	}
	return vars
}

// withPath sets what is at a path. Behind what is unknown as a whole nothing is
// set: all that is there is unknown.
func withPath(o *value.Object, v any, path ...string) *value.Object {
	if len(path) == 1 {
		return o.With(path[0], v)
	}
	inner, ok := o.Get(path[0])
	below, isObject := inner.(*value.Object)
	switch {
	case !ok:
		below = &value.Object{}
	case !isObject:
		return o
	}
	return o.With(path[0], withPath(below, v, path[1:]...))
}
