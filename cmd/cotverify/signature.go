package main

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"os"
	"strings"

	"cotverify/internal/fileerr"
	"cotverify/internal/visible"
	"cotverify/pkg/policy"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
)

// maxSigned limits the size in bytes of a file whose signature is checked: an
// Ed25519 signature is over all of it at once.
const maxSigned = 1 << 30

func newSignature() *cobra.Command {
	var trust trustFlags
	var public string
	command := &cobra.Command{
		Use:   "signature FILE [SIG]",
		Short: "Tell whether a known key signed a file, and whose",
		Long: `Tell whether SIG, the raw 64 bytes of an Ed25519 signature, was made over FILE by a
key that the policy trusts, and for which worker implementation. Exit status 1
says that none of the keys made it.

Without SIG, FILE is a clear-signed OpenPGP message, and the keys are the policy's
OpenPGP keys.`,
		Example: `  cotverify signature chain-of-trust.json chain-of-trust.json.sig
  cotverify signature chainOfTrust.json.asc --policy policy.yaml`,
		Args: cobra.MatchAll(atLeastOne, atMost(2)),
		RunE: func(command *cobra.Command, args []string) error {
			keys, err := signatureKeys(&trust, public)
			if err != nil {
				return err
			}
			message, err := readFile(args[0])
			if err != nil {
				return err
			}
			if len(args) == 1 {
				if !verify.IsClearSigned(message) {
					return usagef("%s is no clear-signed message, so that its signature is in another file: cotverify signature FILE SIG", args[0])
				}
				return tellClearSigner(keys, args[0], message)
			}
			signature, err := readFile(args[1])
			if err != nil {
				return err
			}
			worker, key, err := verify.WhoSigned(keys.Keys, message, signature)
			if err != nil {
				swapped := ""
				if len(message) == ed25519.SignatureSize && len(signature) != ed25519.SignatureSize {
					swapped = fmt.Sprintf(", and %s has: are the two the wrong way round?", args[0])
				}
				complain(fmt.Sprintf("%s is not signed by %s: %v%s", args[0], args[1], err, swapped))
				return status(exitRefused)
			}
			return tellSigner(worker, key.Ed25519, key.Retired, "")
		},
	}
	trust.addPolicy(command)
	trust.addKeys(command)
	command.Flags().StringVar(&public, "pubkey", "", "the one `KEY` to try: base64, or a file that holds it or armoured OpenPGP keys")
	return command
}

// tellClearSigner tells who signed a clear-signed message.
func tellClearSigner(keys *policy.Policy, path string, message []byte) error {
	signer, err := verify.WhoClearSigned(keys.OpenPGPKeys, message)
	if err != nil {
		complain(fmt.Sprintf("%s is not signed: %v", path, err))
		return status(exitRefused)
	}
	expiry := ""
	if !signer.Expired.IsZero() {
		expiry = signer.ExpiryText() + "\n"
	}
	return tellSigner(signer.Worker, signer.Fingerprint, signer.Retired, expiry)
}

func tellSigner(worker, key, retired, more string) error {
	text := fmt.Sprintf("signed by a key of %s: %s\n", worker, visible.Clean(key))
	if retired != "" {
		text += fmt.Sprintf("the key is retired: %s\n", visible.Clean(retired))
	}
	return printOut(text + more)
}

// signatureKeys returns the keys to try: the one that was given, or all that
// are trusted.
func signatureKeys(trust *trustFlags, public string) (*policy.Policy, error) {
	if public == "" {
		return trust.load()
	}
	if _, err := os.Stat(public); err == nil {
		text, err := readFile(public)
		if err != nil {
			return nil, err
		}
		public = strings.TrimSpace(string(text))
	}
	if policy.CheckRing(public) == nil {
		return &policy.Policy{OpenPGPKeys: map[string][]policy.OpenPGPKey{"--pubkey": {{Ring: public}}}}, nil
	}
	if err := policy.CheckKey(public); err != nil {
		return nil, usagef("--pubkey: %v; expected base64 of a raw Ed25519 public key, or a file that holds it or armoured OpenPGP keys", err)
	}
	return &policy.Policy{Keys: map[string][]policy.Key{"--pubkey": {{Ed25519: public}}}}, nil
}

// readFile reads a file that the command line names.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usagef("%s cannot be read: %v", path, fileerr.Reason(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSigned+1))
	if err != nil {
		return nil, usagef("%s cannot be read: %v", path, fileerr.Reason(err))
	}
	if len(data) > maxSigned {
		return nil, usagef("%s is larger than %d bytes, which is the limit for it", path, maxSigned)
	}
	return data, nil
}
