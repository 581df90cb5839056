package testgraph

// What makes decision tasks, and what the services say of it afterwards.

// pushlogID numbers the pushes to the hg repository.
const pushlogID = "41234"

// land says that a revision is on a branch of a repository on GitHub.
func (b *builder) land(at tree) {
	b.jsonPage(at.apiURL(), githubRepository(at.repository))
	b.page(at.url+"/branch_commits/"+at.revision, "text/html", []byte("<ul><li>main</li></ul>\n"))
}

func githubRepository(r repository) object {
	return object{
		"name": r.project, "full_name": r.fullName(), "html_url": r.url, "clone_url": r.url + ".git",
		"owner": object{"login": r.owner()}, "default_branch": "main", "fork": false,
	}
}

// githubPush adds the decision task of a push to GitHub.
func (b *builder) githubPush(to repository, name, created string) *decision {
	at := tree{repository: to, revision: revision(name), level: 3}
	b.land(at)
	b.jsonPage(at.apiURL()+"/commits/"+at.revision, object{
		"sha": at.revision, "author": object{"login": "octo-dev"}, "committer": object{"login": "web-flow"},
		"commit": object{"message": "Make it better", "author": object{"name": "Octo Dev", "email": "octo@example.com"}},
	})
	return b.decide(name, at, created, "github-push", object{"event": object{
		"ref":        "refs/heads/main",
		"before":     revision("before " + name),
		"after":      at.revision,
		"pusher":     object{"email": "octo@example.com"},
		"sender":     object{"login": "octo-dev"},
		"repository": object{"name": at.project, "full_name": at.fullName(), "html_url": at.url},
	}})
}

// githubPullRequest adds the decision task of a pull request from a fork.
func (b *builder) githubPullRequest(name, created string) *decision {
	base := vpn()
	at := tree{repository: vpnFork(), revision: revision(name), level: 1}
	fork := githubRepository(at.repository)
	fork["fork"] = true
	fork["parent"] = githubRepository(base)
	b.jsonPage(at.apiURL(), fork)
	pull := object{
		"number": 4242,
		"title":  "Make it better",
		"user":   object{"login": "octo-dev"},
		"base":   object{"ref": "main", "sha": revision("before " + name), "repo": githubRepository(base)},
		"head":   object{"ref": "better", "sha": at.revision, "repo": fork, "user": object{"login": "octo-dev"}},
	}
	b.jsonPage(base.apiURL()+"/pulls/4242", pull)
	return b.decide(name, at, created, "github-pull-request", object{"event": object{
		"action": "synchronize", "pull_request": pull, "repository": githubRepository(base), "sender": object{"login": "octo-dev"},
	}})
}

// githubRelease adds the decision task of a release on GitHub, whose revision is
// a tag.
func (b *builder) githubRelease(name, tag, created string) *decision {
	at, commit := tree{repository: vpn(), revision: tag, level: 3}, revision(name)
	b.land(tree{repository: vpn(), revision: commit})
	b.jsonPage(at.apiURL()+"/tags", []any{
		object{"name": "v1.2.2", "commit": object{"sha": revision("before " + name)}},
		object{"name": tag, "commit": object{"sha": commit}},
	})
	b.jsonPage(at.apiURL()+"/releases/tags/"+tag, object{
		"tag_name": tag, "target_commitish": "main", "published_at": created, "author": object{"login": "octo-dev"},
	})
	return b.decide(name, at, created, "github-release", object{"event": object{
		"action":     "published",
		"repository": githubRepository(at.repository),
		"release":    object{"tag_name": tag, "target_commitish": "main", "published_at": created},
		"sender":     object{"login": "octo-dev"},
	}})
}

// githubCron adds the decision task of a nightly build of a repository on
// GitHub.
func (b *builder) githubCron(name, created string) *decision {
	at := tree{repository: vpn(), revision: revision(name), level: 3}
	b.land(at)
	b.page(projectsURL, "text/plain", []byte(projects))
	return b.decide(name, at, created, "cron", object{
		"repository": object{"url": at.url, "project": at.project, "level": "3", "type": "git"},
		"push":       object{"revision": at.revision, "branch": "main"},
		"cron":       b.nightly(),
	})
}

// nightly is what a nightly build's decision task is told.
func (b *builder) nightly() object {
	return object{
		"job_name": "nightly-desktop", "job_symbol": "Nd", "task_id": taskID(b.name + "/cron"),
		"quoted_args": "--target-tasks-method=nightly_desktop",
	}
}

// hgTree is a push to hg, with what its server says of it.
func (b *builder) hgTree(name string) tree {
	at := tree{repository: central(), revision: revision(name), level: 3}
	b.page(projectsURL, "text/plain", []byte(projects))
	first := revision("first of " + name)
	b.jsonPage(at.url+"/json-pushes?changeset="+at.revision+"&version=2&full=1", object{
		"lastpushid": 41240,
		"pushes": object{pushlogID: object{
			"user": "ffxbld", "date": pushDate,
			"changesets": []any{
				object{"node": first, "parents": []any{revision("before " + name)}, "desc": "Bug 1 - Prepare. r=me", "author": "Dev"},
				object{"node": at.revision, "parents": []any{first}, "desc": "Bug 1 - Make it better. r=me", "author": "Dev"},
			},
		}},
	})
	return at
}

// pushDate is the time of the pushes to hg, in seconds since 1970.
const pushDate = 1773046800

// hgContext returns what every event of hg is rendered with.
func hgContext(at tree, name, owner, comment string) object {
	return object{
		"repository": object{"url": at.url, "project": at.project, "level": "3", "type": "hg"},
		"push": object{
			"owner": owner, "revision": at.revision, "base_revision": revision("before " + name), "comment": comment,
			"pushlog_id": pushlogID, "pushdate": pushDate,
		},
	}
}

// hgPush adds the decision task of a push to hg.
func (b *builder) hgPush(name, created string) *decision {
	at := b.hgTree(name)
	return b.decide(name, at, created, "hg-push", hgContext(at, name, "ffxbld", " "))
}

// hgCron adds the decision task of a nightly build.
func (b *builder) hgCron(name, created string) *decision {
	at := b.hgTree(name)
	context := hgContext(at, name, "cron", "")
	context["cron"] = b.nightly()
	return b.decide(name, at, created, "cron", context)
}
