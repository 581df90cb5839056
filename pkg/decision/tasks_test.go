package decision

import (
	"strings"
	"testing"

	"cotverify/internal/jsone"
	"cotverify/internal/value"
)

func TestTasksThatATemplateRendersTo(t *testing.T) {
	for n, want := range map[int]string{maxTasks: "", maxTasks + 1: "renders to 101 tasks; expected at most 100"} {
		tasks := make([]any, n)
		for i := range tasks {
			tasks[i] = &value.Object{}
		}
		r := &Rebuilt{}
		err := r.keepTasks(&jsone.Result{Value: value.ObjectOf("tasks", tasks), Origin: &jsone.Origin{}})
		if want == "" && (err != nil || len(r.Tasks) != n) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%d tasks: got %v, expected %q", n, err, want)
		}
	}
}
