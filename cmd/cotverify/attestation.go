package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"cotverify/internal/fileerr"
	"cotverify/internal/visible"
	"cotverify/pkg/report/attest"

	"github.com/spf13/cobra"
)

func newAttestation() *cobra.Command {
	command := &cobra.Command{
		Use:   "attestation",
		Short: "Look at what verify --attest wrote",
		Args:  noSuchCommand,
		RunE: func(command *cobra.Command, args []string) error {
			return usagef("no command; %s --help lists them", command.CommandPath())
		},
	}
	command.AddCommand(newAttestationVerify())
	return command
}

func newAttestationVerify() *cobra.Command {
	var key string
	command := &cobra.Command{
		Use:   "verify FILE --key KEY",
		Short: "Tell whether a key signed a statement, and what it says",
		Long: `Read a file of statements, DSSE envelopes line by line or a sigstore bundle, check that
the key signed each of them, and print what they say. Nothing of a task is asked
for or verified again: the key's owner vouches for it.

Exit status 1 says that the key did not sign one, or that one says FAILED; 3 says
that the file is damaged, or that one says something that is not known here.`,
		Example: `  cotverify attestation verify release.intoto.jsonl --key release.pub
  cotverify attestation verify release.sigstore.json --key release.pub`,
		Args: exactly(1),
		RunE: func(command *cobra.Command, args []string) error {
			if key == "" {
				return usagef("no key to check with; give --key KEY")
			}
			public, err := readPublicKey(key)
			if err != nil {
				return err
			}
			all, err := readSigned(args[0])
			if err != nil {
				return err
			}
			return tellStatements(args[0], public, all)
		},
	}
	command.Flags().StringVar(&key, "key", "", "`FILE` of the public key: Ed25519 or ECDSA P-256, in PEM")
	return command
}

func readPublicKey(path string) (*attest.PublicKey, error) {
	if strings.Contains(path, "-----BEGIN") {
		return nil, usagef("--key: expected the name of a file, got a key")
	}
	data, _, err := readKey("--key", path)
	if err != nil {
		return nil, err
	}
	key, err := attest.ParsePublicKey(data)
	if err != nil {
		return nil, usagef("--key %s: %v", path, err)
	}
	return key, nil
}

func readSigned(path string) ([]*attest.Signed, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usagef("%s cannot be read: %v", path, fileerr.Reason(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, usagef("%s is a folder", path)
	}
	all, err := attest.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, fileerr.Reason(err))
	}
	return all, nil
}

// tellStatements prints what each statement says that the key signed. The error
// is the worst of their statuses, nil if all is well.
func tellStatements(path string, key *attest.PublicKey, all []*attest.Signed) error {
	worst := exitVerified
	var b strings.Builder
	for i, signed := range all {
		place := path
		if len(all) > 1 {
			place = fmt.Sprintf("%s, statement %d", path, i+1)
		}
		statement, err := key.Open(signed)
		var refused *attest.RefusedError
		switch {
		case errors.As(err, &refused):
			complain(place + ": " + refused.Error())
			worst = exitRefused
			continue
		case err != nil:
			return err
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "signed by  %s\n", key.ID())
		result, err := tell(&b, statement)
		if err != nil {
			complain(place + ": " + err.Error())
		}
		if worst != exitRefused && result != exitVerified {
			worst = result
		}
	}
	if err := printOut(b.String()); err != nil {
		return err
	}
	if worst != exitVerified {
		return status(worst)
	}
	return nil
}

// tell writes what a statement says, and returns the exit status of it.
func tell(b *strings.Builder, s *attest.Statement) (int, error) {
	switch s.PredicateType {
	case attest.SummaryType:
		summary, err := s.Summary()
		if err != nil {
			return exitRefused, err
		}
		tellSummary(b, summary)
		tellResources(b, "of", s.Subject)
		tellResources(b, "from", summary.InputAttestations)
		if summary.VerificationResult != attest.Passed {
			return exitRefused, nil
		}
	case attest.ProvenanceType:
		provenance, err := s.Provenance()
		if err != nil {
			return exitRefused, err
		}
		tellProvenance(b, provenance)
		tellResources(b, "of", s.Subject)
		tellResources(b, "from", provenance.BuildDefinition.ResolvedDependencies)
	default:
		return exitUnknown, fmt.Errorf("it says something of a type that is not known here: %q", s.PredicateType)
	}
	return exitVerified, nil
}

func tellSummary(b *strings.Builder, s *attest.Summary) {
	at := s.TimeVerified
	if at == "" {
		at = "not told"
	}
	row(b, "resource", s.ResourceURI)
	row(b, "result", s.VerificationResult)
	row(b, "levels", strings.Join(s.VerifiedLevels, ", "))
	row(b, "policy", s.Policy.URI)
	row(b, "", digestText(s.Policy.Digest))
	row(b, "verifier", s.Verifier.ID)
	row(b, "time", at)
}

func tellProvenance(b *strings.Builder, p *attest.Provenance) {
	row(b, "task", p.BuildDefinition.ExternalParameters["task"])
	row(b, "type", p.BuildDefinition.BuildType)
	row(b, "builder", p.RunDetails.Builder.ID)
	if p.RunDetails.Metadata != nil {
		row(b, "run", p.RunDetails.Metadata.InvocationID)
	}
	row(b, "stated by", p.BuildDefinition.InternalParameters["statedBy"])
}

// maxTold is how many resources of a kind are listed; the rest is counted.
const maxTold = 100

func tellResources(b *strings.Builder, kind string, list []attest.Resource) {
	for i, r := range list {
		if i == maxTold {
			row(b, "", fmt.Sprintf("and %d more", len(list)-i))
			return
		}
		var parts []string
		for _, part := range []string{digestText(r.Digest), r.Name, r.URI} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		row(b, kind, strings.Join(parts, "  "))
		kind = ""
	}
}

func digestText(digest map[string]string) string {
	var texts []string
	for algorithm, hex := range digest {
		texts = append(texts, algorithm+":"+hex)
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// row writes a line of what a statement says, which a key signed and yet may be
// the text of a task.
func row(b *strings.Builder, name, text string) {
	if text != "" {
		fmt.Fprintf(b, "%-9s  %s\n", name, visible.Clean(visible.Cut(text, maxTelling)))
	}
}

// maxTelling is how many bytes of a text are shown.
const maxTelling = 1000
