package policy

import (
	"os"
	"path/filepath"
	"testing"
)

// origin is what a policy says of where it is from.
type origin struct{ source, sum, keysSource, keysSum string }

func originOf(p *Policy) origin {
	return origin{p.Source, p.SHA256(), p.KeysSource, p.KeysSHA256()}
}

// TestOrigin shows what identifies a policy and its keys: what they say, and
// neither where their files are nor how these are written.
func TestOrigin(t *testing.T) {
	folder := t.TempDir()
	load := func(name, text string) *Policy {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	const key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	embedded := originOf(Default())
	if embedded.source != Embedded || embedded.keysSource != OfPolicy || len(embedded.sum) != 64 || len(embedded.keysSum) != 64 {
		t.Errorf("the embedded policy is %+v", embedded)
	}

	nothing := embedded
	nothing.source = "nothing.yaml"
	if got := originOf(load("nothing.yaml", "{} # and a comment")); got != nothing {
		t.Errorf("a file that says nothing: got %+v, want %+v", got, nothing)
	}

	hg := originOf(load("hg.yaml", "services: {hg: https://hg.example}"))
	if hg.sum == embedded.sum || hg.keysSum != embedded.keysSum {
		t.Errorf("a file with another service: got %+v; only the policy is another than of %+v", hg, embedded)
	}

	keys := originOf(load("keys.yaml", "keys: {scriptworker: [{ed25519: "+key+"}]}"))
	if keys.sum == embedded.sum || keys.keysSum == embedded.keysSum {
		t.Errorf("a file with other keys: got %+v; both are others than of %+v", keys, embedded)
	}

	replaced := originOf(Default().WithKeys(map[string][]Key{"scriptworker": {{Ed25519: key}}}, "/home/me/k.json").WithRootURL("https://tc.example"))
	want := origin{Embedded, embedded.sum, "k.json", replaced.keysSum}
	if replaced != want || replaced.keysSum == embedded.keysSum {
		t.Errorf("other keys in place of the policy's: got %+v, want %+v", replaced, want)
	}
}

// TestKeysThatAreNotThePolicys has a file of keys whose name is what stands for
// the policy's own.
func TestKeysThatAreNotThePolicys(t *testing.T) {
	if got := Default().WithKeys(nil, "/tmp/policy").KeysSource; got == OfPolicy {
		t.Errorf("keys of a file are said to be from the %s", got)
	}
}

// TestCopiesLeaveThePolicy shows that who makes another policy of one does not
// change it.
func TestCopiesLeaveThePolicy(t *testing.T) {
	p := Default()
	p.WithKeys(nil, "none.json")
	if other := p.WithRootURL("https://tc.example"); other.Services.RootURL != "https://tc.example" {
		t.Errorf("the root URL is %s", other.Services.RootURL)
	}
	if before, after := originOf(embeddedAnew(t)), originOf(p); before.sum != after.sum || before.keysSum != after.keysSum {
		t.Errorf("the policy is now %+v", after)
	}
}

func TestTreeOf(t *testing.T) {
	glean := Default().Products["glean"]
	for url, want := range map[string]Tree{
		"https://github.com/mozilla/glean/blob/abc/x":   "/mozilla/glean",
		"https://github.com/mozilla/%67lean/blob/abc/x": "/mozilla/glean",
		"ssh://github.com/mozilla/glean.git":            "/mozilla/glean",
		"HTTPS://github.com/mozilla/glean#x":            "/mozilla/glean",
		"https://github.com/mozilla/gleaner":            "",
		"https://me@github.com/mozilla/glean":           "",
		"https://github.com:443/mozilla/glean":          "",
		"https://github.com/x/../mozilla/glean":         "",
		"https://[github.com/mozilla/glean":             "",
		"":                                              "",
	} {
		if got, ok := glean.TreeOf(url); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %t", url, got, ok)
		}
	}
}
