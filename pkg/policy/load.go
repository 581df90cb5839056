package policy

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

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
// Firefox CI.
func Default() *Policy {
	p, err := new(Policy).Overlay(defaultYAML, "default.yaml")
	if err != nil {
		panic("the embedded policy is broken: " + err.Error()) // a test loads it
	}
	return p
}

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

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, FileErrors{{File: path, Message: "cannot be read: " + fileerr.Reason(err).Error()}}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, FileErrors{{File: path, Message: "cannot be read: " + fileerr.Reason(err).Error()}}
	}
	return data, nil
}

// Overlay returns the policy with what a file says put over it: a product of
// the file replaces one of that name, keys replace those of the same worker
// implementation, services are replaced one by one, the reference is replaced. The name is the file's, for
// errors, which are [FileErrors].
func (p *Policy) Overlay(data []byte, name string) (*Policy, error) {
	d := &decoder{file: name}
	result := &Policy{
		Reference: p.Reference,
		Keys:      map[string][]Key{},
		Services:  p.Services,
		Products:  map[string]*Product{},
	}
	maps.Copy(result.Keys, p.Keys)
	maps.Copy(result.Products, p.Products)
	if top, ok := d.document(data); ok {
		top.policy(result)
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	return result, nil
}

// ParseKeys reads the keys of a key file: an object that has by worker
// implementation a list of public keys in base64, JSON or YAML. The keys are
// taken as they are, since a malformed one counts as one that does not verify
// (section 4). The name is the file's, for errors, which are [FileErrors].
func ParseKeys(data []byte, name string) (map[string][]Key, error) {
	d := &decoder{file: name}
	keys := map[string][]Key{}
	if top, ok := d.document(data); ok {
		lists := top.object(cot.WorkerImplementations()...)
		for _, worker := range cot.WorkerImplementations() {
			if list, ok := lists[worker]; ok {
				for _, item := range list.list() {
					keys[worker] = append(keys[worker], Key{Ed25519: item.anyText()})
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
