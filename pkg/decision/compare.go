package decision

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"cotverify/internal/jsone"
	"cotverify/internal/value"
	"cotverify/pkg/graph"
)

// Comparison is how a rebuilt definition compares with the one that ran.
type Comparison struct {
	// Matches says that one of the rebuilt tasks equals the runtime task.
	Matches bool
	// Index is the place of the task that does, or of the closest one, among
	// the rebuilt tasks.
	Index int
	// Rebuilt and Runtime are the two definitions in the form in which they
	// were compared.
	Rebuilt, Runtime *graph.Object
	Origin           *Origin // of Rebuilt
	// Differences between the closest rebuilt task and the runtime one.
	Differences []Difference
	// Loose has the values that are equal only across types.
	Loose []Difference
}

// Difference is a place where the rebuilt definition (A) and the runtime one
// (B) differ, with what rendered it.
type Difference struct {
	Path     []string // object keys and list indexes
	A, B     any
	InA, InB bool    // whether that side has the place
	Origin   *Origin // nil where no template made it
}

// Origin says what of a template rendered a value.
type Origin = jsone.Origin

// Compare compares each of the rebuilt tasks in turn with the runtime
// definition, until one matches (specification, section 6, decision, point 3).
// The error is a *Refusal, where a rebuilt task before the match cannot be
// compared.
func (r *Rebuilt) Compare() (*Comparison, error) {
	if len(r.Tasks) == 0 {
		return nil, refuse(AboutTemplate, ".taskcluster.yml renders to no task")
	}
	runtime, _, err := normalize(r.parent.Definition, nil)
	if err != nil {
		return nil, refuse(AboutTask, "the runtime definition %v", err)
	}
	var closest *Comparison
	for i, task := range r.Tasks {
		definition, ok := task.(*value.Object)
		if !ok {
			return nil, refuse(AboutTemplate, "%stask %d of the template is %s, not an object", atLine(r.Origins[i]), i, value.Kind(task))
		}
		rebuilt, origin, err := normalize(definition.Without("taskId"), r.Origins[i])
		if err != nil {
			return nil, refuse(AboutTemplate, "%stask %d of the template %v", atLine(r.Origins[i]), i, err)
		}
		c := compare(rebuilt, runtime, origin)
		c.Index = i
		if c.Matches {
			return c, nil
		}
		if closest == nil || len(c.Differences) < len(closest.Differences) {
			closest = c
		}
	}
	return closest, nil
}

// atLine names the line of the template that rendered something, to be read
// before what is said of it.
func atLine(origin *jsone.Origin) string {
	if origin == nil || origin.Line == 0 {
		return ""
	}
	return fmt.Sprintf(".taskcluster.yml:%d: ", origin.Line)
}

func compare(rebuilt, runtime *value.Object, origin *jsone.Origin) *Comparison {
	c := &Comparison{Rebuilt: rebuilt, Runtime: runtime, Origin: origin}
	differences, loose := value.Diff(rebuilt, runtime, nearlyEqual)
	for _, d := range differences {
		c.Differences = append(c.Differences, Difference{d.Path, d.A, d.B, d.InA, d.InB, atDifference(originOf(origin, d), d)})
	}
	for _, path := range loose {
		a, _ := value.At(rebuilt, path...)
		b, _ := value.At(runtime, path...)
		c.Loose = append(c.Loose, Difference{path, a, b, true, true, origin.At(path...)})
	}
	c.Matches = len(differences) == 0
	return c
}

// atDifference returns the origin of the place where two texts begin to
// differ, which may be on a later line of the template than the text begins.
func atDifference(origin *jsone.Origin, d value.Difference) *jsone.Origin {
	rebuilt, isText := d.A.(string)
	runtime, wasText := d.B.(string)
	if origin == nil || !isText || !wasText {
		return origin
	}
	offset := 0
	for offset < min(len(rebuilt), len(runtime)) && rebuilt[offset] == runtime[offset] {
		offset++
	}
	at := *origin
	if at.Line = origin.LineAt(offset); at.Line != origin.Line {
		at.Column = 0
	}
	return &at
}

