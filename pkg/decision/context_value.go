package decision

import (
	"strconv"
	"strings"

	"cotverify/internal/value"
)

// ContextValue returns the value at a path of the context that was rendered
// from, as origins have such paths: event.sender.login, a[0], a["b.c"].
func (r *Rebuilt) ContextValue(path string) (any, bool) {
	var at any = r.Context
	for path != "" {
		step, rest, ok := cutStep(path)
		if !ok {
			return nil, false
		}
		path = rest
		switch v := at.(type) {
		case *value.Object:
			if at, ok = v.Get(step); !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			at = v[i]
		default:
			return nil, false
		}
	}
	return at, true
}

// cutStep cuts the first step off a path.
func cutStep(path string) (step, rest string, ok bool) {
	inner, bracket := strings.CutPrefix(path, "[")
	if !bracket {
		path = strings.TrimPrefix(path, ".")
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			return path, "", path != ""
		}
		return path[:end], path[end:], end > 0
	}
	if quoted, err := strconv.QuotedPrefix(inner); err == nil {
		step, err = strconv.Unquote(quoted)
		rest, ok = strings.CutPrefix(inner[len(quoted):], "]")
		return step, rest, ok && err == nil
	}
	return strings.Cut(inner, "]")
}
