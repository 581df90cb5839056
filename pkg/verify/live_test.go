package verify_test

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cotverify/internal/fakeservices"
	"cotverify/internal/testgraph"
	"cotverify/pkg/evidence"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
	"cotverify/pkg/source/live"
	"cotverify/pkg/verify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// optionsOf returns what verifies a graph's target.
// options say what to verify, by what, and where the facts come from.
type options struct {
	Source source.Source
	Policy *policy.Policy
	verify.Target
}

func (o options) verify(ctx context.Context) (*report.Report, error) {
	v := o.verifier()
	defer v.Store.Close()
	r, err := v.Verify(ctx, o.Target)
	if err == nil {
		err = wellFormed(r)
	}
	return r, err
}

// wellFormed holds what must be of every report: each check has an explanation,
// each failure one of the reasons that there are, something to say and a key.
func wellFormed(r *report.Report) error {
	for _, c := range r.Checks {
		if _, ok := verify.Explain(c.Check); !ok {
			return fmt.Errorf("check %s has no explanation", c.Check)
		}
		failed := c.Status == report.Fail || c.Status == report.Error
		known := slices.ContainsFunc(report.Reasons(), func(t report.ReasonText) bool { return t.Reason == c.Reason })
		if failed && (!known || c.Message == "" || c.Key == "") {
			return fmt.Errorf("check %s failed for the reason %q, which is known: %v, with the message %q and the key %q", c.Check, c.Reason, known, c.Message, c.Key)
		}
	}
	return nil
}

func (o options) walk(ctx context.Context) (*report.Graph, error) {
	v := o.verifier()
	defer v.Store.Close()
	return v.Walk(ctx, o.Target)
}

func (o options) rebuild(ctx context.Context) (*verify.Rebuild, error) {
	v := o.verifier()
	defer v.Store.Close()
	return v.Rebuild(ctx, o.Target)
}

func (o options) verifier() *verify.Verifier {
	return &verify.Verifier{Store: evidence.New(o.Source), Policy: o.Policy}
}

func optionsOf(t testing.TB, g *testgraph.Graph, src source.Source) options {
	t.Helper()
	keys, err := policy.ParseKeys(testgraph.Keys(), "keys.json")
	if err != nil {
		t.Fatal(err)
	}
	return options{Source: src, Policy: policy.Default().WithKeys(keys, "keys.json"), Target: verify.Target{TaskID: g.Target.ID, TaskType: g.TaskType, Product: g.Product}}
}

// liveOf returns a source that asks a server which plays all services.
func liveOf(t testing.TB, facts source.Source, o fakeservices.Options) source.Source {
	t.Helper()
	return liveInTrouble(t, facts, o, time.Minute)
}

