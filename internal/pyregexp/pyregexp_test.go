package pyregexp

import "testing"

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{`^esr\d+$`, "esr128", true},
		{`^esr\d+$`, "esr١٢٨", true},
		{`^\d$`, "\U00011F53", false}, // a digit since Unicode 15
		{`^\d$`, "²", false},
		{`^[\d.]+$`, "1.٢", true},
		{`^[^\d]$`, "٢", false},
		{`^\D$`, "٢", false},
		{`^\D$`, "a", true},
		{`^\s$`, "\u3000", true},
		{`^\s$`, "\x1c", true},
		{`^\S$`, "\u3000", false},
		{`^\w+$`, "aé_½٣", true},
		{`^\w$`, "-", false},
		{`^\W$`, "é", false},
		{`^\\d$`, `\d`, true},
		{`^[]\d]+$`, "]٢", true},
		{`^[^]\d]$`, "]", false},
		{`^[[:alpha:]\d]+$`, "a٢", true},
		{`^[a[]\d$`, "[٢", true},
	} {
		r, err := Compile(tt.pattern)
		if err != nil {
			if tt.want {
				t.Errorf("Compile(%q): %v", tt.pattern, err)
			}
			continue
		}
		if got := r.MatchString(tt.text); got != tt.want {
			t.Errorf("%q matches %q: %v", tt.pattern, tt.text, got)
		}
		if r.String() != tt.pattern {
			t.Errorf("String() = %q, want %q", r, tt.pattern)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	for _, pattern := range []string{`(`, `\bx`, `x\B`, `[\D]`, `[^\W]`, `\Qa\E`, `[[:alpha`, `a\`} {
		if _, err := Compile(pattern); err == nil {
			t.Errorf("Compile(%q) = nil, expected an error", pattern)
		}
	}
}
