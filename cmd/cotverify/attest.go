package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"cotverify/internal/fileerr"
	"cotverify/pkg/report"
	"cotverify/pkg/report/attest"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
)

// attestFlags say what is stated of a target, and by whose key.
type attestFlags struct {
	summary    string
	provenance string
	key        string
	time       string
}

func (f *attestFlags) add(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.summary, "attest", "", "write a signed verification summary to `FILE`, as in *.intoto.jsonl, and beside it in a *.sigstore.json")
	flags.StringVar(&f.provenance, "attest-provenance", "", "write signed SLSA provenance of each task that verified to `FILE`, as in *.intoto.jsonl")
	flags.StringVar(&f.key, "attest-key", "", "`FILE` of the private key that signs these: Ed25519 or ECDSA P-256, PKCS #8 in PEM")
	flags.StringVar(&f.time, "attest-time", "", "the `TIME` of the verification to state, now or as 2006-01-02T15:04:05Z (default none)")
}

// attestation is what is to be stated of a target once it is verified.
type attestation struct {
	key              *attest.PrivateKey
	time             time.Time
	envelope, bundle *destination // of the summary, nil where none is wanted
	provenance       *destination // nil where none is wanted
	missing          bool         // a statement that is wanted and not made
	err              error        // why one that was made is not written
}

// open opens what the flags name. The taken files are those that something else
// writes.
func (f *attestFlags) open(in *verifyFlags, taken map[string]string) (*attestation, error) {
	a := &attestation{}
	if f.summary == "" && f.provenance == "" {
		if f.key != "" || f.time != "" {
			return nil, usagef("--attest-key and --attest-time state nothing by themselves; give --attest FILE, or --attest-provenance FILE")
		}
		return a, nil
	}
	switch {
	case f.key == "":
		return nil, usagef("no key to sign what is stated; give --attest-key FILE")
	case in.signatures.value != string(verify.RequireSignatures):
		return nil, usagef("--signatures %s: nothing is attested where signatures count for less", in.signatures.value)
	case in.whatIf.given():
		return nil, usagef("--template and --distrust suppose what is not so, of which nothing is attested")
	case in.taskJSON != "":
		return nil, usagef("--task-json: nothing is attested of a definition that the queue does not have")
	}
	var err error
	if a.key, err = readPrivateKey(f.key); err != nil {
		return nil, err
	}
	if a.time, err = attestTime(f.time); err != nil {
		return nil, err
	}
	if err := f.openFiles(a, taken); err != nil {
		a.discard()
		return nil, err
	}
	return a, nil
}

func (f *attestFlags) openFiles(a *attestation, taken map[string]string) error {
	open := func(flag, path string) (*destination, error) {
		flag += " " + path
		if resolved(path) == resolved(f.key) {
			return nil, usagef("%s: --attest-key is that file", flag)
		}
		if err := claim(taken, path, flag); err != nil {
			return nil, err
		}
		return openDestination(flag, path)
	}
	var err error
	if f.summary != "" {
		if a.envelope, err = open("--attest", f.summary); err != nil {
			return err
		}
		if a.bundle, err = open("--attest", strings.TrimSuffix(f.summary, ".intoto.jsonl")+".sigstore.json"); err != nil {
			return err
		}
	}
	if f.provenance != "" {
		a.provenance, err = open("--attest-provenance", f.provenance)
	}
	return err
}

func attestTime(text string) (time.Time, error) {
	switch text {
	case "":
		return time.Time{}, nil
	case "now":
		return time.Now(), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, usagef("--attest-time: expected now, or a time such as 2006-01-02T15:04:05Z, got %s", quoted(text))
	}
	return t, nil
}

// maxKey is how large the file of a key may be, in bytes.
const maxKey = 64 << 10

// readPrivateKey reads the key that signs statements. Nothing of it is
// repeated.
func readPrivateKey(path string) (*attest.PrivateKey, error) {
	if strings.Contains(path, "-----BEGIN") {
		return nil, usagef("--attest-key: expected the name of a file, got a key; it is known now to whoever sees this command line")
	}
	data, mode, err := readKey("--attest-key", path)
	if err != nil {
		return nil, err
	}
	if mode.Perm()&0o007 != 0 && runtime.GOOS != "windows" { // which has no such bits
		return nil, usagef("--attest-key %s: everyone on this machine may use the key, as its mode is %#o; chmod o= takes that away", path, mode.Perm())
	}
	key, err := attest.ParsePrivateKey(data)
	if err != nil {
		return nil, usagef("--attest-key %s: %v", path, err)
	}
	return key, nil
}

