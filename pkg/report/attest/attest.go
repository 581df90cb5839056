// Package attest makes signed statements of what was verified, for programs
// that trust a key and were not there: in-toto statements in DSSE envelopes, and
// in sigstore bundles.
//
// A [Maker] makes statements of a report. Its Summary says of a target whether
// its chain of trust holds, as a SLSA verification summary does. Its Provenance
// says what the workers of verified links signed, as SLSA provenance does. A
// [PrivateKey] signs a statement, and a [PublicKey] opens what was signed.
//
// Nothing is stated of a report in which signatures counted for less than they
// have to, and nothing without the digest of bytes that were found: a statement
// that names none could be held beside any file.
//
//	what                                    file
//	statements, and what they are about     statement.go
//	a target's verification summary         summary.go
//	links' provenance                       provenance.go
//	envelopes and bundles                   envelope.go
//	keys                                    key.go
package attest

import (
	"time"

	"cotverify/pkg/evidence"
	"cotverify/pkg/report"
)

// Maker makes statements of reports.
type Maker struct {
	// Store is the one that the reports were verified from: it has the hashes
	// that a report has no room for.
	Store *evidence.Store
	// Tool names the program that verified.
	Tool *report.Tool
	// Hg is the base URL of repositories that are Mercurial's; all others are
	// Git's.
	Hg string
	// Time is when it was verified. The zero time is not told, so that the same
	// facts give the same statement.
	Time time.Time
}

// VerifierID names what verified, in each statement.
const VerifierID = "cotverify:verifier"

// NoneError says why there is no statement about a task.
type NoneError struct{ Reason string }

func (e *NoneError) Error() string { return e.Reason }

// statable refuses reports that nothing is stated of. The error is a
// *NoneError.
func statable(r *report.Report) error {
	switch {
	case r.Trust == nil || r.Trust.Signatures != "require":
		return &NoneError{"signatures were not required"}
	case r.IsWhatIf():
		return &NoneError{"something was supposed that is not so, and nothing was verified"}
	case r.Target.TaskID == "":
		return &NoneError{"the target has no taskId"}
	}
	return nil
}
