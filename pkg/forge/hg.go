package forge

import (
	"context"

	"cotverify/internal/shape"
	"cotverify/pkg/source"
)

// Push is what the pushlog of a repository on hg says of a push.
type Push struct {
	ID           string
	BaseRevision any    // the first parent of the first changeset
	Description  string // of the last changeset
	User, Date   any
}

// FetchPush asks for the push of a revision (specification, section 2). The
// revision must be able to stand in a URL. The error is a *Refusal or a
// *value.ShapeError where the answer is not as it must be, and else one of a
// [source.Source].
func FetchPush(ctx context.Context, src source.Source, repository, revision string) (Push, error) {
	url := repository + "/json-pushes?changeset=" + revision + "&version=2&full=1"
	data, err := Fetch(ctx, src, source.URL(url), maxAnswer)
	if err != nil {
		return Push{}, err
	}
	log, err := parseAnswer(url, data)
	if err != nil {
		return Push{}, err
	}
	pushes, err := log.Object("pushes")
	if err != nil {
		return Push{}, err
	}
	// Of several the first counts, in the order of the text (section 7).
	for id := range pushes.All() {
		return readPush(log, id)
	}
	return Push{}, refuse(AboutPush, "%s: there is no push of this revision", url)
}

func readPush(log shape.Place, id string) (Push, error) {
	push := Push{ID: id}
	changesets, err := log.Items("pushes", id, "changesets")
	if err != nil {
		return push, err
	}
	parents, err := changesets[0].Items("parents")
	if err != nil {
		return push, err
	}
	push.BaseRevision = parents[0].Value
	if push.Description, err = changesets[len(changesets)-1].Text("desc"); err != nil {
		return push, err
	}
	if push.Date, err = log.Get("pushes", id, "date"); err != nil {
		return push, err
	}
	push.User, err = log.Get("pushes", id, "user")
	return push, err
}
