package attest

import (
	"context"
	"math/big"
	"regexp"
	"strings"

	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/report"
)

// BuildType names how tasks run, and what the parameters below mean.
const BuildType = "cotverify:taskcluster-task/v1"

// statedBy says in each provenance whose word it is.
const statedBy = "cotverify, which verified the signature of the worker over public/chain-of-trust.json. " +
	"The worker signed that file, and no SLSA provenance."

// Provenance is the predicate of SLSA provenance.
type Provenance struct {
	BuildDefinition BuildDefinition `json:"buildDefinition"`
	RunDetails      RunDetails      `json:"runDetails"`
}

// BuildDefinition says what was to be made, and from what.
type BuildDefinition struct {
	BuildType            string            `json:"buildType"`
	ExternalParameters   map[string]string `json:"externalParameters"`
	InternalParameters   map[string]string `json:"internalParameters"`
	ResolvedDependencies []Resource        `json:"resolvedDependencies,omitempty"`
}

// RunDetails says where it was made.
type RunDetails struct {
	Builder struct {
		ID string `json:"id"`
	} `json:"builder"`
	Metadata   *RunMetadata `json:"metadata,omitempty"`
	Byproducts []Resource   `json:"byproducts"`
}

// RunMetadata names the run.
type RunMetadata struct {
	InvocationID string `json:"invocationId"`
}

// Provenance states what made the artifacts of each link that verified, with all
// that it rests on. Besides it returns how many links are left out, since they
// did not verify, have not run, or signed no artifact. The error is a
// *NoneError, or says that a fact was not to be had once more.
func (m *Maker) Provenance(ctx context.Context, r *report.Report) (statements []*Statement, left int, err error) {
	if err := statable(r); err != nil {
		return nil, 0, err
	}
	links := map[string]*report.Link{}
	for i := range r.Links {
		links[r.Links[i].TaskID] = &r.Links[i]
	}
	doubtful := doubtful(r)
	for i := range r.Links {
		link := &r.Links[i]
		if doubtful[link.TaskID] {
			left++
			continue
		}
		document, err := m.signed(ctx, link)
		if err != nil {
			return nil, 0, err
		}
		var made subjects
		outputs(document, made.add)
		if len(made.list) == 0 {
			left++
			continue
		}
		s, err := newStatement(made.list, ProvenanceType, m.provenance(r, links, link, document))
		if err != nil {
			return nil, 0, err
		}
		statements = append(statements, s)
	}
	return statements, left, nil
}

// doubtful returns the tasks of which nothing is stated: each of which a check
// did not hold or was not made, that is not signed, or that leads to such a
// one.
func doubtful(r *report.Report) map[string]bool {
	doubtful := map[string]bool{}
	passed := map[string]int{} // of the two checks that say that a CoT artifact is signed, and whose it is
	for _, c := range r.Checks {
		switch {
		case c.Status != report.Pass && c.Status != report.Warn:
			doubtful[c.TaskID] = true
		case c.Status == report.Pass && (c.Check == "signature" || c.Check == "cot"):
			passed[c.TaskID]++
		}
	}
	inChain := map[string]bool{}
	for _, link := range r.Links {
		inChain[link.TaskID] = true
		if passed[link.TaskID] < 2 || link.SignedBy == "" || link.CotSHA256 == "" {
			doubtful[link.TaskID] = true
		}
	}
	for changed := true; changed; {
		changed = false
		for _, link := range r.Links {
			for _, d := range link.Dependencies {
				if !doubtful[link.TaskID] && (doubtful[d.TaskID] || !inChain[d.TaskID]) {
					doubtful[link.TaskID] = true
					changed = true
				}
			}
		}
	}
	return doubtful
}

func (m *Maker) provenance(r *report.Report, links map[string]*report.Link, link *report.Link, document any) *Provenance {
	p := &Provenance{BuildDefinition: BuildDefinition{
		BuildType:          BuildType,
		ExternalParameters: map[string]string{"task": taskURL(r.RootURL, link.TaskID), "taskType": link.TaskType},
		InternalParameters: map[string]string{
			"statedBy": statedBy, "workerImplementation": link.WorkerImplementation, "signedBy": link.SignedBy,
		},
		ResolvedDependencies: m.source(link),
	}}
	if link.Label != "" {
		p.BuildDefinition.ExternalParameters["label"] = link.Label
	}
	named := map[string]bool{link.TaskID: true} // a decision task is its own parent
	for _, d := range link.Dependencies {
		if !named[d.TaskID] {
			named[d.TaskID] = true
			input := cotArtifact(r, links[d.TaskID])
			input.Name = d.As
			p.BuildDefinition.ResolvedDependencies = append(p.BuildDefinition.ResolvedDependencies, input)
		}
	}
	p.BuildDefinition.ResolvedDependencies = append(p.BuildDefinition.ResolvedDependencies, image(r.RootURL, document)...)
	root := strings.TrimRight(r.RootURL, "/")
	p.RunDetails.Builder.ID = root + "/worker-pools/" + link.Pool
	if run, err := value.Lookup(document, "runId"); err == nil {
		if n, ok := run.(*big.Int); ok {
			p.RunDetails.Metadata = &RunMetadata{InvocationID: taskURL(r.RootURL, link.TaskID) + "/runs/" + n.String()}
		}
	}
	made := cotArtifact(r, link)
	made.Name = cot.Artifact
	p.RunDetails.Byproducts = []Resource{made}
	return p
}

// commit is the full name of a Git commit.
var commit = regexp.MustCompile(`^[0-9a-f]{40}$`)

// source names what a task says that it was made from.
func (m *Maker) source(link *report.Link) []Resource {
	at := Resource{Name: "source"}
	repository, revision := link.Repository, link.Revision
	switch {
	case repository == "" || revision == "" || !strings.Contains(repository, "://"):
		at.URI = link.Source
	case m.Hg != "" && strings.HasPrefix(repository, m.Hg+"/"):
		at.URI = "hg+" + repository + "@" + revision
	default:
		at.URI = "git+" + repository + "@" + revision
		if commit.MatchString(revision) {
			at.Digest = map[string]string{"gitCommit": revision}
		}
	}
	if at.URI == "" {
		return nil
	}
	return []Resource{at}
}

// image names the image that a task ran in, as its signed definition does: what
// a task built, of which the worker says which bytes these were, or what a
// registry has.
func image(rootURL string, document any) []Resource {
	image, err := value.Lookup(document, "task", "payload", "image")
	if err != nil {
		return nil
	}
	if name, ok := image.(string); ok {
		_, pinned, _ := strings.Cut(name, "@sha256:")
		return []Resource{{Name: "image", URI: "docker://" + name, Digest: digest("sha256", pinned)}}
	}
	builder, err := value.LookupText(image, "taskId")
	if err != nil {
		return nil
	}
	path, err := value.LookupText(image, "path")
	if err != nil {
		return nil
	}
	ran, _ := value.LookupText(document, "environment", "imageArtifactHash")
	algorithm, hash, _ := strings.Cut(ran, ":")
	return []Resource{{Name: "image", URI: artifactURL(rootURL, builder, path), Digest: digest(algorithm, hash)}}
}
