package decision

import (
	"context"
	"strings"

	"cotverify/internal/value"
)

// hgContext adds to the context what hg's products have (specification,
// section 7, hg products).
func (r *rebuild) hgContext(ctx context.Context) (*value.Object, error) {
	url, err := r.env.repository("HEAD_REPOSITORY")
	if err != nil {
		return nil, err
	}
	var push hgPush
	var repository *value.Object
	err = sideBySide(
		func() (err error) {
			repository, err = r.hgRepository(ctx, url)
			return err
		},
		func() (err error) {
			if r.tasksFor != "action" {
				push, err = r.fetchPush(ctx, url)
			}
			return err
		},
	)
	if err != nil {
		return nil, err
	}
	switch r.tasksFor {
	case "action":
		extra, err := r.actionContext()
		if err != nil {
			return nil, err
		}
		return value.ObjectOf("repository", repository).Updated(extra), nil
	case "hg-push":
		comment, err := r.pushComment(push)
		if err != nil {
			return nil, err
		}
		return value.ObjectOf(
			"repository", repository.With("type", "hg"),
			"push", r.pushObject(push, comment, push.user),
		), nil
	case "cron":
		cron, err := cronOf(r.parent.Definition)
		if err != nil {
			return nil, err
		}
		return value.ObjectOf(
			"repository", repository.With("type", "hg"),
			"push", r.pushObject(push, "", "cron"),
			"cron", cron,
		), nil
	}
	return nil, refuse("no product on hg has tasks for %q", r.tasksFor)
}

func (r *rebuild) hgRepository(ctx context.Context, url string) (*value.Object, error) {
	sourceURL, err := r.decision.Source()
	if err != nil {
		return nil, err
	}
	projects, err := fetchProjects(ctx, r.Source, r.Services.Projects)
	if err != nil {
		return nil, err
	}
	project, err := projects.of(sourceURL)
	if err != nil {
		return nil, err
	}
	level, err := projects.level(project)
	if err != nil {
		return nil, err
	}
	return value.ObjectOf("url", url, "level", level, "project", project), nil
}

// hgPush is what the pushlog says of a push.
type hgPush struct {
	id           string
	baseRevision any
	comment      string // of its last changeset
	user, date   any
}

func (r *rebuild) fetchPush(ctx context.Context, repository string) (hgPush, error) {
	revision, err := r.env.revision()
	if err != nil {
		return hgPush{}, err
	}
	log, err := fetchJSON(ctx, r.Source, repository+"/json-pushes?changeset="+revision+"&version=2&full=1")
	if err != nil {
		return hgPush{}, err
	}
	pushes, err := log.object("pushes")
	if err != nil {
		return hgPush{}, err
	}
	for id := range pushes.All() {
		return readPush(log, id)
	}
	return hgPush{}, refuse("%s: there is no push of this revision", log.url)
}

func readPush(log answer, id string) (hgPush, error) {
	push := hgPush{id: id}
	list, err := log.get("pushes", id, "changesets")
	if err != nil {
		return push, err
	}
	changesets, ok := list.([]any)
	if !ok || len(changesets) == 0 {
		return push, refuse("%s: push %s has no list of changesets", log.url, id)
	}
	first := answer{url: log.url + " (first changeset)", body: changesets[0]}
	parents, err := first.get("parents")
	if err != nil {
		return push, err
	}
	parentList, ok := parents.([]any)
	if !ok || len(parentList) == 0 {
		return push, refuse("%s: push %s: its first changeset has no parents", log.url, id)
	}
	push.baseRevision = parentList[0]
	last := answer{url: log.url + " (last changeset)", body: changesets[len(changesets)-1]}
	if push.comment, err = last.text("desc"); err != nil {
		return push, err
	}
	if push.date, err = log.get("pushes", id, "date"); err != nil {
		return push, err
	}
	push.user, err = log.get("pushes", id, "user")
	return push, err
}

// pushComment returns the comment that the decision task was made with. It may
// be one blank, or the push's own try syntax.
func (r *rebuild) pushComment(push hgPush) (string, error) {
	comment := " "
	if v, ok := r.decision.Env.Get("GECKO_COMMIT_MSG"); ok {
		if comment, ok = v.(string); !ok {
			return "", &value.ShapeError{Path: "/payload/env/GECKO_COMMIT_MSG", Want: "text", Got: value.Kind(v)}
		}
	}
	if comment == " " {
		return comment, nil
	}
	if i := strings.Index(push.comment, "try:"); i >= 0 {
		line, _, _ := strings.Cut(push.comment[i:], "\n")
		if comment == line {
			return comment, nil
		}
	}
	return "", refuse("/payload/env/GECKO_COMMIT_MSG is %q, which is not the try syntax of the push", comment)
}

func (r *rebuild) pushObject(push hgPush, comment string, owner any) *value.Object {
	return value.ObjectOf(
		"base_revision", push.baseRevision,
		"revision", r.env.get("HEAD_REV"),
		"comment", comment,
		"owner", owner,
		"pushlog_id", push.id,
		"pushdate", push.date,
	)
}
