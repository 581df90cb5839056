package main

import (
	"cmp"
	"os"

	"cotverify/pkg/policy"
	"cotverify/pkg/source"
)

// live returns the services that the policy and the environment name as the
// source of facts.
func (f *verifyFlags) live(p *policy.Policy) (source.Source, error) {
	services := p.Services
	s, err := source.NewLive(source.LiveOptions{
		RootURL:  cmp.Or(f.rootURL, os.Getenv("TASKCLUSTER_ROOT_URL"), services.RootURL),
		ProxyURL: os.Getenv("TASKCLUSTER_PROXY_URL"),
		Credentials: source.Credentials{
			ClientID:    os.Getenv("TASKCLUSTER_CLIENT_ID"),
			AccessToken: os.Getenv("TASKCLUSTER_ACCESS_TOKEN"),
			Certificate: os.Getenv("TASKCLUSTER_CERTIFICATE"),
		},
		GitHubAPI:   services.GitHub.API,
		GitHubRaw:   services.GitHub.Raw,
		GitHubToken: cmp.Or(os.Getenv("GITHUB_TOKEN"), os.Getenv("SCRIPTWORKER_GITHUB_OAUTH_TOKEN")),
		Sites:       []string{services.GitHub.Web, services.Hg, services.Projects},
		Connect:     services.Connect,
	})
	if err != nil {
		return nil, usagef("%v", err)
	}
	return s, nil
}
