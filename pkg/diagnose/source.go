package diagnose

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"cotverify/pkg/report"
)

// treeChecks are what a task fails whose source is not where it should be.
func (v *view) treeChecks(taskID string) []int {
	return v.open(func(c report.Check) bool {
		return c.TaskID == taskID && (c.Check == "repository" || c.Check == "scope" && c.Reason == report.WrongTree || c.Check == "pull-request" ||
			c.Check == "decision" && len(c.Diff) == 0)
	})
}

// wrongTrees are the failures to come from the target's tree.
func (v *view) wrongTrees() []int {
	return v.open(func(c report.Check) bool {
		return c.Check == "repository" && c.Subject == "tree" && c.TaskID != v.Target.TaskID
	})
}

var sourceless = cause{
	name:    "no-source",
	meaning: "A task does not say which source it was made from, so that it is of no tree.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		for _, l := range v.Links {
			if l.Source != "" {
				continue
			}
			explains := v.treeChecks(l.TaskID)
			if !slices.ContainsFunc(explains, func(i int) bool { return v.Checks[i].Check == "repository" }) {
				continue
			}
			detail := ""
			if l.TaskID == v.Target.TaskID {
				if others := v.wrongTrees(); len(others) > 0 {
					explains = append(explains, others...)
					detail = fmt.Sprintf("%s of its group %s a tree, as all should, and %s only beside it", count(len(v.tasks(others)), "task"),
						one(v.tasks(others), "has", "have"), one(v.tasks(others), "fails", "fail"))
				}
			}
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("%s has no metadata.source, so that it is of no tree", v.label(l.TaskID)),
				Detail:   detail,
				Explains: explains,
				Hint:     "every task of taskgraph has one: find out who created the task, or which transform left it out",
			})
		}
		return found
	},
}

var oddSource = cause{
	name:    "odd-source",
	meaning: "Of the tasks of a group one is of another tree, or of none: it is told with its source, and the others are not.",
	find: func(v *view) []report.Cause {
		trees := v.wrongTrees()
		if own := v.targetIsOdd(trees); own != nil {
			return []report.Cause{*own}
		}
		var found []report.Cause
		for _, failures := range groups(trees, func(i int) string { return v.repositoryOf(v.of(i)) }) {
			l := v.link(v.of(failures[0]))
			explains := slices.Clone(failures)
			for _, id := range v.tasks(failures) {
				explains = append(explains, slices.DeleteFunc(v.treeChecks(id), func(i int) bool { return slices.Contains(failures, i) })...)
			}
			title := fmt.Sprintf("%s %s from no repository that %s trusts: %s", v.labels(failures), one(v.tasks(failures), "comes", "come"), v.Target.Product, l.Source)
			if l.Tree != "" {
				title = fmt.Sprintf("%s %s from %s, and the target from %s", v.labels(failures), one(v.tasks(failures), "comes", "come"), l.Tree, cmp.Or(v.Target.Tree, "no trusted tree"))
			}
			found = append(found, report.Cause{
				Title:    title,
				Detail:   v.sourceDetail(l),
				Explains: explains,
				Hint:     v.sourceHint(l),
			})
		}
		return found
	},
}

// targetIsOdd returns the cause where the target is of another tree than all
// other tasks of its group: then it is not they who are wrong.
func (v *view) targetIsOdd(trees []int) *report.Cause {
	target := v.link(v.Target.TaskID)
	own := v.treeChecks(target.TaskID)
	if target.Source == "" || len(own)+len(trees) < 2 {
		return nil
	}
	tree := ""
	for _, i := range trees {
		other := v.link(v.of(i)).Tree
		if other == "" || tree != "" && other != tree {
			return nil
		}
		tree = other
	}
	if len(trees) == 0 || tree == target.Tree || target.Tree != "" && v.hasCompany(target) {
		return nil
	}
	c := &report.Cause{
		Title: fmt.Sprintf("the source of %s is in no repository that %s trusts: %s", v.label(target.TaskID), v.Target.Product, target.Source),
		Detail: fmt.Sprintf("%s of its group %s of %s, as they should be; %s", count(len(v.tasks(trees)), "task"), one(v.tasks(trees), "is", "are"), tree,
			v.sourceDetail(target)),
		Explains: append(own, trees...),
		Hint:     v.sourceHint(target),
	}
	if target.Tree != "" {
		c.Title = fmt.Sprintf("%s is of %s, and all other tasks of its group of %s", v.label(target.TaskID), target.Tree, tree)
	}
	c.Detail = strings.TrimSuffix(c.Detail, "; ")
	return c
}

// hasCompany reports whether any other task comes from the target's tree.
func (v *view) hasCompany(target report.Link) bool {
	return slices.ContainsFunc(v.Links, func(l report.Link) bool { return l.TaskID != target.TaskID && l.Tree == target.Tree })
}

// repositoryOf is what of a task's source is the same for all tasks of its
// repository.
func (v *view) repositoryOf(taskID string) string {
	u, err := url.Parse(v.link(taskID).Source)
	if err != nil {
		return v.link(taskID).Source
	}
	parts := strings.SplitN(strings.Trim(u.Path, "/"), "/", 3)
	return u.Host + "/" + strings.Join(parts[:min(2, len(parts))], "/")
}

