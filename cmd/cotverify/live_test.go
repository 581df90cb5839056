package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cotverify/internal/fakeservices"
	"cotverify/internal/testgraph"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
	"cotverify/pkg/source/bundle"
	"cotverify/pkg/workerlog"
)

// services is a server that plays all hosts, and the command line that asks
// it.
type services struct {
	*fakeservices.Server
	t      *testing.T
	policy string   // a file that says where to connect to
	flags  []string // what all runs have
}

func startServices(t *testing.T, facts source.Source, keys string, o fakeservices.Options) *services {
	t.Helper()
	s := &services{Server: fakeservices.Start(t, facts, o), t: t}
	var connect strings.Builder
	connect.WriteString("services:\n  connect:\n")
	for host, address := range s.Connect() {
		fmt.Fprintf(&connect, "    %s: %q\n", host, address)
	}
	s.policy = filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(s.policy, []byte(connect.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	s.flags = []string{"--policy", s.policy, "--keys", keys, "--no-cache"}
	return s
}

// result is what a run of the command did.
type result struct {
	stdout, stderr string
	status         int
}

func diffResults(want, got result) string {
	return cmp.Diff(want, got, cmp.AllowUnexported(result{}))
}

func (r result) report(t *testing.T) *report.Report {
	t.Helper()
	var report report.Report
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
		t.Fatalf("no report on standard output: %v\n%s%s", err, r.stdout, r.stderr)
	}
	return &report
}

// run runs the command with the server's flags.
func (s *services) run(args ...string) result {
	s.t.Helper()
	return s.runIn(nil, args...)
}

// runIn runs the command with the server's flags and more of an environment.
func (s *services) runIn(environment []string, args ...string) result {
	s.t.Helper()
	command := exec.Command("cotverify", slices.Concat(args, s.flags)...)
	command.Env = append(s.environment(), environment...)
	return runCommand(s.t, command)
}

// environment returns what all runs have: the authority of the server's
// certificate, and nothing of the user's.
func (s *services) environment() []string {
	s.t.Helper()
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.t.TempDir(), "SSL_CERT_FILE=" + s.CAFile(), "SSL_CERT_DIR=/nowhere",
		// A command that counts what of it runs complains where it cannot say so.
		"GOCOVERDIR=" + s.t.TempDir(),
	}
}

func runCommand(t *testing.T, command *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), command.ProcessState.ExitCode()}
}

// recorded is a graph as a bundle, with the keys that it is signed with.
type recorded struct{ name, bundle, keys string }

// recordedGraphs returns our own graphs, and those of the conformance suite
// where that is there.
func recordedGraphs(t *testing.T) []recorded {
	t.Helper()
	var graphs []recorded
	for _, name := range slices.Sorted(maps.Keys(testgraph.All())) {
		graphs = append(graphs, recorded{name, "../../testdata/graphs/" + name, "../../testdata/graphs/keys.json"})
	}
	folders, _ := filepath.Glob("../../../shared/conformance/graphs/*")
	for _, folder := range folders {
		graphs = append(graphs, recorded{filepath.Base(folder), filepath.Join(folder, "bundle"), filepath.Join(folder, "keys.json")})
	}
	return graphs
}

// openGraph opens a graph's bundle, and returns the arguments that verify its
// target.
func openGraph(t *testing.T, g recorded) (*bundle.Source, []string) {
	t.Helper()
	b, err := bundle.Open(g.bundle)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	m := b.Manifest()
	return b, []string{m.TaskID, "--task-type", m.TaskType, "--product", m.Product, "--format", "json"}
}

func TestLiveAndRecordedReportsAreTheBundles(t *testing.T) {
	for _, g := range recordedGraphs(t) {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			b, target := openGraph(t, g)
			s := startServices(t, b, g.keys, fakeservices.Options{})
			want := s.run(append([]string{"verify", "--bundle", g.bundle}, target...)...)
			live := s.run(append([]string{"verify"}, target...)...)
			if diff := diffResults(want, live); diff != "" {
				t.Errorf("live differs from the bundle:\n%s", diff)
			}
			archive := filepath.Join(t.TempDir(), "recorded.tar.zst")
			recording := s.run(append([]string{"record", "-o", archive}, target...)...)
			if !regexp.MustCompile(`^wrote \S+: \d+ facts, \d+ bytes\n$`).MatchString(recording.stderr) {
				t.Errorf("the recording says %q of what it wrote", recording.stderr)
			}
			recording.stderr = ""
			if diff := diffResults(want, recording); diff != "" {
				t.Errorf("the recording's report differs:\n%s", diff)
			}
			if diff := diffResults(want, s.run(append([]string{"verify", "--bundle", archive}, target...)...)); diff != "" {
				t.Errorf("what was recorded verifies to something else:\n%s", diff)
			}
			again := filepath.Join(t.TempDir(), "again.tar.zst")
			s.run(append([]string{"record", "-o", again}, target...)...)
			if !bytes.Equal(readTestFile(t, archive), readTestFile(t, again)) {
				t.Error("recording twice gives different bytes")
			}
		})
	}
}

func readTestFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pushSigning returns a graph of ours, live, with a fault.
func pushSigning(t *testing.T, o fakeservices.Options) (*services, []string) {
	t.Helper()
	b, target := openGraph(t, recorded{bundle: "../../testdata/graphs/github-push"})
	return startServices(t, b, "../../testdata/graphs/keys.json", o), target
}

// withPrivateArtifact returns a graph whose target takes an artifact that only
// signed URLs lead to.
func withPrivateArtifact() *testgraph.Graph {
	const public, private = "public/build/target.tar.xz", "releng/target.tar.xz"
	g := testgraph.GitHubPush()
	build := g.Task("build-linux64")
	build.Artifacts[private] = build.Artifacts[public]
	g.Target.Change(func(definition map[string]any) {
		for _, upstream := range definition["payload"].(map[string]any)["upstreamArtifacts"].([]any) {
			if upstream := upstream.(map[string]any); upstream["taskId"] == build.ID {
				upstream["paths"] = []any{private}
			}
		}
	})
	g.Seal()
	return g
}

// echo fails, and repeats the request, with all credentials that it came with.
func echo(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; "+r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusBadGateway)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": r.RequestURI + " " + r.Header.Get("Authorization")})
	})
}

// TestNoSecretLeaves shows that credentials reach those whom they are for, and
// stand in nothing that is written or that others are asked.
func TestNoSecretLeaves(t *testing.T) {
	const token, access = "ghp_secretsecretsecret", "access-token-that-is-secret"
	environment := []string{"GITHUB_TOKEN=" + token, "TASKCLUSTER_CLIENT_ID=me", "TASKCLUSTER_ACCESS_TOKEN=" + access}
	g := withPrivateArtifact()
	s := startServices(t, g.Source(), "../../testdata/graphs/keys.json", fakeservices.Options{
		GitHubToken:  token,
		AccessTokens: map[string]string{"me": access},
		Fault:        fakeservices.First(1, echo),
	})
	folder := filepath.Join(t.TempDir(), "recorded")
	got := s.runIn(environment, "record", "-v", "-o", folder, g.Target.ID, "--format", "json")
	if got.status != exitVerified {
		t.Fatalf("exit status %d\n%s", got.status, got.stderr)
	}
	output := got.stdout + got.stderr
	if err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			output += string(readTestFile(t, path))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	secrets := []string{token, access}
	for _, r := range s.Requests() {
		_, bewit, signed := strings.Cut(r.URI, "bewit=")
		switch isQueue := strings.HasSuffix(s.RootURL(), "/"+r.Host); {
		case signed && isQueue:
			secrets = append(secrets, bewit)
		case signed, r.Host != fakeservices.APIHost && r.Header.Get("Authorization") != "", r.Header.Get("Referer") != "":
			t.Errorf("a credential went to %s%s: %v", r.Host, r.URI, r.Header)
		}
	}
	if len(secrets) == 2 {
		t.Error("no URL was signed")
	}
	for _, secret := range secrets {
		if strings.Contains(output, secret) {
			t.Errorf("%q is in the output", secret)
		}
	}
}

