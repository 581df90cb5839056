package junit

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"cotverify/internal/testreport"
	"cotverify/pkg/report"

	"github.com/jstemmer/go-junit-report/v2/junit"
)

// allowed are the attributes that Jenkins' schema of JUnit's XML has for each
// element. It refuses a file with any other.
var allowed = map[string][]string{
	"testsuites": {"name", "time", "tests", "failures", "errors"},
	"testsuite":  {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
	"testcase":   {"name", "time", "classname", "group"},
	"failure":    {"type", "message"},
	"error":      {"type", "message"},
	"skipped":    {"type", "message"},
	"system-out": {},
}

// read reads a report as Jenkins and GitLab do, and holds it against what they
// take.
func read(t *testing.T, text string) junit.Testsuites {
	t.Helper()
	for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		attributes, known := allowed[element.Name.Local]
		if !known {
			t.Errorf("unknown element %s", element.Name.Local)
		}
		for _, a := range element.Attr {
			if !slices.Contains(attributes, a.Name.Local) {
				t.Errorf("%s has the attribute %s", element.Name.Local, a.Name.Local)
			}
		}
	}
	var suites junit.Testsuites
	if err := xml.Unmarshal([]byte(text), &suites); err != nil {
		t.Fatal(err)
	}
	for _, suite := range suites.Suites {
		names := map[string]bool{}
		for _, c := range suite.Testcases {
			if name := c.Classname + "\n" + c.Name; names[name] {
				t.Errorf("%q is there twice", name)
			} else {
				names[name] = true
			}
		}
		if len(suite.Testcases) != suite.Tests {
			t.Errorf("suite %s: %d cases, and it says %d", suite.Name, len(suite.Testcases), suite.Tests)
		}
	}
	return suites
}

func TestJUnit(t *testing.T) {
	text := testreport.Write(t, New, testreport.Refused())
	testreport.Golden(t, "refused.xml", []byte(text))
	suites := read(t, text)
	if s := suites.Suites[0]; s.Failures != 2 || s.Errors != 1 || s.Skipped != 1 || s.Tests != 41 {
		t.Errorf("%d failures, %d errors, %d skipped of %d", s.Failures, s.Errors, s.Skipped, s.Tests)
	}
}

func TestSuites(t *testing.T) {
	suites := read(t, testreport.Write(t, New, testreport.Of(), testreport.Refused(), testreport.DecisionRefused(9)))
	for i, failures := range []int{0, 2, 1} {
		if suites.Suites[i].Failures != failures {
			t.Errorf("suite %d has %d failures, want %d", i, suites.Suites[i].Failures, failures)
		}
	}
	if n := len(read(t, testreport.Write(t, New)).Suites); n != 0 {
		t.Errorf("%d suites of no report", n)
	}
}

func TestNothingVerifiedIsAnError(t *testing.T) {
	if s := read(t, testreport.Write(t, New, testreport.Skipped())).Suites[0]; s.Errors != 1 || s.Skipped != 1 {
		t.Errorf("%d errors, %d skipped", s.Errors, s.Skipped)
	}
}

func TestChecksOfOneName(t *testing.T) {
	twice := report.Check{Check: "scope", Status: report.Fail, TaskID: testreport.BuildID, Subject: "a", Message: "no"}
	read(t, testreport.Write(t, New, testreport.Of(twice, twice)))
}

func TestHostileText(t *testing.T) {
	for _, letters := range []int{0, 1 << 20} {
		text := testreport.Write(t, New, testreport.Hostile(letters))
		read(t, text)
		if len(text) > 100_000 {
			t.Errorf("%d bytes", len(text))
		}
	}
}

func TestLimit(t *testing.T) {
	text := testreport.Write(t, New, testreport.Failing(maxCases-100), testreport.Failing(300))
	suites := read(t, text)
	first, second := suites.Suites[0], suites.Suites[1]
	if first.Failures != maxCases-100 || second.Failures != 64 || first.Tests+second.Tests != maxCases {
		t.Errorf("%d and %d failures, %d and %d cases", first.Failures, second.Failures, first.Tests, second.Tests)
	}
	if !strings.Contains(second.SystemOut.Data, "272 checks are left out here") {
		t.Errorf("it does not say that some are left out: %s", second.SystemOut.Data)
	}
	if len(text) > 30<<20 {
		t.Errorf("%d bytes", len(text))
	}
}
