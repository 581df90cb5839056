package verify

import (
	"context"
	"errors"

	"cotverify/internal/value"
	"cotverify/pkg/decision"
	"cotverify/pkg/graph"
	"cotverify/pkg/source"
)

// asError finds an error of a type in another, as [errors.As] does.
func asError[T error](err error, target *T) bool {
	return errors.As(err, target)
}

// isAbsent reports whether an error says that a fact could not be had, so that
// nothing can be told from it.
func isAbsent(err error) bool {
	var unavailable *source.UnavailableError
	return source.IsNotFound(err) || asError(err, &unavailable) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// isUnknownTask reports whether the queue was asked for a task, and knows none.
func isUnknownTask(err error) bool {
	var notFound *source.NotFoundError
	return asError(err, &notFound) && notFound.Fact.Kind == source.KindTask
}

// hintOf says what to do about an error.
func hintOf(err error) string {
	var (
		notFound    *source.NotFoundError
		unavailable *source.UnavailableError
		leftOut     *source.LeftOutError
		shape       *value.ShapeError
		mismatch    *signatureMismatch
		badKey      *badKeyError
		otherTask   *otherTaskError
		name        *nameError
		folder      *folderError
		algorithm   *algorithmError
		worker      *graph.WorkerError
		taskType    *graph.TypeError
		depth       *graph.DepthError
		size        *graph.SizeError
		refusal     *decision.Refusal
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "see what is slow, and give it more time"
	case asError(err, &leftOut):
		return "record again with all artifacts, or verify live"
	case asError(err, &notFound) && notFound.Fact.Kind == source.KindTask:
		return "check the taskId in the task that names it, and whether the task has expired"
	case asError(err, &notFound) && notFound.Fact.Kind == source.KindArtifact:
		return "see whether the task completed, whether a later run hides its artifacts, and whether they expired"
	case asError(err, &notFound):
		return "see whether it was there once: what is gone cannot be verified"
	case asError(err, &unavailable) && unavailable.Passing:
		return "try again; this says nothing about the task"
	case asError(err, &unavailable):
		return "this says nothing about the task, and lasts until its cause is mended"
	case asError(err, &mismatch):
		return "see who ran the task, and whether its key is new, or the bytes changed after they were signed"
	case asError(err, &badKey):
		return "correct the keys: each is base64 of 32 bytes"
	case asError(err, &otherTask):
		return "the artifact was copied from another task: look at who could write to the storage"
	case asError(err, &folder):
		return "give the artifacts names that can be files side by side"
	case asError(err, &name):
		return "name the artifact as the queue lists it"
	case asError(err, &algorithm):
		return "see which worker made it: the ones that are trusted sign sha256"
	case asError(err, &worker):
		return "make payload, provisionerId and tags.worker-implementation name one worker implementation"
	case asError(err, &taskType):
		return "correct the taskType, or the key of extra.chainOfTrust.inputs, in the task that names this one"
	case asError(err, &size):
		return "no release is as large: see which task leads to so many others"
	case asError(err, &depth):
		return "look for a loop in what creates these tasks"
	case asError(err, &shape):
		return "correct what made the definition"
	case errors.Is(err, errNotSigned):
		return "the task did not make it, or only after it was signed: look at the task's log"
	case asError(err, &refusal):
		return "compare with cotverify decision, and with .taskcluster.yml at that revision"
	}
	return ""
}

// describe writes a value of a definition for a person, on one line.
func describe(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	text, err := value.AppendJSON(nil, v)
	if err != nil {
		return value.Kind(v)
	}
	return string(text)
}
