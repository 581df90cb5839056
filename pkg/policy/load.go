package policy

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"cotverify/internal/fileerr"
	"cotverify/pkg/cot"

	"go.yaml.in/yaml/v3"
)

//go:embed default.yaml
var defaultYAML []byte

// maxFileSize is the largest policy or key file that is read, in bytes. The
// default policy with its eleven products has 17 KB.
const maxFileSize = 1 << 20

// FileError says what is wrong with a policy or key file.
type FileError struct {
	File    string
	Line    int    // from 1; 0 where the file as a whole is meant
	Message string // names the field, what was expected, and what is there
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
}

// FileErrors is all that is wrong with a file, in the order of its lines.
type FileErrors []*FileError

// Error has a line for each.
func (e FileErrors) Error() string {
	lines := make([]string, len(e))
	for i, err := range e {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns each error.
func (e FileErrors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, err := range e {
		errs[i] = err
	}
	return errs
}

// Default returns the embedded policy: the products, keys and services of
// Firefox CI. It is read once, when it is first asked for.
func Default() *Policy { return embedded() }

var embedded = sync.OnceValue(func() *Policy {
	p, err := new(Policy).Overlay(defaultYAML, "default.yaml")
	if err != nil {
		panic("the embedded policy is broken: " + err.Error()) // a test loads it
	}
	p.Source = Embedded
	return p
})

// Load reads a policy file over the default. The error is [FileErrors].
func Load(path string) (*Policy, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return Default().Overlay(data, path)
}

// LoadKeys reads a key file: see [ParseKeys].
func LoadKeys(path string) (map[string][]Key, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return ParseKeys(data, path)
}

// ReadKeys reads a key file from its beginning to its end: see [ParseKeys].
func ReadKeys(r io.Reader, name string) (map[string][]Key, error) {
	data, err := readAll(r, name)
	if err != nil {
		return nil, err
	}
	return ParseKeys(data, name)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	return readAll(f, path)
}

func readAll(r io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFileSize+1))
	if err != nil {
		return nil, unreadable(name, err)
	}
	return data, nil
}

func unreadable(name string, err error) error {
	return FileErrors{{File: name, Message: "cannot be read: " + fileerr.Reason(err).Error()}}
}

// Overlay returns the policy with what a file says put over it: a product of
// the file replaces one of that name, keys replace those of the same worker
// implementation, services are replaced one by one, the reference is replaced. The
// name is the file's, for errors, which are [FileErrors].
func (p *Policy) Overlay(data []byte, name string) (*Policy, error) {
	d := &decoder{file: name}
	result := &Policy{
		Reference:   p.Reference,
		Compared:    p.Compared,
		Keys:        map[string][]Key{},
		OpenPGPKeys: map[string][]OpenPGPKey{},
		Services:    p.Services,
		Products:    map[string]*Product{},

		Source:     filepath.Base(name),
		KeysSource: OfPolicy,
	}
	maps.Copy(result.Keys, p.Keys)
	maps.Copy(result.OpenPGPKeys, p.OpenPGPKeys)
	maps.Copy(result.Products, p.Products)
	if top, ok := d.document(data); ok {
		top.policy(result)
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	return result, nil
}

// WithKeys returns the policy with other keys than its own, OpenPGP's included.
// The source is the name of the file that they are from.
func (p *Policy) WithKeys(keys map[string][]Key, source string) *Policy {
	c := p.copy()
	c.Keys, c.OpenPGPKeys, c.KeysSource = keys, nil, filepath.Base(source)
	if c.KeysSource == OfPolicy { // a file may have that name, and is not the policy
		c.KeysSource = "./" + OfPolicy
	}
	return c
}

// WithoutKey returns the policy without a key, as it is written, and whether it
// had that. Its keys are otherwise those that they were.
func (p *Policy) WithoutKey(ed25519 string) (without *Policy, had bool) {
	c := p.copy()
	c.Keys = map[string][]Key{}
	for worker, keys := range p.Keys {
		for _, key := range keys {
			if key.Ed25519 == ed25519 {
				had = true
				continue
			}
			c.Keys[worker] = append(c.Keys[worker], key)
		}
	}
	return c, had
}

// WithRootURL returns the policy for another deployment of Taskcluster.
func (p *Policy) WithRootURL(url string) *Policy {
	c := p.copy()
	c.Services.RootURL = url
	return c
}

func (p *Policy) copy() *Policy {
	c := *p
	c.loaded = cmp.Or(p.loaded, p)
	return &c
}

// SHA256 identifies the policy as it was loaded, in hex: whatever replaced its
// keys or its root URL is told apart from it. It is the hash of what
// [Policy.Marshal] writes.
func (p *Policy) SHA256() string {
	loaded := cmp.Or(p.loaded, p)
	if loaded == embedded() {
		return embeddedSHA256
	}
	return sha256Hex(loaded)
}

// embeddedSHA256 is the hash of the embedded policy. To make it each time would
// take as long as half of a small verification; a test holds it to the policy.
const embeddedSHA256 = "ccf6c23ed0747340fdb5363df9e55fedf1b00903cb39981bff8ee1583230e2d4"

// KeysSHA256 identifies the keys that are trusted, in hex. It is the hash of a
// policy file of nothing but them.
func (p *Policy) KeysSHA256() string {
	return sha256Hex(&Policy{Keys: p.Keys, OpenPGPKeys: p.OpenPGPKeys})
}

func sha256Hex(p *Policy) string {
	text, err := p.Marshal()
	if err != nil {
		panic("a policy cannot be written: " + err.Error()) // it is texts, lists and objects only
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// ParseKeys reads the keys of a key file: an object that has by worker
// implementation a list of public keys in base64, JSON or YAML. The keys are
// taken as they are, and a malformed one says so, since it counts as one that
// does not verify (section 4). The name is the file's, for errors, which are [FileErrors].
func ParseKeys(data []byte, name string) (map[string][]Key, error) {
	d := &decoder{file: name}
	keys := map[string][]Key{}
	if top, ok := d.document(data); ok {
		lists := top.object(cot.WorkerImplementations()...)
		for _, worker := range cot.WorkerImplementations() {
			if list, ok := lists[worker]; ok {
				for _, item := range list.list() {
					key := Key{Ed25519: item.anyText()}
					if err := CheckKey(key.Ed25519); err != nil {
						key.Malformed = fmt.Sprintf("%s:%d: %s: %v", name, item.node.Line, item.path, err)
					}
					keys[worker] = append(keys[worker], key)
				}
			}
		}
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	return keys, nil
}

// Marshal returns the policy as a file that Overlay reads back to it.
func (p *Policy) Marshal() ([]byte, error) {
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	if err := enc.Encode(p); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// ProductNames returns the names of the policy's products, sorted.
func (p *Policy) ProductNames() []string {
	return slices.Sorted(maps.Keys(p.Products))
}
