package cache_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cotverify/internal/memsource"
	"cotverify/pkg/source"
	"cotverify/pkg/source/cache"
)

const rootURL = "https://tc.test"

// The facts that tests ask for.
const (
	taskID  = "HHfi-erFQ0iZcpHBjIDsdw"
	otherID = "evRtNIFnTLycLWznCUuKwA"
	sha     = "a841673d7c01561259c45fe51c7d85cc7d96aca4"
)

var (
	task       = source.Task(taskID)
	cot        = source.Artifact(taskID, "public/chain-of-trust.json")
	apk        = source.Artifact(taskID, "public/build/target.apk")
	list       = source.Artifacts(taskID)
	template   = source.URL("https://raw.githubusercontent.com/mozilla/glean/" + sha + "/.taskcluster.yml")
	hgTemplate = source.URL("http://hg.mozilla.org/mozilla-central/raw-file/" + sha + "/.taskcluster.yml")
)

func read(s source.Source, f source.Fact) (string, error) {
	data, _, err := source.ReadAll(context.Background(), s, f, 1<<20)
	return string(data), err
}

// cotOf returns a CoT artifact that names the artifacts of a run.
func cotOf(run int, artifacts ...string) string {
	var names []string
	for i, a := range artifacts {
		sum := sha256.Sum256([]byte(a))
		names = append(names, fmt.Sprintf(`"public/%d": {"sha256": "%s"}`, i, hex.EncodeToString(sum[:])))
	}
	return fmt.Sprintf(`{"runId": %d, "artifacts": {%s}}`, run, strings.Join(names, ", "))
}

func newCache(t *testing.T, dir string, s source.Source) *cache.Source {
	t.Helper()
	store, err := cache.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return cache.New(store, rootURL, s)
}

// wantRead checks what a source answers.
func wantRead(t *testing.T, s source.Source, f source.Fact, want string) {
	t.Helper()
	if got, err := read(s, f); err != nil || got != want {
		t.Errorf("%s: got %q, %v, want %q", f, got, err, want)
	}
}

// wantAsked checks how often the source of a cache was asked for a fact.
func wantAsked(t *testing.T, c *memsource.Counted, f source.Fact, want int) {
	t.Helper()
	if got := c.Asked(f); got != want {
		t.Errorf("%s: asked for %d times, want %d", f, got, want)
	}
}

func TestKeepsWhatCannotChange(t *testing.T) {
	have := memsource.Texts{
		task:       `{"payload": {}}`,
		cot:        cotOf(0, "the apk"),
		apk:        "the apk",
		template:   "version: 1",
		hgTemplate: "version: 1",
	}
	dir := t.TempDir()
	from := memsource.Count(have)
	for range 3 { // three verifications
		cached := newCache(t, dir, from)
		for f, want := range have {
			wantRead(t, cached, f, want)
		}
	}
	for _, f := range []source.Fact{apk, template, hgTemplate} {
		wantAsked(t, from, f, 1)
	}
	wantAsked(t, from, task, 3) // its priority may have changed
	wantAsked(t, from, cot, 3)  // once a verification, however many artifacts hang on it
}

func TestKeepsNothingElse(t *testing.T) {
	privateTemplate := template
	privateTemplate.Private = true
	have := memsource.Texts{
		list:            `{"artifacts":[]}`,
		privateTemplate: "version: 1",
		source.Artifact(taskID, "public/chain-of-trust.json.sig"):                                               "0123",
		source.Artifact(taskID, "project/private file?.txt"):                                                    "private",
		source.URL("https://api.github.com/repos/mozilla/glean"):                                                "{}",
		source.URL("https://github.com/mozilla/glean/branch_commits/" + sha):                                    "main",
		source.URL("https://hg.mozilla.org/mozilla-central/json-pushes?changeset=" + sha + "&version=2&full=1"): "{}",
		source.URL("https://raw.githubusercontent.com/mozilla-releng/fxci-config/main/projects.yml"):            "a: {}",
		source.URL("https://raw.githubusercontent.com/mozilla/glean/main/.taskcluster.yml"):                     "version: 1",
		source.URL("https://raw.githubusercontent.com/mozilla/glean/" + sha + "x/.taskcluster.yml"):             "version: 1",
		source.URL("https://raw.githubusercontent.com/mozilla/glean/" + sha + "/.taskcluster.yml?token=secret"): "version: 1",
		source.URL("https://api.github.com/repos/mozilla/glean/commits/" + sha):                                 "{}",
		source.Artifact(otherID, "public/without-cot"):                                                          "x",
		cot:                                     cotOf(0, "the private file", "private"),
		source.Artifact(taskID, "public/wrong"): "bytes that no CoT artifact names",
		source.Task(taskID):                     "<h1>Bad gateway</h1>",
	}
	dir := t.TempDir()
	from := memsource.Count(have)
	for range 2 {
		cached := newCache(t, dir, from)
		for f, want := range have {
			wantRead(t, cached, f, want)
		}
		if _, err := read(cached, source.Task(otherID)); !source.IsNotFound(err) {
			t.Errorf("got %v, want a *NotFoundError", err)
		}
	}
	for f := range have {
		wantAsked(t, from, f, 2)
	}
	wantAsked(t, from, source.Task(otherID), 2)

	from = memsource.Count(memsource.Facts{template: {Body: []byte("<html>"), ContentType: "text/html; charset=utf-8"}})
	for range 2 {
		wantRead(t, newCache(t, dir, from), template, "<html>")
	}
	wantAsked(t, from, template, 2)
}

