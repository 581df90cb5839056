package main

import (
	"path/filepath"
	"strings"

	"cotverify/pkg/cot"
	"cotverify/pkg/decision"
	"cotverify/pkg/policy"
	"cotverify/pkg/verify"

	"github.com/spf13/cobra"
)

// whatIfFlags suppose something that is not so.
type whatIfFlags struct {
	templates []string
	distrust  []string
}

func (f *whatIfFlags) add(command *cobra.Command) {
	flags := command.Flags()
	flags.StringArrayVar(&f.templates, "template", nil, "what if `FILE` were the .taskcluster.yml that decision and action tasks are rebuilt from; FILE@TASK_ID for one of them; may be repeated")
	flags.StringArrayVar(&f.distrust, "distrust", nil, "what if the public `KEY`, in base64, were not trusted; may be repeated")
}

// given reports whether anything is supposed.
func (f *whatIfFlags) given() bool { return len(f.templates)+len(f.distrust) > 0 }

// suppose returns what is supposed, and the policy as it then were.
func (f *whatIfFlags) suppose(p *policy.Policy) (verify.WhatIf, *policy.Policy, error) {
	var w verify.WhatIf
	for _, key := range f.distrust {
		without, had := p.WithoutKey(key)
		if !had {
			return w, nil, usagef("--distrust %s: no such key is trusted; cotverify policy show lists them", quoted(key))
		}
		p = without
		w.Distrusted = append(w.Distrusted, key)
	}
	named := map[string]bool{}
	for _, text := range f.templates {
		path, taskID := text, ""
		if i := strings.LastIndexByte(text, '@'); i >= 0 && cot.IsTaskID(text[i+1:]) {
			path, taskID = text[:i], text[i+1:]
		}
		if named[taskID] {
			return w, nil, usagef("--template %s: another one is for the same tasks", quoted(text))
		}
		named[taskID] = true
		content, err := readFile(path)
		if err != nil {
			return w, nil, usagef("--template: %v", err)
		}
		w.Templates = append(w.Templates, verify.Template{
			Template: decision.Template{Name: filepath.Base(path), Content: content}, TaskID: taskID,
		})
	}
	return w, p, nil
}
