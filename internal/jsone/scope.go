package jsone

// A scope holds the variables that a node sees: its own, and behind them those
// of the scopes around it.
type scope struct {
	vars   map[string]traced
	parent *scope
}

// inner returns a scope within s.
func (s *scope) inner() *scope {
	return &scope{vars: map[string]traced{}, parent: s}
}

// lookup returns what a name stands for in a scope. Each scope that it goes
// through is a step.
func (r *renderer) lookup(s *scope, name string) (t traced, found bool, err error) {
	for ; s != nil; s = s.parent {
		if t, found = s.vars[name]; found {
			return t, true, nil
		}
		if err := r.step(1); err != nil {
			return traced{}, false, err
		}
	}
	return traced{}, false, nil
}