// liveInTrouble returns a source as liveOf does, which tries so long while a
// service fails.
func liveInTrouble(t testing.TB, facts source.Source, o fakeservices.Options, trouble time.Duration) source.Source {
	t.Helper()
	server := fakeservices.Start(t, facts, o)
	authorities := x509.NewCertPool()
	certificate, err := os.ReadFile(server.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	authorities.AppendCertsFromPEM(certificate)
	services := policy.Default().Services
	l, err := live.New(live.Options{
		RootURL:        server.RootURL(),
		GitHubAPI:      services.GitHub.API,
		GitHubRaw:      services.GitHub.Raw,
		Sites:          []string{services.GitHub.Web, services.Hg, services.Projects},
		Connect:        server.Connect(),
		RootCAs:        authorities,
		RequestTimeout: 20 * time.Second,
		RetryDelay:     time.Millisecond,
		Trouble:        trouble,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// messages returns what the checks that did not pass say.
func messages(r *report.Report) string {
	var b strings.Builder
	for _, c := range r.Checks {
		if c.Status != report.Pass {
			b.WriteString(string(c.Status) + " " + c.Check + " " + c.Link + " " + c.Subject + ": " + c.Message + "\n")
		}
	}
	return b.String()
}

// TestFaults shows that trouble with the services never makes a pass, a hang
// or a refusal of a task that is sound, and that its cause is told.
func TestFaults(t *testing.T) {
	const (
		queue   = "firefox-ci-tc.services.mozilla.com/"
		storage = fakeservices.StorageHost + "/"
	)
	graph := testgraph.GitHubPush()
	plain := map[source.Fact]fakeservices.Stored{}
	for _, task := range graph.Tasks {
		for name := range task.Artifacts {
			plain[source.Artifact(task.ID, name)] = fakeservices.Stored{Encoding: fakeservices.Plain}
		}
	}
	// A fault that passes is waited for, however busy the machine is; one that
	// stays is as little as possible, since it is the same after the first try.
	trouble := map[report.Verdict]time.Duration{report.Verified: time.Minute, report.Unknown: 20 * time.Millisecond}
	for _, tt := range []struct {
		name    string
		options fakeservices.Options
		verdict report.Verdict
		cause   string // is told of some check
		limit   time.Duration
	}{
		{name: "no fault", verdict: report.Verified},
		{name: "every request fails once", verdict: report.Verified, options: fakeservices.Options{Fault: fakeservices.First(1, fakeservices.Status(http.StatusBadGateway))}},
		{name: "every connection is cut once", verdict: report.Verified, options: fakeservices.Options{Fault: fakeservices.First(1, fakeservices.Cut(7))}},
		{name: "told to wait once", verdict: report.Verified, options: fakeservices.Options{Fault: fakeservices.Where(graph.Target.ID+"/artifacts/public/chain-of-trust.json.sig", fakeservices.First(1, fakeservices.Status(http.StatusTooManyRequests, "Retry-After", "1")))}},
		{name: "a storm of 503", verdict: report.Unknown, cause: "503", options: fakeservices.Options{Fault: fakeservices.Where(storage, fakeservices.Status(http.StatusServiceUnavailable))}},
		{name: "always cut", verdict: report.Unknown, cause: "after", options: fakeservices.Options{Stored: plain, Fault: fakeservices.Where(storage, fakeservices.Cut(3))}},
		{name: "shorter than said", verdict: report.Unknown, cause: "was cut after", options: fakeservices.Options{Fault: fakeservices.Where(storage, fakeservices.Short())}},
		{name: "GitHub is dead", verdict: report.Unknown, cause: "api.github.com", options: fakeservices.Options{Dead: []string{fakeservices.APIHost}}},
		{name: "web pages", verdict: report.Unknown, cause: "HTML page", options: fakeservices.Options{Fault: fakeservices.Where(queue, fakeservices.HTML())}},
		{name: "a loop", verdict: report.Unknown, cause: "redirect", options: fakeservices.Options{Fault: fakeservices.Where(storage, fakeservices.Loop())}},
		{name: "a server hangs", verdict: report.Unknown, cause: "before the time was up: firefox-ci-tc.services.mozilla.com had not answered", limit: 200 * time.Millisecond, options: fakeservices.Options{Fault: fakeservices.Where(queue, fakeservices.Hang())}},
		{name: "storage drips", verdict: report.Unknown, cause: "before the time was up", limit: 200 * time.Millisecond, options: fakeservices.Options{Fault: fakeservices.Where(storage, fakeservices.Drip(100*time.Millisecond))}},
		{name: "damaged encoding", verdict: report.Unknown, cause: "its gzip encoding does not hold", options: fakeservices.Options{Fault: fakeservices.Where(storage, fakeservices.Wrong(5))}},
		{name: "wrong bytes", verdict: report.Refused, cause: "made the signature", options: fakeservices.Options{Stored: plain, Fault: fakeservices.Where(storage, fakeservices.Wrong(5))}},
		{name: "wrong bytes of artifacts", verdict: report.Refused, cause: "it is not what the worker signed", options: fakeservices.Options{Stored: plain, Fault: fakeservices.Where("target.", fakeservices.Wrong(5))}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := optionsOf(t, graph, liveInTrouble(t, graph.Source(), tt.options, trouble[tt.verdict]))
			ctx, cancel := context.WithTimeout(t.Context(), cmp.Or(tt.limit, time.Minute))
			defer cancel()
			r, err := o.verify(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != tt.verdict || !strings.Contains(messages(r), tt.cause) {
				t.Errorf("verdict %s, expected %s because of %q:\n%s", r.Verdict, tt.verdict, tt.cause, messages(r))
			}
		})
	}
}

// TestMissingArtifacts takes each artifact away in turn.
func TestMissingArtifacts(t *testing.T) {
	graph := testgraph.GitHubPush()
	whole, err := optionsOf(t, graph, graph.Source()).verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for _, check := range whole.Checks {
		if !slices.Contains([]string{"artifact", "cot", "signature"}, check.Check) {
			continue
		}
		taken++
		facts := graph.Source()
		delete(facts, source.Artifact(check.TaskID, check.Subject))
		r, err := optionsOf(t, graph, liveOf(t, facts, fakeservices.Options{})).verify(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := "error " + check.Check + " " + check.Link + " " + check.Subject + ": artifact " + check.Subject + " of task " + check.TaskID + " is not there"
		if r.Verdict != report.Unknown || !strings.Contains(messages(r), want) {
			t.Errorf("without %s of %s: verdict %s\n%s", check.Subject, check.Link, r.Verdict, messages(r))
		}
	}
	if taken < 3*len(graph.Tasks) {
		t.Errorf("only %d artifacts were taken away", taken)
	}
}

func TestInterrupt(t *testing.T) {
	graph := testgraph.GitHubPush()
	ctx, cancel := context.WithCancel(t.Context())
	src := liveOf(t, graph.Source(), fakeservices.Options{Fault: fakeservices.Where("/artifacts/", fakeservices.Hang())})
	time.AfterFunc(50*time.Millisecond, cancel)
	r, err := optionsOf(t, graph, src).verify(ctx)
	if r != nil || err != context.Canceled {
		t.Errorf("got %v, %v", r, err)
	}
}
