package decision

import (
	"context"
	"strings"

	"cotverify/internal/parallel"
	"cotverify/internal/value"
	"cotverify/pkg/forge"
)

// hgContext adds to the context what hg's products have (specification,
// section 7, hg products).
func (r *rebuild) hgContext(ctx context.Context) (*value.Object, error) {
	url, err := r.env.repository("HEAD_REPOSITORY")
	if err != nil {
		return nil, err
	}
	var push forge.Push
	var repository *value.Object
	err = parallel.Run(
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
			"push", r.pushObject(push, comment, push.User),
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
	return nil, refuse(AboutPurpose, "no product on hg has tasks for %q", r.tasksFor)
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

func (r *rebuild) fetchPush(ctx context.Context, repository string) (forge.Push, error) {
	revision, err := r.env.revision()
	if err != nil {
		return forge.Push{}, err
	}
	return forge.FetchPush(ctx, r.Source, repository, revision)
}

// pushComment returns the comment that the decision task was made with. It may
// be one blank, or the push's own try syntax.
func (r *rebuild) pushComment(push forge.Push) (string, error) {
	comment := " "
	if v, ok := r.decision.Env.Get("GECKO_COMMIT_MSG"); ok {
		if comment, ok = v.(string); !ok {
			return "", &value.ShapeError{Path: "/payload/env/GECKO_COMMIT_MSG", Want: "text", Got: value.Kind(v)}
		}
	}
	if comment == " " {
		return comment, nil
	}
	if i := strings.Index(push.Description, "try:"); i >= 0 {
		line, _, _ := strings.Cut(push.Description[i:], "\n")
		if comment == line {
			return comment, nil
		}
	}
	return "", refuse(AboutTask, "/payload/env/GECKO_COMMIT_MSG is %q, and may be but one blank or the try syntax of the push, whose description is %q", comment, shortened(push.Description))
}

// maxDescription is how many characters of a push's description are shown.
const maxDescription = 200

func shortened(text string) string {
	if runes := []rune(text); len(runes) > maxDescription {
		return string(runes[:maxDescription]) + "…"
	}
	return text
}

func (r *rebuild) pushObject(push forge.Push, comment string, owner any) *value.Object {
	return value.ObjectOf(
		"base_revision", push.BaseRevision,
		"revision", r.env.get("HEAD_REV"),
		"comment", comment,
		"owner", owner,
		"pushlog_id", push.ID,
		"pushdate", push.Date,
	)
}
