package visible

import "testing"

func TestClean(t *testing.T) {
	tests := []struct{ in, want, ascii string }{
		{"plain text", "plain text", "plain text"},
		{"naïve 日本 ✓", "naïve 日本 ✓", `na\u00efve \u65e5\u672c \u2713`},
		{"cut…", "cut…", "cut..."},
		{"a\x1b[0mb", `a\u001b[0mb`, `a\u001b[0mb`},
		{"a\nb\tc\rd", `a\nb\tc\u000dd`, `a\nb\tc\u000dd`},
		{"\x00\x7f\u009b", `\u0000\u007f\u009b`, `\u0000\u007f\u009b`},
		{"\u202eabc\u2066", `\u202eabc\u2066`, `\u202eabc\u2066`},
		{"\xff\xed\xa0\x80", `\xff\xed\xa0\x80`, `\xff\xed\xa0\x80`},
		{"\ufffd", "\ufffd", `\ufffd`},
		{"a\u034fb\u115f\u1160\u17b4\u180b", `a\u034fb\u115f\u1160\u17b4\u180b`, `a\u034fb\u115f\u1160\u17b4\u180b`},
		{"a\u2800b\u3164\uffa0\ufe0f", `a\u2800b\u3164\uffa0\ufe0f`, `a\u2800b\u3164\uffa0\ufe0f`},
		{"\U000e0100\U000e01ef\U0001d159", `\U000e0100\U000e01ef\U0001d159`, `\U000e0100\U000e01ef\U0001d159`},
		{"\u00a0\u2003\u3000\u202f\u00ad\u200b\u2028\ue000\u0378", `\u00a0\u2003\u3000\u202f\u00ad\u200b\u2028\ue000\u0378`, `\u00a0\u2003\u3000\u202f\u00ad\u200b\u2028\ue000\u0378`},
		{`\d+\.\w\`, `\d+\.\w\`, `\d+\.\w\`},
		{`a\u3164 \n \\x1b \U000E0100`, `a\\u3164 \\n \\\\x1b \\U000E0100`, `a\\u3164 \\n \\\\x1b \\U000E0100`},
		{"\\\u3164\\\n\\\xff", `\\\u3164\\\n\\\xff`, `\\\u3164\\\n\\\xff`},
		{"\U000e0041", `\U000e0041`, `\U000e0041`},
	}
	for _, tt := range tests {
		if got := Clean(tt.in); got != tt.want {
			t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if got := CleanASCII(tt.in); got != tt.ascii {
			t.Errorf("CleanASCII(%q) = %q, want %q", tt.in, got, tt.ascii)
		}
	}
}

// TestCleanTellsTextsApart holds texts of a few letters, among them ones that
// become escapes and ones that look like them, against each other.
func TestCleanTellsTextsApart(t *testing.T) {
	letters := []string{`\`, "\u3164", "u3164", "\n", "n", "\xff", "xff", "\ufffd", "\U000e0100", "U000e0100"}
	texts := []string{""}
	for range 4 {
		for _, text := range texts {
			for _, letter := range letters {
				texts = append(texts, text+letter)
			}
		}
	}
	seen := map[string]string{}
	for _, text := range texts {
		shown := Clean(text)
		if other, ok := seen[shown]; ok && other != text {
			t.Fatalf("%q and %q are both shown as %s", text, other, shown)
		}
		seen[shown] = text
	}
}
