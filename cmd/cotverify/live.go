package main

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"os"
	"strings"
	"time"

	"cotverify/pkg/policy"
	"cotverify/pkg/source"
	"cotverify/pkg/source/cache"
	"cotverify/pkg/source/live"

	"github.com/spf13/cobra"
)

// defaultTimeout ends a verification that services drag out. The largest
// release graphs take minutes.
const defaultTimeout = 30 * time.Minute

// liveFlags say how services are asked.
type liveFlags struct {
	rootURL  string
	taskRoot string // of the URL that names the task, "" where none does
	timeout  time.Duration
	jobs     int
	quiet    bool
	verbose  bool // as the output's
	cacheDir string
	noCache  bool
}

func (f *liveFlags) add(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.rootURL, "root-url", "", "`URL` of the Taskcluster deployment (default TASKCLUSTER_ROOT_URL, else the policy's)")
	flags.DurationVar(&f.timeout, "timeout", defaultTimeout, "the `TIME` that all of it may take")
	flags.IntVar(&f.jobs, "jobs", live.DefaultJobs, "the `NUMBER` of requests that run side by side")
	flags.BoolVar(&f.quiet, "quiet", false, "do not show progress")
	flags.StringVar(&f.cacheDir, "cache-dir", "", "`FOLDER` of the cache (default cotverify in XDG_CACHE_HOME)")
	flags.BoolVar(&f.noCache, "no-cache", false, "neither read nor write the cache")
}

// errTimeUp ends what takes longer than --timeout.
var errTimeUp = errors.New("time is up")

// limit returns a context that ends when the time is up.
func (f *liveFlags) limit(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if f.timeout <= 0 {
		return nil, nil, usagef("--timeout: expected more than no time, got %v", f.timeout)
	}
	if f.jobs <= 0 {
		return nil, nil, usagef("--jobs: expected at least 1, got %d", f.jobs)
	}
	if u, err := url.Parse(f.rootURL); err == nil && strings.Contains(u.Path+"/", "/tasks/") {
		return nil, nil, usagef("--root-url: this is the URL of a task or of a task group; expected that of the deployment, %s://%s", u.Scheme, u.Host)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, f.timeout, errTimeUp)
	return ctx, cancel, nil
}

// access is how a deployment is asked besides by its root URL.
type access struct {
	proxy       string // the Taskcluster proxy's URL, "" for none
	credentials live.Credentials
}

// deployment returns the policy for the deployment that the command line or
// the environment name, and how that is asked. What the environment has for
// another one is not used there.
func (f *liveFlags) deployment(p *policy.Policy) (*policy.Policy, access) {
	environment := cmp.Or(os.Getenv("TASKCLUSTER_ROOT_URL"), p.Services.RootURL)
	rootURL := cmp.Or(f.rootURL, f.taskRoot, environment)
	a := access{proxy: os.Getenv("TASKCLUSTER_PROXY_URL"), credentials: live.Credentials{
		ClientID:    os.Getenv("TASKCLUSTER_CLIENT_ID"),
		AccessToken: os.Getenv("TASKCLUSTER_ACCESS_TOKEN"),
		Certificate: os.Getenv("TASKCLUSTER_CERTIFICATE"),
	}}
	if rootURL != os.Getenv("TASKCLUSTER_ROOT_URL") && cmp.Or(f.rootURL, f.taskRoot) != "" {
		a.proxy = "" // it is of another deployment
	}
	if f.rootURL == "" && rootURL != environment {
		a.credentials = live.Credentials{} // a URL that was pasted is no reason to use them there
	}
	return p.WithRootURL(rootURL), a
}

// open returns the services as the source of facts, behind the cache. The
// caller calls done when it needs them no more.
func (f *liveFlags) open(services policy.Services, a access) (s source.Source, done func(), err error) {
	show := startProgress(f.quiet, f.verbose)
	asked, err := live.New(live.Options{
		RootURL:     services.RootURL,
		ProxyURL:    a.proxy,
		Credentials: a.credentials,
		GitHubAPI:   services.GitHub.API,
		GitHubRaw:   services.GitHub.Raw,
		GitHubToken: cmp.Or(os.Getenv("GITHUB_TOKEN"), os.Getenv("SCRIPTWORKER_GITHUB_OAUTH_TOKEN")),
		Sites:       []string{services.GitHub.Web, services.Hg, services.Projects},
		Connect:     services.Connect,
		Jobs:        f.jobs,
		Observer:    show,
	})
	if err != nil {
		show.Stop()
		return nil, nil, usagef("%v", err)
	}
	done = func() {
		show.Stop()
		asked.Close()
	}
	if f.noCache {
		return asked, done, nil
	}
	store, err := f.openStore()
	if err != nil { // all can be had without it
		complain(err.Error() + "; nothing is kept, and all is asked for")
		return asked, done, nil
	}
	cached := cache.New(store, asked.Deployment(), asked)
	return cached, func() {
		show.Stop()
		asked.Close()
		store.Close()
	}, nil
}

func (f *liveFlags) openStore() (*cache.Store, error) {
	dir, err := cacheDir(f.cacheDir)
	if err != nil {
		return nil, err
	}
	return cache.Open(dir)
}
