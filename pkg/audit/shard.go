package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cotverify/pkg/report"
)

// Shard is the share of an audit that one of several machines takes. The zero
// shard is all of it.
type Shard struct {
	Index int // from 1
	Of    int
}

// MaxShards is how many machines an audit is shared by at most.
const MaxShards = 1000

// ParseShard reads a shard such as "2/3". The error says what is wrong with it.
func ParseShard(text string) (Shard, error) {
	index, of, _ := strings.Cut(text, "/")
	i, err := strconv.Atoi(index)
	n, err2 := strconv.Atoi(of)
	if err != nil || err2 != nil {
		return Shard{}, fmt.Errorf("expected I/N, such as 2/3")
	}
	s := Shard{i, n}
	return s, s.check()
}

func (s Shard) check() error {
	if s.Of < 1 || s.Of > MaxShards {
		return fmt.Errorf("expected 1 to %d shards, found %d", MaxShards, s.Of)
	}
	if s.Index < 1 || s.Index > s.Of {
		return fmt.Errorf("expected a shard from 1 to %d, found %d", s.Of, s.Index)
	}
	return nil
}

// share leaves only the shard's targets in the plan.
func (p *Plan) share(s Shard, upstream map[string][]string) {
	all := p.Targets
	p.Shard = &report.Shard{Index: s.Index, Of: s.Of, Plan: report.TaskIDsSHA256(taskIDs(all)), Targets: []int{}}
	p.Targets = nil
	for i, shard := range split(all, upstream, s.Of) {
		if shard == s.Index {
			p.Targets = append(p.Targets, all[i])
			p.Shard.Targets = append(p.Shard.Targets, i)
		}
	}
	p.OtherShards = len(all) - len(p.Targets)
}

// split returns the shard of each target. Targets that share upstream tasks come
// to one shard, as long as the shards stay of one size: first those that share
// what few others use, since what nearly all use, such as the decision task, tells
// nothing. It depends on the lists of the groups alone, so that all machines come
// to the same shares.
func split(targets []Member, upstream map[string][]string, of int) []int {
	c := clusters{parent: map[string]string{}, weight: map[string]int{}, most: (len(targets) + of - 1) / of}
	for _, t := range targets {
		c.weight[t.TaskID] = 1
	}
	for _, e := range edges(targets, upstream) {
		c.join(e.from, e.to)
	}
	members := map[string][]int{} // of each cluster, its targets
	for i, t := range targets {
		root := c.root(t.TaskID)
		members[root] = append(members[root], i)
	}
	largestFirst := slices.SortedFunc(maps.Values(members), func(a, b []int) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0]))
	})
	shards := make([]int, len(targets))
	load := make([]int, of)
	for _, cluster := range largestFirst {
		emptiest := slices.Index(load, slices.Min(load))
		load[emptiest] += len(cluster)
		for _, i := range cluster {
			shards[i] = emptiest + 1
		}
	}
	return shards
}

// edge leads from a task to one upstream of it.
type edge struct{ from, to string }

// edges returns what leads upstream from the targets, and on from there: first to
// the tasks that the fewest lead to.
func edges(targets []Member, upstream map[string][]string) []edge {
	var found []edge
	users := map[string]int{}
	seen := map[string]bool{}
	var queue []string
	for _, t := range targets {
		seen[t.TaskID] = true
		queue = append(queue, t.TaskID)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		from := queue[0]
		for _, to := range upstream[from] {
			found = append(found, edge{from, to})
			users[to]++
			if !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	slices.SortFunc(found, func(a, b edge) int {
		return cmp.Or(cmp.Compare(users[a.to], users[b.to]), cmp.Compare(a.to, b.to), cmp.Compare(a.from, b.from))
	})
	return found
}

// clusters are sets of tasks with so many targets among them, at most as many as
// a shard is to have.
type clusters struct {
	parent map[string]string // leads to the task that a cluster is named by
	weight map[string]int    // of the cluster that a task names
	most   int
}

func (c *clusters) root(id string) string {
	for c.parent[id] != "" {
		if next := c.parent[c.parent[id]]; next != "" {
			c.parent[id] = next // the way is shorter the next time
		}
		id = c.parent[id]
	}
	return id
}

// join makes the clusters of two tasks one, unless it would be too large.
func (c *clusters) join(a, b string) {
	a, b = c.root(a), c.root(b)
	if a == b || c.weight[a]+c.weight[b] > c.most {
		return
	}
	c.parent[b] = a
	c.weight[a] += c.weight[b]
}