// nearlyEqual reports whether two values are equal, finite numbers as floats up
// to the rounding of one operation.
func nearlyEqual(a, b any) bool {
	if value.EqualWithin(a, b) {
		return true
	}
	const epsilon = 0x1p-52
	f, fOK := finite(a)
	g, gOK := finite(b)
	return fOK && gOK && math.Abs(f-g) <= epsilon*math.Max(math.Abs(f), math.Abs(g))
}

// finite returns a number, booleans among them, as a float, if it is not too
// large for one.
func finite(v any) (float64, bool) {
	f := 0.0
	switch v := v.(type) {
	case bool:
		if v {
			f = 1
		}
	case *big.Int:
		f, _ = new(big.Float).SetInt(v).Float64()
	case float64:
		f = v
	default:
		return 0, false
	}
	return f, !math.IsInf(f, 0)
}

// normalize puts a definition into the form in which two are compared. The
// error says what it lacks, to be read after the name of the definition.
func normalize(definition *value.Object, origin *jsone.Origin) (*value.Object, *jsone.Origin, error) {
	kept, keptOrigin := withoutEmpty(definition, origin)
	o := kept.(*value.Object)
	if _, ok := o.Get("projectId"); !ok {
		o = o.With("projectId", "none")
	}
	if _, ok := o.Get("taskQueueId"); !ok {
		provisioner, err := value.LookupText(o, "provisionerId")
		if err != nil {
			return nil, nil, refuse(AboutTask, "names no task queue: %v", err)
		}
		workerType, err := value.LookupText(o, "workerType")
		if err != nil {
			return nil, nil, refuse(AboutTask, "names no task queue: %v", err)
		}
		o = o.With("taskQueueId", provisioner+"/"+workerType)
	}
	return o.Without("provisionerId", "workerType"), keptOrigin, nil
}

// withoutEmpty drops keys and list items that are empty, from the outside in:
// what becomes empty by that stays. It keeps the origins in step.
func withoutEmpty(v any, origin *jsone.Origin) (any, *jsone.Origin) {
	switch v := v.(type) {
	case *value.Object:
		kept := &value.Object{}
		keptOrigin := copyOrigin(origin)
		for key, item := range v.All() {
			if isEmpty(item) {
				continue
			}
			item, itemOrigin := withoutEmpty(item, childOrigin(origin, key))
			kept.Set(key, item)
			if keptOrigin != nil && itemOrigin != nil {
				keptOrigin.Fields[key] = itemOrigin
			}
		}
		return kept, keptOrigin
	case []any:
		kept := make([]any, 0, len(v))
		keptOrigin := copyOrigin(origin)
		for i, item := range v {
			if isEmpty(item) {
				continue
			}
			var itemOrigin *jsone.Origin
			if origin != nil && i < len(origin.Items) {
				itemOrigin = origin.Items[i]
			}
			item, itemOrigin := withoutEmpty(item, itemOrigin)
			kept = append(kept, item)
			if keptOrigin != nil {
				keptOrigin.Items = append(keptOrigin.Items, itemOrigin)
			}
		}
		return kept, keptOrigin
	}
	return v, origin
}

// copyOrigin returns an origin of the same place, without its parts.
func copyOrigin(o *jsone.Origin) *jsone.Origin {
	if o == nil {
		return nil
	}
	c := *o
	c.Items, c.Fields = nil, map[string]*jsone.Origin{}
	return &c
}

func childOrigin(o *jsone.Origin, key string) *jsone.Origin {
	if o == nil {
		return nil
	}
	return o.Fields[key]
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == "null"
	case []any:
		return len(v) == 0
	case *value.Object:
		return v.Len() == 0
	}
	return false
}

// originOf returns what rendered the place of a difference. The task queue is
// put together from two keys, of which that one counts that differs.
func originOf(origin *jsone.Origin, d value.Difference) *jsone.Origin {
	if origin == nil {
		return nil
	}
	path := d.Path
	if len(path) == 1 && path[0] == "taskQueueId" && origin.Fields["taskQueueId"] == nil {
		path = []string{"provisionerId"}
		rebuilt, _ := d.A.(string)
		runtime, _ := d.B.(string)
		provisioner, _, _ := strings.Cut(rebuilt, "/")
		if strings.HasPrefix(runtime, provisioner+"/") {
			path = []string{"workerType"}
		}
	}
	return origin.At(path...)
}
