package main

import (
	"net/url"
	"regexp"
	"strings"
)

// taskWithRun is a taskId, and behind it the run as Treeherder (ID.0) and
// people (ID/0) write it. The latest run is verified, whichever is named.
var taskWithRun = regexp.MustCompile(`^([A-Za-z0-9_-]{22})(?:[./]([0-9]{1,4}))?$`)

// runNumber is the number of a run in a path.
var runNumber = regexp.MustCompile(`^[0-9]{1,4}$`)

// namedTask is a task as the command line names it.
type namedTask struct {
	id      string
	run     string // "" where none is named
	rootURL string // of the deployment; "" where none is named
}

// readTask returns the task that an argument names: by its taskId, with a run,
// or within the URL of a task, run, log or artifact, whose deployment is then the
// root URL, or of a job in Treeherder. Of a URL nothing is repeated in the error,
// as it may hold secrets.
func readTask(argument string) (namedTask, error) {
	argument = strings.TrimSpace(argument)
	if m := taskWithRun.FindStringSubmatch(argument); m != nil {
		return namedTask{id: m[1], run: m[2]}, nil
	}
	if !strings.Contains(argument, "://") {
		return namedTask{}, usagef("%s is no taskId; expected 22 letters, digits, - and _, or the URL of a task", quoted(argument))
	}
	u, err := url.Parse(argument)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return namedTask{}, usagef("the URL of the task cannot be read; expected https://HOST/tasks/TASK_ID")
	}
	if named, ok := taskInPath(u); ok {
		return named, nil
	}
	if named, ok := taskInQuery(u); ok {
		return named, nil
	}
	return namedTask{}, usagef("the URL names no task; expected one of %s://%s/tasks/TASK_ID and what is below it", u.Scheme, u.Host)
}

// taskInPath finds the task in a URL of a Taskcluster deployment.
func taskInPath(u *url.URL) (namedTask, bool) {
	segments := strings.Split(u.Path, "/")
	for i, segment := range segments[:len(segments)-1] {
		if segment != "tasks" && segment != "task" {
			continue
		}
		m := taskWithRun.FindStringSubmatch(segments[i+1])
		if m == nil {
			continue
		}
		named := namedTask{id: m[1], run: m[2], rootURL: u.Scheme + "://" + u.Host}
		if below := segments[i+2:]; len(below) > 1 && below[0] == "runs" && runNumber.MatchString(below[1]) {
			named.run = below[1]
		}
		return named, true
	}
	return namedTask{}, false
}

// taskInQuery finds the task in a URL of Treeherder, which tells nothing of the
// deployment. Older ones have the query in the fragment.
func taskInQuery(u *url.URL) (namedTask, bool) {
	_, inFragment, _ := strings.Cut(u.Fragment, "?")
	for _, query := range []string{u.RawQuery, inFragment} {
		values, _ := url.ParseQuery(query)
		for _, name := range []string{"selectedTaskRun", "task", "taskId"} {
			if m := taskWithRun.FindStringSubmatch(values.Get(name)); m != nil {
				return namedTask{id: m[1], run: m[2]}, true
			}
		}
	}
	return namedTask{}, false
}

// isGroupURL reports whether an argument is the URL of a task group.
func isGroupURL(argument string) bool {
	u, err := url.Parse(strings.TrimSpace(argument))
	return err == nil && u.Host != "" && groupIn(u) != ""
}

// groupIn returns the taskGroupId in a URL, "" where there is none.
func groupIn(u *url.URL) string {
	segments := strings.Split(u.Path, "/")
	for i, segment := range segments[:len(segments)-1] {
		if segment == "groups" || segment == "task-group" {
			if m := taskWithRun.FindStringSubmatch(segments[i+1]); m != nil {
				return m[1]
			}
		}
	}
	return ""
}

// readGroup returns the taskGroupId that an argument names, as [readTask] does:
// within the URL of a task group, or of its root.
func readGroup(argument string) (id, rootURL string, err error) {
	argument = strings.TrimSpace(argument)
	if u, err := url.Parse(argument); err == nil && u.Host != "" {
		if id := groupIn(u); id != "" {
			return id, u.Scheme + "://" + u.Host, nil
		}
	}
	named, err := readTask(argument)
	return named.id, named.rootURL, err
}
