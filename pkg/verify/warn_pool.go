package verify

import (
	"regexp"
	"strconv"

	"cotverify/internal/terms"
)

// warnOfPool warns of worker pools that are not what the checks took them for
// (specification, section 11, queue-mismatch and pool-level).
func warnOfPool(c *chain, e *evidence) []Check {
	if e.link.Task == nil || e.link.Task.Definition == nil {
		return nil
	}
	pool, err := e.link.Task.WorkerPool()
	if err != nil {
		return nil
	}
	var checks []Check
	if queue, ok := e.link.Task.Definition.Get("taskQueueId"); ok && queue != pool {
		checks = append(checks, e.warn("queue-mismatch", "/taskQueueId", "the task names two worker pools, and what is checked of it rests on provisionerId and workerType").
			comparing(pool, describe(queue)).
			withHint("find out in which of them it ran; the queue keeps the two alike"))
	}
	if level, ok := levelOf(pool); ok && c.scopes.any() && restsOnPool(e.link.Type) {
		if own, ok := c.ownLevel(); ok && level < own {
			checks = append(checks, e.warn("pool-level", pool, "a target with a restricted scope rests on this task, which ran at level %d, and its own decision task at level %d", level, own).
				withHint("pools of a lower level run what more people may ask for: have it made by one of the same level"))
		}
	}
	return checks
}

// restsOnPool reports whether the pool that a task of the type ran in is one of
// those that the policy names.
func restsOnPool(taskType string) bool {
	return terms.IsParentType(taskType) || taskType == terms.DockerImage
}

// ownLevel returns the level of the pool that the target's decision or action
// ran in.
func (c *chain) ownLevel() (int, bool) {
	creator := c.member(c.members[0].link.Task.Creator)
	if creator == nil || creator.link.Task == nil || !c.isParentMember(creator) {
		return 0, false
	}
	pool, err := creator.link.Task.WorkerPool()
	if err != nil {
		return 0, false
	}
	return levelOf(pool)
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
