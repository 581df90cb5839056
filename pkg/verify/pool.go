package verify

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cotverify/pkg/cot"
	"cotverify/pkg/report"
)

var poolRule = rule{
	check: checkWorkerPool,
	explanations: []report.Explanation{
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
	},
}

// checkWorkerPool checks that a task which others are made from ran on a
// trusted pool (specification, section 6).
func checkWorkerPool(c *Chain, l *Link) []report.Check {
	const name = "worker-pool"
	var trusted []string
	switch l.Type {
	case cot.Decision, cot.Action:
		trusted = c.product.DecisionPools
	case cot.DockerImage:
		trusted = c.product.ImagePools
	default:
		return nil
	}
	if l.Task == nil {
		return []report.Check{l.skip(name, "", "there is no definition to tell the pool")}
	}
	pool, err := l.Task.WorkerPool()
	if err != nil {
		return []report.Check{l.problem(name, "", err)}
	}
	if !slices.Contains(trusted, pool) {
		return []report.Check{l.fail(name, pool, "the worker pool is not trusted for %s tasks of %s", l.Type, c.product.Name).
			Comparing("one of "+strings.Join(trusted, ", "), pool).
			Because(report.UntrustedPool)}
	}
	return []report.Check{l.pass(name, pool)}
}

var poolWarningRule = rule{
	check: warnOfPool,
	explanations: []report.Explanation{
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
	},
}

// warnOfPool warns of worker pools that are not what the checks took them for
// (specification, section 11, queue-mismatch and pool-level).
func warnOfPool(c *Chain, l *Link) []report.Check {
	if l.Task == nil || l.Task.Definition == nil {
		return nil
	}
	pool, err := l.Task.WorkerPool()
	checks := warnOfQueue(l, pool)
	if err != nil {
		return checks
	}
	if level, ok := levelOf(pool); ok && c.scopes.any() && restsOnPool(l.Type) {
		if own, ok := c.ownLevel(); ok && level < own {
			checks = append(checks, l.warn("pool-level", pool, "a target with a restricted scope rests on this task, which ran at level %d, and its own decision task at level %d", level, own).
				WithHint("pools of a lower level run what more people may ask for: have it made by one of the same level"))
		}
	}
	return checks
}

// warnOfQueue warns of a queue that is not the task's worker pool, which is ""
// where the definition does not name both of its parts.
func warnOfQueue(l *Link, pool string) []report.Check {
	queue, ok := l.Task.Definition.Get("taskQueueId")
	switch {
	case !ok || queue == pool && pool != "":
		return nil
	case pool == "":
		return []report.Check{l.warn("queue-mismatch", "/taskQueueId", "the task names its worker pool by this alone, and what is checked of it rests on provisionerId and workerType").
			Comparing("both of provisionerId and workerType", inWords(queue)).
			WithHint("find out where the definition comes from: the queue gives it all three")}
	}
	return []report.Check{l.warn("queue-mismatch", "/taskQueueId", "the task names two worker pools, and what is checked of it rests on provisionerId and workerType").
		Comparing(pool, inWords(queue)).
		WithHint("find out in which of them it ran; the queue keeps the two alike")}
}

// restsOnPool reports whether the pool that a task of the type ran in is one of
// those that the policy names.
func restsOnPool(taskType string) bool {
	return cot.IsParentType(taskType) || taskType == cot.DockerImage
}

// ownLevel returns the highest level of the pools that the target's decision and
// the action that created it ran in.
func (c *Chain) ownLevel() (highest int, found bool) {
	target := c.members[0].Task
	for _, id := range []string{target.Group, target.Creator} {
		maker := c.member(id)
		if maker == nil || maker.Task == nil || !c.isParentMember(maker) {
			continue
		}
		pool, err := maker.Task.WorkerPool()
		if level, ok := levelOf(pool); err == nil && ok {
			highest, found = max(highest, level), true
		}
	}
	return highest, found
}

// poolLevel is the SCM level in the name of a pool, such as gecko-3/decision.
var poolLevel = regexp.MustCompile(`^[^/]*-([0-9])/`)

func levelOf(pool string) (int, bool) {
	found := poolLevel.FindStringSubmatch(pool)
	if found == nil {
		return 0, false
	}
	level, err := strconv.Atoi(found[1])
	return level, err == nil
}
