package verify

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"cotverify/internal/openpgp"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/decision"
	"cotverify/pkg/evidence"
	"cotverify/pkg/forge"
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
	if reason, hint = reasonOfAbsent(err); reason != "" {
		return reason, hint
	}
	var (
		mismatch  *signatureMismatch
		badKey    *badKeyError
		otherTask *otherTaskError
		noCot     *noCotError
		hash      *hashError
		artifact  *unverifiedError
		message   *openpgp.Error
		name      *nameError
		folder    *folderError
		algorithm *algorithmError
		worker    *graph.WorkerError
		taskType  *graph.TypeError
		depth     *graph.DepthError
		size      *graph.SizeError
		rebuilt   *decision.Refusal
		forged    *forge.Refusal
		shape     *value.ShapeError
		owner     *noOwnerError
		inGraph   *graphError
		malformed *evidence.MalformedError
	)
	switch {
	case asError(err, &artifact):
		return reasonOf(artifact.artifact.err)
	case asError(err, &hash):
		return report.HashMismatch, ""
	case asError(err, &mismatch):
		return mismatch.reason(), ""
	case asError(err, &badKey):
		return report.BadKey, ""
	case asError(err, &message):
		return reasonOfMessage(message), ""
	case errors.Is(err, errOtherBody):
		return report.OtherBody, ""
	case asError(err, &otherTask):
		return report.OtherTask, ""
	case asError(err, &noCot):
		return report.MalformedCot, ""
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
	case asError(err, &rebuilt):
		return reasonOfRefusal(rebuilt), rebuilt.Hint
	case asError(err, &forged):
		return reasonOfForge(forged), ""
	case asError(err, &owner):
		return report.NoOwner, ""
	case asError(err, &inGraph), asError(err, &malformed):
		return report.MalformedFile, ""
	case asError(err, &shape):
		return reasonOfShape(shape), ""
	}
	return report.Malformed, ""
}

// reasonOfAbsent says why a fact could not be had, "" where the error is about
// something else. A fact that a bundle lacks gets other advice than one that a
// service refuses: to ask a bundle again brings nothing.
func reasonOfAbsent(err error) (reason report.Reason, hint string) {
	var (
		notFound    *source.NotFoundError
		unavailable *source.UnavailableError
		leftOut     *source.LeftOutError
		wrong       *source.WrongAnswerError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return report.TimedOut, ""
	case asError(err, &leftOut):
		return report.LeftOut, ""
	case asError(err, &wrong):
		return report.WrongAnswer, ""
	case asError(err, &notFound) && notFound.Unrecorded:
		return report.NotRecorded, report.NotRecorded.Hint() + "; if it is not there live either, " + hintOfMissing(notFound.Fact)
	case asError(err, &notFound):
		return report.NotFound, hintOfMissing(notFound.Fact)
	case !asError(err, &unavailable):
		return "", ""
	case isRateLimit(unavailable) && unavailable.Recorded:
		return report.RateLimited, "the service limited how often it was asked: record again; GitHub's rate limit is much higher with GITHUB_TOKEN set; to verify this bundle again brings nothing"
	case isRateLimit(unavailable):
		return report.RateLimited, ""
	case unavailable.Recorded:
		return report.Unavailable, "this says nothing about the task: record again once that is mended; to verify this bundle again brings nothing"
	case unavailable.Passing:
		return report.Unavailable, "try again; this says nothing about the task"
	}
	return report.Unavailable, ""
}

// isRateLimit reports whether a service refused for having been asked too often,
// which GitHub's API tells with 403 as well.
func isRateLimit(e *source.UnavailableError) bool {
	return e.Status == http.StatusTooManyRequests ||
		e.Status == http.StatusForbidden && strings.Contains(e.Fact.URL, "/repos/")
}

// hintOfMissing says what to do about a fact that is not there.
func hintOfMissing(fact source.Fact) string {
	switch fact.Kind {
	case source.KindTask:
		return "check the taskId in the task that names it, and whether the task has expired"
	case source.KindArtifact, source.KindArtifacts:
		return "see whether the task completed, whether a later run hides its artifacts, and whether they expired"
	}
	switch {
	case strings.Contains(fact.URL, "/json-pushes?"):
		return "see whether the revision in payload.env is one of another repository, or was not pushed yet"
	case strings.HasSuffix(fact.URL, "/.taskcluster.yml"):
		return "see whether the repository and the revision in payload.env are right, and whether the tree has a .taskcluster.yml there"
	case strings.Contains(fact.URL, "/repos/"):
		return "see whether GitHub has that repository and what is asked of it; of a private one it tells only with GITHUB_TOKEN set"
	}
	return "compare what is asked for with the definition"
}

// reasonOfRefusal says why a definition cannot be rebuilt.
func reasonOfRefusal(refusal *decision.Refusal) report.Reason {
	switch refusal.About {
	case decision.AboutTemplate:
		return report.BadTemplate
	case decision.AboutProjects:
		return report.BadProjects
	case decision.AboutAction:
		return report.UnknownAction
	case decision.AboutPurpose:
		return report.WrongPurpose
	case decision.AboutFile:
		return report.MalformedFile
	case decision.AboutURL:
		return report.ForeignHost
	case decision.AboutPush:
		return report.NoPush
	case decision.AboutAnswer:
		return report.WrongAnswer
	}
	return report.NotRebuilt
}

func reasonOfForge(refusal *forge.Refusal) report.Reason {
	switch refusal.About {
	case forge.AboutURL:
		return report.ForeignHost
	case forge.AboutPush:
		return report.NoPush
	}
	return report.WrongAnswer
}

// reasonOfShape says whose document it is that has not the shape that it must
// have: who mends it is somebody else each time.
func reasonOfShape(shape *value.ShapeError) report.Reason {
	document, _, _ := strings.Cut(shape.Where, ",")
	switch {
	case document == cot.Artifact, document == cot.ClearSignedArtifact:
		return report.MalformedCot
	case strings.HasSuffix(document, "/projects.yml"):
		return report.BadProjects
	case strings.Contains(document, "://"):
		return report.WrongAnswer
	case document != "":
		return report.MalformedFile
	case shape.Path == "/extra/tasks_for":
		return report.WrongPurpose
	case shape.Path == "/metadata/source":
		return report.NoSource
	}
	return report.Malformed
}
