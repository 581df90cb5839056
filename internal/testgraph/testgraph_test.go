package testgraph

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cotverify/pkg/source"
	"cotverify/pkg/source/bundle"
)

const folder = "../../testdata/graphs"

// TestGraphsAreCurrent checks that testdata/graphs is what the graphs are.
func TestGraphsAreCurrent(t *testing.T) {
	want := map[string]string{"keys.json": string(Keys())}
	for name, g := range All() {
		path := filepath.Join(t.TempDir(), name)
		if err := g.Write(path); err != nil {
			t.Fatal(err)
		}
		for file, data := range readTree(t, path) {
			want[name+"/"+file] = data
		}
	}
	got := readTree(t, folder)
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s is missing or not current", name)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("%s is of no graph", name)
	}
	if t.Failed() {
		t.Log("go generate ./internal/testgraph writes them anew")
	}
}

// readTree returns the files of a folder by their names.
func readTree(t *testing.T, folder string) map[string]string {
	t.Helper()
	tree := map[string]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(folder, name))
		tree[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// cot is what a CoT artifact says.
type cot struct {
	TaskID    string
	Task      json.RawMessage
	Artifacts map[string]struct{ SHA256 string }
}

// readCoT returns what a task's CoT artifact says, if the key of its worker
// signed it.
func readCoT(t *testing.T, task *Task) cot {
	t.Helper()
	keys := map[string][]string{}
	if err := json.Unmarshal(Keys(), &keys); err != nil {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(keys[task.worker][0])
	if err != nil {
		t.Fatal(err)
	}
	if !ed25519.Verify(key, task.Artifacts[CoTArtifact], task.Artifacts[SignatureArtifact]) {
		t.Errorf("%s is not signed by a key of %s", task.Name, task.worker)
	}
	var c cot
	if err := json.Unmarshal(task.Artifacts[CoTArtifact], &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTasksAreSigned(t *testing.T) {
	graphs := All()
	delete(graphs, "tampered")
	graphs["large"] = Large(3)
	for name, g := range graphs {
		for _, task := range g.Tasks {
			c := readCoT(t, task)
			if c.TaskID != task.ID {
				t.Errorf("%s: %s is signed as %s", name, task.Name, c.TaskID)
			}
			for artifact, data := range task.Artifacts {
				if own := artifact == CoTArtifact || artifact == SignatureArtifact; !own && c.Artifacts[artifact].SHA256 != sha256Hex(data) {
					t.Errorf("%s: %s of %s has another hash", name, artifact, task.Name)
				}
			}
		}
	}
}

// TestSeal checks what a change reaches before the graph is sealed, and after.
func TestSeal(t *testing.T) {
	g := GitHubPush()
	build, decision := g.Task("build-linux64"), g.Task("decision")
	const changed = `"priority": "highest"`
	build.Change(func(d map[string]any) { d["priority"] = "highest" })

	if data := g.Source()[source.Task(build.ID)].Body; !bytes.Contains(data, []byte(changed)) {
		t.Error("the queue does not have the change")
	}
	if bytes.Contains(decision.Artifacts[taskGraphArtifact], []byte(changed)) {
		t.Error("the task graph has the change before it is sealed")
	}
	g.Seal()
	if !bytes.Contains(decision.Artifacts[taskGraphArtifact], []byte(changed)) {
		t.Error("the task graph does not have the change")
	}
	if c := readCoT(t, build); !bytes.Contains(c.Task, []byte(changed)) {
		t.Error("the task does not sign the change")
	}
	if c := readCoT(t, decision); c.Artifacts[taskGraphArtifact].SHA256 != sha256Hex(decision.Artifacts[taskGraphArtifact]) {
		t.Error("the decision task does not sign its changed graph")
	}
}

func TestFacts(t *testing.T) {
	g := HgPush()
	facts := g.Source()
	build := g.Task("build-linux64")
	fact := source.Artifact(build.ID, linuxPackage)
	data, _, err := source.ReadAll(t.Context(), facts, fact, 1000)
	if err != nil || !bytes.Equal(data, build.Artifacts[linuxPackage]) {
		t.Errorf("%s: %q, %v", fact, data, err)
	}
	list, _, err := source.ReadAll(t.Context(), facts, source.Artifacts(build.ID), 10_000)
	if err != nil || !strings.Contains(string(list), `"name": "`+linuxPackage+`"`) {
		t.Errorf("the list of artifacts: %s, %v", list, err)
	}
	delete(facts, fact)
	if _, err := facts.Open(t.Context(), fact); !source.IsNotFound(err) {
		t.Errorf("after it was deleted: %v", err)
	}
	if _, ok := g.Source()[fact]; !ok {
		t.Error("deleting a fact changes the graph")
	}
}

func TestWriteOverwritesNothing(t *testing.T) {
	var be *bundle.Error
	if err := HgPush().Write(t.TempDir()); !errors.As(err, &be) {
		t.Errorf("got %v", err)
	}
}
