package value

// IsDeeper reports whether lists and objects are nested in a value by more than
// the given levels.
func IsDeeper(v any, levels int) bool {
	switch v := v.(type) {
	case []any:
		if levels == 0 {
			return true
		}
		for _, item := range v {
			if IsDeeper(item, levels-1) {
				return true
			}
		}
	case *Object:
		if levels == 0 {
			return true
		}
		for _, entry := range v.All() {
			if IsDeeper(entry, levels-1) {
				return true
			}
		}
	}
	return false
}
