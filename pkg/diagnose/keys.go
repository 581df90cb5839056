package diagnose

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"cotverify/pkg/policy"
	"cotverify/pkg/report"
)

// unverified returns the open failures of signatures that are there.
func (v *view) unverified() []int {
	return v.open(func(c report.Check) bool { return c.Check == "signature" && c.Status == report.Fail })
}

var noKeys = cause{
	name:    "no-keys",
	meaning: "The keys lack a worker implementation that tasks of the chain ran on.",
	find: func(v *view) []report.Cause {
		if v.Keys == nil {
			return nil
		}
		worker := func(i int) string { return v.link(v.of(i)).WorkerImplementation }
		failures := slices.DeleteFunc(v.unverified(), func(i int) bool { return worker(i) == "" || len(v.Keys[worker(i)]) > 0 })
		if len(failures) == 0 {
			return nil
		}
		var workers []string
		for _, of := range groups(failures, worker) {
			workers = append(workers, worker(of[0]))
		}
		slices.Sort(workers)
		c := report.Cause{
			Title: "no key is trusted for " + and(workers),
			Detail: fmt.Sprintf("%d of %s ran on %s, and %s has keys for %s only", len(failures), count(len(v.Links), "task"),
				and(workers), v.keysFile(), cmp.Or(and(slices.Sorted(maps.Keys(v.Keys))), "nothing")),
			Explains: failures,
			Hint:     "add its keys to the policy",
		}
		if v.keysFile() != "the policy" {
			c.Hint = fmt.Sprintf("add its keys to %s, or leave --keys away to use the policy's", v.keysFile())
		}
		return []report.Cause{c}
	},
}

var malformedKey = cause{
	name:    "malformed-key",
	meaning: "A trusted key is no key, which ends the search for the one that signed.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		failures := v.because("signature", report.BadKey)
		for _, failures := range groups(failures, func(i int) string { return v.link(v.of(i)).WorkerImplementation }) {
			worker := v.link(v.of(failures[0])).WorkerImplementation
			c := report.Cause{
				Title:    fmt.Sprintf("a key for %s in %s is malformed", worker, v.keysFile()),
				Explains: failures,
				Hint:     "correct the key, which is base64 of 32 bytes, in " + v.keysFile(),
			}
			for _, key := range v.Keys[worker] {
				if policy.CheckKey(key.Ed25519) != nil && key.Malformed != "" {
					c.Title = filepath.Base(key.Malformed[:strings.IndexByte(key.Malformed, ':')]) + key.Malformed[strings.IndexByte(key.Malformed, ':'):]
					break
				}
			}
			found = append(found, c)
		}
		return found
	},
}

var otherWorkersKey = cause{
	name:    "other-workers-key",
	meaning: "A task is signed by a key that is trusted, but for another worker implementation than the task claims.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		for _, failures := range groups(v.unverified(), func(i int) string { return v.Signers[v.of(i)].Key.Ed25519 }) {
			taskID := v.of(failures[0])
			by, claimed := v.Signers[taskID], v.link(taskID).WorkerImplementation
			detail := "the key is " + by.Key.Ed25519
			if claims := by.Claims.String(); claims != "" {
				detail += "; the artifact says that it is of " + claims
			}
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("%s is signed by a key of %s, and claims to have run on %s", v.labels(failures), by.Worker, claimed),
				Detail:   detail,
				Explains: failures,
				Hint: fmt.Sprintf("see where %s ran; if %s runs what is written for %s there, its key belongs into the policy under %s too",
					v.labels(failures), by.Worker, claimed, claimed),
			})
		}
		return found
	},
}

var unclearWorker = cause{
	name:    "unclear-worker",
	meaning: "It cannot be told which worker implementation ran a task, so that no key is trusted for it.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		for _, i := range v.because("worker", report.UnclearWorker) {
			explains := append(v.ofTask(v.of(i), "signature"), i)
			if len(explains) == 1 {
				continue // the check says it all
			}
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("it cannot be told which worker implementation ran %s", v.label(v.of(i))),
				Detail:   v.Checks[i].Message,
				Explains: explains,
				Hint:     v.Checks[i].Hint,
			})
		}
		return found
	},
}

// isCached reports whether a task is of another task group than the target, as
// those are that many pushes share.
func (v *view) isCached(taskID string) bool {
	target, task := v.Tasks[v.Target.TaskID], v.Tasks[taskID]
	if target == nil || task == nil {
		return taskID != v.Target.TaskID && v.link(taskID).Parent != "" && v.link(taskID).Parent != v.link(v.Target.TaskID).Parent &&
			v.link(taskID).TaskType != "decision" && v.link(taskID).TaskType != "action"
	}
	return task.Group != target.Group
}

var cachedTask = cause{
	name:    "cached-task",
	meaning: "A task of an earlier push is signed by no key that is trusted now, as after the workers' key was changed.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		for _, i := range v.unverified() {
			taskID := v.of(i)
			if !v.isCached(taskID) || v.Checks[i].Reason == report.BadSignature {
				continue
			}
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("%s is a cached task of an earlier push, and no key that is trusted now signed it", v.label(taskID)),
				Detail:   v.origin(taskID),
				Explains: append([]int{i}, v.sameTask(i)...),
				Hint:     fmt.Sprintf("if the workers' key was changed since, have %s rebuilt: a cached task keeps the signature of its day", v.label(taskID)),
			})
		}
		return found
	},
}

// sameTask returns what else of a task cannot hold without its signature.
func (v *view) sameTask(signature int) []int {
	return v.open(func(c report.Check) bool { return c.Check == "cot" && c.TaskID == v.of(signature) })
}

// origin says where and when a task ran, as far as that is known.
func (v *view) origin(taskID string) string {
	var parts []string
	if created := v.created(taskID); created != "" {
		parts = append(parts, "created "+created)
	}
	if pool := v.link(taskID).Pool; pool != "" {
		parts = append(parts, "in pool "+pool)
	}
	if claims := v.Signers[taskID].Claims.String(); claims != "" {
		parts = append(parts, "by "+claims+", as its CoT artifact says")
	}
	text := and(parts)
	if len(parts) == 3 {
		text = parts[0] + " " + parts[1] + ", " + parts[2]
	}
	return text
}

var unknownKey = cause{
	name:    "unknown-key",
	meaning: "No trusted key made a signature: that of a test pool, a changed one, or a file that was changed after it was signed.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		for _, failures := range groups(v.because("signature", report.NoTrustedKey), func(i int) string { return v.link(v.of(i)).Pool + v.link(v.of(i)).WorkerImplementation }) {
			taskID := v.of(failures[0])
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("no key that is trusted for %s signed %s", v.link(taskID).WorkerImplementation, v.labels(failures)),
				Detail:   v.origin(taskID),
				Explains: failures,
				Hint: fmt.Sprintf("see whether pool %s is one whose workers sign with a trusted key; if it is, the file was changed after it was signed, or its key was changed: ask who runs the pool",
					v.link(taskID).Pool),
			})
		}
		return found
	},
}
