package verify

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cotverify/internal/pyglob"
	"cotverify/internal/suggest"
	"cotverify/internal/value"
	"cotverify/pkg/evidence"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// Requirement is what a user wants to hold besides all that a chain of trust
// asks for, such as the revision that the target is to come from.
type Requirement struct {
	What  string // one of [Requirements]
	Value string // of those that have one
}

// String returns the requirement as [ParseRequirement] reads it.
func (r Requirement) String() string {
	if r.Value == "" {
		return r.What
	}
	return r.What + "=" + r.Value
}

// Requirements returns all that can be required, each with what its value is:
// "revision=REV".
func Requirements() []string {
	var all []string
	for _, k := range requirements {
		all = append(all, Requirement{k.what, k.value}.String())
	}
	return all
}

// required returns requirements as a report has them.
func required(requirements []Requirement) []string {
	texts := []string{}
	for _, r := range requirements {
		texts = append(texts, r.String())
	}
	return texts
}

// ParseRequirement reads a requirement. The error is a *UsageError.
func ParseRequirement(text string) (Requirement, error) {
	what, given, hasValue := strings.Cut(text, "=")
	k := requirementOf(what)
	switch {
	case k == nil:
		var names []string
		for _, k := range requirements {
			names = append(names, k.what)
		}
		return Requirement{}, &UsageError{fmt.Sprintf("%q cannot be required%s; expected one of %s",
			what, suggest.Phrase(what, names), strings.Join(Requirements(), ", "))}
	case k.value == "" && hasValue:
		return Requirement{}, &UsageError{fmt.Sprintf("%s has no value, got %q", what, given)}
	case k.value != "" && (given == "" || k.valid != nil && !k.valid(given)):
		return Requirement{}, &UsageError{fmt.Sprintf("%s=%s: expected %s, got %q", what, k.value, k.expected, given)}
	}
	return Requirement{what, given}, nil
}

// requirement is a kind of what can be required.
type requirement struct {
	what, value string
	expected    string // in words, of the value
	valid       func(value string) bool
	check       func(j *judging, value string) outcome
}

// judging is what a requirement is held against: the chain, and all that was
// found of it.
type judging struct {
	chain  *Chain
	target *Link
	found  *report.Report
}

// outcome says why a requirement does not hold, or by err why that cannot be
// told. The zero outcome is that it holds.
type outcome struct {
	message          string
	expected, actual string
	err              error
}

