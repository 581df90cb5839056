package live_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cotverify/internal/fakeservices"
	"cotverify/internal/memsource"
	"cotverify/pkg/source"
)

const groupID = "c6r8K9dzSIK3GDZLlgU9aQ"

// groupList is the list of a task group of n tasks.
func groupList(n int, sealed bool) string {
	var tasks []string
	for i := range n {
		tasks = append(tasks, fmt.Sprintf(`{"status":{"taskId":"A%020dA","state":"completed"},"task":{}}`, i))
	}
	end := "]"
	if sealed {
		end = `],"sealed":"2026-11-25T00:00:00.000Z"`
	}
	return `{"taskGroupId":"` + groupID + `","tasks":[` + strings.Join(tasks, ",") + end + "}"
}

func TestGroup(t *testing.T) {
	for _, tt := range []struct {
		name    string
		tasks   int
		sealed  bool
		options fakeservices.Options
		pages   int
	}{
		{name: "empty", pages: 1},
		{name: "one page", tasks: 7, sealed: true, pages: 1},
		{name: "several pages", tasks: 7, options: fakeservices.Options{PageSize: 3}, pages: 3},
		{name: "more than are asked for at once", tasks: 450, sealed: true, pages: 3},
		{name: "tasks are made between the pages", tasks: 7, options: fakeservices.Options{PageSize: 2, Shifted: true}, pages: 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := groupList(tt.tasks, tt.sealed)
			server := fakeservices.Start(t, memsource.Texts{source.Group(groupID): text}, tt.options)
			got, err := read(newLive(t, server, nil), source.Group(groupID))
			if err != nil {
				t.Fatal(err)
			}
			if have, want := groupOf(t, got), groupOf(t, text); !slices.Equal(have.ids(), want.ids()) || have.Sealed != want.Sealed {
				t.Errorf("got %v sealed %q, want %v sealed %q", have.ids(), have.Sealed, want.ids(), want.Sealed)
			}
			if pages := len(server.Requests()); pages != tt.pages {
				t.Errorf("%d requests, want %d", pages, tt.pages)
			}
		})
	}
}

func TestGroupThatCannotBeHad(t *testing.T) {
	facts := memsource.Texts{source.Group(groupID): groupList(5, false)}
	circle := fakeservices.Start(t, facts, fakeservices.Options{PageSize: 2, Circle: true})
	wantUnavailable(t, newLive(t, circle, nil), source.Group(groupID), 0, "the queue's pages of it go round in a circle")
	unknown := fakeservices.Start(t, memsource.Texts{}, fakeservices.Options{})
	if _, err := read(newLive(t, unknown, nil), source.Group(groupID)); !source.IsNotFound(err) {
		t.Errorf("got %v of an unknown group", err)
	}
}

// listedGroup is what is looked at of a list.
type listedGroup struct {
	Sealed string
	Tasks  []struct{ Status struct{ TaskID string } }
}

func groupOf(t *testing.T, text string) (g listedGroup) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g listedGroup) ids() (ids []string) {
	for _, task := range g.Tasks {
		ids = append(ids, task.Status.TaskID)
	}
	return ids
}
