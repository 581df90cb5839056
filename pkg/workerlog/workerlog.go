// Package workerlog reads the log in which a release worker tells how it verified
// the chain of trust of its task, and holds it beside a report.
//
// Start with [Read]. A log is no evidence: whoever could write the task's
// artifacts wrote it. It tells what the worker found, so that a person sees
// whether cotverify found the same.
package workerlog

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cotverify/pkg/cot"
	"cotverify/pkg/source"
)

// Artifact is the log's name.
const Artifact = "public/logs/chain_of_trust.log"

// Limits. The logs of the largest releases, which hold every definition, have
// some megabytes.
const (
	maxLog    = 64 << 20 // bytes
	maxErrors = 50
	maxText   = 2000 // bytes of one error
)

// Log is what a worker's log says.
type Log struct {
	Version string  // of scriptworker; "" where the log does not tell
	Passed  bool    // the log ends with that the chain is good
	Errors  []Error // why it refused
}

// Error is something that the worker found to be wrong.
type Error struct {
	Check   string   `json:"check,omitempty"`   // the check that is of the same, "" where none is known to be
	TaskIDs []string `json:"taskIds,omitempty"` // that it names
	Text    string   `json:"text"`              // hostile, and cut where it is long
	// OnlyWorker says that the report has nothing of it.
	OnlyWorker bool `json:"onlyWorker"`
}

// Read reads the log of a task's run, or with "" of its latest. The error is one
// of a [source.Source].
func Read(ctx context.Context, s source.Source, taskID, run string) (*Log, error) {
	f := source.Artifact(taskID, Artifact)
	f.Run = run
	data, _, err := source.ReadAll(ctx, s, f, maxLog)
	if err != nil {
		return nil, err
	}
	return Parse(string(data)), nil
}

// record is the beginning of what was logged at once, which may go over several
// lines: "2026-08-20T10:13:12 CRITICAL - message".
var record = regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d +(DEBUG|INFO|WARNING|ERROR|CRITICAL) - `)

// Parse reads a log.
func Parse(text string) *Log {
	l := &Log{}
	starts := record.FindAllStringSubmatchIndex(text, -1)
	for i, at := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		l.record(text[at[2]:at[3]], strings.TrimRight(text[at[1]:end], "\r\n"))
	}
	return l
}

func (l *Log) record(level, message string) {
	if version, ok := strings.CutPrefix(message, "Running scriptworker version "); ok && level == "INFO" {
		*l = Log{Version: version} // a run of its own
		return
	}
	l.Passed = level == "INFO" && message == "Good."
	if level != "CRITICAL" {
		return
	}
	_, trace, ok := strings.Cut(message, "\nTraceback (most recent call last):\n")
	if ok {
		if message = raised(trace); message == "" {
			return
		}
	}
	for _, e := range split(message) {
		l.add(e, trace)
	}
}

// exception is the line of a traceback that says what was raised.
var exception = regexp.MustCompile(`(?m)^[A-Za-z_][\w.]*(?:Error|Exception|Download404)(?:: |$)`)

// raised returns what the last exception of a traceback says. Of a KeyError,
// which the worker's own is one of, Python prints the text as a literal.
func raised(trace string) string {
	all := exception.FindAllStringIndex(trace, -1)
	if len(all) == 0 {
		return ""
	}
	return unquoted(trace[all[len(all)-1][1]:])
}

// unquoted returns what a literal of Python says, and all other text as it is.
func unquoted(text string) string {
	if n := len(text); n >= 2 && (text[0] == '\'' || text[0] == '"') && text[n-1] == text[0] {
		text = literal.Replace(text[1 : n-1])
	}
	return text
}

var literal = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\'`, `'`, `\"`, `"`, `\t`, "\t")

// split divides what is logged together: each error that is known begins a line.
func split(message string) []string {
	var all []string
	for line := range strings.SplitSeq(message, "\n") {
		if len(all) == 0 || checkOf(line) != "" {
			all = append(all, line)
		} else {
			all[len(all)-1] += "\n" + line
		}
	}
	return all
}

// taskID matches a taskId in an error.
var taskID = regexp.MustCompile(`(?:^|[^A-Za-z0-9_-])([A-Za-z0-9_-]{22})(?:$|[^A-Za-z0-9_-])`)

