package verify

import (
	"regexp"
	"strconv"

	"cotverify/pkg/cot"
	"cotverify/pkg/report"
)

// warnOfPool warns of worker pools that are not what the checks took them for
// (specification, section 11, queue-mismatch and pool-level).
func warnOfPool(c *Chain, e *Link) []report.Check {
	if e.Task == nil || e.Task.Definition == nil {
		return nil
	}
	pool, err := e.Task.WorkerPool()
	checks := warnOfQueue(e, pool)
	if err != nil {
		return checks
	}
	if level, ok := levelOf(pool); ok && c.scopes.any() && restsOnPool(e.Type) {
		if own, ok := c.ownLevel(); ok && level < own {
			checks = append(checks, e.warn("pool-level", pool, "a target with a restricted scope rests on this task, which ran at level %d, and its own decision task at level %d", level, own).
				WithHint("pools of a lower level run what more people may ask for: have it made by one of the same level"))
		}
	}
	return checks
}

// warnOfQueue warns of a queue that is not the task's worker pool, which is ""
// where the definition does not name both of its parts.
func warnOfQueue(e *Link, pool string) []report.Check {
	queue, ok := e.Task.Definition.Get("taskQueueId")
	switch {
	case !ok || queue == pool && pool != "":
		return nil
	case pool == "":
		return []report.Check{e.warn("queue-mismatch", "/taskQueueId", "the task names its worker pool by this alone, and what is checked of it rests on provisionerId and workerType").
			Comparing("both of provisionerId and workerType", describe(queue)).
			WithHint("find out where the definition comes from: the queue gives it all three")}
	}
	return []report.Check{e.warn("queue-mismatch", "/taskQueueId", "the task names two worker pools, and what is checked of it rests on provisionerId and workerType").
		Comparing(pool, describe(queue)).
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
