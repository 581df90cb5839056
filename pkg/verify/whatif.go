package verify

import (
	"cotverify/pkg/decision"
)

// WhatIf supposes, to see what a verification would then say, that something of
// what it stands on were otherwise. What it says is no verification: nobody may
// act on it, and the report's trust says so.
type WhatIf struct {
	// Templates are rendered in place of what the trees have.
	Templates []Template
	// Distrusted are the keys that the policy was made to forget.
	Distrusted []string
	// Other says in words what else is not as it is, such as the policy.
	Other []string
}

// Template is a .taskcluster.yml in place of a tree's.
type Template struct {
	decision.Template
	// TaskID is the decision or action task that it is rendered for; "" for all
	// that no other template names.
	TaskID string
}

// String is as the command line has it.
func (t Template) String() string {
	if t.TaskID == "" {
		return t.Name
	}
	return t.Name + "@" + t.TaskID
}

// template returns what is rendered for a task; nil for what its tree has.
func (w WhatIf) template(taskID string) *decision.Template {
	var forAll *decision.Template
	for _, t := range w.Templates {
		switch t.TaskID {
		case taskID:
			return &t.Template
		case "":
			forAll = &t.Template
		}
	}
	return forAll
}

// Words says what is supposed, for a report.
func (w WhatIf) Words() []string {
	var words []string
	for _, t := range w.Templates {
		words = append(words, "template "+t.String())
	}
	for _, key := range w.Distrusted {
		words = append(words, "distrust "+key)
	}
	return append(words, w.Other...)
}
