package report

// Reason says why a check failed. There are only those of [Reasons].
type Reason string

// The reasons.
const (
	HashMismatch      Reason = "hash-mismatch"
	Algorithm         Reason = "algorithm"
	NotSigned         Reason = "not-signed"
	NoHashes          Reason = "no-hashes"
	BadName           Reason = "bad-name"
	NameClash         Reason = "name-clash"
	NoTrustedKey      Reason = "no-trusted-key"
	BadKey            Reason = "bad-key"
	OtherTask         Reason = "other-task"
	NotFound          Reason = "not-found"
	Unavailable       Reason = "unavailable"
	LeftOut           Reason = "left-out"
	TimedOut          Reason = "timed-out"
	Malformed         Reason = "malformed"
	TooLarge          Reason = "too-large"
	TooDeep           Reason = "too-deep"
	UnknownType       Reason = "unknown-type"
	WeakerClaim       Reason = "weaker-claim"
	UnclearWorker     Reason = "unclear-worker"
	WrongWorker       Reason = "wrong-worker"
	UntrustedPool     Reason = "untrusted-pool"
	Interactive       Reason = "interactive"
	ImageNotAllowed   Reason = "image-not-allowed"
	OtherImage        Reason = "other-image"
	Differs           Reason = "differs"
	NotRebuilt        Reason = "not-rebuilt"
	NotInGraph        Reason = "not-in-graph"
	BadURL            Reason = "bad-url"
	WrongRepository   Reason = "wrong-repository"
	WrongTree         Reason = "wrong-tree"
	AmbiguousScope    Reason = "ambiguous-scope"
	PullRequest       Reason = "pull-request"
	ForeignRepository Reason = "foreign-repository"
	NotLanded         Reason = "not-landed"
	Unmet             Reason = "unmet"
	Warning           Reason = "warning"
)

// ReasonText says what a reason means, and what to do about it.
type ReasonText struct {
	Reason  Reason
	Meaning string
	Hint    string // in general; a check may know better
}

// Reasons returns all reasons.
func Reasons() []ReasonText { return reasons }

var reasons = []ReasonText{
	{HashMismatch, "The bytes are not those whose hash was signed.", "it changed after the task signed it: suspect the storage, not the build"},
	{Algorithm, "What was signed has a hash of an algorithm that is not trusted.", "see which worker made it: the ones that are trusted sign sha256"},
	{NotSigned, "What the worker signed does not list the file.", "the task did not make it, or only after it was signed: look at the task's log"},
	{NoHashes, "What the worker signed has no hashes at all.", "see which worker signed it"},
	{BadName, "The artifact has a name that no file can have.", "name the artifact as the queue lists it"},
	{NameClash, "One artifact's name is a folder of another's.", "give the artifacts names that can be files side by side"},
	{NoTrustedKey, "None of the keys that are trusted for the worker implementation made the signature.", "see who ran the task, and whether its key is new, or the bytes changed after they were signed"},
	{BadKey, "A trusted key is malformed.", "correct the keys: each is base64 of 32 bytes"},
	{OtherTask, "What was signed is of another task.", "the artifact was copied from another task: look at who could write to the storage"},
	{NotFound, "The service was asked, and has no such thing.", "see whether it was there once: what is gone cannot be verified"},
	{Unavailable, "The fact could not be had, which tells nothing of the task.", "this says nothing about the task, and lasts until its cause is mended"},
	{LeftOut, "The bundle was recorded without the fact.", "record again with all artifacts, or verify live"},
	{TimedOut, "The fact did not come before the time was up.", "see what is slow, and give it more time"},
	{Malformed, "A definition or document has not the shape that it must have.", "correct what made the definition"},
	{TooLarge, "Something is larger than is verified.", "no release is as large: see which task leads to so many others"},
	{TooDeep, "The chain is too deep.", "look for a loop in what creates these tasks"},
	{UnknownType, "A task is named with something that is no task type.", "correct the taskType, or the key of extra.chainOfTrust.inputs, in the task that names this one"},
	{WeakerClaim, "The bundle or the definition alone chose what is asked of the target, and asks less than is to be asked.", "find out who made the bundle or the task; what is to be asked of it instead, say with --task-type and --product"},
	{UnclearWorker, "It cannot be told which worker implementation ran the task.", "make payload, provisionerId and tags.worker-implementation name one worker implementation"},
	{WrongWorker, "The task ran on another worker implementation than such tasks may.", "name the task with the type that it has, or have it run on scriptworker"},
	{UntrustedPool, "The task ran in a worker pool that is not trusted for it.", "other pools run what anyone asks for; if this one is new and trusted, add it to the policy"},
	{Interactive, "Somebody could log in to the running task.", "whoever could log in could change what it made: run it again without"},
	{ImageNotAllowed, "The task ran in an image that no task of the chain built.", "use an image that a docker-image task built; the policy says which types may use others"},
	{OtherImage, "The task names one docker-image task in two ways.", "name the same docker-image task in both places"},
	{Differs, "A definition differs from what it must equal.", "the definition was changed between the decision and the queue: see who created the task"},
	{NotRebuilt, "The definition cannot be rebuilt from its source.", "compare with cotverify decision, and with .taskcluster.yml at that revision"},
	{NotInGraph, "The task graph of the task that created it does not have the task.", "the task was not made by the parent that it names: see who created it"},
	{BadURL, "A URL cannot be read.", "correct the URL in the definition"},
	{WrongRepository, "The source is in another repository than the task says that it was made from.", "the task says that it comes from one tree and was made in another: see who created it"},
	{WrongTree, "The task comes from a tree that may not do what it does.", "only these trees are reviewed well enough for it; run the task from one of them"},
	{AmbiguousScope, "Several rules of the policy match a scope.", "make the policy's rules for scopes exclude each other"},
	{PullRequest, "The task comes from a pull request, or from try.", "only what has landed in an official repository may be released"},
	{ForeignRepository, "The task comes from a repository of another owner.", "only what has landed in an official repository may be released"},
	{NotLanded, "The commit is on no branch of its repository.", "only what has landed in an official repository may be released"},
	{Unmet, "What the user requires besides does not hold.", "look at what is required, and whether the right task was named"},
	{Warning, "It is a warning, and warnings refuse here.", ""},
}

// Hint returns what to do about a reason, "" where that is for the check to say.
func (r Reason) Hint() string {
	for _, text := range reasons {
		if text.Reason == r {
			return text.Hint
		}
	}
	return ""
}