// sourceDetail says what stands out in a source, beside those of the others.
func (v *view) sourceDetail(l report.Link) string {
	host := hostOf(l.Source)
	for _, other := range v.Links {
		trusted := hostOf(other.Source)
		if other.Tree == "" || trusted == "" || host == trusted {
			continue
		}
		if strings.Contains(host, trusted) {
			return fmt.Sprintf("its host is %s, which only looks like %s", host, trusted)
		}
	}
	if l.Repository != "" && !strings.HasPrefix(l.Source, strings.TrimSuffix(l.Repository, ".git")) {
		return fmt.Sprintf("its environment says that it was made from %s", l.Repository)
	}
	return ""
}

func (v *view) sourceHint(l report.Link) string {
	for _, name := range []string{"COMM_HEAD_REPOSITORY"} {
		task := v.Tasks[l.TaskID]
		if task == nil || strings.HasPrefix(l.Source, l.Repository) {
			break
		}
		if _, there := task.Env.Get(name); !there && strings.Contains(l.Source, "thunderbird") {
			return fmt.Sprintf("what is made from a second repository names it in its environment: set %s and COMM_HEAD_REV where %s is defined", name, v.label(l.TaskID))
		}
	}
	return fmt.Sprintf("nothing in taskgraph makes such a source: find out who created %s before you do anything else", v.label(l.TaskID))
}

// hostOf returns the host of a URL, with its user and port where it has these.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	if u.User != nil {
		return u.User.String() + "@" + u.Host
	}
	return u.Host
}

var oddRepository = cause{
	name:    "odd-repository",
	meaning: "A repository in a task's environment is no URL that anything can be verified from, or another than its source's.",
	find: func(v *view) []report.Cause {
		failures := v.open(func(c report.Check) bool {
			return slices.Contains([]string{"repository", "pull-request", "decision"}, c.Check) &&
				slices.Contains([]report.Reason{report.Malformed, report.NotRebuilt, report.WrongRepository, report.WrongTree, report.BadURL, report.ForeignHost, report.NoOwner, report.NotFound, report.NotRecorded}, c.Reason)
		})
		var found []report.Cause
		for _, checks := range groups(failures, v.of) {
			l := v.link(v.of(checks[0]))
			isRepository := func(i int) bool { return v.Checks[i].Check == "repository" }
			if len(checks) < 2 || l.Repository == "" || !slices.ContainsFunc(checks, isRepository) {
				continue
			}
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("%s was made from %q, as its environment says, and its source is %q", v.label(l.TaskID), l.Repository, l.Source),
				Explains: checks,
				Hint:     fmt.Sprintf("compare the two letter by letter: what made %s wrote both", v.label(l.TaskID)),
			})
		}
		return found
	},
}

var fork = cause{
	name:    "fork",
	meaning: "A task was made from a fork, or for a pull request, of which nothing may be released.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		failures := v.because("pull-request", report.ForeignRepository, report.PullRequest)
		for _, checks := range groups(failures, func(i int) string { return string(v.Checks[i].Reason) + v.link(v.of(i)).Repository }) {
			l := v.link(v.of(checks[0]))
			what := "for a pull request, or on try"
			if v.Checks[checks[0]].Reason == report.ForeignRepository {
				what = "from a repository that is none of the official ones"
			}
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("%s %s made %s", v.labels(checks), one(v.tasks(checks), "was", "were"), what),
				Detail:   strings.TrimSpace(l.Repository + " " + l.Revision),
				Explains: append(checks, v.open(func(c report.Check) bool { return c.TaskID == l.TaskID && c.Check == "repository" })...),
				Hint:     "release what has landed in an official repository",
			})
		}
		return found
	},
}

var unlanded = cause{
	name:    "not-landed",
	meaning: "The commit that tasks were made from is on no branch of its repository.",
	find: func(v *view) []report.Cause {
		var found []report.Cause
		// What a release script runs names no revision: its parent does.
		place := func(i int) report.Link {
			if l := v.link(v.of(i)); l.Revision != "" {
				return l
			}
			return v.link(v.link(v.of(i)).Parent)
		}
		key := func(i int) string { return place(i).Repository + " " + place(i).Revision }
		for _, checks := range groups(v.because("pull-request", report.NotLanded), key) {
			l := place(checks[0])
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("%s is on no branch of %s", cmp.Or(l.Revision, "the revision"), cmp.Or(l.Repository, "its repository")),
				Detail:   fmt.Sprintf("%s %s made from it", v.labels(checks), one(v.tasks(checks), "was", "were")),
				Explains: checks,
				Hint:     "land the commit in an official repository, and release what is built from it there",
			})
		}
		return found
	},
}

var otherTreesScope = cause{
	name:    "other-trees-scope",
	meaning: "The target has a scope that its tree may not have.",
	find: func(v *view) []report.Cause {
		failures := v.because("scope", report.WrongTree)
		var found []report.Cause
		for _, checks := range groups(failures, func(i int) string { return v.Checks[i].Expected + " " }) {
			var scopes []string
			for _, i := range checks {
				scopes = append(scopes, v.Checks[i].Subject)
			}
			found = append(found, report.Cause{
				Title:    fmt.Sprintf("%s may not have %s", cmp.Or(v.Target.Tree, "a task of no trusted tree"), and(scopes[:min(3, len(scopes))])),
				Detail:   "may have it: " + strings.TrimPrefix(v.Checks[checks[0]].Expected, "one of "),
				Explains: checks,
				Hint:     "release from one of these trees; a task of another asks for it by mistake, or worse",
			})
		}
		return found
	},
}
