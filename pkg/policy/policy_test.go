package policy

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cotverify/pkg/cot"

	"cotverify/internal/pyregexp"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// equalPatterns compares regular expressions by their text.
var equalPatterns = cmp.Comparer(func(a, b *pyregexp.Regexp) bool { return a.String() == b.String() })

// asWritten compares policies by what is written of them.
var asWritten = cmpopts.IgnoreFields(Policy{}, "Source", "KeysSource", "loaded")

// embeddedAnew reads the embedded policy another time.
func embeddedAnew(t testing.TB) *Policy {
	t.Helper()
	p, err := new(Policy).Overlay(defaultYAML, "default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDefault(t *testing.T) {
	p := Default()
	want := []string{
		"adhoc", "app-services", "enterprise", "firefox", "glean", "mobile", "mozillavpn",
		"scriptworker", "thunderbird", "translations", "xpi",
	}
	if diff := cmp.Diff(want, p.ProductNames()); diff != "" {
		t.Errorf("products (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(p.Reference, "scriptworker ") {
		t.Errorf("the reference is %q", p.Reference)
	}
	for _, worker := range cot.WorkerImplementations() {
		if len(p.Keys[worker]) == 0 {
			t.Errorf("no keys for %s", worker)
		}
	}
	glean := p.Products["glean"]
	if glean.Name != "glean" || !slices.Equal(glean.Hostings, OneOrMore{HostingGitHub}) || glean.EnvPrefix != "GLEAN" || !slices.Equal(glean.OfficialOwners, OneOrMore{"mozilla"}) {
		t.Errorf("glean is %+v", glean)
	}
	if !glean.AllowsPrebuilt("build") || p.Products["firefox"].AllowsPrebuilt("build") || !p.Products["firefox"].AllowsPrebuilt("docker-image") {
		t.Error("prebuilt images: glean allows any, firefox docker-image but not build")
	}
	if got := p.Products["enterprise"].SourceEnvPrefix; got != "COMM" {
		t.Errorf("enterprise: source_env_prefix is %q", got)
	}
	if got := p.Products["xpi"].RestrictedScopes["project:xpi:releng:github:project:mozilla-extensions/*"]; got != "xpi-manifest-repo" {
		t.Errorf("xpi: the prefix rule's list is %q", got)
	}
	firefox := p.Products["firefox"]
	if !firefox.HasMirror("/mozilla-central", "/mozilla-firefox/firefox") || firefox.HasMirror("/projects/pine", "/mozilla-firefox/firefox") || firefox.HasMirror("", "") {
		t.Error("the git repository mirrors mozilla-central, and not the project branches")
	}
	want3 := Services{
		RootURL:  "https://firefox-ci-tc.services.mozilla.com",
		GitHub:   GitHub{Web: "https://github.com", API: "https://api.github.com", Raw: "https://raw.githubusercontent.com"},
		Hg:       "https://hg.mozilla.org",
		Projects: "https://raw.githubusercontent.com/mozilla-releng/fxci-config/main/projects.yml",
	}
	if diff := cmp.Diff(want3, p.Services); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
}

func TestMatch(t *testing.T) {
	p := Default()
	tests := []struct {
		product, scheme, host, path string
		want                        Tree
		ok                          bool
	}{
		{"glean", "https", "github.com", "/mozilla/glean", "/mozilla/glean", true},
		{"glean", "ssh", "github.com", "/mozilla/glean.git", "/mozilla/glean", true},
		{"glean", "https", "github.com", "/mozilla/glean/blob/abc/.taskcluster.yml", "/mozilla/glean", true},
		{"glean", "https", "github.com", "/mozilla/glean\n", "/mozilla/glean", true},
		{"glean", "https", "github.com", "/mozilla/glean\n\n", "", false},
		{"glean", "https", "github.com", "/mozilla/gleaner", "", false},
		{"glean", "https", "github.com", "/evil/mozilla/glean", "", false},
		{"glean", "http", "github.com", "/mozilla/glean", "", false},
		{"glean", "https", "github.com:443", "/mozilla/glean", "", false},
		{"glean", "https", "GitHub.com", "/mozilla/glean", "", false},
		{"firefox", "https", "hg.mozilla.org", "/releases/mozilla-esr140/file/abc", "/releases/mozilla-esr140", true},
		{"firefox", "https", "hg.mozilla.org", "/mozilla-central.git", "", false},
		{"thunderbird", "https", "hg.mozilla.org", "/comm-central/", "/comm-central", true},
	}
	for _, tt := range tests {
		rule := p.Products[tt.product].TrustedRepos[0]
		got, ok := rule.match(tt.scheme, tt.host, tt.path)
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s: match(%q, %q, %q) = %q, %t, want %q, %t", tt.product, tt.scheme, tt.host, tt.path, got, ok, tt.want, tt.ok)
		}
	}
}

func TestMatchOfGroupThatTakesNoPart(t *testing.T) {
	rule := RepoRule{Schemes: []string{"https"}, Hosts: []string{"h"}, Paths: []*pyregexp.Regexp{
		pyregexp.MustCompile(`^/a$|^(?P<path>/b)$`), pyregexp.MustCompile(`^(?P<path>/a)`),
	}}
	if got, ok := rule.match("https", "h", "/a"); got != "/a" || !ok {
		t.Errorf(`match = %q, %t, want the second pattern's "/a"`, got, ok)
	}
}

// equalEmpty takes nil and empty for the same, since a file need not tell them
// apart.
var equalEmpty = cmpopts.EquateEmpty()

// ownDeployment is a policy file as docs/policy.md shows it.
func ownDeployment(t testing.TB) []byte {
	t.Helper()
	doc, err := os.ReadFile("../../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(doc), "```yaml\n")
	example, _, closed := strings.Cut(rest, "```\n")
	if !ok || !closed {
		t.Fatal("docs/policy.md has no example in YAML")
	}
	return []byte(example)
}

func TestOverlay(t *testing.T) {
	base, before := Default(), embeddedAnew(t)
	p, err := base.Overlay(ownDeployment(t), "policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := &Product{
		Name:           "widget",
		Hostings:       OneOrMore{HostingGitHub},
		EnvPrefix:      "WIDGET",
		OfficialOwners: OneOrMore{"acme"},
		TasksFor:       []string{"github-push", "github-pull-request", "cron", "action"},
		TrustedRepos: []RepoRule{{
			Schemes:       []string{"https", "ssh"},
			Hosts:         []string{"github.com"},
			Paths:         []*pyregexp.Regexp{pyregexp.MustCompile(`^(?P<path>/acme/widget)(/|\.git|$)`)},
			RequireSecret: true,
		}},
		DecisionPools:      []string{"widget-1/decision", "widget-3/decision"},
		ImagePools:         []string{"widget-3/images"},
		PrebuiltImageTypes: TypeSet{Types: []string{"decision", "docker-image"}},
		Trees:              map[string][]Tree{"release": {"/acme/widget"}},
		RestrictedScopes: map[string]string{
			"project:widget:signing:cert:release": "release",
			"project:widget:store:*":              "release",
		},
	}
	if diff := cmp.Diff(want, p.Products["widget"], equalPatterns); diff != "" {
		t.Errorf("widget (-want +got):\n%s", diff)
	}
	if !p.Products["widget"].NeedsSecret() || p.Products["glean"].NeedsSecret() {
		t.Error("widget needs a secret, glean does not")
	}
	if got := p.Keys["scriptworker"]; len(got) != 2 || got[1].Retired != "replaced in January 2026" {
		t.Errorf("scriptworker's keys are %+v", got)
	}
	if diff := cmp.Diff(base.Keys["docker-worker"], p.Keys["docker-worker"]); diff != "" {
		t.Errorf("docker-worker's keys changed: %s", diff)
	}
	wantServices := base.Services
	wantServices.RootURL = "https://taskcluster.acme.example"
	wantServices.Projects = "https://raw.githubusercontent.com/acme/ci/main/projects.yml"
	wantServices.Connect = map[string]string{"github.com": "10.0.0.7:8443"}
	if diff := cmp.Diff(wantServices, p.Services); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, base, equalPatterns, asWritten); diff != "" {
		t.Errorf("the policy below was changed: %s", diff)
	}
}

func TestMarshalReadsBack(t *testing.T) {
	p, err := Default().Overlay(ownDeployment(t), "policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	data, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := new(Policy).Overlay(data, "again.yaml")
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if diff := cmp.Diff(p, again, equalPatterns, asWritten); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	const good = `hosting: github, env_prefix: A, official_owner: o, tasks_for: [cron], decision_pools: [a/b], ` +
		`trusted_repos: [{schemes: [https], hosts: [h], paths: ["^(?P<path>/a)"]}]`
	tests := []struct {
		name, file string
		want       []string // the errors' lines
	}{
		{"empty", "", []string{"p.yaml: is empty"}},
		{"comment only", "# nothing\n", []string{"p.yaml: is empty"}},
		{"null", "---\n", []string{"p.yaml:2: expected an object, got nothing"}},
		{"a list", "- a\n", []string{"p.yaml:1: expected an object, got a list"}},
		{"not YAML", "products:\n  a: [\n", []string{"p.yaml:2: not YAML: did not find expected node content"}},
		{"two documents", "keys: {}\n---\nkeys: {}\n", []string{"p.yaml:2: a second YAML document starts here; expected one in the file"}},
		{"unknown section", "product: {}\n", []string{`p.yaml:1: product: is not known; did you mean products?`}},
		{"unknown field", "products:\n  a: {" + good + ", hostings: 1}\n", []string{
			"p.yaml:2: products.a.hostings: is not known; did you mean hosting?"}},
		{"reference", "reference: 63.6.1\n", []string{`p.yaml:1: reference: expected a program and its release, such as scriptworker 63.6.1, got "63.6.1"`}},
		{"key twice", "keys: {}\nkeys: {}\n", []string{"p.yaml:2: keys: is there twice, first on line 1"}},
		{"key not text", "1: {}\n", []string{"p.yaml:1: expected text as key, got 1, which is not text unless quoted"}},
		{"hosting", "products:\n  a:\n    hosting: svn\n", []string{
			`p.yaml:3: products.a.hosting: "svn" is not known; expected github or hg`,
			"p.yaml:3: products.a: env_prefix is missing",
			"p.yaml:3: products.a: trusted_repos is missing",
			"p.yaml:3: products.a: decision_pools is missing",
		}},
		{"no hosting", "products:\n  a: {" + strings.Replace(good, "github", "[]", 1) + "}\n", []string{
			"p.yaml:2: products.a.hosting: expected at least one value"}},
		{"one of several hostings", "products:\n  a: {" + strings.Replace(good, "github", "[hg, svn]", 1) + "}\n", []string{
			`p.yaml:2: products.a.hosting[1]: "svn" is not known; expected github or hg`,
			"p.yaml:2: products.a.official_owner: is only for products whose hosting is github"}},
		{"several owners", "products:\n  a: {" + strings.Replace(good, "official_owner: o", "official_owner: [o, a/b]", 1) + "}\n", []string{
			`p.yaml:2: products.a.official_owner[1]: expected the owner of repositories on GitHub, got "a/b"`}},
		{"mirror that is a list", "products:\n  a: {" + good + ", git_mirrors: {/a: [/b]}}\n", []string{
			`p.yaml:2: products.a.git_mirrors["/a"]: expected text, got a list`}},
		{"owner of an hg product", "products:\n  a: {" + strings.Replace(good, "github", "hg", 1) + "}\n", []string{
			"p.yaml:2: products.a.official_owner: is only for products whose hosting is github"}},
		{"tasks_for of the other hosting", "products:\n  a: {" + strings.Replace(good, "cron", "hg-push", 1) + "}\n", []string{
			`p.yaml:2: products.a.tasks_for[0]: "hg-push" is not known; expected cron, action, github-push, github-release, github-pull-request, github-pull-request-untrusted or pr-action`}},
		{"pool", "products:\n  a: {" + good + ", image_pools: [a, a/b/c]}\n", []string{
			`p.yaml:2: products.a.image_pools[0]: expected <provisionerId>/<workerType>, got "a"`,
			`p.yaml:2: products.a.image_pools[1]: expected <provisionerId>/<workerType>, got "a/b/c"`}},
		{"image type", "products:\n  a: {" + good + ", prebuilt_image_types: [docker_image]}\n", []string{
			`p.yaml:2: products.a.prebuilt_image_types[0]: "docker_image" is not known; did you mean docker-image?`}},
		{"image types", "products:\n  a: {" + good + ", prebuilt_image_types: all}\n", []string{
			`p.yaml:2: products.a.prebuilt_image_types: expected any or a list of task types, got "all"`}},
		{"list as text", "products:\n  a: {" + good + ", image_pools: a/b}\n", []string{
			`p.yaml:2: products.a.image_pools: expected a list, got "a/b"`}},
		{"scope without list", "products:\n  a: {" + good + ",\n    trees: {r: [/a]},\n    restricted_scopes: {\n      s:x: r,\n      s:y: q}}\n", []string{
			`p.yaml:6: products.a.restricted_scopes["s:y"]: the product's trees have no list "q"`}},
		{"pattern", `products: {a: {` + strings.Replace(good, `^(?P<path>/a)`, `(`, 1) + "}}\n", []string{
			"p.yaml:1: products.a.trusted_repos[0].paths[0]: not a regular expression: missing closing ): `(`"}},
		{"pattern without group", `products: {a: {` + strings.Replace(good, `^(?P<path>/a)`, `^/a`, 1) + "}}\n", []string{
			`p.yaml:1: products.a.trusted_repos[0].paths[0]: expected a group (?P<path>…) around what is the tree, got "^/a"`}},
		{"worker implementation", "keys:\n  docker-wroker: []\n", []string{
			"p.yaml:2: keys.docker-wroker: is not known; did you mean docker-worker?"}},
		{"keys", "keys:\n  scriptworker:\n  - {ed25519: AAAA}\n  - {ed25519: '?'}\n  - {comment: a}\n  - text\n", []string{
			"p.yaml:3: keys.scriptworker[0].ed25519: expected a public key of 32 bytes, got 3 bytes",
			`p.yaml:4: keys.scriptworker[1].ed25519: expected a public key in base64, got "?"`,
			"p.yaml:5: keys.scriptworker[2]: ed25519 is missing",
			`p.yaml:6: keys.scriptworker[3]: expected an object, got "text"`}},
		{"rings", "openpgp_keys:\n  scriptworker:\n  - {ring: AAAA}\n  - {comment: a}\n  - text\n  docker-wroker: []\n", []string{
			"p.yaml:3: openpgp_keys.scriptworker[0].ring: expected armoured OpenPGP public keys, as gpg --armor --export writes them, and nothing after them",
			"p.yaml:4: openpgp_keys.scriptworker[1]: ring is missing",
			`p.yaml:5: openpgp_keys.scriptworker[2]: expected an object, got "text"`,
			"p.yaml:6: openpgp_keys.docker-wroker: is not known; did you mean docker-worker?"}},
		{"services", "services:\n  root_url: ftp://a\n  hg: https://u@a\n  github: {api: a.b}\n  connect: {a: b, 'http://c': 'd:1', 'x:1': 'd:1', e: 'f:70000'}\n", []string{
			`p.yaml:2: services.root_url: expected an http or https URL without user, query and fragment, got "ftp://a"`,
			`p.yaml:3: services.hg: expected an http or https URL without user, query and fragment, got "https://u@a"`,
			`p.yaml:4: services.github.api: expected an http or https URL without user, query and fragment, got "a.b"`,
			`p.yaml:5: services.connect.a: expected address:port, got "b"`,
			`p.yaml:5: services.connect["http://c"]: expected a host, or host:port`,
			`p.yaml:5: services.connect.e: expected address:port, got "f:70000"`}},
		{"alias", "products:\n  a: &a {" + good + "}\n  b: *a\n", []string{
			"p.yaml:3: products.b: expected an object, got an alias; write the value out, so that each part of a policy can be read by itself"}},
		{"product name", "products:\n  a b: {" + good + "}\n", []string{
			`p.yaml:2: products["a b"]: expected a product name of letters, digits, - and _`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Default().Overlay([]byte(tt.file), "p.yaml")
			if err == nil {
				t.Fatal("no error")
			}
			if p != nil {
				t.Error("a policy in spite of the error")
			}
			var fileErr *FileError
			if !errors.As(err, &fileErr) {
				t.Errorf("errors.As finds no *FileError in %T", err)
			}
			if diff := cmp.Diff(tt.want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, ownDeployment(t), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if p.Products["widget"] == nil || p.Products["glean"] == nil {
		t.Errorf("products are %v, want the file's and the default's", p.ProductNames())
	}

	missing := filepath.Join(t.TempDir(), "missing.yaml")
	_, err = Load(missing)
	if want := missing + ": cannot be read: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestFileThatIsTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, []byte(strings.Repeat("#", maxFileSize+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(path)
	if want := path + ": is larger than 1048576 bytes, which is the limit"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestParseKeys(t *testing.T) {
	tests := []struct {
		name, file string
		want       map[string][]Key
		err        string
	}{
		{"JSON", "{\n\t\"docker-worker\": [\"a\\nb=\", \"\"],\n\t\"scriptworker\": []\n}\n",
			map[string][]Key{"docker-worker": {
				{Ed25519: "a\nb=", Malformed: "k.json:2: docker-worker[0]: expected a public key in base64, got \"a\nb=\""},
				{Malformed: "k.json:2: docker-worker[1]: expected a public key of 32 bytes, got 0 bytes"},
			}}, ""},
		{"YAML", "generic-worker:\n- not base64 at all!\n", map[string][]Key{"generic-worker": {
			{Ed25519: "not base64 at all!", Malformed: `k.json:2: generic-worker[0]: expected a public key in base64, got "not base64 at all!"`},
		}}, ""},
		{"a key", "scriptworker:\n- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
			map[string][]Key{"scriptworker": {{Ed25519: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}}, ""},
		{"none", "{}", map[string][]Key{}, ""},
		{"a list", "[]", nil, "k.json:1: expected an object, got a list"},
		{"a text for a list", "scriptworker: abc", nil, `k.json:1: scriptworker: expected a list, got "abc"`},
		{"a number", "scriptworker:\n- 5", nil, "k.json:2: scriptworker[0]: expected text, got 5, which is not text unless quoted"},
		{"null", "scriptworker: null", nil, "k.json:1: scriptworker: expected a list, got nothing"},
		{"unknown", `{"script-worker": []}`, nil, "k.json:1: script-worker: is not known; did you mean scriptworker?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseKeys([]byte(tt.file), "k.json")
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Fatalf("error %v, want %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// FuzzPolicy checks that what is no policy ends in an error that names the
// file, and that what is one reads back from what it is written as.
func FuzzPolicy(f *testing.F) {
	f.Add(ownDeployment(f))
	f.Add([]byte("products: {a: [1, ~, {b: *c}]}"))
	f.Add([]byte("keys: &a {scriptworker: *a}"))
	f.Add([]byte(`{"services": {"github": null, "connect": {"a": "b:1"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := new(Policy).Overlay(data, "p.yaml")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "p.yaml:") {
				t.Errorf("the error does not name the file: %v", err)
			}
			return
		}
		written, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := new(Policy).Overlay(written, "again.yaml")
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if diff := cmp.Diff(p, again, equalPatterns, equalEmpty, asWritten); diff != "" {
			t.Errorf("(-before +after):\n%s\n%s", diff, written)
		}
	})
}

func BenchmarkDefault(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		embeddedAnew(b)
	}
}

// TestOpenPGPKeys shows that rings are put over one another by worker
// implementation, count in what identifies a policy and its keys, and are
// replaced by a key file.
func TestOpenPGPKeys(t *testing.T) {
	ring := func(name string) string {
		text, err := os.ReadFile("../../internal/openpgp/testdata/keys/" + name + ".asc")
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	file := func(worker, name string) []byte {
		written, err := (&Policy{OpenPGPKeys: map[string][]OpenPGPKey{worker: {{Ring: ring(name), Comment: name}}}}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return written
	}
	p := Default()
	for _, written := range [][]byte{file("docker-worker", "rsa"), file("generic-worker", "rsa"), file("docker-worker", "blocks")} {
		over, err := p.Overlay(written, "p.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if over.SHA256() == p.SHA256() || over.KeysSHA256() == p.KeysSHA256() {
			t.Errorf("the hashes are as before:\n%s", written)
		}
		p = over
	}
	want := map[string][]OpenPGPKey{
		"docker-worker":  {{Ring: ring("blocks"), Comment: "blocks"}},
		"generic-worker": {{Ring: ring("rsa"), Comment: "rsa"}},
	}
	if diff := cmp.Diff(want, p.OpenPGPKeys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	written, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Default().Overlay(written, "p.yaml")
	if err != nil || again.SHA256() != p.SHA256() {
		t.Errorf("what was written is read as another policy: %v", err)
	}
	if replaced := p.WithKeys(Default().Keys, "keys.json"); len(replaced.OpenPGPKeys) > 0 || replaced.SHA256() != p.SHA256() {
		t.Error("a key file leaves OpenPGP keys, or the policy that it was put over is not told")
	}
}

// TestEmbeddedSHA256 holds the recorded hash to the embedded policy. A file is
// not taken for it, whatever it is called.
func TestEmbeddedSHA256(t *testing.T) {
	if got := sha256Hex(Default()); got != embeddedSHA256 {
		t.Errorf("the embedded policy has the hash %s; embeddedSHA256 says %s", got, embeddedSHA256)
	}
	named, err := Default().Overlay([]byte("products: {}"), "embedded")
	if err != nil {
		t.Fatal(err)
	}
	changed, err := Default().Overlay([]byte("services: {root_url: 'https://example.com'}"), "embedded")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Policy{named, changed} {
		if got, want := p.SHA256(), sha256Hex(p); got != want {
			t.Errorf("of a file: got %s, want %s", got, want)
		}
	}
}
