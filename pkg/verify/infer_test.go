package verify_test

import (
	"cmp"
	"encoding/json"
	"strings"
	"testing"

	"cotverify/internal/memsource"
	"cotverify/internal/testgraph"
	"cotverify/pkg/report"
	"cotverify/pkg/source"
	"cotverify/pkg/verify"
)

// TestTypeOfMostIsAsked shows that a definition which several types fit is
// verified as the one of which most is asked.
func TestTypeOfMostIsAsked(t *testing.T) {
	for _, tt := range []struct {
		kind, workerType, worker string
		want                     string
	}{
		{"build", "b-linux", "docker-worker", "build"},
		{"build-signing", "b-linux", "docker-worker", "signing"},
		{"repackage-signing", "b-linux", "docker-worker", "signing"},
		{"mar-signing-l10n", "b-linux", "docker-worker", "signing"},
		{"release-balrog-build", "b-linux", "docker-worker", "balrog"},
		{"push-apk", "b-linux", "docker-worker", "pushapk"},
		{"ship-it", "b-linux", "docker-worker", "shipit"},
		{"Signing", "b-linux", "docker-worker", "signing"},
		{"build.signing", "b-linux", "docker-worker", "signing"},
		{"signing1", "b-linux", "docker-worker", "signing"},
		{"build", "signing-linux", "docker-worker", "signing"},
		{"build", "b-linux", "scriptworker", "scriptworker"},
		{"docker-image", "images", "docker-worker", "docker-image"},
		{"toolchain", "images-gcp", "docker-worker", "docker-image"},
		{"decision-task", "decision", "docker-worker", "decision"},
		{"decision-signing", "decision", "docker-worker", "signing"},
		{"", "b-linux", "docker-worker", "build"},
	} {
		graph := testgraph.GitHubPush()
		graph.Task("signing").Change(func(d map[string]any) {
			set(d, tt.kind, "tags", "kind")
			set(d, tt.worker, "tags", "worker-implementation")
			set(d, "mozillavpn-3", "provisionerId")
			set(d, tt.workerType, "workerType")
		})
		o := optionsOf(t, graph, graph.Source())
		o.TaskType = ""
		r, err := o.verify(t.Context())
		if err != nil || r.Target.TaskType != tt.want || r.Target.TaskTypeFrom != report.FromInferred {
			t.Errorf("kind %s on %s, %s: %+v, %v; expected %s", tt.kind, tt.workerType, tt.worker, r.Target, err, tt.want)
		}
	}
}

