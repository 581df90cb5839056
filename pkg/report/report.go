package report

// Schema names the report's layout.
const Schema = "cotverify/report/v1"

// Report is what a verification found. The same facts give the same report,
// in the same order.
type Report struct {
	Schema  string  `json:"schema"`
	Verdict Verdict `json:"verdict"`
	// Tool names the program that verified, which sets it; nil in a library.
	Tool    *Tool  `json:"tool,omitempty"`
	RootURL string `json:"rootUrl,omitempty"` // of the Taskcluster deployment
	// Trust says by what was verified; nil where nothing was.
	Trust  *Trust `json:"trust,omitempty"`
	Target Target `json:"target"`
	// Artifacts are the target's upstream artifacts whose hash held.
	Artifacts []Artifact `json:"artifacts"`
	Links     []Link     `json:"links"`
	Checks    []Check    `json:"checks"`
	// Causes say what explains several of the failures at once.
	Causes []Cause `json:"causes,omitempty"`
	Counts Counts  `json:"counts"`
}

// Tool names the program that made a report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Reference is the release of scriptworker whose rules the policy follows.
	Reference string `json:"reference"`
}

// Trust says by which policy and keys was verified, and how strictly.
type Trust struct {
	Policy     Origin   `json:"policy"`
	Keys       Origin   `json:"keys"`
	Signatures string   `json:"signatures"` // "require", "report" or "off"
	Strict     bool     `json:"strict"`
	CheckTask  bool     `json:"checkTask"` // false where the target has not run
	Require    []string `json:"require"`   // what must hold besides
	// WhatIf says what was supposed that is not so: then nothing was verified,
	// whatever the verdict.
	WhatIf []string `json:"whatIf,omitempty"`
	// Baseline is the list of accepted failures that was applied; nil if none
	// was. What was verified with one is never attested as passed.
	Baseline *Origin `json:"baseline,omitempty"`
}

// Origin says where a part of the policy comes from, and identifies it.
type Origin struct {
	Source string `json:"source"` // "embedded", "policy", or the name of a file without its folder
	SHA256 string `json:"sha256"`
}

// Where the target's task type and product come from.
const (
	FromFlag     = "flag"     // the user said so
	FromBundle   = "bundle"   // the bundle's manifest did, and asks no less than the definition
	FromInferred = "inferred" // the definition tells
)

// Target is the task that was verified.
type Target struct {
	TaskID   string `json:"taskId"`
	TaskType string `json:"taskType"`
	Product  string `json:"product"`
	Label    string `json:"label,omitempty"`
	// Kind and State are as the list of its task group has them, of a target of
	// an audit: "signing", "completed".
	Kind  string `json:"kind,omitempty"`
	State string `json:"state,omitempty"`
	// TaskTypeFrom and ProductFrom say where these come from: FromFlag,
	// FromBundle or FromInferred; "" where they could not be told.
	TaskTypeFrom string `json:"taskTypeFrom,omitempty"`
	ProductFrom  string `json:"productFrom,omitempty"`
	// Inferred says of the task type and the product, where they were not
	// given, what they were inferred from: "task type from tags.kind".
	Inferred []string `json:"inferred,omitempty"`
	Place
}

// Place says what a task says that it was made from, and which tree of the
// policy that is. Each is "" where it is not known.
type Place struct {
	Source     string `json:"source,omitempty"`     // metadata.source
	Repository string `json:"repository,omitempty"` // the URL in its environment
	Revision   string `json:"revision,omitempty"`
	Tree       string `json:"tree,omitempty"`
}

// Artifact is a file whose hash held.
type Artifact struct {
	TaskID   string `json:"taskId"`
	Path     string `json:"path"`
	SHA256   string `json:"sha256,omitempty"`
	SHA512   string `json:"sha512,omitempty"` // where the worker signed no sha256
	Size     int64  `json:"size"`             // in bytes
	Optional bool   `json:"optional"`
}

// Link is one task of the chain. The target comes first, then the others in
// the order of the walk.
type Link struct {
	TaskID               string `json:"taskId"`
	Name                 string `json:"name"` // "signing:build"
	TaskType             string `json:"taskType"`
	WorkerImplementation string `json:"workerImplementation"`
	Pool                 string `json:"pool,omitempty"`
	Parent               string `json:"parent,omitempty"` // the taskId of the task that created it
	Label                string `json:"label,omitempty"`
	SignedBy             string `json:"signedBy,omitempty"`  // base64 of the key that its signature holds with, or the fingerprint of an OpenPGP key in hex
	CotSHA256            string `json:"cotSha256,omitempty"` // of its CoT artifact as it was found, whether it is signed or not
	Place
	// Dependencies are the tasks that it leads to, in the order of the walk.
	Dependencies []Dependency `json:"dependencies,omitempty"`
}

// AsParent is how a link names the task that created it.
const AsParent = "parent"

// Dependency leads from a link to another.
type Dependency struct {
	TaskID string `json:"taskId"`
	As     string `json:"as"` // AsParent, or the task type that the link names it with
}

// Cause is what explains several failures.
type Cause struct {
	Cause    string `json:"cause"` // its name
	Title    string `json:"title"`
	Detail   string `json:"detail,omitempty"`
	Explains []int  `json:"explains"` // indexes of Checks
	Hint     string `json:"hint,omitempty"`
}
