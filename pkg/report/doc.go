// Package report writes what a verification found: [Tree] for people, [JSON]
// for programs, and [GraphTree], [GraphJSON], [Dot] and [Mermaid] the chain that
// was only walked.
//
// A report quotes what is hostile until verified: labels, artifact names,
// definitions. Whatever of it a terminal would act on (control characters,
// escape sequences, marks that turn the direction of text) is written as an
// escape, in every format. Text is cut or folded where it would fill the
// screen, but for TreeOptions.Verbose and JSON.
package report