// A later run has another CoT artifact, and nothing of the earlier one is
// answered.
func TestCacheOfAnEarlierRun(t *testing.T) {
	dir := t.TempDir()
	first := memsource.Texts{cot: cotOf(0, "apk of run 0"), apk: "apk of run 0"}
	wantRead(t, newCache(t, dir, first), apk, first[apk])
	cached := newCache(t, dir, first)
	wantRead(t, cached, apk, first[apk]) // comes before the CoT artifact
	wantRead(t, cached, cot, first[cot])

	again := memsource.Count(first)
	wantRead(t, newCache(t, dir, again), apk, first[apk])
	wantAsked(t, again, apk, 0)

	second := memsource.Texts{cot: cotOf(1, "apk of run 1"), apk: "apk of run 1"}
	asked := memsource.Count(second)
	wantRead(t, newCache(t, dir, asked), apk, second[apk])
	wantAsked(t, asked, apk, 1)

	pending := newCache(t, dir, memsource.Texts{}) // a run that has not completed has nothing
	if _, err := read(pending, apk); !source.IsNotFound(err) {
		t.Errorf("got %v, want a *NotFoundError", err)
	}
}

func TestCacheOfAnotherDeployment(t *testing.T) {
	dir := t.TempDir()
	wantRead(t, newCache(t, dir, memsource.Texts{template: "evil"}), template, "evil")
	store, err := cache.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	wantRead(t, cache.New(store, "https://other.test", memsource.Texts{template: "version: 1"}), template, "version: 1")
}

