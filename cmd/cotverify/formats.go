package main

import (
	"io"

	"cotverify/pkg/report"
	"cotverify/pkg/report/github"
	"cotverify/pkg/report/html"
	"cotverify/pkg/report/junit"
	"cotverify/pkg/report/markdown"
	"cotverify/pkg/report/ndjson"
	"cotverify/pkg/report/openmetrics"
	"cotverify/pkg/report/sarif"
	"cotverify/pkg/report/text"
	"cotverify/pkg/report/treeherder"
	"cotverify/pkg/verify"
)

// reportFormat is a format of reports: a file, or a folder of files.
type reportFormat struct {
	described
	files []reportFile
}

// reportFile is a file of a format. Only in a folder it has a name.
type reportFile struct {
	name string
	sink func(io.Writer, text.TreeOptions) report.Sink
	// audit is the sink of many targets, where that is another; nil else.
	audit func(io.Writer, text.TreeOptions) report.Sink
}

// reportFormats are the formats that reports are written in. Their consumers and
// limits are in docs/formats.md.
var reportFormats = []reportFormat{
	{described{"tree", "for people, on a terminal"}, []reportFile{{sink: text.NewSink, audit: text.NewAudit}}},
	{described{"json", "for programs: all of it, read again by cotverify report"}, []reportFile{{sink: plain(report.NewJSON), audit: plain(report.NewAudit)}}},
	{described{"ndjson", "for programs: a line a target, then the summary"}, oneFile(plain(ndjson.New))},
	{described{"junit", "tests of Jenkins, GitLab and others"}, []reportFile{{sink: plain(junit.New), audit: plain(junit.NewAudit)}}},
	{described{"sarif", "code scanning of GitHub and others"}, oneFile(plain(sarif.New(verify.Explanations())))},
	{described{"markdown", "summary of a job or comment on GitHub"}, oneFile(plain(markdown.New(markdown.Comment)))},
	{described{"html", "a page that is complete without script and style"}, oneFile(plain(html.New))},
	{described{"github", "workflow commands of GitHub Actions"}, oneFile(plain(github.NewCommands))},
	{described{"github-check", "a folder of what Taskcluster shows in its check on GitHub"}, []reportFile{
		{name: "customCheckRunText.md", sink: plain(markdown.New(markdown.CheckText))},
		{name: "customCheckRunAnnotations.json", sink: plain(github.NewAnnotations)},
	}},
	{described{"errorsummary", "failures of a task in Treeherder"}, oneFile(plain(treeherder.NewErrorSummary))},
	{described{"openmetrics", "metrics for a textfile collector"}, oneFile(plain(openmetrics.New))},
}

func oneFile(sink func(io.Writer, text.TreeOptions) report.Sink) []reportFile {
	return []reportFile{{sink: sink}}
}

// plain is the sink of a format that no options of a tree are for.
func plain(sink func(io.Writer) report.Sink) func(io.Writer, text.TreeOptions) report.Sink {
	return func(w io.Writer, _ text.TreeOptions) report.Sink { return sink(w) }
}

// isFolder reports whether the format is a folder of files, which standard output
// cannot be.
func (f reportFormat) isFolder() bool { return f.files[0].name != "" }

// formatNamed returns the format of a name.
func formatNamed(name string) (reportFormat, bool) {
	for _, f := range reportFormats {
		if f.name == name {
			return f, true
		}
	}
	return reportFormat{}, false
}

// describedFormats returns all formats, or those that are one file.
func describedFormats(folders bool) []described {
	var list []described
	for _, f := range reportFormats {
		if folders || !f.isFolder() {
			list = append(list, f.described)
		}
	}
	return list
}
