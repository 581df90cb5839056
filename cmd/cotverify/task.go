package main

import (
	"net/url"
	"regexp"
	"strings"
)

// taskWithRun is a taskId, and behind it the run as Treeherder (ID.0) and
// people (ID/0) write it. The latest run is verified, whichever is named.
var taskWithRun = regexp.MustCompile(`^([A-Za-z0-9_-]{22})(?:[./][0-9]+)?$`)

// readTask returns the taskId that an argument names: as it is, with a run, or
// within the URL of a task, run, log or artifact, whose deployment is then the
// root URL. Of a URL nothing is repeated in the error, as it may hold secrets.
func readTask(argument string) (id, rootURL string, err error) {
	argument = strings.TrimSpace(argument)
	if m := taskWithRun.FindStringSubmatch(argument); m != nil {
		return m[1], "", nil
	}
	if !strings.Contains(argument, "://") {
		return "", "", usagef("%s is no taskId; expected 22 letters, digits, - and _, or the URL of a task", quoted(argument))
	}
	u, err := url.Parse(argument)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", "", usagef("the URL of the task cannot be read; expected https://HOST/tasks/TASK_ID")
	}
	segments := strings.Split(u.Path, "/")
	for i, segment := range segments[:len(segments)-1] {
		if segment != "tasks" && segment != "task" {
			continue
		}
		if m := taskWithRun.FindStringSubmatch(segments[i+1]); m != nil {
			return m[1], u.Scheme + "://" + u.Host, nil
		}
	}
	return "", "", usagef("the URL names no task; expected one of %s://%s/tasks/TASK_ID and what is below it", u.Scheme, u.Host)
}

// readGroup returns the taskGroupId that an argument names, as [readTask] does:
// within the URL of a task group, or of its root.
func readGroup(argument string) (id, rootURL string, err error) {
	argument = strings.TrimSpace(argument)
	if u, err := url.Parse(argument); err == nil && u.Host != "" {
		segments := strings.Split(u.Path, "/")
		for i, segment := range segments[:len(segments)-1] {
			if segment == "groups" || segment == "task-group" {
				if m := taskWithRun.FindStringSubmatch(segments[i+1]); m != nil {
					return m[1], u.Scheme + "://" + u.Host, nil
				}
			}
		}
	}
	return readTask(argument)
}
