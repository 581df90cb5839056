package verify

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"cotverify/internal/pyurl"
	"cotverify/internal/suggest"
	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/evidence"
	"cotverify/pkg/report"
)

// artifact is an artifact that is needed of a link.
type artifact struct {
	name     string
	optional bool
	ofTarget bool             // the target asks for it
	pattern  string           // that asks for it; "" where it is asked for by name
	digest   *evidence.Digest // nil where it could not be had
	err      error            // why it is not to be relied on
}

// gatherArtifacts hashes what is needed of a link, and compares it with what was
// signed.
func (v *Verifier) gatherArtifacts(ctx context.Context, c *Chain, l *Link) {
	var gathering sync.WaitGroup
	rejectFolders(l.artifacts, nil)
	for _, a := range l.artifacts {
		gathering.Go(func() { v.gatherArtifact(ctx, l, a) })
	}
	if len(l.patterns) > 0 {
		matched := v.expand(ctx, c, l)
		rejectFolders(matched, l.artifacts)
		for _, a := range matched {
			gathering.Go(func() { v.gatherArtifact(ctx, l, a) })
		}
	}
	gathering.Wait()
}

// gatherArtifact hashes an artifact, and compares it with what was signed.
func (v *Verifier) gatherArtifact(ctx context.Context, l *Link, a *artifact) {
	if a.err == nil {
		a.err = checkName(a.name)
	}
	if a.err != nil {
		return
	}
	var err error
	a.digest, err = v.Store.Digest(ctx, l.TaskID, a.name)
	signed := v.signedCot(ctx, l)
	a.err = a.verify(&signed, err)
}

// requested returns all artifacts that are needed of the link, by name.
func (l *Link) requested() []*artifact {
	all := slices.Concat(l.artifacts, l.matched)
	slices.SortFunc(all, func(a, b *artifact) int { return strings.Compare(a.name, b.name) })
	return all
}

// artifact returns an artifact that is needed of the link by its name, or nil.
func (l *Link) artifact(name string) *artifact {
	for _, a := range l.artifacts {
		if a.name == name {
			return a
		}
	}
	return nil
}

// Why an artifact is not to be relied on, beside the errors of a source.
var (
	errCotUnverified = errors.New("the CoT artifact that has its hash is not verified")
	errNotSigned     = errors.New("the CoT artifact does not list it")
	errNoHashes      = errors.New("the CoT artifact has no artifacts")
)

// nameError says why an artifact's name is not one to save a file under.
type nameError struct{ why string }

func (e *nameError) Error() string { return "no file can be saved under the name: " + e.why }

// folderError says that of two names one is a folder of the other, so that the
// reference cannot save both.
type folderError struct{ other string }

func (e *folderError) Error() string {
	return fmt.Sprintf("no file can have the name beside %q: one is a folder of the other", e.other)
}

// hashError says that an artifact's bytes are not those that were signed.
type hashError struct {
	algorithm        string
	expected, actual string
	size             int64
}

func (e *hashError) Error() string {
	switch {
	case e.isSpelling():
		return "the bytes are those that were signed, but the CoT artifact writes their hash with capital letters, which does not count as the same"
	case e.size == 0:
		return "the file is empty, and what the worker signed was not"
	}
	return "it is not what the worker signed"
}

// isSpelling reports whether the two hashes are one, written in two ways.
func (e *hashError) isSpelling() bool { return strings.EqualFold(e.expected, e.actual) }

// algorithmError says that a hash is of an algorithm that is not trusted.
type algorithmError struct{ algorithm string }

func (e *algorithmError) Error() string {
	return fmt.Sprintf("the CoT artifact has a hash of algorithm %q; expected sha256 or sha512", e.algorithm)
}

// What a file's name may have on Linux, where the reference saves it.
const (
	maxSegment = 255 - 38   // bytes of a part; while it is saved it ends in ".<32 digits>.part"
	maxName    = 4096 - 256 // bytes in all, with room for the folder
)

// checkName refuses names under which the reference cannot save a file, or
// would save another one (specification, section 5).
func checkName(name string) error {
	switch {
	case len(name) > maxName:
		return &nameError{fmt.Sprintf("it has %d bytes, and at most %d are possible", len(name), maxName)}
	case !utf8.ValidString(name):
		return &nameError{"it is no Unicode"}
	case strings.ContainsAny(name, "\x00\n"):
		return &nameError{"it holds a line break or a null character"}
	case pyurl.Unquote(name) != name:
		return &nameError{fmt.Sprintf("decoded as part of a URL it is another one, %q", pyurl.Unquote(name))}
	}
	for segment := range strings.SplitSeq(name, "/") {
		switch {
		case segment == "..":
			return &nameError{"it leads out of the task's folder, by .."}
		case segment == "", segment == ".":
			return &nameError{"a part of it between slashes is empty or a dot"}
		case len(segment) > maxSegment:
			return &nameError{fmt.Sprintf("a part of it between slashes has %d bytes, and at most %d are possible", len(segment), maxSegment)}
		}
	}
	return nil
}

