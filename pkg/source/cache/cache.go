// Package cache keeps on disk the facts that cannot change, so that they are
// not asked for over the network again.
package cache

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"sync"

	"cotverify/pkg/cot"
	"cotverify/pkg/source"
)

// maxCollected is how much of a small answer is looked at before it is kept.
// Templates have some kilobytes, and the largest CoT artifacts name a few
// thousand files.
const maxCollected = 16 << 20

// Source is a [source.Source] that keeps on disk what another one answers, and answers
// from there what cannot have changed since:
//
//   - decision templates at a revision, not of private repositories;
//   - public artifacts, as long as the task's CoT artifact is still, byte by
//     byte, the one that they were kept with. That one is asked for once
//     a run, and never kept: a later run of the task has another, and then
//     nothing of the earlier run is answered. Only an artifact whose sha256 it
//     names is kept, so that wrong bytes are not.
//
// Nothing else is kept: no definitions, whose priority changes and which another
// task may have under a taskId that expired; no lists, no answers of APIs, no
// errors. What is read
// from disk is hashed before it is answered, and what is not as it was written
// counts as not there. The cache vouches for no more than that: who verifies
// an artifact hashes it as if it came from the network.
type Source struct {
	store      *Store
	deployment string
	source     source.Source
	sealed     *source.Shared // CoT artifacts: one answer a run, for whoever asks

	mu      sync.Mutex
	seals   map[string]seal    // by taskId
	pending map[string][]entry // by taskId: of artifacts that came before their CoT artifact
}

// seal is a task's CoT artifact: its own sha256, and those that it names.
type seal struct {
	sum   string
	names map[string]bool
}

// New returns a cache of what a source answers. The deployment names all
// that decides who answers, as Deployment of a live source does: what one says of a task
// is never taken for what another says.
func New(store *Store, deployment string, s source.Source) *Source {
	return &Source{
		store: store, deployment: deployment, source: s,
		sealed: source.NewShared(s, source.KindArtifact),
		seals:  map[string]seal{}, pending: map[string][]entry{},
	}
}

// Open answers from disk what is there, and else asks the source, as [source.Source]
// has it. Trouble with the disk is no error: the source is asked then.
func (c *Source) Open(ctx context.Context, f source.Fact) (*source.Answer, error) {
	key := c.key(f)
	if key != "" {
		if e, ok := c.store.entry(key); ok && (f.Kind != source.KindArtifact || c.holds(ctx, f.TaskID, e)) {
			if file, ok := c.store.open(e.SHA256); ok {
				return &source.Answer{Body: file, ContentType: e.ContentType}, nil
			}
		}
	}
	from := c.source
	if isSeal(f) {
		from = c.sealed
	}
	a, err := from.Open(ctx, f)
	if err != nil {
		return nil, err
	}
	if to := c.keeper(f, entry{Key: key, ContentType: a.ContentType}); to != nil {
		a.Body = source.Tee(a.Body, to)
	}
	return a, nil
}

// isSeal reports whether a fact is the artifact that binds a task's others.
func isSeal(f source.Fact) bool { return f == source.Artifact(f.TaskID, cot.Artifact) }

// pinned matches the URL of a decision template at a full revision, on GitHub
// or hg.
var pinned = regexp.MustCompile(`^https?://[^/?#]+/[^?#]+/[0-9a-f]{40}/\.taskcluster\.yml$`)

// key returns what a fact is kept as, or "" if it is not.
func (c *Source) key(f source.Fact) string {
	switch {
	case f.Run != "":
		return "" // what seals a task's artifacts is its latest run's
	case f.Kind == source.KindArtifact && cot.IsPublic(f.Name) && !strings.HasPrefix(f.Name, cot.Artifact):
		return "artifact " + c.deployment + " " + f.TaskID + " " + f.Name
	case f.Kind == source.KindURL && !f.Private && pinned.MatchString(f.URL):
		return "url " + c.deployment + " " + f.URL
	}
	return ""
}

// keeper returns what becomes of an answer as it is read, or nil.
func (c *Source) keeper(f source.Fact, e entry) source.Sink {
	switch {
	case isSeal(f):
		return &collector{whole: func(data []byte) { c.seal(f.TaskID, data) }}
	case e.Key == "":
		return nil
	case f.Kind == source.KindArtifact:
		w, err := c.store.create()
		if err != nil {
			return nil
		}
		return &content{writer: w, whole: func(sum string) {
			e.SHA256 = sum
			c.keepArtifact(f.TaskID, e)
		}}
	}
	return &collector{whole: func(data []byte) {
		if strings.HasPrefix(strings.ToLower(e.ContentType), "text/html") {
			return // not what it should be, and not to be answered again
		}
		c.keepSmall(e, data)
	}}
}

func (c *Source) keepSmall(e entry, data []byte) {
	w, err := c.store.create()
	if err != nil {
		return
	}
	if _, err := w.Write(data); err != nil {
		w.abort()
		return
	}
	if e.SHA256, err = w.commit(); err == nil {
		_ = c.store.put(e)
	}
}

// keepArtifact keeps an artifact whose content is in the store, now or when
// its task's CoT artifact was read.
func (c *Source) keepArtifact(taskID string, e entry) {
	c.mu.Lock()
	s, ok := c.seals[taskID]
	if !ok {
		c.pending[taskID] = append(c.pending[taskID], e)
	}
	c.mu.Unlock()
	if ok {
		c.putSealed(s, e)
	}
}

func (c *Source) putSealed(s seal, e entry) {
	if s.names[e.SHA256] {
		e.Seal = s.sum
		_ = c.store.put(e)
	}
}

// hashText finds what may be a sha256 in a CoT artifact. That is not parsed,
// since its signature was not verified: which hash is whose does not matter
// here.
var hashText = regexp.MustCompile(`"[0-9a-f]{64}"`)

// seal takes note of a task's CoT artifact.
func (c *Source) seal(taskID string, data []byte) seal {
	s := seal{sum: sumOf(data), names: map[string]bool{}}
	for _, name := range hashText.FindAll(data, -1) {
		s.names[string(name[1:len(name)-1])] = true
	}
	c.mu.Lock()
	c.seals[taskID] = s
	waiting := c.pending[taskID]
	delete(c.pending, taskID)
	c.mu.Unlock()
	for _, e := range waiting {
		c.putSealed(s, e)
	}
	return s
}

// holds reports whether an artifact's task still has the CoT artifact that the
// entry was kept with.
func (c *Source) holds(ctx context.Context, taskID string, e entry) bool {
	c.mu.Lock()
	s, ok := c.seals[taskID]
	c.mu.Unlock()
	if !ok {
		data, _, err := source.ReadAll(ctx, c.sealed, source.Artifact(taskID, cot.Artifact), maxCollected)
		if err != nil {
			return false
		}
		s = c.seal(taskID, data)
	}
	return e.Seal == s.sum
}

// collector is a sink of a small answer.
type collector struct {
	data  bytes.Buffer
	whole func([]byte)
}

func (c *collector) Write(p []byte) (int, error) {
	if c.data.Len()+len(p) > maxCollected {
		return 0, io.ErrShortWrite
	}
	return c.data.Write(p)
}

func (c *collector) End(err error) {
	if err == nil {
		c.whole(c.data.Bytes())
	}
}

// content is a sink of what goes to the store as it comes.
type content struct {
	writer *writer
	whole  func(sum string)
}

func (c *content) Write(p []byte) (int, error) { return c.writer.Write(p) }

func (c *content) End(err error) {
	if err != nil {
		c.writer.abort()
	} else if sum, err := c.writer.commit(); err == nil {
		c.whole(sum)
	}
}