// TestClaim shows that what a bundle says of its target counts only where it
// asks as much as the definition does.
func TestClaim(t *testing.T) {
	for _, tt := range []struct {
		name               string
		claim              verify.Claim
		flag               string // the task type that the user gives
		scopes             []any
		want               string // what is told; "" if all holds
		verdict            report.Verdict
		typeFrom, prodFrom string
	}{
		{name: "as it is", claim: verify.Claim{TaskType: "signing", Product: "mozillavpn"}, verdict: report.Verified, typeFrom: "bundle", prodFrom: "bundle"},
		{name: "nothing", verdict: report.Verified, typeFrom: "inferred", prodFrom: "inferred"},
		{name: "another type as strict", claim: verify.Claim{TaskType: "beetmover"}, verdict: report.Verified, typeFrom: "bundle", prodFrom: "inferred"},
		{name: "a laxer type", claim: verify.Claim{TaskType: "build", Product: "mozillavpn"}, verdict: report.Refused, typeFrom: "inferred", prodFrom: "bundle",
			want: "fail task-type signing target: the bundle says that the task is build, and by tags.kind signing it is signing"},
		{name: "no type", claim: verify.Claim{TaskType: "sining"}, verdict: report.Refused, typeFrom: "inferred", prodFrom: "inferred",
			want: "fail task-type signing target: the bundle says that the task is sining"},
		{name: "another product", claim: verify.Claim{Product: "glean"}, verdict: report.Refused, typeFrom: "inferred", prodFrom: "bundle",
			want: "fail task-type signing target: the bundle says that the task is of glean, and by metadata.source"},
		{name: "a scope of another product", scopes: []any{"project:releng:signing:cert:release-signing"}, verdict: report.Refused, typeFrom: "inferred", prodFrom: "inferred",
			want: "fail task-type signing target: the task is taken for one of mozillavpn, and has the scope project:releng:signing:cert:release-signing, which is restricted by firefox"},
		{name: "a flag that is laxer", flag: "build", verdict: report.Verified, typeFrom: "flag", prodFrom: "inferred",
			want: "warn lax-type build build: it is verified as build, and by tags.kind signing it is signing"},
		{name: "a flag over a bundle", flag: "signing", claim: verify.Claim{TaskType: "build"}, verdict: report.Verified, typeFrom: "flag", prodFrom: "inferred"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			graph := testgraph.GitHubPush()
			if tt.scopes != nil {
				change("signing", tt.scopes, "scopes")(graph)
			}
			o := optionsOf(t, graph, graph.Source())
			o.TaskType, o.Product, o.Claim = tt.flag, "", tt.claim
			r, err := o.verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != tt.verdict || !strings.Contains(messages(r), tt.want) {
				t.Errorf("verdict %s, expected %s and %q:\n%s", r.Verdict, tt.verdict, tt.want, messages(r))
			}
			if r.Target.TaskTypeFrom != tt.typeFrom || r.Target.ProductFrom != tt.prodFrom {
				t.Errorf("%+v", r.Target)
			}
		})
	}
}

// TestSameAnswerWhateverWasGiven shows that of facts that cannot be had, or are
// no definition, there is a report with the same verdict, whatever of type and
// product flags or a bundle say.
func TestSameAnswerWhateverWasGiven(t *testing.T) {
	without := func(task *testgraph.Task) func(memsource.Facts) source.Source {
		return func(facts memsource.Facts) source.Source {
			delete(facts, source.Task(task.ID))
			return facts
		}
	}
	unavailable := func(task *testgraph.Task) func(memsource.Facts) source.Source {
		return func(facts memsource.Facts) source.Source { return facts.Unavailable(source.Task(task.ID)) }
	}
	answers := func(task *testgraph.Task, body string) func(memsource.Facts) source.Source {
		return func(facts memsource.Facts) source.Source {
			facts[source.Task(task.ID)] = memsource.Answer{Body: []byte(body)}
			return facts
		}
	}
	for _, graph := range []*testgraph.Graph{
		testgraph.GitHubPush(),
		testgraph.GitHubPullRequest(), // whose product only the decision tells
	} {
		target, decision := graph.Target, graph.Task("decision")
		for name, tt := range map[string]struct {
			source func(memsource.Facts) source.Source
			want   report.Verdict
		}{
			"all is there":                 {func(facts memsource.Facts) source.Source { return facts }, report.Verified},
			"nothing can be had":           {func(memsource.Facts) source.Source { return memsource.Unreachable{} }, report.Unknown},
			"the queue knows no target":    {without(target), report.Refused},
			"the queue knows no decision":  {without(decision), report.Refused},
			"the target cannot be had":     {unavailable(target), report.Unknown},
			"the decision cannot be had":   {unavailable(decision), report.Unknown},
			"the target is no JSON":        {answers(target, `{"created":`), report.Refused},
			"the target is no object":      {answers(target, `[]`), report.Refused},
			"the target has no payload":    {answers(target, `{"extra": {}}`), report.Refused},
			"the decision is no JSON":      {answers(decision, `{`), report.Refused},
			"the decision is no object":    {answers(decision, `null`), report.Refused},
			"the decision has no payload":  {answers(decision, `{"extra": {}}`), report.Refused},
			"the decision's is null":       {answers(decision, `{"payload": null, "extra": null}`), report.Refused},
			"the target is its own parent": {answers(target, `{"taskGroupId": "`+target.ID+`", "payload": {}, "extra": {}}`), report.Refused},
		} {
			for given := range 16 {
				o := optionsOf(t, graph, nil)
				o.Source = tt.source(graph.Source())
				o.Claim = verify.Claim{TaskType: o.TaskType, Product: o.Product}
				for bit, text := range []*string{&o.TaskType, &o.Product, &o.Claim.TaskType, &o.Claim.Product} {
					if given>>bit&1 == 0 {
						*text = ""
					}
				}
				r, err := o.verify(t.Context())
				if err != nil {
					t.Errorf("%s, %s, given %04b: %v", target.Name, name, given, err)
				} else if r.Verdict != tt.want {
					t.Errorf("%s, %s, given %04b: %s, expected %s\n%s", target.Name, name, given, r.Verdict, tt.want, messages(r))
				}
			}
		}
	}
}

