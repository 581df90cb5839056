package value

import "testing"

func TestIsDeeper(t *testing.T) {
	for _, tt := range []struct {
		name  string
		value any
		depth int
	}{
		{"text", "a", 0},
		{"empty list", []any{}, 1},
		{"empty object", &Object{}, 1},
		{"the deepest counts", []any{1, ObjectOf("a", []any{}, "b", 2), []any{}}, 3},
	} {
		if IsDeeper(tt.value, tt.depth) {
			t.Errorf("%s: deeper than %d", tt.name, tt.depth)
		}
		if tt.depth > 0 && !IsDeeper(tt.value, tt.depth-1) {
			t.Errorf("%s: not deeper than %d", tt.name, tt.depth-1)
		}
	}
}
