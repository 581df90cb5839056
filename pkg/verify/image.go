package verify

import (
	"fmt"
	"strings"

	"cotverify/internal/value"
	"cotverify/pkg/cot"
	"cotverify/pkg/report"
)

var imageRule = rule{
	check: checkDockerImage,
	explanations: []report.Explanation{
		{
			Check:   "docker-image",
			Meaning: "The docker image that the task ran in was built by a task of the chain, and is the very image that it uploaded; or the policy allows a prebuilt image for tasks of this type.",
			Why:     "The image holds the compiler. Whoever chooses it, chooses what the build produces.",
			Fails: []string{
				"The image's hash in the CoT artifact is not the hash of the image in its own task's CoT artifact.",
				"extra.chainOfTrust.inputs names another image task than payload.image.",
				"The image is prebuilt or comes from the index, which the policy does not allow for this task type, or for a target with restricted scopes.",
			},
			Do: "Let the task use an image of a docker-image task, listed in extra.chainOfTrust.inputs. If the hash differs, the image was replaced between the tasks: treat it as an incident.",
		},
		{
			Check:   "unpinned-image",
			Warning: true,
			Meaning: "A prebuilt image is named with its digest.",
			Why:     "A tag can be moved to another image at any time; a digest cannot.",
			Fails:   []string{"payload.image is a name with a tag, or with neither."},
			Do:      "Name the image as name@sha256:digest.",
		},
	},
}

// checkDockerImage checks where a docker-worker link's image comes from
// (specification, section 9, docker-image).
func checkDockerImage(c *Chain, l *Link) []report.Check {
	const name = "docker-image"
	if l.Worker != cot.DockerWorker || l.NotRun || l.Task == nil {
		return nil
	}
	image, _ := l.Task.Payload.Get("image")
	o, ok := image.(*value.Object)
	if !ok {
		return c.checkPrebuilt(l, image)
	}
	kind, err := value.Lookup(o, "type")
	switch {
	case err != nil:
		return []report.Check{l.problem(name, "", &value.ShapeError{Path: "/payload/image/type", Want: "task-image or indexed-image"})}
	case kind == "task-image":
		return []report.Check{c.checkTaskImage(l, o)}
	case kind == "indexed-image":
		return []report.Check{c.checkIndexedImage(l, o)}
	}
	return []report.Check{l.fail(name, "/payload/image/type", "the image is of an unknown type").
		Comparing("task-image or indexed-image", inWords(kind)).
		Because(report.Malformed).WithHint("use an image that a docker-image task built")}
}

// checkPrebuilt checks that the policy allows an image that no task built.
func (c *Chain) checkPrebuilt(l *Link, image any) []report.Check {
	checks := []report.Check{c.prebuiltAllowed(l, "a prebuilt image", inWords(image))}
	if text, ok := image.(string); ok && text != "" && !strings.Contains(text, "@sha256:") {
		checks = append(checks, l.warn("unpinned-image", text, "the image is named without a digest, so that it can be another one each time").
			WithHint("name it with its digest, as name@sha256:…"))
	}
	return checks
}

// checkIndexedImage checks an image that is looked up by an index route, which
// may lead to another task tomorrow.
func (c *Chain) checkIndexedImage(l *Link, image *value.Object) report.Check {
	if c.scopes.any() {
		namespace, _ := image.Get("namespace")
		return l.fail("docker-image", "", "an indexed image, of %s, may not be used where the target has a restricted scope, such as %s", asJSON(namespace), c.scopes.first()).
			Because(report.ImageNotAllowed).WithHint("use the docker-image task itself, as a task-image")
	}
	return c.prebuiltAllowed(l, "an indexed image", "")
}

func (c *Chain) prebuiltAllowed(l *Link, what, subject string) report.Check {
	if !c.product.AllowsPrebuilt(l.Type) {
		return l.fail("docker-image", subject, "%s may not be used for %s tasks of %s", what, l.Type, c.product.Name).
			Because(report.ImageNotAllowed)
	}
	return l.pass("docker-image", subject)
}

// checkTaskImage checks that the image that ran is the one that a link built.
func (c *Chain) checkTaskImage(l *Link, image *value.Object) report.Check {
	const name = "docker-image"
	input, err := value.LookupText(l.Task.Definition, "extra", "chainOfTrust", "inputs", "docker-image")
	if err != nil {
		return l.problem(name, "", err)
	}
	named, err := value.LookupText(image, "taskId")
	if err != nil {
		return l.problem(name, "", inImage(err))
	}
	if named != input {
		return l.fail(name, "/payload/image/taskId", "the image is not of the task that extra.chainOfTrust.inputs names").
			Comparing(input, named).Because(report.OtherImage)
	}
	path, err := value.LookupText(image, "path")
	if err != nil {
		return l.problem(name, "", inImage(err))
	}
	if !l.cot.verified() {
		return l.skip(name, path, "which image ran, the CoT artifact would tell, and it is not verified")
	}
	ran, err := value.LookupText(l.cot.document, "environment", "imageArtifactHash")
	if err != nil {
		return l.problem(name, path, inCot(err))
	}
	algorithm, hash, ok := strings.Cut(ran, ":")
	if !ok || strings.Contains(hash, ":") {
		return l.fail(name, path, "environment.imageArtifactHash of the CoT artifact is malformed").
			Comparing("algorithm:hex", ran).Because(report.Malformed).WithHint("see which worker signed it")
	}
	return c.compareImage(l, input, path, algorithm, hash)
}

// compareImage compares the hash of the image that ran with what the task that
// built it signed.
func (c *Chain) compareImage(l *Link, builder, path, algorithm, hash string) report.Check {
	const name = "docker-image"
	built := c.byID[builder]
	if built == nil || !built.cot.verified() {
		return l.skip(name, path, "the CoT artifact of the task that built it, %s, is not verified", builder)
	}
	artifacts, err := built.cot.artifacts()
	if err != nil {
		return l.problem(name, path, err)
	}
	entry, ok := artifacts.Get(path)
	if !ok {
		return l.fail(name, path, "the task that built the image, %s, signed no such artifact", builder).
			Because(report.NotSigned).WithHint("name the path that the docker-image task uploads")
	}
	expected, err := value.Lookup(entry, algorithm)
	if err != nil {
		return l.fail(name, path, "the task that built the image, %s, signed no %s hash of it", builder, algorithm).
			Comparing(algorithm+" "+hash, asJSON(entry)).Because(report.Algorithm).WithHint("see which workers ran the two tasks")
	}
	if expected != hash {
		return l.fail(name, path, "the image that ran is not the one that %s built", builder).
			Comparing(fmt.Sprintf("%s %s", algorithm, inWords(expected)), algorithm+" "+hash).
			Because(report.HashMismatch).WithHint("the image changed between its task and this one: suspect the storage, or the worker's cache")
	}
	return l.pass(name, path)
}

func inImage(err error) error { return value.ErrorIn(err, "", "/payload/image") }

func inCot(err error) error { return value.ErrorIn(err, cot.Artifact, "") }