func TestCacheSavesRequestsAndChangesNothing(t *testing.T) {
	s, target := pushSigning(t, fakeservices.Options{})
	s.flags = slices.DeleteFunc(s.flags, func(flag string) bool { return flag == "--no-cache" })
	cache := t.TempDir()
	args := slices.Concat([]string{"verify", "--cache-dir", cache}, target)
	first := s.run(args...)
	asked := len(s.Requests())
	second := s.run(args...)
	if diff := diffResults(first, second); diff != "" {
		t.Errorf("the cache changes the report:\n%s", diff)
	}
	if again := len(s.Requests()) - asked; again >= asked {
		t.Errorf("%d requests with the cache, %d without", again, asked)
	}
	// What somebody changed in the cache is not believed.
	if err := filepath.WalkDir(cache, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			return os.WriteFile(path, []byte("changed"), 0o600)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if diff := diffResults(first, s.run(args...)); diff != "" {
		t.Errorf("a changed cache changes the report:\n%s", diff)
	}
}

// TestInterrupt ends a recording that hangs: it ends at once, and what was
// seen by then is in the bundle.
func TestInterrupt(t *testing.T) {
	s, target := pushSigning(t, fakeservices.Options{Fault: fakeservices.Where("/artifacts/", fakeservices.Hang())})
	folder := t.TempDir()
	command := exec.Command("cotverify", slices.Concat([]string{"record", "-o", "recorded", "--output", "report.json"}, target, s.flags)...)
	command.Dir = folder
	command.Env = s.environment()
	var stderr bytes.Buffer
	command.Stderr = &stderr
	for i, flag := range command.Args { // the files are named as seen from here
		if path, err := filepath.Abs(flag); strings.HasPrefix(flag, "../") && err == nil {
			command.Args[i] = path
		}
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for asked := 0; asked == 0; time.Sleep(time.Millisecond) {
		for _, r := range s.Requests() {
			if strings.Contains(r.URI, "/artifacts/") {
				asked++
			}
		}
	}
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	if status := command.ProcessState.ExitCode(); status != exitUnknown || !regexp.MustCompile(`^wrote recorded: .*\ncotverify: interrupted\n$`).MatchString(stderr.String()) {
		t.Errorf("exit status %d, %q", status, stderr.String())
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != "recorded" {
		t.Errorf("left behind: %v", entries)
	}
	b, err := bundle.Open(filepath.Join(folder, "recorded"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, _, err := source.ReadAll(t.Context(), b, source.Task(target[0]), 1<<20); err != nil {
		t.Errorf("the target's definition was seen and is not in the bundle: %v", err)
	}
}

// TestWhyReadsTheLogOfTheRunThatIsNamed has a task that failed, and was run again.
func TestWhyReadsTheLogOfTheRunThatIsNamed(t *testing.T) {
	g := recorded{"github-push", "../../testdata/graphs/github-push", "../../testdata/graphs/keys.json"}
	b, target := openGraph(t, g)
	log := source.Artifact(target[0], workerlog.Artifact)
	log.Run = "0"
	facts := withFact{b, log, "2026-08-20T10:13:12     INFO - Running scriptworker version 1.2.3\n2026-08-20T10:13:12 CRITICAL - a is interactive: b!\n"}
	s := startServices(t, facts, g.keys, fakeservices.Options{Runs: map[string][]string{target[0]: {"exception", "pending"}}})
	for argument, want := range map[string]string{
		target[0] + ".0": `"version": "1.2.3"`,
		target[0]:        `"noLog": "artifact public/logs/chain_of_trust.log of run 1 of task`,
	} {
		got := s.run(append([]string{"why", argument}, target[1:]...)...)
		if got.status != 0 || !strings.Contains(got.stdout, want) {
			t.Errorf("%s: status %d, expected %s in\n%s%s", argument, got.status, want, got.stdout, got.stderr)
		}
	}
}

// withFact is a source with one fact more.
type withFact struct {
	source.Source
	fact source.Fact
	body string
}

func (s withFact) Open(ctx context.Context, f source.Fact) (*source.Answer, error) {
	if f == s.fact {
		return &source.Answer{Body: io.NopCloser(strings.NewReader(s.body))}, nil
	}
	return s.Source.Open(ctx, f)
}

// TestRecordedAuditIsTheLiveOne records an audit of a task group, in pages, and
// repeats it from the bundle.
func TestRecordedAuditIsTheLiveOne(t *testing.T) {
	g := testgraph.Large(3)
	g.Task("build-1").Artifacts["public/build/target.tar.xz"] = []byte("evil")
	group := g.Target.Definition["taskGroupId"].(string)
	facts := g.Source()
	maps.Copy(facts, g.Groups(map[string]string{"signing-0": "failed"}))
	s := startServices(t, facts, "../../testdata/graphs/keys.json", fakeservices.Options{PageSize: 3, Shifted: true})
	note := "task group " + group + " is not sealed: tasks that are added to it later are not in this audit\n"
	live := s.run("audit", group, "--format", "json")
	if live.status != exitRefused || live.stderr != note {
		t.Fatalf("status %d, %s", live.status, live.stderr)
	}
	archive := filepath.Join(t.TempDir(), "audit.tar.zst")
	for _, args := range [][]string{{"--group", group}, {s.RootURL() + "/tasks/groups/" + group, "--overwrite"}} {
		recording := s.run(append([]string{"record", "-o", archive, "--format", "json"}, args...)...)
		if recording.stdout != live.stdout || recording.status != live.status {
			t.Errorf("recording %v: status %d, %s", args, recording.status, cmp.Diff(live.stdout, recording.stdout))
		}
		if !regexp.MustCompile(`^task group .*\nwrote \S+: \d+ facts, \d+ bytes\n$`).MatchString(recording.stderr) {
			t.Errorf("recording %v says %q", args, recording.stderr)
		}
		again := s.run("audit", "--bundle", archive, "--format", "json")
		if again.stdout != live.stdout || again.status != live.status || again.stderr != "" {
			t.Errorf("what was recorded by %v: status %d, %s, %s", args, again.status, again.stderr, cmp.Diff(live.stdout, again.stdout))
		}
	}
	none := s.run("record", "--group", "AAAAAAAAAAAAAAAAAAAAAA", "-o", filepath.Join(t.TempDir(), "none.tar"))
	if none.status != exitUnknown || !strings.Contains(none.stderr, "no list of a task group could be had, so there is no bundle") {
		t.Errorf("an unknown group: status %d, %s", none.status, none.stderr)
	}
	for _, args := range [][]string{
		{"record", group, "--group", group, "-o", "x"}, {"record", group, "--select", "kind=x", "-o", "x"},
		{"record", "--group", group, "--signatures", "off", "-o", "x"},
	} {
		if r := s.run(args...); r.status != exitUsage {
			t.Errorf("%v: status %d, %s", args, r.status, r.stderr)
		}
	}
}
