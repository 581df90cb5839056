// Package cot has the words of Taskcluster's Chain of Trust that all packages
// must agree on: the task types, the worker implementations, the names of
// artifacts that have a meaning, and the form of a taskId.
package cot

import (
	"regexp"
	"strings"
)

// The task types that a link can be verified as (specification, section 1).
const (
	Decision     = "decision"
	Action       = "action"
	DockerImage  = "docker-image"
	Build        = "build"
	L10n         = "l10n"
	Repackage    = "repackage"
	Partials     = "partials"
	Scriptworker = "scriptworker"
	Signing      = "signing"
	Beetmover    = "beetmover"
	Balrog       = "balrog"
	Bouncer      = "bouncer"
	PushAPK      = "pushapk"
	ShipIt       = "shipit"
)

// TaskTypes returns all task types, those that create other tasks first.
func TaskTypes() []string {
	return []string{
		Decision, Action, DockerImage, Build, L10n, Repackage, Partials,
		Scriptworker, Signing, Beetmover, Balrog, Bouncer, PushAPK, ShipIt,
	}
}

// IsParentType reports whether tasks of the type create others, and have a
// task graph.
func IsParentType(taskType string) bool {
	return taskType == Decision || taskType == Action
}

// IsScriptworkerType reports whether tasks of the type must run on
// scriptworker.
func IsScriptworkerType(taskType string) bool {
	switch taskType {
	case Scriptworker, Signing, Beetmover, Balrog, Bouncer, PushAPK, ShipIt:
		return true
	}
	return false
}

// IsAsStrict reports whether all that is asked of a task as another type is
// asked of it as this one. Types that must run on scriptworker come before any
// other, then those whose definition is rebuilt. A docker image is asked for
// another pool than a build and may run in other images, so that neither stands
// for the other.
func IsAsStrict(taskType, other string) bool {
	switch {
	case IsScriptworkerType(taskType):
		return true
	case IsScriptworkerType(other):
		return false
	case IsParentType(taskType):
		return true
	case IsParentType(other):
		return false
	}
	return (taskType == DockerImage) == (other == DockerImage)
}

// The worker implementations, each with signing keys of its own.
const (
	DockerWorker               = "docker-worker"
	GenericWorker              = "generic-worker"
	ScriptworkerImplementation = "scriptworker"
)

// WorkerImplementations returns all of them.
func WorkerImplementations() []string {
	return []string{DockerWorker, GenericWorker, ScriptworkerImplementation}
}

// The artifacts that a verification reads (specification, sections 4 to 8).
const (
	Artifact          = "public/chain-of-trust.json" // what the worker signed: the CoT artifact
	SignatureArtifact = "public/chain-of-trust.json.sig"
	// ClearSignedArtifact is an OpenPGP message whose body is the CoT artifact, by
	// which workers signed in the years before they had Ed25519 keys.
	ClearSignedArtifact = "public/chainOfTrust.json.asc"
	TaskGraphArtifact   = "public/task-graph.json"
	ActionsArtifact     = "public/actions.json"
	ParametersArtifact  = "public/parameters.yml"
)

// IsPublic reports whether an artifact is for everyone, by its name.
func IsPublic(artifact string) bool { return strings.HasPrefix(artifact, "public/") }

// IsTaskID reports whether a text has the form of a taskId, 22 characters of
// URL-safe base64, and so is safe as the name of a folder and as a segment of a
// URL (specification, section 1).
func IsTaskID(text string) bool {
	return len(text) == 22 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

// slugID is what a queue takes for a taskId: a UUID of version 4.
var slugID = regexp.MustCompile(`^[A-Za-z0-9_-]{8}[Q-T][A-Za-z0-9_-][CGKOSWaeimquy26-][A-Za-z0-9_-]{10}[AQgw]$`)

// IsSlugID reports whether a queue takes a text for a taskId.
func IsSlugID(text string) bool { return slugID.MatchString(text) }
