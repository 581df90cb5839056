// Package source gives the facts that a verification asks for: task
// definitions, artifacts, lists of artifacts and the answers of URLs
// (specification, section 2). Where they come from are packages below it: live
// asks services, bundle reads and writes recordings, and cache keeps what cannot
// change.
//
// A [Source] has one method, so that a live deployment, a bundle, a recorder
// and a cache are alike to who asks, and can wrap one another. What a source
// answers is hostile: nothing of it is trusted before its signature or hash
// held, and who reads it does so under a limit ([ReadAll]).
package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"cotverify/pkg/cot"
)

// MaxBody is how many bytes the largest body has, decoded, that a source answers
// with. The largest artifacts of releases, archives of debug symbols, are of
// about half of it.
const MaxBody = 4 << 30

// Source answers questions of fact. It is safe for concurrent use.
type Source interface {
	// Open asks for a fact and returns its answer once the first byte of it
	// is known to come. The caller closes the answer's body. The error is a
	// *NotFoundError where the service says that there is no such thing, one
	// that wraps the context's error where that ended, and else an
	// *UnavailableError.
	Open(ctx context.Context, f Fact) (*Answer, error)
}

// Kind tells what a fact is about.
type Kind int

// The kinds of facts.
const (
	KindTask      Kind = iota // a task's definition, JSON as the queue has it
	KindArtifact              // the bytes of an artifact of the task's latest run
	KindArtifacts             // the names of the latest run's artifacts: {"artifacts": [{"name": …}, …]}, all pages in one
	KindStatus                // the state of a task and of its runs: {"status": {"state": …, "runs": […]}}
	KindGroup                 // the tasks of a task group: {"taskGroupId": …, "sealed": …?, "tasks": [{"status": …, "task": …}, …]}, all pages in one
	KindURL                   // the body that a URL answers with status 200
)

// Fact names one fact. Facts are comparable.
type Fact struct {
	Kind   Kind
	TaskID string // of a task, artifact, artifacts, status or, as its taskGroupId, group
	Name   string // of an artifact
	Run    string // of an artifact, the number of the run that made it; "" for the latest
	URL    string // of a URL
	// Private says that the URL is of a private repository, or of one reached
	// by ssh, and needs the user's GitHub token.
	Private bool
}

// Task names the definition of a task.
func Task(taskID string) Fact { return Fact{Kind: KindTask, TaskID: taskID} }

// Artifact names an artifact of a task's latest run.
func Artifact(taskID, name string) Fact {
	return Fact{Kind: KindArtifact, TaskID: taskID, Name: name}
}

// Artifacts names the list of a task's latest artifacts.
func Artifacts(taskID string) Fact { return Fact{Kind: KindArtifacts, TaskID: taskID} }

// Status names the state of a task, which changes.
func Status(taskID string) Fact { return Fact{Kind: KindStatus, TaskID: taskID} }

// Group names the list of a task group's tasks.
func Group(taskGroupID string) Fact { return Fact{Kind: KindGroup, TaskID: taskGroupID} }

// URL names the answer of a URL.
func URL(url string) Fact { return Fact{Kind: KindURL, URL: url} }

// IsPrivate reports whether a fact is not for everyone: an artifact that needs
// credentials, or the answer of a private repository.
func (f Fact) IsPrivate() bool {
	return f.Private || f.Kind == KindArtifact && !cot.IsPublic(f.Name)
}

// String names the fact for a person.
func (f Fact) String() string {
	switch f.Kind {
	case KindTask:
		return "task " + f.TaskID
	case KindArtifact:
		if f.Run != "" {
			return "artifact " + f.Name + " of run " + f.Run + " of task " + f.TaskID
		}
		return "artifact " + f.Name + " of task " + f.TaskID
	case KindArtifacts:
		return "the list of artifacts of task " + f.TaskID
	case KindStatus:
		return "the status of task " + f.TaskID
	case KindGroup:
		return "the list of task group " + f.TaskID
	}
	return f.URL
}

// Answer is what a source has of a fact.
type Answer struct {
	Body        io.ReadCloser
	ContentType string // as the server said, of a URL
}

// NotFoundError says that there is no such thing: the service was asked and
// answered so.
type NotFoundError struct {
	Fact   Fact
	Reason string // what more is known of why, or ""
	// Unrecorded says that no service was asked: a recording says nothing of
	// the fact.
	Unrecorded bool
}

func (e *NotFoundError) Error() string {
	if e.Reason != "" {
		return fmt.Sprintf("%s is not there: %s", e.Fact, e.Reason)
	}
	return fmt.Sprintf("%s is not there", e.Fact)
}

// UnavailableError says that a fact could not be had, which tells nothing of
// whether it is there.
type UnavailableError struct {
	Fact   Fact
	Status int // the HTTP status, or 0 where there was none
	Reason string
	// Passing says that the trouble may pass, so that it is worth to ask again
	// later.
	Passing bool
	// Recorded says that it is a recording which has the fact so: to ask it again
	// brings nothing else.
	Recorded bool
}

func (e *UnavailableError) Error() string {
	return fmt.Sprintf("%s could not be had: %s", e.Fact, e.Reason)
}

// LeftOutError says that a recording did not keep a fact, though it was there.
// To who does not know of recordings it is an [*UnavailableError].
type LeftOutError struct {
	Fact   Fact
	Reason string // why not
}

func (e *LeftOutError) Error() string {
	return fmt.Sprintf("%s was left out: %s", e.Fact, e.Reason)
}

// Unwrap returns the error as an *UnavailableError.
func (e *LeftOutError) Unwrap() error {
	return &UnavailableError{Fact: e.Fact, Reason: e.Reason, Recorded: true}
}

// IsNotFound reports whether an error says that a fact is not there.
func IsNotFound(err error) bool {
	var nf *NotFoundError
	return errors.As(err, &nf)
}

// ReadAll asks for a fact and returns its bytes, of which there may be at most
// limit. The error is as of [Copy].
func ReadAll(ctx context.Context, s Source, f Fact, limit int64) ([]byte, *Answer, error) {
	var data bytes.Buffer
	a, err := Copy(ctx, &data, s, f, limit)
	if err != nil {
		return nil, nil, err
	}
	return data.Bytes(), a, nil
}

// Copy asks for a fact and writes its bytes, of which there may be at most
// limit. The body of the answer that it returns is read and closed. The error is
// as of [Source], with an *UnavailableError for a longer answer and for one that
// broke off.
func Copy(ctx context.Context, w io.Writer, s Source, f Fact, limit int64) (*Answer, error) {
	a, err := s.Open(ctx, f)
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	n, err := io.Copy(w, io.LimitReader(a.Body, limit+1))
	switch {
	case err != nil:
		return nil, ReadError(ctx, f, err)
	case n > limit:
		return nil, TooLarge(f, limit)
	}
	return a, nil
}

// TooLarge returns the error of a fact that has more bytes than are read of it.
func TooLarge(f Fact, limit int64) *UnavailableError {
	return &UnavailableError{Fact: f, Reason: fmt.Sprintf("it is larger than %d bytes, which is the limit for it", limit)}
}

// ReadError makes of an error while reading a body one of those that a Source
// returns.
func ReadError(ctx context.Context, f Fact, err error) error {
	var nf *NotFoundError
	var un *UnavailableError
	switch {
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return ctx.Err()
	case ctx.Err() != nil, errors.As(err, &nf), errors.As(err, &un):
		return err
	}
	return &UnavailableError{Fact: f, Reason: "it broke off: " + err.Error()}
}
