package evidence

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"cotverify/internal/memsource"
	"cotverify/internal/testgraph"
	"cotverify/pkg/cot"
	"cotverify/pkg/graph"
	"cotverify/pkg/source"
)

// TestAsksOnce asks for each fact of a graph many times, side by side.
func TestAsksOnce(t *testing.T) {
	g := testgraph.GitHubPush()
	counted := memsource.Count(g.Source())
	s := New(counted)
	defer s.Close()
	var asking sync.WaitGroup
	for range 5 {
		for _, task := range g.Tasks {
			asking.Go(func() {
				if _, err := s.Task(t.Context(), task.ID); err != nil {
					t.Error(err)
				}
				if c := s.Cot(t.Context(), task.ID); c.SignedErr != nil || c.SignatureErr != nil {
					t.Error(c.SignedErr, c.SignatureErr)
				}
				for name := range task.Artifacts {
					if name == cot.Artifact || name == cot.SignatureArtifact {
						continue
					}
					if _, err := s.Digest(t.Context(), task.ID, name); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	asking.Wait()
	for _, task := range g.Tasks {
		facts := []source.Fact{source.Task(task.ID)}
		for name := range task.Artifacts {
			facts = append(facts, source.Artifact(task.ID, name))
		}
		for _, fact := range facts {
			if n := counted.Asked(fact); n != 1 {
				t.Errorf("%s was asked for %d times", fact, n)
			}
		}
	}
}

// TestCotHash compares the hash of a CoT artifact with that of its bytes. One
// that cannot be had has none.
func TestCotHash(t *testing.T) {
	g := testgraph.GitHubPush()
	facts := g.Source()
	lost := g.Tasks[0].ID
	delete(facts, source.Artifact(lost, cot.Artifact))
	s := New(facts)
	defer s.Close()
	for _, task := range g.Tasks {
		want := fmt.Sprintf("%x", sha256.Sum256(task.Artifacts[cot.Artifact]))
		if task.ID == lost {
			want = ""
		}
		if got := s.Cot(t.Context(), task.ID).SHA256; got != want {
			t.Errorf("%s: %q, want %q", task.ID, got, want)
		}
	}
}

const taskID = "IWjnqVarTJeCW1SIckQFiA"

func TestWith(t *testing.T) {
	s := New(memsource.Texts{source.Task(taskID): `{"payload": {"theirs": 1}}`})
	defer s.Close()
	with := s.With(graph.ReadTask(taskID, []byte(`{"payload": {"ours": 1}}`)))
	defer with.Close()
	for key, s := range map[string]*Store{"theirs": s, "ours": with} {
		task, err := s.Task(t.Context(), taskID)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := task.Payload.Get(key); !ok {
			t.Errorf("the definition is not %s", key)
		}
	}
}

// TestDigest makes of a large artifact only the hashes that are signed, and of
// a small one all.
func TestDigest(t *testing.T) {
	large, small := strings.Repeat("x", headStart), "x"
	s := New(memsource.Texts{
		source.Artifact(taskID, cot.Artifact):          `{"artifacts": {"large": {"sha256": ""}, "small": {"sha256": ""}}}`,
		source.Artifact(taskID, cot.SignatureArtifact): "",
		source.Artifact(taskID, "large"):               large,
		source.Artifact(taskID, "small"):               small,
	})
	defer s.Close()
	for _, tt := range []struct {
		name   string
		size   int64
		sha512 bool
	}{{"large", headStart, false}, {"small", 1, true}} {
		d, err := s.Digest(t.Context(), taskID, tt.name)
		if err != nil {
			t.Fatal(err)
		}
		_, sha256 := d.Sum("sha256")
		_, sha512 := d.Sum("sha512")
		if d.Size != tt.size || !sha256 || sha512 != tt.sha512 {
			t.Errorf("%s: %d bytes, sha256 %v, sha512 %v", tt.name, d.Size, sha256, sha512)
		}
	}
	var notFound *source.NotFoundError
	if _, err := s.Digest(t.Context(), taskID, "none"); !errors.As(err, &notFound) {
		t.Errorf("got %v", err)
	}
}

func TestTaskGraph(t *testing.T) {
	const other = "XjOe9ADlSQ6bQo35AenFpA"
	s := New(memsource.Texts{
		source.Artifact(taskID, cot.TaskGraphArtifact): `{"` + taskID + `": 1, "no taskId": 2, "` + taskID + `": {"a": [3]}, "` + other + `": {`,
		source.Artifact(other, cot.TaskGraphArtifact):  `{"` + taskID + `": 1, "no taskId": 2, "` + taskID + `": {"a": [3]}}`,
	})
	defer s.Close()
	var malformed *MalformedError
	if _, err := s.TaskGraph(t.Context(), taskID); !errors.As(err, &malformed) {
		t.Errorf("of what ends too early: %v", err)
	}
	g, err := s.TaskGraph(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Repeated) != 1 || g.Repeated[0] != "/"+taskID {
		t.Errorf("repeated %q", g.Repeated)
	}
	entry, err := g.Entry(t.Context(), taskID)
	if err != nil || entry.Values != 3 {
		t.Errorf("got %+v, %v; expected the last of two", entry, err)
	}
	if _, err := g.Entry(t.Context(), other); err != ErrNoEntry {
		t.Errorf("of a task that is not there: %v", err)
	}
}

// TestCotReads reads a CoT artifact only after what checks its bytes.
func TestCotReads(t *testing.T) {
	s := New(memsource.Texts{
		source.Artifact(taskID, cot.Artifact):          `{"taskId": `,
		source.Artifact(taskID, cot.SignatureArtifact): "signature",
	})
	defer s.Close()
	c := s.Cot(t.Context(), taskID)
	refused := errors.New("refused")
	if document, wrong, malformed := c.Read(t.Context(), func([]byte) error { return refused }); document != nil || wrong != refused || malformed != nil {
		t.Errorf("got %v, %v, %v", document, wrong, malformed)
	}
	if document, wrong, malformed := c.Read(t.Context(), func([]byte) error { return nil }); document != nil || wrong != nil || malformed == nil {
		t.Errorf("got %v, %v, %v", document, wrong, malformed)
	}
	if string(c.Signature) != "signature" {
		t.Errorf("signature %q", c.Signature)
	}
}
