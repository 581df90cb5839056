package report

// Explanation tells people about a check.
type Explanation struct {
	Check   string
	Warning bool     // it warns, and refuses only if warnings do
	Meaning string   // what the check holds
	Why     string   // what an attacker could do without it
	Fails   []string // how it fails, the usual first
	Do      string   // what to do about it
}