// TestGivenDefinition shows that the definition which the user gives is the one
// that is verified, also where the walk reaches its task, and that the queue
// must not have another.
func TestGivenDefinition(t *testing.T) {
	for _, name := range []string{"signing", "decision"} {
		for _, tt := range []struct {
			name        string
			edit        func(d map[string]any)
			queued      bool // the queue has the definition before the edit
			unavailable bool // the queue does not answer for this task
			want        string
			verdict     report.Verdict // Refused if ""
		}{
			{name: "the queue's", edit: func(map[string]any) {}, queued: true, verdict: report.Verified},
			{name: "not the queue's", edit: func(d map[string]any) { set(d, "highest", "priority") }, queued: true,
				want: "the queue has another definition of this task, which differs at /priority"},
			{name: "only given", edit: func(d map[string]any) { set(d, []any{"evil"}, "payload", "command") },
				want: map[string]string{"signing": "fail task-graph signing", "decision": "fail decision decision"}[name]},
			{name: "the queue cannot be asked", edit: func(map[string]any) {}, unavailable: true, verdict: report.Unknown,
				want: "the given definition: task "},
			{name: "wrong, and the queue cannot be asked", edit: func(d map[string]any) { set(d, []any{"evil"}, "payload", "command") }, unavailable: true,
				want: map[string]string{"signing": "fail task-graph signing", "decision": "fail decision decision"}[name]},
		} {
			t.Run(name+" "+tt.name, func(t *testing.T) {
				graph := testgraph.GitHubPush()
				task := graph.Task(name)
				facts := graph.Source()
				if !tt.queued {
					delete(facts, source.Task(task.ID))
				}
				tt.edit(task.Definition)
				definition, err := json.Marshal(task.Definition)
				if err != nil {
					t.Fatal(err)
				}
				o := optionsOf(t, graph, facts)
				if tt.unavailable {
					o.Source = facts.Unavailable(source.Task(task.ID))
				}
				o.TaskID, o.TaskType, o.Definition = task.ID, "", definition
				r, err := o.verify(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				verdict := cmp.Or(tt.verdict, report.Refused)
				if r.Verdict != verdict || !strings.Contains(messages(r), tt.want) {
					t.Errorf("verdict %s, expected %s and %q:\n%s", r.Verdict, verdict, tt.want, messages(r))
				}
			})
		}
	}
}

// TestGivenDefinitionWithoutProduct shows that another definition of the queue's
// refuses, also where the facts that tell the product cannot be had.
func TestGivenDefinitionWithoutProduct(t *testing.T) {
	graph := testgraph.GitHubPullRequest()
	o := optionsOf(t, graph, graph.Source().Unavailable(source.Task(graph.Task("decision").ID)))
	graph.Target.Definition["priority"] = "highest"
	o.Definition, _ = json.Marshal(graph.Target.Definition)
	for _, product := range []string{o.Product, ""} {
		o.Product = product
		r, err := o.verify(t.Context())
		if err != nil || r.Verdict != report.Refused || !strings.Contains(messages(r), "differs at /priority") {
			t.Errorf("product %q: %v, %v", product, r, err)
		}
	}
}
