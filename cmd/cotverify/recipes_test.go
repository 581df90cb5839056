package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const recipes = "../../recipes"

// TestRecipesUseWhatIsThere parses each recipe, and holds its commands and flags
// against the program.
func TestRecipesUseWhatIsThere(t *testing.T) {
	commands := 0
	err := filepath.WalkDir(recipes, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text := string(readTestFile(t, path))
		var lines []string
		if ext := filepath.Ext(path); ext == ".yml" || ext == ".yaml" {
			lines = textsOf(t, path, text)
		}
		lines = append(lines, comments.FindAllString(text, -1)...)
		for _, line := range lines {
			for _, command := range invocation.FindAllStringSubmatch(strings.ReplaceAll(line, "\\\n", " "), -1) {
				commands++
				checkInvocation(t, path, strings.Fields(command[1]))
			}
		}
		return nil
	})
	if err != nil || commands < 2 {
		t.Errorf("%v; %d commands are in the recipes", err, commands)
	}
}

var (
	comments   = regexp.MustCompile(`(?m)^#   .*$`)
	invocation = regexp.MustCompile(`(?m)(?:^|[;&|] *|^#   )(?:\s*)cotverify ([^\n|;&]*)`)
)

// textsOf returns the texts in the documents of YAML, and lists that name a
// command as one.
func textsOf(t *testing.T, path, text string) []string {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var texts []string
	for {
		var document any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		texts = append(texts, textsIn(document)...)
	}
}

func textsIn(v any) (texts []string) {
	switch v := v.(type) {
	case string:
		texts = append(texts, v)
	case map[string]any:
		for _, item := range v {
			texts = append(texts, textsIn(item)...)
		}
	case []any:
		var words []string
		for _, item := range v {
			if word, ok := item.(string); ok {
				words = append(words, word)
			}
			texts = append(texts, textsIn(item)...)
		}
		if len(words) > 1 && words[0] == "cotverify" {
			texts = append(texts, strings.Join(words, " "))
		}
	}
	return texts
}

func checkInvocation(t *testing.T, path string, args []string) {
	t.Helper()
	root := newRoot()
	names := []string{args[0]}
	if args[0] == `"$COMMAND"` {
		names = []string{"verify", "audit"}
	}
	for _, name := range names {
		command, _, err := root.Find([]string{name})
		if err != nil || command == root {
			t.Errorf("%s: there is no command %s", path, name)
			continue
		}
		for _, arg := range args[1:] {
			flag, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
			if strings.HasPrefix(arg, "--") && flag != "" && command.Flags().Lookup(flag) == nil {
				t.Errorf("%s: cotverify %s has no flag --%s", path, name, flag)
			}
		}
	}
}

// TestActionGates runs the script of the action: it passes where all is verified,
// and tries again only where it cannot be told.
func TestActionGates(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	var action struct {
		Runs struct {
			Steps []struct{ ID, Run string }
		}
	}
	if err := yaml.Unmarshal(readTestFile(t, recipes+"/github/action.yml"), &action); err != nil {
		t.Fatal(err)
	}
	script := action.Runs.Steps[len(action.Runs.Steps)-1].Run
	graphs, err := filepath.Abs("../../testdata/graphs")
	if err != nil {
		t.Fatal(err)
	}
	lacking := filepath.Join(t.TempDir(), "lacking")
	if err := os.CopyFS(lacking, os.DirFS(graphs+"/github-push")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(lacking + "/tasks/IWjnqVarTJeCW1SIckQFiA/artifacts/public/chain-of-trust.json"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, command, targets, flags string
		status                        int
	}{
		{name: "verified", command: "verify", flags: "--keys " + graphs + "/keys.json --bundle " + graphs + "/github-push"},
		{name: "refused", command: "verify", flags: "--keys " + graphs + "/keys.json --bundle " + graphs + "/tampered", status: exitRefused},
		{name: "could not tell", command: "verify", flags: "--keys " + graphs + "/keys.json --bundle " + lacking, status: exitUnknown},
		{name: "no command", command: "explain", targets: "cot", status: exitUsage},
		{name: "nothing to verify", command: "verify", status: exitUsage},
		{name: "a target that is a flag", command: "verify", targets: "--help", status: exitUsage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			command := exec.Command("bash", "-c", script)
			command.Env = []string{
				"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "RUNNER_TEMP=" + dir, "WAIT=0", "TRIES=2", "GOCOVERDIR=" + dir,
				"GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary"), "GITHUB_OUTPUT=" + filepath.Join(dir, "output"),
				"COMMAND=" + tt.command, "TARGETS=" + tt.targets, "FLAGS=" + tt.flags,
			}
			got := runCommand(t, command)
			if got.status != tt.status {
				t.Errorf("status %d, want %d: %s%s", got.status, tt.status, got.stdout, got.stderr)
			}
			if tries := strings.Count(got.stdout, "::error title=cotverify%3A build-linux64,"); tt.status == exitUnknown && tries != 2 {
				t.Errorf("tried %d times, want 2: %s%s", tries, got.stdout, got.stderr)
			}
			if summary, _ := os.ReadFile(filepath.Join(dir, "summary")); (len(summary) > 0) != (tt.status != exitUsage) {
				t.Errorf("the job summary is %q", summary)
			}
		})
	}
}
