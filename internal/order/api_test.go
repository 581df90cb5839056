package order

import (
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"strings"
	"testing"
)

// TestCallersCanNameTypes looks for what a public package offers of a type that
// who uses it cannot name, since it is declared in an internal one.
func TestCallersCanNameTypes(t *testing.T) {
	out := goList(t, "-deps", "-export", "-f", "{{.ImportPath}} {{.Export}}", module+"pkg/...")
	files := map[string]string{}
	for line := range strings.Lines(out) {
		if name, file, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			files[name] = file
		}
	}
	packages := importer.ForCompiler(token.NewFileSet(), "gc", func(name string) (io.ReadCloser, error) { return os.Open(files[name]) })
	seen := 0
	for name := range files {
		if !strings.HasPrefix(name, module+"pkg/") || strings.Contains(name, "/internal/") {
			continue
		}
		p, err := packages.Import(name)
		if err != nil {
			t.Fatal(err)
		}
		seen++
		for _, o := range p.Scope().Names() {
			for _, problem := range unnameable(p.Scope().Lookup(o)) {
				t.Errorf("%s: %s", name, problem)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d public packages were looked at", seen)
	}
}

// unnameable returns which parts of an exported name are of internal types.
func unnameable(o types.Object) []string {
	if !o.Exported() {
		return nil
	}
	var problems []string
	look := func(what string, t types.Type) {
		types.TypeString(t, func(p *types.Package) string {
			if strings.Contains(p.Path()+"/", "/internal/") {
				problems = append(problems, what+" is of a type of "+p.Path())
			}
			return ""
		})
	}
	named, ok := o.Type().(*types.Named)
	if _, isType := o.(*types.TypeName); !isType || !ok {
		if !isType {
			look(o.Name(), o.Type())
		}
		return problems // an alias is what gives an internal type a name
	}
	if fields, ok := named.Underlying().(*types.Struct); ok {
		for field := range fields.Fields() {
			if field.Exported() {
				look(o.Name()+"."+field.Name(), field.Type())
			}
		}
	}
	for method := range named.Methods() {
		if method.Exported() {
			look(o.Name()+"."+method.Name(), method.Type())
		}
	}
	return problems
}