// add adds an error, once.
func (l *Log) add(text, trace string) {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	for _, e := range l.Errors {
		if e.Text == text {
			return
		}
	}
	if len(l.Errors) == maxErrors {
		return
	}
	first, _, _ := strings.Cut(text, "\n")
	e := Error{Check: cmp.Or(checkOf(text), checkAt(trace)), Text: text}
	for _, m := range taskID.FindAllStringSubmatch(first, -1) {
		if cot.IsSlugID(m[1]) {
			e.TaskIDs = append(e.TaskIDs, m[1])
		}
	}
	l.Errors = append(l.Errors, e)
}

// knownError is an error of scriptworker by what its text holds, and the check
// that is of the same.
type knownError struct {
	pattern *regexp.Regexp
	check   string
}

// known has the errors of scriptworker, of which the first that matches counts.
// They are compiled when a log is read, which few commands do.
var known = sync.OnceValue(func() []knownError {
	return []knownError{
		{regexp.MustCompile(`ed25519 cot signature|chain-of-trust\.json\.sig\b.* status \d+|Ed25519PublicKey|Ed25519 public key`), "signature"},
		{regexp.MustCompile(`Chain of Trust artifact taskId|Invalid unsigned cot json|chain-of-trust\.json\b.* status \d+`), "cot"},
		{regexp.MustCompile(`chain of trust artifacts!|^BAD HASH|/artifacts/\S+ status \d+`), "artifact"},
		{regexp.MustCompile(`dependencies don't line up!|differs!$|differs!\n|^Can't (?:find task|load) .*task-graph\.json`), "task-graph"},
		{regexp.MustCompile(`any rebuilt definition|Error while rebuilding|json-pushes|taskcluster\.yml\b|JSON-e error|ACTION_TASK_GROUP_ID|^No action with|Unknown tasks_for|cot_product_type|the push comment|^Unsupported VCS|Error reading the template|populate jsone_context`), "decision"},
		{regexp.MustCompile(`is not a valid (decision|docker-image) workerPoolId`), "worker-pool"},
		{regexp.MustCompile(`is interactive: |^check_interactive_`), "interactive"},
		{regexp.MustCompile(`docker-image docker sha|docker-image taskId|^Indexed images|a (indexed|prebuilt) docker image|^Unknown type of docker image`), "docker-image"},
		{regexp.MustCompile(`^guess_worker_impl|must be run from scriptworker`), "worker"},
		{regexp.MustCompile(`^Invalid task type`), "task-type"},
		{regexp.MustCompile(`^Task definition for \S+ is empty`), "task"},
		{regexp.MustCompile(`^Too deep recursion`), "depth"},
		{regexp.MustCompile(`not allowlisted for scope|restricted_scope`), "scope"},
		{regexp.MustCompile(`is_try_or_pull_request|is not a supported GitHub URL|^branch_commits`), "pull-request"},
		{regexp.MustCompile(`doesn't match source|doesn't match my repo|no privileged repo|^Unknown repo for source|^verify_repo_matches_url`), "repository"},
	}
})

// functions has of scriptworker's functions the check that is of the same: what
// Python itself raised there says nothing of what was looked at.
var functions = map[string]string{
	"verify_link_ed25519_cot_signature": "signature",
	"verify_cot_signatures":             "signature",
	"download_cot":                      "cot",
	"download_cot_artifact":             "artifact",
	"verify_task_in_task_graph":         "task-graph",
	"verify_link_in_task_graph":         "task-graph",
	"verify_parent_task_definition":     "decision",
	"populate_jsone_context":            "decision",
	"check_interactive_docker_worker":   "interactive",
	"check_interactive_generic_worker":  "interactive",
	"verify_docker_image_sha":           "docker-image",
	"guess_worker_impl":                 "worker",
	"is_try_or_pull_request":            "pull-request",
	"get_source_url":                    "repository",
	"trace_back_to_tree":                "repository",
}

// frame is a line of a traceback that names a function.
var frame = regexp.MustCompile(`(?m)^ +File ".*", line \d+, in (\w+)$`)

// checkAt returns the check that is of the same as the innermost function of a
// traceback of which one is known.
func checkAt(trace string) string {
	frames := frame.FindAllStringSubmatch(trace, -1)
	for _, f := range slices.Backward(frames) {
		if check := functions[f[1]]; check != "" {
			return check
		}
	}
	return ""
}

func checkOf(text string) string {
	for _, k := range known() {
		if k.pattern.MatchString(text) {
			return k.check
		}
	}
	return ""
}