// rejectFolders refuses each of the artifacts whose name is a folder of another
// one's, or is below another one's: among them, those that are asked for
// besides, and the CoT artifact with its signature, which were saved before.
// Which of two can be saved is up to chance, so one is optional only if both
// are.
func rejectFolders(artifacts, besides []*artifact) {
	always := []*artifact{{name: cot.Artifact, optional: true}, {name: cot.SignatureArtifact, optional: true}}
	all := slices.Concat(always, besides, artifacts)
	all = slices.DeleteFunc(all, func(a *artifact) bool { return checkName(a.name) != nil })
	slices.SortFunc(all, func(a, b *artifact) int { return strings.Compare(folderOrder(a.name), folderOrder(b.name)) })
	isNew := map[*artifact]bool{} // the others are being fetched already
	for _, a := range artifacts {
		isNew[a] = true
	}
	reject := func(a, other *artifact) {
		if isNew[a] {
			a.err = &folderError{other: other.name}
			a.optional = a.optional && other.optional
		}
	}
	folder := all[0]
	for _, a := range all[1:] {
		if strings.HasPrefix(a.name, folder.name+"/") {
			reject(folder, a)
			reject(a, folder)
		} else {
			folder = a
		}
	}
}

// folderOrder is what names are sorted by so that all that is below a folder
// follows it: nothing else of a name comes before its slash.
func folderOrder(name string) string { return strings.ReplaceAll(name, "/", "\x00") }

// verify compares the artifact with what was signed (specification,
// section 5). Nil says that it is to be relied on. fetchErr says why its bytes
// could not be had, or is nil.
func (a *artifact) verify(of *signedCot, fetchErr error) error {
	if !of.verified() {
		return errCotUnverified
	}
	hashes, err := a.signedHashes(of)
	if err != nil {
		return err
	}
	if fetchErr != nil {
		return fetchErr
	}
	for algorithm, expected := range hashes.All() {
		actual, ok := a.digest.Sum(algorithm)
		if !ok {
			return &algorithmError{algorithm}
		}
		if expected != actual {
			return &hashError{algorithm: algorithm, expected: inWords(expected), actual: actual, size: a.digest.Size}
		}
	}
	return nil
}

// signedHashes returns the hashes that the CoT artifact has of the artifact.
func (a *artifact) signedHashes(of *signedCot) (*value.Object, error) {
	artifacts, err := of.artifacts()
	if err != nil {
		return nil, err
	}
	entry, ok := artifacts.Get(a.name)
	if !ok {
		return nil, errNotSigned
	}
	hashes, ok := entry.(*value.Object)
	if !ok {
		return nil, &value.ShapeError{Where: of.file(), Path: value.Pointer("artifacts", a.name), Want: "an object", Got: value.Kind(entry)}
	}
	return hashes, nil
}

var artifactRule = rule{
	check: checkArtifacts,
	explanations: []report.Explanation{
		{
			Check:   "artifact",
			Meaning: "An artifact that the target uses, or that a later check reads, has the hash that its task's signed CoT artifact lists.",
			Why:     "Artifacts lie in storage between tasks. Whoever can write there could change what is about to be signed and shipped.",
			Fails: []string{
				"The file in storage is not the one that the task produced.",
				"The CoT artifact does not list it: the task never made it, or made it under another name.",
				"The artifact is not there: it expired, or a later run hides the one that has it.",
				"Its name would lead out of the folder that it is saved in, or cannot be a file's: a segment is empty, . or .., or the name is a folder of another artifact that is needed.",
			},
			Do: "If the hash differs, keep the file and find out who can write to the storage: do not ship. If the artifact is not listed, compare the paths in upstreamArtifacts with what the task uploads.",
		},
		{
			Check:   "no-hash",
			Warning: true,
			Meaning: "The signed CoT artifact has a hash for each artifact that is used.",
			Why:     "Without one there is nothing to compare, and any file passes.",
			Fails:   []string{"The set of hashes is an empty object."},
			Do:      "It is a bug of the worker that made the CoT artifact. Run the task again on a newer one.",
		},
		{
			Check:   "optional-artifact",
			Warning: true,
			Meaning: "An optional artifact that is there has the hash that its task signed.",
			Why:     "An optional artifact may be missing, but one that was changed is not optional: it would be used.",
			Fails:   []string{"The file in storage is not the one that the task produced."},
			Do:      "As for artifact: find out who changed the file, and do not ship it.",
		},
		{
			Check:   "empty-pattern",
			Warning: true,
			Meaning: "Each pattern of the target's upstreamArtifacts matches an artifact.",
			Why:     "A pattern that matches nothing verifies nothing, and the target then works on fewer files than was meant.",
			Fails:   []string{"The upstream task names its artifacts otherwise, or a later run hides them."},
			Do:      "Correct the pattern, or remove it.",
		},
	},
}