// readKey reads the file of a key.
func readKey(flag, path string) ([]byte, os.FileMode, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, usagef("%s %s: it cannot be read: %v", flag, path, fileerr.Reason(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, usagef("%s %s: it cannot be read: %v", flag, path, fileerr.Reason(err))
	}
	data, err := io.ReadAll(io.LimitReader(f, maxKey+1))
	if err != nil {
		return nil, 0, usagef("%s %s: it cannot be read: %v", flag, path, fileerr.Reason(err))
	}
	if len(data) > maxKey {
		return nil, 0, usagef("%s %s: it is larger than %d bytes, which no key is", flag, path, maxKey)
	}
	return data, info.Mode(), nil
}

// run verifies, and states what is wanted. It is done before the report is
// written, since who reads standard output may leave.
func (a *attestation) run(ctx context.Context, j job) (*report.Report, error) {
	return with(j, func(v *verify.Verifier) (*report.Report, error) {
		r, err := j.verify(ctx, v)
		if err != nil || a.key == nil {
			return r, err
		}
		sign(r, j)
		m := &attest.Maker{Store: v.Store, Tool: r.Tool, Hg: j.Policy.Services.Hg, Time: a.time}
		ctx := context.WithoutCancel(ctx) // what is asked for was had already, before the time was up
		a.err = errors.Join(a.writeSummary(ctx, m, r), a.writeProvenance(ctx, m, r))
		return r, nil
	})
}

func (a *attestation) writeSummary(ctx context.Context, m *attest.Maker, r *report.Report) error {
	if a.envelope == nil {
		return nil
	}
	statement, err := m.Summary(ctx, r)
	if err != nil {
		return a.without(r, err, a.envelope, a.bundle)
	}
	signed, err := a.key.Sign(statement)
	if err != nil {
		return err
	}
	envelope, err := signed.Line()
	if err != nil {
		return err
	}
	bundle, err := signed.Bundle()
	if err != nil {
		return err
	}
	return errors.Join(a.envelope.fill(envelope), a.bundle.fill(bundle))
}

func (a *attestation) writeProvenance(ctx context.Context, m *attest.Maker, r *report.Report) error {
	if a.provenance == nil {
		return nil
	}
	statements, left, err := m.Provenance(ctx, r)
	if err == nil && len(statements) == 0 {
		err = &attest.NoneError{Reason: "no task of the chain verified with all that it rests on, and signed an artifact"}
	}
	if err != nil {
		return a.without(r, err, a.provenance)
	}
	var lines []byte
	for _, statement := range statements {
		signed, err := a.key.Sign(statement)
		if err != nil {
			return err
		}
		line, err := signed.Line()
		if err != nil {
			return err
		}
		lines = append(lines, line...)
	}
	if left > 0 {
		complain(fmt.Sprintf("%s: %d of %d tasks are left out, which did not verify with all that they rest on, have not run, or signed no artifact",
			a.provenance.flag, left, len(r.Links)))
	}
	return a.provenance.fill(lines)
}

// without tells why there is no statement where one is wanted. One of an earlier
// verification does not stay in its place.
func (a *attestation) without(r *report.Report, err error, files ...*destination) error {
	var none *attest.NoneError
	if !errors.As(err, &none) {
		return fmt.Errorf("%s: %w", files[0].flag, err)
	}
	a.missing = true
	complain(fmt.Sprintf("%s: nothing is stated of task %s: %v", files[0].flag, r.Target.TaskID, none))
	for _, file := range files {
		if err := file.remove(); err != nil {
			return err
		}
	}
	return nil
}

// concluded returns how the command ends whose verification ended with err: well
// only if what was to be stated is.
func (a *attestation) concluded(err error) error {
	switch {
	case a.err != nil:
		return a.err
	case err == nil && a.missing:
		return status(exitUnknown)
	}
	return err
}

func (a *attestation) discard() {
	for _, to := range []*destination{a.envelope, a.bundle, a.provenance} {
		if to != nil {
			to.discard()
		}
	}
}