// files returns the files below a folder whose path holds a text.
func files(t *testing.T, dir, text string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.Contains(path, text) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// keyOf is what an index names a template by.
func keyOf(f source.Fact) string { return "url " + rootURL + " " + f.URL }

// What is not as it was written is asked for again, and is whole from then on.
func TestCacheThatIsDamaged(t *testing.T) {
	const index, contents = "index", "contents"
	evil := strings.Repeat("../", 20) + "etc/passwd"
	tests := []struct {
		name, where string
		change      func(string) string
	}{
		{"a changed byte", contents, func(s string) string { return "X" + s[1:] }},
		{"a torn content", contents, func(s string) string { return s[:len(s)/2] }},
		{"an empty content", contents, func(string) string { return "" }},
		{"a torn index", index, func(s string) string { return s[:len(s)/2] }},
		{"an empty index", index, func(string) string { return "" }},
		{"an index of another key", index, func(s string) string { return strings.Replace(s, sha, strings.Repeat("0", 40), 1) }},
		{"an index that leads out", index, func(string) string {
			return fmt.Sprintf(`{"key":%q,"sha256":%q}`, keyOf(template), evil)
		}},
		{"an index without a hash", index, func(string) string { return fmt.Sprintf(`{"key":%q}`, keyOf(template)) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			from := memsource.Count(memsource.Texts{template: "version: 1"})
			wantRead(t, newCache(t, dir, from), template, "version: 1")
			for _, path := range files(t, dir, test.where) {
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(test.change(string(data))), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				wantRead(t, newCache(t, dir, from), template, "version: 1")
			}
			wantAsked(t, from, template, 2)
		})
	}
}

// A body that was not read to its end leaves nothing.
func TestCacheOfHalfABody(t *testing.T) {
	dir := t.TempDir()
	have := memsource.Texts{apk: strings.Repeat("apk", 1000), cot: cotOf(0, strings.Repeat("apk", 1000))}
	cached := newCache(t, dir, have)
	wantRead(t, cached, cot, have[cot])
	answer, err := cached.Open(context.Background(), apk)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, answer.Body, 10); err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if left := files(t, dir, ""); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestCacheOfSeveralProcesses(t *testing.T) {
	dir := t.TempDir()
	have := memsource.Texts{}
	for i := range 20 {
		have[source.URL(fmt.Sprintf("https://hg.mozilla.org/%d/raw-file/%s/.taskcluster.yml", i, sha))] = fmt.Sprint(i)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			store, err := cache.Open(dir)
			if err != nil {
				t.Error(err)
				return
			}
			cached := cache.New(store, rootURL, have)
			for f := range maps.Keys(have) {
				wantRead(t, cached, f, have[f])
				if _, err := store.Prune(5, time.Hour); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestStorePrune(t *testing.T) {
	dir := t.TempDir()
	have := memsource.Texts{}
	for i := range 10 {
		have[source.URL(fmt.Sprintf("https://hg.mozilla.org/%d/raw-file/%s/.taskcluster.yml", i, sha))] = fmt.Sprintf("%0100d", i)
	}
	cached := newCache(t, dir, have)
	for f, want := range have {
		wantRead(t, cached, f, want)
	}
	store, err := cache.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	wantSize := func(what string, got cache.Size, err error, files int) {
		t.Helper()
		if err != nil || got != (cache.Size{Files: files, Bytes: int64(files) * 100}) {
			t.Errorf("%s: got %+v, %v, want %d files of 100 bytes", what, got, err, files)
		}
	}
	size := func(what string, files int) {
		t.Helper()
		got, err := store.Size()
		wantSize(what, got, err, files)
	}
	size("before", 10)
	removed, err := store.Prune(1<<30, time.Hour)
	wantSize("nothing to prune", removed, err, 0)

	old := time.Now().Add(-2 * time.Hour)
	for _, path := range files(t, dir, "contents")[:3] {
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	removed, err = store.Prune(1<<30, time.Hour)
	wantSize("what was not used", removed, err, 3)
	removed, err = store.Prune(450, time.Hour)
	wantSize("what is too much", removed, err, 3)
	size("after", 4)
	if n := len(files(t, dir, "index")); n != 4 {
		t.Errorf("%d entries, want 4", n)
	}

	crashed := filepath.Join(dir, "v1", "partial", "123")
	if err := os.WriteFile(crashed, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Prune(0, 0); err != nil {
		t.Fatal(err)
	}
	size("all of it", 0)
	if _, err := os.Stat(crashed); err != nil {
		t.Errorf("a file that is being written was removed: %v", err)
	}
	old = time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(crashed, old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Prune(0, 0); err != nil {
		t.Fatal(err)
	}
	if left := files(t, dir, ""); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestCacheIsItsOwners(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cotverify")
	wantRead(t, newCache(t, dir, memsource.Texts{template: "{}"}), template, "{}")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Open(filepath.Join(files(t, dir, "index")[0], "x")); err == nil {
		t.Error("a folder below a file is no error")
	}
}

// Trouble with the disk is not the verification's.
func TestCacheWithoutItsFolder(t *testing.T) {
	dir := t.TempDir()
	have := memsource.Texts{task: "{}", cot: cotOf(0, "apk"), apk: "apk"}
	cached := newCache(t, dir, have)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for f, want := range have {
		wantRead(t, cached, f, want)
	}
}

// However many ask at once, a run has one answer of a CoT artifact.
func TestAsksOnceForACoTArtifact(t *testing.T) {
	dir := t.TempDir()
	have := memsource.Texts{apk: "apk", cot: cotOf(0, "apk")}
	first := newCache(t, dir, have)
	wantRead(t, first, cot, have[cot])
	wantRead(t, first, apk, have[apk])

	from := memsource.Count(have)
	warm := newCache(t, dir, from)
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() { wantRead(t, warm, apk, have[apk]) })
		wg.Go(func() { wantRead(t, warm, cot, have[cot]) })
	}
	wg.Wait()
	wantAsked(t, from, apk, 0)
	wantAsked(t, from, cot, 1)
}

// A folder that somebody else owns or may write to is not used.
func TestCacheOfSomebodyElse(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Open(dir); err == nil || !strings.Contains(err.Error(), "others may write to it") {
		t.Errorf("writable by all: got %v", err)
	}
	if os.Geteuid() != 0 {
		return // only root can give a folder away
	}
	dir = t.TempDir()
	if err := os.Chown(dir, 12345, -1); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Open(dir); err == nil || !strings.Contains(err.Error(), "belongs to user 12345") {
		t.Errorf("another's: got %v", err)
	}
}

// A folder that takes the cache's place after it was checked is not read.
func TestCacheWhoseFolderIsSwapped(t *testing.T) {
	above := t.TempDir()
	dir, other := filepath.Join(above, "cache"), filepath.Join(above, "other")
	from := memsource.Count(memsource.Texts{template: "version: 1"})
	cached := newCache(t, dir, from)
	wantRead(t, cached, template, "version: 1")
	wantRead(t, newCache(t, other, memsource.Count(memsource.Texts{template: "version: evil"})), template, "version: evil")
	if err := os.Rename(dir, filepath.Join(above, "gone")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, dir); err != nil {
		t.Fatal(err)
	}
	wantRead(t, cached, template, "version: 1")
	wantAsked(t, from, template, 1)
}
