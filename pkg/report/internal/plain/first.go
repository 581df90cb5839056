package plain

// First keeps the first of a list that may be longer than a consumer takes.
type First[T any] struct {
	max  int
	kept []T
	more int
}

// NewFirst returns what keeps as many as a consumer takes.
func NewFirst[T any](most int) *First[T] { return &First[T]{max: most} }

// Add adds one to the list.
func (f *First[T]) Add(v T) {
	if len(f.kept) == f.max {
		f.more++
		return
	}
	f.kept = append(f.kept, v)
}

// All returns the list. Where it is longer than a consumer takes, its last place
// is of one that says how many more there are.
func (f *First[T]) All(more func(n int) T) []T {
	if f.more > 0 {
		f.kept[f.max-1] = more(f.more + 1)
		f.more = 0
	}
	return f.kept
}
