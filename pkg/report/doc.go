// Package report has what a verification found, as data: a [Report] of links,
// checks and causes, whose verdict is a function of the checks alone. [JSON]
// writes it, and [Read] reads it back.
//
// A [Sink] writes reports in one format. The formats are packages below this
// one, so that a program links only those that it uses: text for people, junit,
// sarif, markdown, html, github, treeherder, ndjson and openmetrics for their
// consumers, and diagram for a chain that was only walked.
//
// A report quotes what is hostile until verified: labels, artifact names,
// definitions. Whatever of it a terminal would act on (control characters,
// escape sequences, marks that turn the direction of text) is written as an
// escape, in every format.
package report
