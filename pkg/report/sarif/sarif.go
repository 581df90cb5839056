// Package sarif writes reports as SARIF 2.1.0, which GitHub's code scanning
// takes: a result for each check that failed, could not be made or warns.
//
// Code scanning refuses a file with a result that has no place in a file. The
// results of a decision that differs are at the lines of .taskcluster.yml that
// rendered what differs; all others are at its first line, and say with logical
// locations which task they are of.
package sarif

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"cotverify/internal/visible"
	"cotverify/pkg/report"
	"cotverify/pkg/report/internal/plain"
)

const (
	// maxResults is how many results code scanning shows. It takes 25,000, and 10
	// MB of compressed file, which so many stay below.
	maxResults = 5_000
	// maxRelated is how many places a result has besides its first.
	maxRelated = 20
	// maxKey is how many bytes of a key stand as they are in a fingerprint.
	maxKey = 200
)

// New returns what writes reports as SARIF. The explanations become its rules.
func New(explanations []report.Explanation) func(io.Writer) report.Sink {
	return func(w io.Writer) report.Sink {
		return &sink{w: w, explanations: explanations, results: plain.NewFirst[result](maxResults)}
	}
}

type sink struct {
	w            io.Writer
	explanations []report.Explanation
	tool         *report.Tool
	results      *plain.First[result]
}

type log struct {
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []run  `json:"runs"`
}

type run struct {
	Tool        tool         `json:"tool"`
	Invocations []invocation `json:"invocations"`
	ColumnKind  string       `json:"columnKind"`
	Results     []result     `json:"results"`
}

type tool struct {
	Driver driver `json:"driver"`
}

type driver struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Rules   []rule `json:"rules"`
}

type rule struct {
	ID    string  `json:"id"`
	Short message `json:"shortDescription"`
	Full  message `json:"fullDescription"`
	Help  message `json:"help"`
}

type message struct {
	Text string `json:"text"`
}

type invocation struct {
	ExecutionSuccessful bool `json:"executionSuccessful"`
}

type result struct {
	Rule         string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      message           `json:"message"`
	Locations    []location        `json:"locations"`
	Related      []location        `json:"relatedLocations,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Properties   *properties       `json:"properties,omitempty"`
}

type location struct {
	ID       int               `json:"id,omitempty"`
	Physical physicalLocation  `json:"physicalLocation"`
	Logical  []logicalLocation `json:"logicalLocations,omitempty"`
	Message  *message          `json:"message,omitempty"`
}

type physicalLocation struct {
	Artifact artifactLocation `json:"artifactLocation"`
	Region   region           `json:"region"`
}

type artifactLocation struct {
	URI string `json:"uri"`
}

type region struct {
	StartLine int `json:"startLine"`
}

type logicalLocation struct {
	Name string `json:"name"`
	Full string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

type properties struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
	TaskID string `json:"taskId"`
	Key    string `json:"key,omitempty"`
}

// levels are how SARIF names what a status means.
var levels = map[report.Status]string{report.Fail: "error", report.Error: "error", report.Warn: "warning"}

// Report implements [report.Sink].
func (s *sink) Report(r *report.Report) error {
	if s.tool == nil {
		s.tool = r.Tool
	}
	named := plain.Of(r)
	for _, c := range plain.Bad(named.Checks) {
		s.results.Add(resultOf(named, c))
	}
	return nil
}

func resultOf(r *plain.Report, c report.Check) result {
	first := at(plain.Line(c))
	first.Logical = []logicalLocation{{Name: r.Label(c.TaskID), Full: r.Task(c.TaskID), Kind: "task"}}
	return result{
		Rule:         plain.Name(c.Check),
		Level:        levels[c.Status],
		Message:      message{unlinked(plain.Title(c) + "\n" + plain.Text(r.Details(c)))},
		Locations:    []location{first},
		Related:      related(c),
		Fingerprints: map[string]string{"primaryLocationLineHash": fingerprint(r, c)},
		Properties:   &properties{string(c.Status), plain.Name(string(c.Reason)), plain.Name(c.TaskID), plain.Name(c.Key)},
	}
}

// unlinked returns a text in which nothing is a link: in messages of SARIF
// [text](place) is one.
func unlinked(text string) string {
	if !strings.Contains(text, "](") {
		return text
	}
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(text)
}

func at(line int) location {
	return location{Physical: physicalLocation{artifactLocation{plain.Template}, region{line}}}
}

// related returns the places of a decision's differences.
func related(c report.Check) []location {
	var list []location
	for _, d := range c.Diff {
		if d.Line == 0 || len(list) == maxRelated {
			continue
		}
		place := at(d.Line)
		place.ID, place.Message = len(list)+1, &message{unlinked(plain.Name(d.Path))}
		list = append(list, place)
	}
	return list
}

// fingerprint is the same in the next push, so that a failure that was there
// before is not reported as a new one.
func fingerprint(r *plain.Report, c report.Check) string {
	key := c.Key
	if key == "" {
		key = c.Check + ":" + r.Label(c.TaskID)
	}
	if len(key) <= maxKey {
		return visible.Clean(key)
	}
	hash := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(hash[:])
}

// Close implements [report.Sink].
func (s *sink) Close(summary report.Summary) error {
	driver := driver{Name: "cotverify"}
	if s.tool != nil {
		driver.Version = plain.Name(s.tool.Version)
	}
	results := s.results.All(func(n int) result {
		return result{
			Rule: "verdict", Level: levels[report.Error], Locations: []location{at(1)},
			Message:      message{fmt.Sprintf("%d more results are left out; the whole report has them.", n)},
			Fingerprints: map[string]string{"primaryLocationLineHash": "left-out"},
		}
	})
	if results == nil {
		results = []result{} // null would be no list
	}
	driver.Rules = rules(s.explanations, results)
	text, err := json.MarshalIndent(log{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs: []run{{
			Tool:        tool{driver},
			Invocations: []invocation{{ExecutionSuccessful: summary.Verdict != report.Unknown}},
			ColumnKind:  "utf16CodeUnits",
			Results:     results,
		}},
	}, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(s.w, visible.JSON(string(text)+"\n"))
	return err
}