// checkArtifacts checks that what is needed of a link is what it signed.
func checkArtifacts(c *Chain, l *Link) []report.Check {
	var checks []report.Check
	for _, path := range malformedPaths(c, l) {
		checks = append(checks, l.problem("artifact", "", path))
	}
	if l.listError != nil {
		checks = append(checks, l.problem("artifact", "the list of artifacts", l.listError))
	}
	for _, u := range l.unmatched {
		checks = append(checks, l.problem("artifact", u.pattern, u.err))
	}
	for _, pattern := range l.empty {
		checks = append(checks, l.warn("empty-pattern", pattern, "the pattern matches no artifact of the task").
			WithHint("see whether the task should have made any; a pattern that is never met hides a mistake"))
	}
	for _, a := range l.requested() {
		checks = append(checks, checkArtifact(l, a)...)
	}
	return checks
}

// malformedPaths returns what is wrong with the target's upstreamArtifacts.
func malformedPaths(c *Chain, l *Link) []error {
	if l != c.members[0] || l.Task == nil {
		return nil
	}
	var problems []error
	for _, up := range l.Task.Upstream {
		if up.PathsError != nil {
			problems = append(problems, up.PathsError)
		}
	}
	return problems
}

func checkArtifact(l *Link, a *artifact) []report.Check {
	var check report.Check
	var hash *hashError
	isHash := asError(a.err, &hash)
	switch {
	case a.err == nil:
		check = l.pass("artifact", a.name)
		if hashes, err := a.signedHashes(&l.cot); err == nil && hashes.Len() == 0 {
			return []report.Check{check, l.warn("no-hash", a.name, "the CoT artifact lists it without any hash, so nothing was compared").
				WithHint("the bytes can be anything: have the task run again, and look at its worker")}
		}
		return []report.Check{check}
	case errors.Is(a.err, errCotUnverified), errors.Is(a.err, errNoHashes) && !a.optional:
		return []report.Check{l.skip("artifact", a.name, "%v", a.err)}
	case isHash && hash.isSpelling():
		check = l.fail("artifact", a.name, "%v", a.err).
			Comparing(hash.algorithm+" "+hash.actual+", which the bytes have", hash.algorithm+" "+hash.expected+", in "+l.cot.file()).
			Because(report.HashSpelling)
	case isHash:
		check = l.fail("artifact", a.name, "%v", a.err).
			Comparing(hash.algorithm+" "+hash.expected, fmt.Sprintf("%s %s, %d bytes", hash.algorithm, hash.actual, hash.size)).
			Because(report.HashMismatch)
	case errors.Is(a.err, errNotSigned):
		check = l.notSigned(a)
	default:
		check = l.problem("artifact", a.name, a.err)
	}
	if a.optional {
		check.Status = report.Warn
		if isHash {
			check.Check = "optional-artifact"
		}
	}
	return []report.Check{check}
}

// notSigned says that the CoT artifact does not list an artifact, and what may
// have been meant instead.
func (l *Link) notSigned(a *artifact) report.Check {
	asked := ""
	if a.pattern != "" {
		asked = fmt.Sprintf("the pattern %s asks for it, and ", a.pattern)
	}
	switch a.name {
	case cot.Artifact:
		return l.fail("artifact", a.name, "%sit is the CoT artifact itself, which never lists itself", asked).Because(report.NeverListed)
	case cot.SignatureArtifact, cot.ClearSignedArtifact:
		return l.fail("artifact", a.name, "%sit is the signature of the CoT artifact, which that never lists", asked).Because(report.NeverListed)
	}
	check := l.fail("artifact", a.name, "%sthe CoT artifact does not list it", asked).Because(report.NotSigned)
	if near := l.nearNames(a.name); len(near) > 0 {
		check.Message += "; it lists " + strings.Join(near, ", ")
	}
	if a.pattern != "" {
		check.Hint = "it was uploaded after the task signed, or not by the task: find out where it comes from; a pattern that reaches less far leaves it out"
	}
	return check
}

// maxNear is how many names are told that an artifact may be listed under.
const maxNear = 3

// nearNames returns names that the CoT artifact lists, and that may be meant by
// another: those that end in the same file name, or else the most alike, or
// where it lists but few, all.
func (l *Link) nearNames(name string) []string {
	artifacts, err := l.cot.artifacts()
	if err != nil {
		return nil
	}
	var near, all []string
	for listed := range artifacts.All() {
		all = append(all, listed)
		if strings.EqualFold(path.Base(listed), path.Base(name)) {
			near = append(near, listed)
		}
	}
	slices.Sort(near)
	if alike := suggest.Closest(name, all); len(near) == 0 && len(all) <= maxAlike && alike != "" {
		near = []string{alike}
	}
	if len(near) == 0 && len(all) <= maxNear {
		near = slices.Sorted(slices.Values(all))
	}
	return near[:min(maxNear, len(near))]
}

// maxAlike is how many names are compared letter by letter.
const maxAlike = 1000
