package bundle

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"cotverify/pkg/cot"
	"cotverify/pkg/source"
)

// File is a file of a bundle.
type File struct {
	Name string
	Size int64 // in bytes
}

// Contents is what a bundle holds, by its files' names alone: none of them is
// read, and none is what it says that it is before its signature or hash held.
type Contents struct {
	Manifest
	Tasks   []TaskFiles // by taskId
	Lists   []File      // of task groups
	Sources []Answer    // by URL
	Absent  []Absence
	Others  []File // that are no fact's
	Files   int
	Bytes   int64 // of all files
}

// TaskFiles are the files of a task.
type TaskFiles struct {
	TaskID    string
	Artifacts int
	Bytes     int64 // of all its files
}

// Answer is what a URL was answered with.
type Answer struct {
	URL    string
	Status int
	Size   int64 // of the body, where there is one
}

// Absence is a fact that was asked for, and is not there.
type Absence struct {
	Fact    source.Fact
	Because string // "not-found", "unavailable" or "left-out"
	Reason  string
}

// Contents lists what the bundle holds. The error is for a person.
func (b *Source) Contents() (*Contents, error) {
	files, err := b.members.list()
	if err != nil {
		return nil, err
	}
	c := &Contents{Manifest: b.Manifest(), Files: len(files)}
	bodies := map[string]int64{}
	tasks := map[string]*TaskFiles{}
	for _, f := range files {
		c.Bytes += f.Size
		parts := strings.Split(f.Name, "/")
		switch {
		case f.Name == manifestName:
		case parts[0] == "sources":
			bodies[f.Name] = f.Size
		case parts[0] == "groups" && len(parts) == 2:
			c.Lists = append(c.Lists, f)
		case parts[0] == "tasks" && len(parts) > 2 && cot.IsTaskID(parts[1]):
			t := tasks[parts[1]]
			if t == nil {
				t = &TaskFiles{TaskID: parts[1]}
				tasks[parts[1]] = t
			}
			t.Bytes += f.Size
			if slices.Contains(parts[2:len(parts)-1], "artifacts") {
				t.Artifacts++
			}
		default:
			c.Others = append(c.Others, f)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(tasks)) {
		c.Tasks = append(c.Tasks, *tasks[id])
	}
	for _, url := range slices.Sorted(maps.Keys(b.index.sources)) {
		a := b.index.sources[url]
		c.Sources = append(c.Sources, Answer{URL: url, Status: a.status, Size: bodies[a.file]})
		delete(bodies, a.file)
	}
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		c.Others = append(c.Others, File{name, bodies[name]})
	}
	for f, a := range b.index.absent {
		c.Absent = append(c.Absent, Absence{Fact: f, Because: a.because, Reason: a.reason})
	}
	slices.SortFunc(c.Absent, func(a, b Absence) int {
		return cmp.Or(cmp.Compare(a.Because, b.Because), compareFacts(a.Fact, b.Fact))
	})
	return c, nil
}
