package main

import (
	"fmt"
	"os"
	"strconv"

	"cotverify/pkg/audit"
)

// readShard reads the value of --shard.
func readShard(value string) (s audit.Shard, err error) {
	switch value {
	case "":
		return s, nil
	case "auto":
		s, err = shardOfJob(os.Getenv)
	default:
		s, err = audit.ParseShard(value)
	}
	if err != nil {
		return s, usagef("--shard %s: %v", quoted(value), err)
	}
	return s, nil
}

// jobCounters are the variables by which what runs jobs tells each of several
// which it is.
var jobCounters = []struct {
	index, total string
	first        int // index
}{
	{"CI_NODE_INDEX", "CI_NODE_TOTAL", 1},              // GitLab's parallel
	{"JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", 0},     // Kubernetes' indexed jobs, which do not tell the total
	{"STRATEGY_JOB_INDEX", "STRATEGY_JOB_TOTAL", 0},    // strategy.job-index and strategy.job-total of GitHub Actions
	{"COTVERIFY_SHARD_INDEX", "COTVERIFY_SHARD_OF", 1}, // any other, such as Taskcluster's tasks
}

// shardOfJob returns the shard of the job that this process runs in. Where the job
// does not say how many there are it is an error, since a guess would leave out
// tasks that nobody verifies, or verify all of them in each.
func shardOfJob(env func(string) string) (audit.Shard, error) {
	for _, c := range jobCounters {
		index, total := env(c.index), env(c.total)
		if index == "" && total == "1" {
			index = strconv.Itoa(c.first) // GitLab numbers only what is parallel
		}
		if index == "" {
			continue
		}
		if total == "" {
			return audit.Shard{}, fmt.Errorf("%s is set, and %s, which is to say how many there are, is not", c.index, c.total)
		}
		i, err := strconv.Atoi(index)
		if err != nil {
			return audit.Shard{}, fmt.Errorf("%s is %q, which is no number", c.index, index)
		}
		s, err := audit.ParseShard(fmt.Sprintf("%d/%s", i-c.first+1, total))
		if err != nil {
			return s, fmt.Errorf("%s is %q, %s is %q: %w", c.index, index, c.total, total, err)
		}
		return s, nil
	}
	var expected []string
	for _, c := range jobCounters {
		expected = append(expected, c.index+" with "+c.total)
	}
	return audit.Shard{}, fmt.Errorf("no variable says which shard this job is; expected %s", oneOf(expected))
}
