package main

import (
	"strings"
	"testing"

	"cotverify/pkg/audit"
)

func TestShardOfJob(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want audit.Shard
		err  string
	}{
		{map[string]string{"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "3"}, audit.Shard{Index: 2, Of: 3}, ""},
		{map[string]string{"CI_NODE_TOTAL": "1"}, audit.Shard{Index: 1, Of: 1}, ""},
		{map[string]string{"JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "4"}, audit.Shard{Index: 1, Of: 4}, ""},
		{map[string]string{"STRATEGY_JOB_INDEX": "3", "STRATEGY_JOB_TOTAL": "4"}, audit.Shard{Index: 4, Of: 4}, ""},
		{map[string]string{"COTVERIFY_SHARD_INDEX": "1", "COTVERIFY_SHARD_OF": "2"}, audit.Shard{Index: 1, Of: 2}, ""},
		{nil, audit.Shard{}, "no variable says which shard this job is"},
		{map[string]string{"CI_NODE_TOTAL": "3"}, audit.Shard{}, "no variable says which shard this job is"},
		{map[string]string{"JOB_COMPLETION_INDEX": "0"}, audit.Shard{}, "JOB_COMPLETIONS, which is to say how many there are, is not"},
		{map[string]string{"CI_NODE_INDEX": "two", "CI_NODE_TOTAL": "3"}, audit.Shard{}, `CI_NODE_INDEX is "two", which is no number`},
		{map[string]string{"CI_NODE_INDEX": "0", "CI_NODE_TOTAL": "3"}, audit.Shard{}, "expected a shard from 1 to 3, found 0"},
		{map[string]string{"JOB_COMPLETION_INDEX": "4", "JOB_COMPLETIONS": "4"}, audit.Shard{}, "expected a shard from 1 to 4, found 5"},
		{map[string]string{"CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "all"}, audit.Shard{}, "expected I/N"},
	} {
		got, err := shardOfJob(func(name string) string { return tt.env[name] })
		if tt.err == "" && (err != nil || got != tt.want) || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%v: %+v, error %v", tt.env, got, err)
		}
	}
}
