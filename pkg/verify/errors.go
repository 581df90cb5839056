package verify

import (
	"context"
	"errors"

	"cotverify/internal/value"
	"cotverify/pkg/decision"
	"cotverify/pkg/graph"
	"cotverify/pkg/report"
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

// reasonOf says why an error makes a check fail, and what to do about it where
// the reason alone does not tell.
func reasonOf(err error) (reason report.Reason, hint string) {
	var (
		notFound    *source.NotFoundError
		unavailable *source.UnavailableError
		leftOut     *source.LeftOutError
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
		return report.TimedOut, ""
	case asError(err, &leftOut):
		return report.LeftOut, ""
	case asError(err, &notFound) && notFound.Fact.Kind == source.KindTask:
		return report.NotFound, "check the taskId in the task that names it, and whether the task has expired"
	case asError(err, &notFound) && notFound.Fact.Kind == source.KindArtifact:
		return report.NotFound, "see whether the task completed, whether a later run hides its artifacts, and whether they expired"
	case asError(err, &notFound):
		return report.NotFound, ""
	case asError(err, &unavailable) && unavailable.Passing:
		return report.Unavailable, "try again; this says nothing about the task"
	case asError(err, &unavailable):
		return report.Unavailable, ""
	case asError(err, &mismatch):
		return report.NoTrustedKey, ""
	case asError(err, &badKey):
		return report.BadKey, ""
	case asError(err, &otherTask):
		return report.OtherTask, ""
	case asError(err, &folder):
		return report.NameClash, ""
	case asError(err, &name):
		return report.BadName, ""
	case asError(err, &algorithm):
		return report.Algorithm, ""
	case asError(err, &worker):
		return report.UnclearWorker, ""
	case asError(err, &taskType):
		return report.UnknownType, ""
	case asError(err, &size):
		return report.TooLarge, ""
	case asError(err, &depth):
		return report.TooDeep, ""
	case errors.Is(err, errNotSigned):
		return report.NotSigned, ""
	case errors.Is(err, errNoHashes):
		return report.NoHashes, ""
	case errors.Is(err, errSteps), errors.Is(err, errMatches):
		return report.TooLarge, "name the artifacts, or use a pattern that matches fewer"
	case asError(err, &refusal):
		return report.NotRebuilt, ""
	}
	return report.Malformed, ""
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
