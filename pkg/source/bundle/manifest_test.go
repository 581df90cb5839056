package bundle

import (
	"strings"
	"testing"

	"cotverify/pkg/cot"
)

func TestParseManifest(t *testing.T) {
	tests := map[string]struct{ data, want string }{
		"least":                  {`{"version": 1}`, ""},
		"unknown keys":           {`{"version": 1, "made": {"by": "hand"}}`, ""},
		"whole float as version": {`{"version": 1.0}`, "/version of bundle.json should be a small whole number, and is a number"},
		"no JSON":                {`{"version": 1`, "bundle.json is no JSON: line 1, column 14: "},
		"empty":                  {``, "bundle.json is no JSON: line 1, column 1: "},
		"text":                   {`"x"`, "bundle.json should be an object, and is text"},
		"null":                   {`null`, "bundle.json should be an object, and is null"},
		"no version":             {`{}`, "bundle.json has no /version, which should be a small whole number"},
		"version as text":        {`{"version": "1"}`, `/version of bundle.json should be a small whole number, and is "1"`},
		"later version":          {`{"version": 2, "sources": {}}`, "bundle.json is of version 2, and only version 1 can be read"},
		"huge version":           {`{"version": 99999999999999999999}`, "/version of bundle.json should be a small whole number, and is a number"},
		"repeated key":           {`{"version": 1, "target": {"taskId": 1, "taskId": 2}}`, "/target/taskId of bundle.json is given more than once"},
		"product":                {`{"version": 1, "product": ["glean"]}`, "/product of bundle.json should be text, and is a list"},
		"rootUrl null":           {`{"version": 1, "rootUrl": null}`, "/rootUrl of bundle.json should be text, and is null"},
		"target":                 {`{"version": 1, "target": "` + signID + `"}`, `/target of bundle.json should be an object, and is "` + signID + `"`},
		"taskId":                 {`{"version": 1, "target": {"taskId": 7}}`, "/target/taskId of bundle.json should be text, and is 7"},
		"taskId that leads out":  {`{"version": 1, "target": {"taskId": "../../../../etc"}}`, `/target/taskId of bundle.json should be a taskId, 22 characters of URL-safe base64, and is "../../../../etc"`},
		"taskType":               {`{"version": 1, "target": {"taskId": "` + signID + `", "taskType": true}}`, "/target/taskType of bundle.json should be text, and is true"},
		"sources":                {`{"version": 1, "sources": {}}`, "/sources of bundle.json should be a list, and is an object"},
		"source":                 {`{"version": 1, "sources": ["x"]}`, `/sources/0 of bundle.json should be an object, and is "x"`},
		"source without URL":     {`{"version": 1, "sources": [{"url": "a", "status": 404}, {"status": 404}]}`, "bundle.json has no /sources/1/url, which should be text"},
		"source without status":  {`{"version": 1, "sources": [{"url": "a"}]}`, "bundle.json has no /sources/0/status, which should be a small whole number"},
		"source twice":           {`{"version": 1, "sources": [{"url": "a", "status": 404}, {"url": "a", "status": 404}]}`, `/sources/1/url of bundle.json should be a URL that is listed once, and is "a"`},
		"source without file":    {`{"version": 1, "sources": [{"url": "a", "status": 200}]}`, "bundle.json has no /sources/0/file, which should be the name of a file in the bundle"},
		"file that leads out":    {`{"version": 1, "sources": [{"url": "a", "status": 200, "file": "sources/../../a"}]}`, `/sources/0/file of bundle.json should be the name of a file in the bundle, and is "sources/../../a"`},
		"absolute file":          {`{"version": 1, "sources": [{"url": "a", "status": 200, "file": "/etc/passwd"}]}`, `/sources/0/file of bundle.json should be the name of a file in the bundle, and is "/etc/passwd"`},
		"file with NUL":          {`{"version": 1, "sources": [{"url": "a", "status": 200, "file": "a\u0000"}]}`, `/sources/0/file of bundle.json should be the name of a file in the bundle, and is "a\x00"`},
		"short hash":             {`{"version": 1, "sources": [{"url": "a", "status": 200, "file": "a", "sha256": "ab"}]}`, `/sources/0/sha256 of bundle.json should be 64 hex digits, and is "ab"`},
		"no hash":                {`{"version": 1, "sources": [{"url": "a", "status": 200, "file": "a", "sha256": "` + strings.Repeat("x", 64) + `"}]}`, `/sources/0/sha256 of bundle.json should be 64 hex digits, and is "` + strings.Repeat("x", 60) + `"…`},
		"absent":                 {`{"version": 1, "absent": 0}`, "/absent of bundle.json should be a list, and is 0"},
		"absent of no kind":      {`{"version": 1, "absent": [{"kind": "x"}]}`, `/absent/0/kind of bundle.json should be "task", "artifact", "artifacts" or "url", and is "x"`},
		"absent task":            {`{"version": 1, "absent": [{"kind": "task"}]}`, "bundle.json has no /absent/0/taskId, which should be text"},
		"absent artifact":        {`{"version": 1, "absent": [{"kind": "artifact", "taskId": "x"}]}`, "bundle.json has no /absent/0/name, which should be text"},
		"absent URL":             {`{"version": 1, "absent": [{"kind": "url", "taskId": "x"}]}`, "bundle.json has no /absent/0/url, which should be text"},
		"absent because":         {`{"version": 1, "absent": [{"kind": "url", "url": "x", "because": "so"}]}`, `/absent/0/because of bundle.json should be "not-found", "unavailable" or "left-out", and is "so"`},
		"absent status":          {`{"version": 1, "absent": [{"kind": "url", "url": "x", "because": "unavailable", "status": "x"}]}`, `/absent/0/status of bundle.json should be a small whole number, and is "x"`},
		"absent reason":          {`{"version": 1, "absent": [{"kind": "url", "url": "x", "because": "unavailable", "reason": 1.5}]}`, `/absent/0/reason of bundle.json should be text, and is a number`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parseManifest([]byte(test.data))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != test.want && (test.want == "" || !strings.HasPrefix(got, test.want)) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// FuzzManifest checks that a manifest is read or refused, and that what was
// read names no file outside of the bundle.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(exampleFiles()["bundle.json"]))
	f.Add([]byte(`{"version": 1}`))
	f.Add([]byte(`{"version": 1, "sources": [{"url": "a", "status": 200, "file": "sources/../a"}]}`))
	f.Add([]byte(`{"version": 1, "target": {"taskId": null}, "absent": [null]}`))
	f.Add([]byte(`[[[[{"version": 1e0}]]]]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := parseManifest(data)
		if err != nil {
			if !strings.Contains(err.Error(), "bundle.json") {
				t.Errorf("the error does not say what is wrong: %v", err)
			}
			return
		}
		for url, s := range x.sources {
			if s.status == 200 && !isMemberName(s.file) {
				t.Errorf("%q is in the file %q", url, s.file)
			}
		}
		if id := x.manifest.TaskID; id != "" && !cot.IsTaskID(id) {
			t.Errorf("the target is %q", id)
		}
	})
}
