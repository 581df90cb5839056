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
		"whole float as version": {`{"version": 1.0}`, "bundle.json: /version is a number; expected a small whole number"},
		"no JSON":                {`{"version": 1`, "bundle.json is no JSON: line 1, column 14: "},
		"empty":                  {``, "bundle.json is no JSON: line 1, column 1: "},
		"text":                   {`"x"`, "bundle.json: the document is text; expected an object"},
		"null":                   {`null`, "bundle.json: the document is null; expected an object"},
		"no version":             {`{}`, "bundle.json: /version is absent; expected a value"},
		"version as text":        {`{"version": "1"}`, `bundle.json: /version is "1"; expected a small whole number`},
		"later version":          {`{"version": 2, "sources": {}}`, "bundle.json is of version 2, and only version 1 can be read"},
		"huge version":           {`{"version": 99999999999999999999}`, "bundle.json: /version is a number; expected a small whole number"},
		"repeated key":           {`{"version": 1, "target": {"taskId": 1, "taskId": 2}}`, "/target/taskId of bundle.json is given more than once"},
		"product":                {`{"version": 1, "product": ["glean"]}`, "bundle.json: /product is a list; expected text"},
		"rootUrl null":           {`{"version": 1, "rootUrl": null}`, "bundle.json: /rootUrl is null; expected text"},
		"target":                 {`{"version": 1, "target": "` + signID + `"}`, `bundle.json: /target is text; expected an object`},
		"taskId":                 {`{"version": 1, "target": {"taskId": 7}}`, "bundle.json: /target/taskId is a number; expected text"},
		"taskId that leads out":  {`{"version": 1, "target": {"taskId": "../../../../etc"}}`, `bundle.json: /target/taskId is "../../../../etc"; expected a taskId, 22 characters of URL-safe base64`},
		"taskType":               {`{"version": 1, "target": {"taskId": "` + signID + `", "taskType": true}}`, "bundle.json: /target/taskType is true; expected text"},
		"sources":                {`{"version": 1, "sources": {}}`, "bundle.json: /sources is an object; expected a list"},
		"source":                 {`{"version": 1, "sources": ["x"]}`, `bundle.json: /sources/0 is text; expected an object`},
		"source without URL":     {`{"version": 1, "sources": [{"url": "a", "status": 404}, {"status": 404}]}`, "bundle.json: /sources/1/url is absent; expected text"},
		"source without status":  {`{"version": 1, "sources": [{"url": "a"}]}`, "bundle.json: /sources/0/status is absent; expected a value"},
		"source twice":           {`{"version": 1, "sources": [{"url": "a", "status": 404}, {"url": "a", "status": 404}]}`, `bundle.json: /sources/1/url is "a"; expected a URL that is listed once`},
		"source without file":    {`{"version": 1, "sources": [{"url": "a", "status": 200}]}`, "bundle.json: /sources/0/file is absent; expected the name of a file in the bundle"},
		"file that leads out":    {`{"version": 1, "sources": [{"url": "a", "status": 200, "file": "sources/../../a"}]}`, `bundle.json: /sources/0/file is "sources/../../a"; expected the name of a file in the bundle`},
		"absolute file":          {`{"version": 1, "sources": [{"url": "a", "status": 200, "file": "/etc/passwd"}]}`, `bundle.json: /sources/0/file is "/etc/passwd"; expected the name of a file in the bundle`},
		"file with NUL":          {`{"version": 1, "sources": [{"url": "a", "status": 200, "file": "a\u0000"}]}`, `bundle.json: /sources/0/file is "a\x00"; expected the name of a file in the bundle`},
		"short hash":             {`{"version": 1, "sources": [{"url": "a", "status": 200, "file": "a", "sha256": "ab"}]}`, `bundle.json: /sources/0/sha256 is "ab"; expected 64 hex digits`},
		"no hash":                {`{"version": 1, "sources": [{"url": "a", "status": 200, "file": "a", "sha256": "` + strings.Repeat("x", 64) + `"}]}`, `bundle.json: /sources/0/sha256 is "` + strings.Repeat("x", 60) + `"…; expected 64 hex digits`},
		"absent":                 {`{"version": 1, "absent": 0}`, "bundle.json: /absent is a number; expected a list"},
		"absent of no kind":      {`{"version": 1, "absent": [{"kind": "x"}]}`, `bundle.json: /absent/0/kind is "x"; expected "task", "artifact", "artifacts", "url" or "status"`},
		"absent task":            {`{"version": 1, "absent": [{"kind": "task"}]}`, "bundle.json: /absent/0/taskId is absent; expected text"},
		"absent artifact":        {`{"version": 1, "absent": [{"kind": "artifact", "taskId": "x"}]}`, "bundle.json: /absent/0/name is absent; expected text"},
		"absent URL":             {`{"version": 1, "absent": [{"kind": "url", "taskId": "x"}]}`, "bundle.json: /absent/0/url is absent; expected text"},
		"absent because":         {`{"version": 1, "absent": [{"kind": "url", "url": "x", "because": "so"}]}`, `bundle.json: /absent/0/because is "so"; expected "not-found", "unavailable" or "left-out"`},
		"absent status":          {`{"version": 1, "absent": [{"kind": "url", "url": "x", "because": "unavailable", "status": "x"}]}`, `bundle.json: /absent/0/status is "x"; expected a small whole number`},
		"absent reason":          {`{"version": 1, "absent": [{"kind": "url", "url": "x", "because": "unavailable", "reason": 1.5}]}`, `bundle.json: /absent/0/reason is a number; expected text`},
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
