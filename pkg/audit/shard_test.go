package audit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// graphOf returns targets, and what they and others depend on, of lines such as
// "a: b c".
func graphOf(targets string, lines ...string) ([]Member, map[string][]string) {
	var members []Member
	for id := range strings.FieldsSeq(targets) {
		members = append(members, Member{TaskID: id})
	}
	upstream := map[string][]string{}
	for _, line := range lines {
		id, ids, _ := strings.Cut(line, ":")
		upstream[id] = strings.Fields(ids)
	}
	return members, upstream
}

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		name    string
		targets string
		lines   []string
		of      int
		want    []int
	}{
		{"what shares a build is together", "a b c d", []string{"a: x", "b: y", "c: x", "d: y", "x: decision", "y: decision"}, 2, []int{1, 2, 1, 2}},
		{"through tasks between", "a b c d", []string{"a: p", "c: q", "p: x", "q: x", "b: y", "d: y"}, 2, []int{1, 2, 1, 2}},
		{"a target of a target", "a b c d", []string{"a: d", "b: c"}, 2, []int{1, 2, 2, 1}},
		{"what all share does not count", "a b c d", []string{"a: decision", "b: decision", "c: decision", "d: decision"}, 2, []int{1, 1, 2, 2}},
		{"one shard", "a b", nil, 1, []int{1, 1}},
		{"more shards than targets", "a b", []string{"a: x", "b: x"}, 5, []int{1, 2}},
		{"a ring", "a b", []string{"a: b", "b: a"}, 1, []int{1, 1}},
		{"no targets", "", nil, 3, []int{}},
	} {
		members, upstream := graphOf(tt.targets, tt.lines...)
		if got := split(members, upstream, tt.of); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestSplitIsEven holds that all shards together have each target once, that they
// are of one size within a few, and the same on each machine.
func TestSplitIsEven(t *testing.T) {
	var targets []Member
	upstream := map[string][]string{}
	for i := range 1500 {
		id, build := fmt.Sprintf("signing-%d", i), fmt.Sprintf("build-%d", i/3)
		targets = append(targets, Member{TaskID: id})
		upstream[id] = []string{build, "decision"}
		upstream[build] = []string{"image", "decision"}
	}
	first := split(targets, upstream, 7)
	if !slices.Equal(first, split(targets, upstream, 7)) {
		t.Error("it is another share the second time")
	}
	load := map[int]int{}
	apart := 0
	for i, shard := range first {
		load[shard]++
		if i%3 > 0 && first[i-1] != shard {
			apart++
		}
	}
	for shard := 1; shard <= 7; shard++ {
		if n := load[shard]; n < 1500/7-3 || n > 1500/7+3 {
			t.Errorf("shard %d has %d targets", shard, n)
		}
	}
	if apart > 0 {
		t.Errorf("%d times what shares a build is apart", apart)
	}
}

func TestParseShard(t *testing.T) {
	for text, ok := range map[string]bool{"1/1": true, "2/3": true, "0/3": false, "4/3": false, "": false, "1": false, "1/": false, "a/b": false, "1/0": false, "1/1001": false, "1/2/3": false, "-1/2": false} {
		if _, err := ParseShard(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}
