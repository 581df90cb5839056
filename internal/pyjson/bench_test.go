package pyjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
)

// graph returns a document like a task graph of so many tasks.
func graph(tasks int) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := range tasks {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `
  "task-%06d": {
    "attributes": {"kind": "build", "retrigger": true, "run_on_projects": ["all", "try"]},
    "dependencies": {"docker-image": "V8Q7FYSwRnGW7_1GYpdJVQ", "toolchain": "MRs6JR0jTv6lSSclcNPHxA"},
    "label": "build-linux64-%d/opt",
    "task": {
      "created": {"relative-datestamp": "0 seconds"},
      "payload": {"command": ["/bin/bash", "-c", "echo \"$HOME\"\n"], "env": {"MOZ_AUTOMATION": "1"}, "maxRunTime": 7200},
      "scopes": ["secrets:get:project/taskcluster/gecko/build/level-1", "assume:worker:%d"]
    },
    "task_id": "IJbJTQLOTsuAce5W4sVfnw"
  }`, i, i, i)
	}
	b.WriteString("\n}\n")
	return b.Bytes()
}

func BenchmarkParse(b *testing.B) {
	data := graph(200)
	b.Run("pyjson", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Parse(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			var v any
			if err := json.Unmarshal(data, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkScan(b *testing.B) {
	data := graph(20000)
	keep := only("task-010000")
	b.Run("pyjson", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Scan(bytes.NewReader(data), keep); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) { // the fastest that it has: it keeps each entry's text
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			var v map[string]json.RawMessage
			if err := json.NewDecoder(bytes.NewReader(data)).Decode(&v); err != nil {
				b.Fatal(err)
			}
		}
	})
}