var (
	revisionText = regexp.MustCompile(`^[0-9a-f]{40}$`)
	sha256Text   = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

var requirements = []requirement{
	{what: "strict", check: requireStrict},
	{what: "signatures", check: requireSignatures},
	{what: "completed", check: requireCompleted},
	{what: "revision", value: "REV", expected: "40 hex digits in lower case", valid: revisionText.MatchString, check: requireRevision},
	{what: "repository", value: "URL", expected: "the URL of a repository", check: requireRepository},
	{what: "tree", value: "TREE", expected: "a tree of the policy, such as /mozilla/glean", check: requireTree},
	{what: "signed-by", value: "KEY", expected: "an Ed25519 public key, base64 of 32 bytes, or the fingerprint of an OpenPGP key, 40 hex digits", valid: isKey, check: requireSigner},
	{what: "artifact", value: "PATTERN", expected: "a path, in which * stands for any letters", check: requireArtifact},
	{what: "policy-sha256", value: "HEX", expected: "64 hex digits in lower case", valid: sha256Text.MatchString, check: requirePolicy},
	{what: "fresh-policy", value: "DAYS", expected: "a number of days, such as 90d", valid: isDays, check: requireFreshPolicy},
}

func requirementOf(what string) *requirement {
	for i := range requirements {
		if requirements[i].what == what {
			return &requirements[i]
		}
	}
	return nil
}

// requirementExplanation is of the check that what is required holds. It looks
// at what all rules found, so that it is none of them.
var requirementExplanation = report.Explanation{
	Check:   "requirement",
	Meaning: "What the user requires besides holds, with --require, and each file of --artifact is one of the target's artifacts.",
	Why:     "A chain of trust says that a task is what some trusted tree asked for. A release has to be of one revision, and of the very files that are at hand.",
	Fails: []string{
		"The task is of another revision, repository or tree than the release.",
		"The file is not one that the task, or a task upstream of it, produced: it was changed, or is of another task.",
		"The policy is another one than was agreed on, or is too old.",
	},
	Do: "Look whether the right task was named, and the right value required. A file that no task made is not to be shipped.",
}

// baselineExplanation is of the check of a baseline, which [report.Check.Accepted]
// comes from. It looks at what all rules found, so that it is none of them.
var baselineExplanation = report.Explanation{
	Check:   report.BaselineCheck,
	Meaning: "The failures that somebody accepted, with --baseline, are still accepted: no entry has expired. An entry that no failure needs is a warning.",
	Why:     "What is accepted for good is no longer looked at. A failure that was harmless once hides the next, which is not.",
	Fails: []string{
		"The day has passed until which the failure was accepted.",
		"What failed was mended, and the entry was left in the file.",
	},
	Do: "Mend what fails. Where that takes longer, somebody has to look again, and accept it until another day. Take out entries that nothing needs.",
}

// checkRequired checks what the user requires besides.
func (c *Chain) checkRequired(t Target, found *report.Report) []report.Check {
	j := &judging{c, c.members[0], found}
	var checks []report.Check
	for _, r := range t.Require {
		checks = append(checks, j.result(r.String(), requirementOf(r.What).check(j, r.Value)))
	}
	for _, f := range t.Files {
		checks = append(checks, j.result("file "+f.Name, requireFile(j, f)))
	}
	return checks
}

func (j *judging) result(subject string, o outcome) report.Check {
	const name = "requirement"
	switch {
	case o.err != nil:
		return j.target.problem(name, subject, o.err)
	case o.message != "":
		return j.target.fail(name, subject, "%s", o.message).Because(report.Unmet).Comparing(o.expected, o.actual)
	}
	return j.target.pass(name, subject)
}

func requireStrict(j *judging, _ string) outcome {
	var names []string
	for _, c := range j.found.Checks {
		if c.Status == report.Warn && !slices.Contains(names, c.Check) {
			names = append(names, c.Check)
		}
	}
	if len(names) == 0 {
		return outcome{}
	}
	return outcome{message: "there are warnings: " + strings.Join(names, ", ")}
}

func requireSignatures(j *judging, _ string) outcome {
	if mode := j.found.Trust.Signatures; mode != string(RequireSignatures) {
		return outcome{message: "the signatures do not count here", expected: string(RequireSignatures), actual: mode}
	}
	for _, l := range j.chain.members {
		if !l.NotRun && l.cot.signedBy() == "" {
			return outcome{message: fmt.Sprintf("no trusted key signed for task %s", l.TaskID)}
		}
	}
	return outcome{}
}

func requireCompleted(j *judging, _ string) outcome {
	status, err := j.chain.status, j.chain.statusErr
	switch {
	case err != nil:
		return outcome{err: err}
	case status.State != evidence.Completed:
		return outcome{message: "the task has not completed", expected: evidence.Completed, actual: status.State}
	}
	return outcome{}
}

// makers returns the decision and action tasks of the target's group that are
// verified, itself among them where it is one. What they are made from is
// rebuilt, so that the revision that they name is the one that counts.
func (j *judging) makers() []*Link {
	var makers []*Link
	for _, l := range j.chain.members {
		if l.Task != nil && j.target.Task != nil && l.Task.Group == j.target.Task.Group && j.chain.isParentMember(l) {
			makers = append(makers, l)
		}
	}
	return makers
}

// requirePlace requires that the target's makers come from one place, and so
// does the target, as far as it says.
func (j *judging) requirePlace(noun, want string, of func(report.Place) string) outcome {
	makers := j.makers()
	if len(makers) == 0 {
		return outcome{message: "no decision task of its group is verified, which would tell its " + noun, expected: want}
	}
	for _, l := range makers {
		if have := of(j.chain.place(l)); have != want {
			return outcome{message: fmt.Sprintf("task %s comes from another %s", l.TaskID, noun), expected: want, actual: orNone(have)}
		}
	}
	if have := of(j.chain.place(j.target)); have != want && have != "" {
		return outcome{message: "the task comes from another " + noun, expected: want, actual: have}
	}
	return outcome{}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func requireRevision(j *judging, want string) outcome {
	return j.requirePlace("revision", want, func(p report.Place) string { return p.Revision })
}

func requireRepository(j *judging, want string) outcome {
	plain := func(url string) string { return strings.TrimSuffix(strings.TrimRight(url, "/"), ".git") }
	return j.requirePlace("repository", plain(want), func(p report.Place) string { return plain(p.Repository) })
}

func requireTree(j *judging, want string) outcome {
	if have := j.found.Target.Tree; have != want {
		return outcome{message: "the task comes from another tree", expected: want, actual: orNone(have)}
	}
	return j.requirePlace("tree", want, func(p report.Place) string { return p.Tree })
}

func requireSigner(j *judging, want string) outcome {
	have := j.target.cot.signedBy()
	switch {
	case j.target.NotRun:
		return outcome{message: "the task has not run, so that nobody has signed for it", expected: want}
	case sameKey(have, want):
		return outcome{}
	}
	return outcome{message: "the task is signed by another key", expected: want, actual: orNone(have)}
}

func isKey(text string) bool {
	raw, err := base64.StdEncoding.DecodeString(text)
	return err == nil && len(raw) == ed25519.PublicKeySize || isFingerprint(text)
}

// isFingerprint reports whether a text is the fingerprint of an OpenPGP key.
var isFingerprint = regexp.MustCompile(`^[0-9A-Fa-f]{40}$`).MatchString

// sameKey compares keys by what they say: neither base64 nor hex is written in
// one way only.
func sameKey(a, b string) bool {
	if isFingerprint(a) {
		return strings.EqualFold(a, b)
	}
	one, okOne := decodeBase64(a)
	other, okOther := decodeBase64(b)
	return okOne && okOther && len(one) == ed25519.PublicKeySize && string(one) == string(other)
}

func requireArtifact(j *judging, pattern string) outcome {
	p := pyglob.Compile(pattern)
	left := maxSteps
	for _, l := range j.chain.members {
		for _, a := range l.requested() {
			if !a.ofTarget || a.err != nil || !a.isHashed(&l.cot) {
				continue
			}
			matched, steps := p.Match(a.name)
			if left -= steps; left < 0 {
				return outcome{err: errSteps}
			}
			if matched {
				return outcome{}
			}
		}
	}
	return outcome{message: "no verified upstream artifact has such a path"}
}

// isHashed reports whether there is a hash that the artifact was compared with.
func (a *artifact) isHashed(of *signedCot) bool {
	hashes, err := a.signedHashes(of)
	return err == nil && hashes.Len() > 0
}

func requirePolicy(j *judging, want string) outcome {
	if have := j.found.Trust.Policy.SHA256; have != want {
		return outcome{message: "the policy is another one", expected: want, actual: have}
	}
	return outcome{}
}

const day = 24 * time.Hour

func isDays(text string) bool {
	_, err := strconv.ParseUint(strings.TrimSuffix(text, "d"), 10, 16)
	return err == nil && strings.HasSuffix(text, "d")
}

func requireFreshPolicy(j *judging, most string) outcome {
	compared := j.chain.policy.Compared
	if compared == "" {
		return outcome{message: "the policy does not say when it was last compared with its reference", expected: "at most " + most + " ago"}
	}
	at, err := time.Parse(policy.DateLayout, compared)
	days, _ := strconv.ParseUint(strings.TrimSuffix(most, "d"), 10, 16)
	age := time.Since(at)
	if err != nil || age < -day || age > time.Duration(days)*day {
		return outcome{message: "the policy was last compared with its reference too long ago", expected: "at most " + most + " ago", actual: compared}
	}
	return outcome{}
}

// File is a file at hand, that must be an artifact of the target's or of those
// that it uses.
type File struct {
	Name string // for the report; it does not count
	Size int64
	sums map[string]string // lower-case hex, by algorithm
}

// HashFile reads a file to its end.
func HashFile(name string, r io.Reader) (File, error) {
	short, long := sha256.New(), sha512.New()
	size, err := io.Copy(io.MultiWriter(short, long), r)
	return File{Name: name, Size: size, sums: map[string]string{
		"sha256": hex.EncodeToString(short.Sum(nil)),
		"sha512": hex.EncodeToString(long.Sum(nil)),
	}}, err
}

// requireFile requires that a file is what the target, or a task whose artifact
// it uses, made and signed.
func requireFile(j *judging, f File) outcome {
	found := fmt.Sprintf("sha256 %s, %d bytes", f.sums["sha256"], f.Size)
	if j.target.cot.verified() {
		own, _ := j.target.cot.artifacts()
		for _, entry := range own.All() {
			if f.isHashedBy(entry) {
				return outcome{}
			}
		}
	}
	var missing error
	for _, l := range j.chain.members {
		if missing == nil && l == j.target && !l.NotRun && !l.cot.verified() {
			missing = absence(l.cot.bytesErr, l.cot.signatureErr)
		}
		for _, a := range l.requested() {
			if !a.ofTarget {
				continue
			}
			hashes, err := a.signedHashes(&l.cot)
			if err == nil && a.err == nil && f.isHashedBy(hashes) {
				return outcome{}
			}
			if missing == nil {
				missing = absence(a.err)
			}
		}
	}
	if missing != nil {
		return outcome{err: fmt.Errorf("none of what is verified has its hash, and not all could be had: %w", missing)}
	}
	return outcome{message: "it is neither an artifact of the task nor a verified one that the task uses", actual: found, expected: "the hash of one of them"}
}

// absence returns the first of the errors that says that a fact could not be
// had.
func absence(errs ...error) error {
	for _, err := range errs {
		if err != nil && isAbsent(err) {
			return err
		}
	}
	return nil
}

// isHashedBy reports whether a CoT artifact's entry has the file's hashes: at
// least one, and none that is another or of an unknown algorithm.
func (f File) isHashedBy(entry any) bool {
	hashes, ok := entry.(*value.Object)
	if !ok || hashes.Len() == 0 {
		return false
	}
	for algorithm, hash := range hashes.All() {
		if sum, known := f.sums[algorithm]; !known || hash != sum {
			return false
		}
	}
	return true
}

// gatherRequired gathers what only requirements ask for.
func (v *Verifier) gatherRequired(ctx context.Context, c *Chain, t Target) {
	if slices.ContainsFunc(t.Require, func(r Requirement) bool { return r.What == "completed" }) {
		c.status, c.statusErr = v.Store.Status(ctx, t.TaskID)
	}
}

// requiredOfNone returns the checks of requirements where there is no target to
// hold them against.
func (t Target) requiredOfNone(l *Link) []report.Check {
	var checks []report.Check
	for _, r := range t.Require {
		checks = append(checks, l.skip("requirement", r.String(), "the target could not be read"))
	}
	for _, f := range t.Files {
		checks = append(checks, l.skip("requirement", "file "+f.Name, "the target could not be read"))
	}
	return checks
}
