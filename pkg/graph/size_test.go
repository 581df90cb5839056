package graph

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestChainIsLimited shows chains at each limit, and one step beyond.
func TestChainIsLimited(t *testing.T) {
	chain := func(links int, entries int, payload string) tasks {
		src := tasks{"group": definition("group", nil, nil)}
		for i := range links - 1 {
			up := []string{fmt.Sprintf("signing=%d", i+1)}
			if i == links-2 {
				up = nil
			}
			for range entries {
				up = append(up, "signing=0")
			}
			d := definition("group", nil, up)
			src[fmt.Sprint(i)] = d[:1] + payload + d[1:]
		}
		return src
	}
	wide := func(links int) tasks {
		src := tasks{"group": definition("group", nil, nil)}
		var up []string
		for i := range links - 2 {
			src[fmt.Sprint(i+1)] = definition("group", nil, nil)
			up = append(up, fmt.Sprintf("signing=%d", i+1))
		}
		src["0"] = definition("group", nil, up)
		return src
	}
	values := `"x": [` + strings.Repeat("0,", 49_000) + `0], `
	bytes := `"x": "` + strings.Repeat("x", MaxDefinition-1000) + `", `
	for _, tt := range []struct {
		name         string
		within, over tasks
		want         SizeError
	}{
		{"links", wide(MaxLinks), wide(MaxLinks + 1), SizeError{"links", MaxLinks}},
		{"dependencies", chain(11, 4900, ""), chain(12, 4900, ""), SizeError{"dependencies", maxEdges}},
		{"values", chain(11, 0, values), chain(12, 0, values), SizeError{"values in its definitions", maxAllValues}},
		{"bytes", chain(17, 0, bytes), chain(18, 0, bytes), SizeError{"bytes of definitions", maxAllBytes}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if links, err := walked(tt.within); err != nil {
				t.Errorf("within the limit: %v, after %d links", err, links)
			}
			_, err := walked(tt.over)
			var size *SizeError
			if !errors.As(err, &size) || *size != tt.want {
				t.Errorf("beyond the limit: got %v, expected %v", err, &tt.want)
			}
		})
	}
}

// walked returns how many links the walk from task 0 has, and the first that is
// wrong with the chain.
func walked(src tasks) (links int, err error) {
	for link := range Walk(context.Background(), src, Target{TaskID: "0", TaskType: "signing"}) {
		links++
		if err == nil {
			err = errors.Join(link.TaskError, link.DepthError)
		}
	}
	return links, err
}
