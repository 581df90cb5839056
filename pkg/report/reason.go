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
	Expired           Reason = "expired"
	Unneeded          Reason = "unneeded"
	HashSpelling      Reason = "hash-spelling"
	NeverListed       Reason = "never-listed"
	NoKeys            Reason = "no-keys"
	OtherWorkersKey   Reason = "other-workers-key"
	BadSignature      Reason = "bad-signature"
	Unsigned          Reason = "unsigned"
	NotRecorded       Reason = "not-recorded"
	RateLimited       Reason = "rate-limited"
	WrongAnswer       Reason = "wrong-answer"
	MalformedCot      Reason = "malformed-cot"
	MalformedFile     Reason = "malformed-file"
	BadTaskID         Reason = "bad-task-id"
	NoSource          Reason = "no-source"
	ForeignHost       Reason = "foreign-host"
	NoOwner           Reason = "no-owner"
	Reordered         Reason = "reordered"
	BadTemplate       Reason = "bad-template"
	BadProjects       Reason = "bad-projects"
	UnknownAction     Reason = "unknown-action"
	NoPush            Reason = "no-push"
	WrongPurpose      Reason = "wrong-purpose"
	WeakSignature     Reason = "weak-signature"
	InvalidKey        Reason = "invalid-key"
	OtherBody         Reason = "other-body"
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
	{HashMismatch, "The bytes are not those whose hash was signed.", "it changed after the task signed it: keep the file, do not ship, and find out who can write to the storage"},
	{HashSpelling, "The bytes are those that were signed, but the worker wrote their hash in another form than the one that counts.", "a bug of the worker that signed, and no artifact was changed: report it to who runs the worker pool, and run the task again elsewhere"},
	{Algorithm, "What was signed has a hash of an algorithm that is not trusted.", "see which worker made it: the ones that are trusted sign sha256"},
	{NotSigned, "What the worker signed does not list the file.", "the task did not make it, or only after it was signed: look at the task's log"},
	{NeverListed, "The file is the CoT artifact or its signature, which no CoT artifact lists.", "the request reaches too far: ask for the files that are used, such as public/build/*"},
	{NoHashes, "What the worker signed has no hashes at all.", "the worker wrote this file, and left out what the task made: report it to who runs the worker pool, and run the task again elsewhere"},
	{BadName, "The artifact has a name that no file can have.", "no taskgraph makes such a name: find out who created the task that asks for it"},
	{NameClash, "One artifact's name is a folder of another's.", "give the artifacts names that can be files side by side"},
	{NoTrustedKey, "None of the keys that are trusted made the signature.", "compare the worker and the date with when the pool's key was changed; if neither explains it, the file was changed after it was signed"},
	{OtherWorkersKey, "The signature was made by a key that is trusted, but for another worker implementation.", "see where the task ran: it claims another worker implementation than the one whose key signed; a pool that really runs both needs its key in the policy under both, once its owner has confirmed that"},
	{NoKeys, "No key at all is trusted for the worker implementation.", "add its keys to the policy or the file of keys, or leave --keys away to use the policy's"},
	{BadKey, "A trusted key is malformed.", "correct the keys: each is base64 of 32 bytes"},
	{BadSignature, "What should be the signature cannot be one.", "the file is cut, longer than a signature, or another file: an upload or a proxy may have damaged it; fetch it again, and compare"},
	{WeakSignature, "The signature rests on a hash or a key that is too weak to tell who signed.", "somebody else could have made it: have the task run again by a worker of today, or do without it"},
	{InvalidKey, "A trusted key made the signature, but was not valid for it.", "a key that was revoked, or that had expired when it signed, may be in other hands: find out when the task ran, and have it run again by a worker of today"},
	{OtherBody, "The CoT artifact is there twice, and the two say different things.", "the worker wrote both from one text: find out who can write to the storage"},
	{Unsigned, "The worker signed nothing of the task.", "see whether payload.features has chainOfTrust, whether the worker pool is one that signs (those of level 1 and for development do not), and whether the task completed"},
	{OtherTask, "What was signed is of another task.", "the artifact was copied from another task: look at who could write to the storage"},
	{MalformedCot, "The CoT artifact has not the shape that it must have.", "the worker wrote this file, and not the task: report the bug to who runs the worker pool, and run the task again"},
	{MalformedFile, "A file that the decision task wrote has not the shape that it must have.", "the decision task wrote this file: look at its log, and report the bug to who keeps its taskgraph"},
	{NotFound, "The service was asked, and has no such thing.", "compare what was asked for with the definition; what is gone cannot be verified, but by a bundle that was recorded in time"},
	{NotRecorded, "The bundle has no answer to what is asked.", "record again (cotverify record): this bundle was made for less, or something was taken out of it"},
	{Unavailable, "The fact could not be had, which tells nothing of the task.", "this says nothing about the task, and lasts until its cause is mended"},
	{RateLimited, "A service refused since it had been asked too often, which tells nothing of the task.", "the service limits how often it is asked: ask again later; GitHub's rate limit is much higher with GITHUB_TOKEN set"},
	{WrongAnswer, "A service answered what cannot be the answer, which tells nothing of the task.", "a proxy or a broken server answered in the place of the service: ask again; a bundle that holds this answer can never verify, so record it again"},
	{LeftOut, "The bundle was recorded without the fact.", "record again with all artifacts, or verify live"},
	{TimedOut, "The fact did not come before the time was up.", "see what is slow, and give it more time"},
	{Malformed, "A definition has not the shape that it must have.", "no queue changes a definition: find out what created the task so, mend that, and have the task made anew"},
	{BadTaskID, "What should be a taskId is none.", "no queue has such a task: find out who created the task that names it"},
	{TooLarge, "Something is larger than is verified.", "no release is as large: see which task leads to so many others"},
	{TooDeep, "The chain is too deep.", "releases have about 6 tasks in a line: see which of these should not have the one below it as an input"},
	{UnknownType, "A task is named with something that is no task type.", "correct the taskType, or the key of extra.chainOfTrust.inputs, in the task that names this one"},
	{WeakerClaim, "The bundle or the definition alone chose what is asked of the target, and asks less than is to be asked.", "find out who made the bundle or the task; what is to be asked of it instead, say with --task-type and --product"},
	{UnclearWorker, "It cannot be told which worker implementation ran the task.", "make payload, provisionerId and tags.worker-implementation name one worker implementation"},
	{WrongWorker, "The task ran on another worker implementation than such tasks may.", "find out who created it: such tasks work with release keys, and have no business on any other worker"},
	{UntrustedPool, "The task ran in a worker pool that is not trusted for it.", "other pools run what anyone asks for; if this one is new and trusted, add it to the policy"},
	{Interactive, "Somebody could log in to the running task.", "whoever could log in could change what it made: run it again without"},
	{ImageNotAllowed, "The task ran in an image that no task of the chain built.", "use an image that a docker-image task built; the policy says which types may use others"},
	{OtherImage, "The task names one docker-image task in two ways.", "name the same docker-image task in both places"},
	{Differs, "A definition differs from what it must equal.", "the definition was changed between the decision and the queue: see who created the task"},
	{Reordered, "A list holds what it must, in another order.", "harmless where the order means nothing, but no service changes it: find out what rewrote the definition, and have the task made anew"},
	{NotRebuilt, "The definition cannot be rebuilt from its source.", "cotverify decision TASK_ID --context shows what it is rebuilt from"},
	{BadTemplate, "The template of the source cannot be read, or does not render.", "no service could have made the task from it: see whether the repository and the revision in payload.env are those that ran, and what that push changed in .taskcluster.yml"},
	{BadProjects, "projects.yml does not tell what it must of the task's project.", "projects.yml, of those who run the deployment, is read as it is today: see whether the project was renamed, or lacks what the message names"},
	{UnknownAction, "The decision task offers no such action.", "an action task is fired from its decision's public/actions.json: see who created this one, and compare payload.env.ACTION_CALLBACK"},
	{NoPush, "The repository has no push with the revision.", "see whether the revision in payload.env is one of another repository, or was not pushed yet"},
	{WrongPurpose, "The task lacks what its extra.tasks_for goes with.", "compare extra.tasks_for with the task's name and with what made it: find out who created it, and with what"},
	{NotInGraph, "The task graph of the task that created it does not have the task.", "the task was not made by the parent that it names: see who created it"},
	{BadURL, "A URL cannot be read.", "correct the URL in the definition"},
	{NoSource, "The task does not say which source it was made from.", "what made this task left its metadata.source out, which every task of taskgraph has: find out who created it"},
	{WrongRepository, "The source is in another repository than the task says that it was made from.", "compare the two letter by letter: the transform or template that made the task wrote both"},
	{ForeignHost, "A repository is at a host, or under a scheme, that nothing is verified from.", "compare the URL letter by letter with the official one; find out who created the task that names it"},
	{WrongTree, "The task comes from a tree that may not do what it does.", "only these trees are reviewed well enough for it; run the task from one of them"},
	{AmbiguousScope, "Several rules of the policy match a scope.", "make the policy's rules for scopes exclude each other"},
	{PullRequest, "The task comes from a pull request, or from try.", "only what has landed in an official repository may be released"},
	{ForeignRepository, "The task comes from a repository of another owner.", "only what has landed in an official repository may be released"},
	{NotLanded, "The commit is on no branch of its repository.", "only what has landed in an official repository may be released"},
	{NoOwner, "The task is of GitHub, and the policy names nobody there whose repositories the product is made from.", "see why the task claims to be of GitHub; where the product has moved there, the policy needs the product's official owners"},
	{Unmet, "What the user requires besides does not hold.", "look at what is required, and whether the right task was named"},
	{Expired, "The acceptance of a failure has expired.", "mend what fails; until then somebody has to accept it anew, with another date in the baseline"},
	{Unneeded, "An acceptance is of no failure that is there.", "take the entry out of the baseline, so that it accepts nothing that nobody looked at"},
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
