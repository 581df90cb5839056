package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cotverify/internal/testgraph"
	"cotverify/pkg/report"
)

// TestChangedTemplateLine changes one line of a template, and expects that
// line to be named: of a number, and of a command that goes over several lines.
func TestChangedTemplateLine(t *testing.T) {
	for _, g := range recordedGraphs(t) {
		for _, change := range []struct{ path, from, to string }{
			{"/payload/maxRunTime", "maxRunTime: ", "maxRunTime: 1"},
			{"/payload/command/", "--owner='", "--owner='other "},
		} {
			t.Run(g.name+change.path, func(t *testing.T) {
				t.Parallel()
				folder := filepath.Join(t.TempDir(), "bundle")
				if err := os.CopyFS(folder, os.DirFS(g.bundle)); err != nil {
					t.Fatal(err)
				}
				line := changeTemplates(t, folder, change.from, change.to)
				if line == 0 {
					t.Skip("the template has no such line")
				}
				r := runCommand(t, exec.Command("cotverify", "verify", "--bundle", folder, "--keys", g.keys, "--format", "json")).report(t)
				differing := 0
				for _, check := range r.Checks {
					for _, d := range check.Diff {
						differing++
						if !strings.HasPrefix(d.Path, change.path) || d.Line != line {
							t.Errorf("%s:%d, expected the line that was changed, %d", d.Path, d.Line, line)
						}
					}
				}
				if differing == 0 {
					t.Error("no decision differs")
				}
			})
		}
	}
}

// changeTemplates replaces a text of the first line that has it, in all
// templates of a bundle, and returns the line's number, 0 where there is none.
func changeTemplates(t *testing.T, folder, from, to string) (line int) {
	t.Helper()
	path := filepath.Join(folder, "bundle.json")
	var manifest map[string]any
	if err := json.Unmarshal(readTestFile(t, path), &manifest); err != nil {
		t.Fatal(err)
	}
	for _, entry := range manifest["sources"].([]any) {
		entry := entry.(map[string]any)
		if !strings.HasSuffix(entry["url"].(string), "/.taskcluster.yml") {
			continue
		}
		file := filepath.Join(folder, entry["file"].(string))
		lines := strings.Split(string(readTestFile(t, file)), "\n")
		line = slices.IndexFunc(lines, func(s string) bool { return strings.Contains(s, from) }) + 1
		if line == 0 {
			return 0
		}
		lines[line-1] = strings.Replace(lines[line-1], from, to, 1)
		body := []byte(strings.Join(lines, "\n"))
		sum := sha256.Sum256(body)
		entry["sha256"] = hex.EncodeToString(sum[:])
		writeTestFile(t, file, body)
	}
	data, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	writeTestFile(t, path, data)
	return line
}

func writeTestFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestCommonLineIsNamed changes what several values of a definition are made
// from.
func TestCommonLineIsNamed(t *testing.T) {
	graph := testgraph.GitHubPush()
	folder := filepath.Join(t.TempDir(), "bundle")
	if err := graph.Write(folder); err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(keys, testgraph.Keys(), 0o666); err != nil {
		t.Fatal(err)
	}
	line := changeTemplates(t, folder, "else: 3}", "else: 4}")
	r := runCommand(t, exec.Command("cotverify", "verify", "--bundle", folder, "--keys", keys, "--format", "json")).report(t)
	if !slices.ContainsFunc(r.Checks, func(c report.Check) bool {
		return c.Check == "decision" && len(c.Diff) > 1 && strings.Contains(c.Hint, ".taskcluster.yml:"+strconv.Itoa(line)+":")
	}) {
		t.Errorf("no hint names line %d", line)
	}
}
