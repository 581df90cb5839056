package verify

import "cotverify/pkg/report"

// Explain returns the explanation of a check by its name.
func Explain(check string) (report.Explanation, bool) {
	for _, e := range Explanations() {
		if e.Check == check {
			return e, true
		}
	}
	return report.Explanation{}, false
}

// Explanations returns the explanation of every check, in the order of the
// specification (sections 3 to 11).
func Explanations() []report.Explanation {
	return []report.Explanation{
		{
			Check:   "task",
			Meaning: "The queue knows the task, and its definition has the shape that every task's has: a payload, an extra, scopes, a taskGroupId, and objects and lists where they belong.",
			Why:     "All other checks read the definition. One that is malformed could be read in one way here and in another by the worker that ran it.",
			Fails: []string{
				"The queue has no such task: it expired, or the taskId is of another deployment.",
				"A field is absent, null or of the wrong type; the message has its path.",
			},
			Do: "Look at the definition at the path that the message names. Tasks expire: if the queue has forgotten it, only a bundle that was recorded in time can be verified.",
		},
		{
			Check:   "task-type",
			Meaning: "The name that a dependency is listed under, in extra.chainOfTrust.inputs or payload.upstreamArtifacts, is a task type that cotverify knows.",
			Why:     "The task type decides what is verified of a task. Under an unknown one nothing would be.",
			Fails: []string{
				"A key of inputs or a taskType of upstreamArtifacts is misspelt, or of a kind of task that takes no part in a chain of trust.",
				"The bundle's manifest names a type or a product for the target of which less is asked than its definition tells.",
			},
			Do: "Correct the taskType in the transform that makes the dependent task. If the target is meant, find out who made the bundle; --task-type and --product say what is to be asked.",
		},
		{
			Check:   "depth",
			Meaning: "The chain is at most 20 tasks deep below the target.",
			Why:     "A chain without end would keep a verifier busy for ever.",
			Fails:   []string{"Tasks lead to tasks in a long line, which no release does: the longest have about six."},
			Do:      "Find the task in the line that should not have the one below it as an input. cotverify graph draws the chain.",
		},
		{
			Check:   "worker",
			Meaning: "The definition tells which worker implementation ran the task, and all that tells it agrees. Release tasks, such as signing, must have run on scriptworker.",
			Why:     "Each implementation signs with keys of its own. Were it ambiguous, a task could be vouched for by the keys of a worker that people have less control over.",
			Fails: []string{
				"Two clues disagree, such as a payload.image and a scriptworker provisioner.",
				"Nothing tells: there is no image, no mounts, no known provisioner, and no tag worker-implementation.",
				"A signing, balrog or other release task ran on docker-worker or generic-worker.",
			},
			Do: "Set the tag worker-implementation to what ran the task, and remove the clue that contradicts it.",
		},
		{
			Check:   "signature",
			Meaning: "One of the keys that the policy trusts for the worker implementation signed the exact bytes of public/chain-of-trust.json.",
			Why:     "This is the root of the whole chain: nothing that a task says of itself counts unless a worker with a trusted key says so.",
			Fails: []string{
				"The task ran on a pool whose workers have another key: a test pool, one of another trust level, or one whose key was rotated.",
				"The file was changed after it was signed.",
				"The CoT artifact is not there: the task did not ask for the feature chainOfTrust, did not complete, or a later run hides the one that did.",
			},
			Do: "Look where the task ran. A new key belongs into the policy's keys, with --policy or --keys, once its owner has confirmed it by another way than this artifact. A file that was changed is an incident.",
		},
		{
			Check:   "cot",
			Meaning: "The signed CoT artifact is a JSON object, and it is of this very task: its taskId is the link's.",
			Why:     "A signature of a trusted key says only that some task said so. Without this check the CoT artifact of one task could stand in for another's.",
			Fails: []string{
				"The artifact is another task's.",
				"It is not JSON as Python reads it: it has a byte order mark, invalid UTF-8, or is no object.",
			},
			Do: "If the taskId differs, somebody put one task's artifact in the place of another's: treat it as an incident. If the JSON is malformed, it is a bug of the worker.",
		},
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
			Check:   "worker-pool",
			Meaning: "Decision, action and docker image tasks ran on pools that the policy trusts for them.",
			Why:     "These tasks define all others, or the image that others run in. On a pool that anyone may use, their output could be tampered with while they run.",
			Fails: []string{
				"The task ran on a pool of another trust level or product.",
				"The pool is new, and the policy does not have it yet.",
			},
			Do: "Check that the pool is meant for such tasks. If it is, add it to decision_pools or image_pools in a policy file.",
		},
		{
			Check:   "task-graph",
			Meaning: "The task stands in public/task-graph.json of the task that created it, and its definition is the one there. Dependencies may be fewer, and times are resolved before comparing.",
			Why:     "Anyone with the scopes can create a task in a group. Only tasks that the source tree asked for are to be trusted, and just as it asked for them.",
			Fails: []string{
				"The task was created by hand, or edited: it is not in the graph, or differs from it.",
				"Its extra.parent names another task than the one that created it.",
				"The graph's file could not be trusted, since its own hash or signature does not hold.",
			},
			Do: "Compare the definition with the graph's at the paths in the message. A task that was created by hand needs an action task as its parent: do not edit tasks, add an action.",
		},
		{
			Check:   "decision",
			Meaning: "The definition of the decision or action task is what .taskcluster.yml of its revision renders to, given the push, release, pull request, cron job or action that it says it is for.",
			Why:     "A decision task runs with the scopes of its branch and defines all other tasks. If somebody could choose its command, all that hangs below it would be theirs.",
			Fails: []string{
				"The task was created with another command, image, scope or environment than the template gives.",
				"The revision or repository in its environment is not the one that it ran for.",
				"What the services say has changed since: a repository was renamed, a pull request's head moved, a level in projects.yml changed.",
				"The template does not render.",
			},
			Do: "The report shows the paths that differ, with the template's line and the context that it reads. cotverify decision TASK_ID --context shows all of the rebuilt definition and what it was rendered from.",
		},
		{
			Check:   "interactive",
			Meaning: "Nobody could log in to the task while it ran: no interactive shell on docker-worker, no remote desktop on generic-worker.",
			Why:     "Somebody with a shell in a task can change its output before the worker signs it.",
			Fails:   []string{"The task was created with the feature interactive, the variable TASKCLUSTER_INTERACTIVE, rdpInfo or a scope for remote desktop."},
			Do:      "Run the task again without it. What an interactive task made cannot be shipped.",
		},
		{
			Check:   "docker-image",
			Meaning: "The docker image that the task ran in was built by a task of the chain, and is the very image that it uploaded; or the policy allows a prebuilt image for tasks of this type.",
			Why:     "The image holds the compiler. Whoever chooses it, chooses what the build produces.",
			Fails: []string{
				"The image's hash in the CoT artifact is not the hash of the image in its own task's CoT artifact.",
				"extra.chainOfTrust.inputs names another image task than payload.image.",
				"The image is prebuilt or comes from the index, which the policy does not allow for this task type, or for a target with restricted scopes.",
			},
			Do: "Let the task use an image of a docker-image task, listed in extra.chainOfTrust.inputs. If the hash differs, the image was replaced between the tasks: treat it as an incident.",
		},
		{
			Check:   "repository",
			Meaning: "The task's source lies within the repository that its environment names, and the tasks of the target's group come from the target's tree.",
			Why:     "The tree decides which scopes a task may have. A task that claims the tree of one repository and builds another would borrow its rights.",
			Fails: []string{
				"metadata.source is of another repository than the HEAD_REPOSITORY of the environment.",
				"A task of the group comes from another tree than the target.",
				"The target has a restricted scope, and a task of the chain comes from no trusted repository.",
			},
			Do: "Compare metadata.source with the variable. A repository that is to be trusted belongs into the product's trusted_repos in a policy file.",
		},
		{
			Check:   "scope",
			Meaning: "The target comes from a tree that may have its restricted scopes.",
			Why:     "Restricted scopes give access to release keys and shipping channels. They are for release branches, not for every repository that can create a task.",
			Fails: []string{
				"A scope of a release branch was given to a task of another tree.",
				"The source matches no rule of the product's trusted_repos, so that the task has no tree.",
				"Two rules of the policy match the scope, so that it is not clear which counts.",
			},
			Do: "Find out why the task has the scope. If its tree is to have it, add the tree to the list that the policy's restricted_scopes names.",
		},
		{
			Check:   "pull-request",
			Meaning: "Where the target has a restricted scope, neither it nor any task of the chain is from a pull request or a try push: each revision is of the official repository and has landed on a branch.",
			Why:     "Anyone can open a pull request. Its code was reviewed by nobody yet, and must not reach release keys.",
			Fails: []string{
				"A task is for a pull request, or from a fork.",
				"The revision is on no branch of the official repository: it was removed, or has not landed.",
				"On hg, the repository or the branch is try's.",
			},
			Do: "Ship from a revision that has landed. If it has, look whether GitHub shows the branch on the commit's page.",
		},
		{
			Check:   "embedded-task",
			Warning: true,
			Meaning: "The definition inside the signed CoT artifact is the one that the queue has.",
			Why:     "The worker signs the definition that it ran. If the queue has another now, what was verified is not what ran.",
			Fails:   []string{"A value differs at the path in the message."},
			Do:      "Definitions never change, so somebody should look at the queue, or at who answers in its place.",
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
		{
			Check:   "duplicate-key",
			Warning: true,
			Meaning: "No object of a signed JSON document has a key twice.",
			Why:     "Readers disagree on which one counts. What one tool verified another may not use.",
			Fails:   []string{"A worker or a decision task wrote a key twice, or somebody hides a value behind another."},
			Do:      "Look at both values. No worker writes such a document by itself.",
		},
		{
			Check:   "loose-equality",
			Warning: true,
			Meaning: "Values that were compared are equal in their types too.",
			Why:     "The reference takes 1, 1.0 and true for equal. A worker may not.",
			Fails:   []string{"A number stands in for a boolean, or a float for an integer, at the path in the message."},
			Do:      "Write the value in the same type in both places.",
		},
		{
			Check:   "two-types",
			Warning: true,
			Meaning: "A task is reached as one task type only.",
			Why:     "It is verified as the type of its first reach. As the other, more might be asked of it.",
			Fails:   []string{"Two tasks list it under different names in their inputs or upstreamArtifacts."},
			Do:      "Name it alike in both.",
		},
		{
			Check:   "action-group",
			Warning: true,
			Meaning: "The ACTION_TASK_GROUP_ID that an action ran with is its own taskId or its decision's.",
			Why:     "The comparison with the rebuilt action leaves this value out, as the reference does. An action that works on a foreign group would not be noticed.",
			Fails:   []string{"The variable names a task group that has nothing to do with the action."},
			Do:      "Find out who started the action, and which group it changed.",
		},
		{
			Check:   "unpinned-image",
			Warning: true,
			Meaning: "A prebuilt image is named with its digest.",
			Why:     "A tag can be moved to another image at any time; a digest cannot.",
			Fails:   []string{"payload.image is a name with a tag, or with neither."},
			Do:      "Name the image as name@sha256:digest.",
		},
		{
			Check:   "untraced-dependency",
			Warning: true,
			Meaning: "Each task that the target or a link depends on is in the chain too.",
			Why:     "A dependency that is neither an input nor an upstream artifact is not verified. If its output is used all the same, nobody vouches for it.",
			Fails:   []string{"The task downloads from a dependency that it does not list."},
			Do:      "If the task uses the dependency's output, list it in extra.chainOfTrust.inputs. If it only waits for it, all is well.",
		},
		{
			Check:   "no-graph",
			Warning: true,
			Meaning: "The task that created this one was verified as a decision or action task, so that a task graph vouches for this one.",
			Why:     "A task that names itself, or a build, as its parent stands in no task graph: nothing that was reviewed made its definition.",
			Fails:   []string{"extra.parent names the task itself, or one that is no decision or action."},
			Do:      "Find out who created the task. Tasks that a tree makes have their decision or action as parent.",
		},
		{
			Check:   "foreign-tree",
			Warning: true,
			Meaning: "A task is of the tree and of the task group of the decision or action that created it.",
			Why:     "Else the decision of one tree could make tasks that claim the rights of another.",
			Fails:   []string{"metadata.source names another tree than the creator's.", "taskGroupId is neither the creator's group nor the creator."},
			Do:      "Find out who created the task, and why its source or its group is another.",
		},
		{
			Check:   "scope-pattern",
			Warning: true,
			Meaning: "No scope of the target that ends in * covers a restricted one.",
			Why:     "A scope such as * satisfies every restricted scope without being one, so that no tree is asked for.",
			Fails:   []string{"A task was given a pattern in place of the scopes that it uses."},
			Do:      "Give the task just the scopes that it uses.",
		},
		{
			Check:   "odd-repository",
			Warning: true,
			Meaning: "A HEAD_REPOSITORY is a plain URL of a repository, which git and a verifier read alike.",
			Why:     "Of https://github.com/a/b/tree/v1/../../../c/d a verifier may take the first two names, and git clone something else.",
			Fails:   []string{"The URL has dots, empty segments, a query, a user, a port or blanks, or more than owner and name on GitHub."},
			Do:      "Find out who made a definition with such a URL.",
		},
		{
			Check:   "untrusted-input",
			Warning: true,
			Meaning: "No value that a definition itself brings, and that holds characters which mean something to a shell, is rendered into the command of a decision or action task.",
			Why:     "The definition equals what the template renders to, since whoever made the task chose the value, and the command then runs what that says.",
			Fails:   []string{"metadata.owner, extra.cron, an environment variable or an action's input holds a quote, a semicolon or the like, and the template puts it into the command."},
			Do:      "Find out who made the task. Have the template quote the value or give it in an environment variable.",
		},
		{
			Check:   "unpinned-revision",
			Warning: true,
			Meaning: "A HEAD_REV is the full hash of a commit, or the tag of a GitHub release.",
			Why:     "What a branch or a short hash names can change after the task was verified.",
			Fails:   []string{"The task was made by hand, or for a branch."},
			Do:      "Have the task name the commit.",
		},
		{
			Check:   "loose-tree",
			Warning: true,
			Meaning: "A trusted pattern takes a source for the tree of its whole repository, and not of one whose name only begins alike.",
			Why:     "In a pattern such as (/|.git|$) the dot stands for any character, so that firefoxXgit is taken for firefox.",
			Fails:   []string{"The source is of a repository whose name goes on where the pattern stops looking."},
			Do:      "Find out who owns that repository, and make the pattern in trusted_repos end where a segment ends.",
		},
		{
			Check:   "pool-level",
			Warning: true,
			Meaning: "A target with a restricted scope rests on no decision or image that ran in a worker pool of a lower level than its own decision's.",
			Why:     "Pools of a lower level run what more people may ask for: an image that was built there is no more trusted than they are.",
			Fails:   []string{"A cached image of a level-1 pool is used by a level-3 build."},
			Do:      "Rebuild the image at the level of the release.",
		},
		{
			Check:   "queue-mismatch",
			Warning: true,
			Meaning: "taskQueueId is <provisionerId>/<workerType>.",
			Why:     "What is checked of a worker pool rests on the pair; a task that names another queue, or a queue alone, may have run elsewhere.",
			Fails:   []string{"The definition is no answer of a queue, which keeps the two alike."},
			Do:      "Find out where the definition comes from, and in which pool the task ran.",
		},
		{
			Check:   "lax-type",
			Warning: true,
			Meaning: "--task-type asks less of the target than its definition does.",
			Why:     "A signing task that is verified as a build need not have run on scriptworker. Whoever chooses the type chooses what is asked.",
			Fails:   []string{"The flag was taken from another task, or chosen to get past a failing check."},
			Do:      "Leave --task-type away: the definition tells the type of which most is asked.",
		},
		{
			Check:   "empty-parent",
			Warning: true,
			Meaning: "A task names the task that created it.",
			Why:     "Where extra.parent is there but empty, the task-graph check passes the task over, so no task graph vouches for it.",
			Fails:   []string{"extra.parent is null, an empty text or another empty value."},
			Do:      "Set extra.parent to the decision or action task, or leave it out: then taskGroupId counts.",
		},
		{
			Check:   "retired-key",
			Warning: true,
			Meaning: "A signature was made by a key that is still in use.",
			Why:     "A key is retired because it was replaced, or because it may be known to others. New tasks signed by it are suspect.",
			Fails:   []string{"A worker was not updated, or somebody kept the old key."},
			Do:      "If the task ran before the key was retired, all is well. If after, find the worker.",
		},
	}
}
