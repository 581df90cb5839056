package testgraph

import "fmt"

// When what happens in the graphs. The docker image is of an earlier push.
const (
	imagePushed = "2026-03-02T08:00:00.000Z"
	pushed      = "2026-03-09T09:00:00.000Z"
	promoted    = "2026-03-10T15:30:00.000Z"
)

// The scopes of the targets. The first three are restricted.
const (
	vpnReleaseSigning = "project:mozillavpn:releng:signing:cert:release-signing"
	vpnBeetmover      = "project:mozillavpn:releng:beetmover:bucket:release"
	nightlySigning    = "project:releng:signing:cert:nightly-signing"
	nightlyBeetmover  = "project:releng:beetmover:bucket:nightly"
	vpnDepSigning     = "project:mozillavpn:releng:signing:cert:dep-signing"
	firefoxDepSigning = "project:releng:signing:cert:dep-signing"
)

// All returns every graph that there is in testdata/graphs, by its name there.
func All() map[string]*Graph {
	return map[string]*Graph{
		"github-push":         GitHubPush(),
		"firefox-push":        FirefoxPush(),
		"github-pull-request": GitHubPullRequest(),
		"github-release":      GitHubRelease(),
		"github-cron":         GitHubCron(),
		"github-action":       GitHubAction(),
		"hg-push":             HgPush(),
		"hg-cron":             HgCron(),
		"hg-action":           HgAction(),
		"tampered":            Tampered(),
	}
}

// GitHubPush returns a push to GitHub, whose target signs a Linux build and an
// installer made of a Windows build: 7 links, on every worker implementation.
func GitHubPush() *Graph {
	b := newBuilder("github-push")
	image := b.dockerImage(b.githubPush(vpn(), "image-decision", imagePushed))
	d := b.githubPush(vpn(), "decision", pushed)
	return b.finish(b.release(d, image, vpnReleaseSigning), "signing", "mozillavpn")
}

// FirefoxPush returns a push to Firefox on GitHub, of the same form as
// [GitHubPush]: the product's other hosting is hg.
func FirefoxPush() *Graph {
	b := newBuilder("firefox-push")
	image := b.dockerImage(b.githubPush(firefox(), "image-decision", imagePushed))
	d := b.githubPush(firefox(), "decision", pushed)
	return b.finish(b.release(d, image, firefoxDepSigning), "signing", "firefox")
}

// GitHubPullRequest returns a pull request from a fork, whose target signs a
// build with a key that nobody trusts.
func GitHubPullRequest() *Graph {
	b := newBuilder("github-pull-request")
	image := b.dockerImage(b.githubPush(vpn(), "image-decision", imagePushed))
	d := b.githubPullRequest("decision", pushed)
	build := b.linuxBuild(d, image, "build-linux64")
	target := b.script(d, "signing", "signing-linux64", vpnDepSigning, upstream{build, "build", linuxPackage})
	return b.finish(target, "signing", "mozillavpn")
}

// GitHubRelease returns a release on GitHub, of the same form as [GitHubPush].
func GitHubRelease() *Graph {
	b := newBuilder("github-release")
	image := b.dockerImage(b.githubPush(vpn(), "image-decision", imagePushed))
	d := b.githubRelease("decision", "v1.2.3", pushed)
	return b.finish(b.release(d, image, vpnReleaseSigning), "signing", "mozillavpn")
}

// GitHubCron returns a nightly build of a repository on GitHub.
func GitHubCron() *Graph {
	b := newBuilder("github-cron")
	image := b.dockerImage(b.githubPush(vpn(), "image-decision", imagePushed))
	d := b.githubCron("decision", pushed)
	return b.finish(b.release(d, image, vpnReleaseSigning), "signing", "mozillavpn")
}

// GitHubAction returns the promotion of a push to GitHub to a release: the
// target publishes what the push has signed.
func GitHubAction() *Graph {
	b := newBuilder("github-action")
	image := b.dockerImage(b.githubPush(vpn(), "image-decision", imagePushed))
	d := b.githubPush(vpn(), "decision", pushed)
	return b.finish(b.promotion(d, image, vpnReleaseSigning, vpnBeetmover), "beetmover", "mozillavpn")
}

// HgPush returns a push to hg, of the same form as [GitHubPush].
func HgPush() *Graph {
	b := newBuilder("hg-push")
	image := b.dockerImage(b.hgPush("image-decision", imagePushed))
	d := b.hgPush("decision", pushed)
	return b.finish(b.release(d, image, nightlySigning), "signing", "firefox")
}

// HgCron returns a nightly build of an hg repository.
func HgCron() *Graph {
	b := newBuilder("hg-cron")
	image := b.dockerImage(b.hgPush("image-decision", imagePushed))
	d := b.hgCron("decision", pushed)
	return b.finish(b.release(d, image, nightlySigning), "signing", "firefox")
}

// HgAction returns the promotion of a push to hg, of the same form as
// [GitHubAction].
func HgAction() *Graph {
	b := newBuilder("hg-action")
	image := b.dockerImage(b.hgPush("image-decision", imagePushed))
	d := b.hgPush("decision", pushed)
	return b.finish(b.promotion(d, image, nightlySigning, nightlyBeetmover), "beetmover", "firefox")
}

// Tampered returns a [GitHubPush] whose Linux build was replaced after it was
// made.
func Tampered() *Graph {
	g := GitHubPush()
	g.Task("build-linux64").Artifacts[linuxPackage] = []byte("not what was built\n")
	return g
}

// Large returns a push to GitHub with n builds, each signed by a task of its
// own, and a target that publishes all that was signed: 2n + 4 links.
func Large(n int) *Graph {
	b := newBuilder("large")
	image := b.dockerImage(b.githubPush(vpn(), "image-decision", imagePushed))
	d := b.githubPush(vpn(), "decision", pushed)
	var signed []upstream
	for i := range n {
		build := b.linuxBuild(d, image, fmt.Sprintf("build-%d", i))
		signing := b.script(d, "signing", fmt.Sprintf("signing-%d", i), vpnReleaseSigning, upstream{build, "build", linuxPackage})
		signed = append(signed, upstream{signing, "signing", linuxPackage})
	}
	return b.finish(b.script(d, "beetmover", "beetmover", vpnBeetmover, signed...), "beetmover", "mozillavpn")
}

// release adds the tasks of a push, and returns the one that signs.
func (b *builder) release(d *decision, image *Task, scope string) *Task {
	linux := b.linuxBuild(d, image, "build-linux64")
	repackaged := b.repackage(d, image, b.windowsBuild(d))
	return b.script(d, "signing", "signing", scope, upstream{linux, "build", linuxPackage}, upstream{repackaged, "repackage", installer})
}

// promotion adds the tasks of a push, an action that promotes it, and the one
// that the action made to publish it, which it returns.
func (b *builder) promotion(d *decision, image *Task, signing, publishing string) *Task {
	linux := b.linuxBuild(d, image, "build-linux64")
	signed := b.script(d, "signing", "signing-linux64", signing, upstream{linux, "build", linuxPackage})
	action := b.act(d, promoted, object{"build_number": 2, "release_promotion_flavor": "promote", "version": "1.2.3"})
	return b.script(action, "beetmover", "beetmover-linux64", publishing, upstream{signed, "signing", linuxPackage})
}
