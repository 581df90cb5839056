package decision

import (
	"math"
	"math/big"
	"strings"

	"cotverify/internal/jsone"
	"cotverify/internal/value"
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
	Rebuilt, Runtime *value.Object
	Origin           *jsone.Origin // of Rebuilt
	// Differences between the closest rebuilt task and the runtime one.
	Differences []Difference
	// Loose has the JSON pointers of values that are equal only across types.
	Loose []string
}

// Difference is a place where the rebuilt definition (A) and the runtime one
// (B) differ, with what rendered it.
type Difference struct {
	value.Difference
	Origin *jsone.Origin // nil where no template made it
}

// Compare compares each of the rebuilt tasks in turn with the runtime
// definition, until one matches (specification, section 6, decision, point 3).
// The error is a *Refusal, where a rebuilt task before the match cannot be
// compared.
func (r *Rebuilt) Compare() (*Comparison, error) {
	if len(r.Tasks) == 0 {
		return nil, refuse(".taskcluster.yml renders to no task")
	}
	runtime, _, err := normalize(r.parent.Definition, nil)
	if err != nil {
		return nil, refuse("the runtime definition %v", err)
	}
	var closest *Comparison
	for i, task := range r.Tasks {
		definition, ok := task.(*value.Object)
		if !ok {
			return nil, refuse("rebuilt task %d is %s, not an object", i, value.Kind(task))
		}
		rebuilt, origin, err := normalize(definition.Without("taskId"), r.Origins[i])
		if err != nil {
			return nil, refuse("rebuilt task %d %v", i, err)
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

func compare(rebuilt, runtime *value.Object, origin *jsone.Origin) *Comparison {
	c := &Comparison{Rebuilt: rebuilt, Runtime: runtime, Origin: origin}
	differences, loose := value.Diff(rebuilt, runtime, nearlyEqual)
	for _, d := range differences {
		c.Differences = append(c.Differences, Difference{Difference: d, Origin: originOf(origin, d)})
	}
	for _, path := range loose {
		c.Loose = append(c.Loose, value.Pointer(path...))
	}
	c.Matches = len(differences) == 0
	return c
}

// nearlyEqual reports whether two values are equal, numbers up to the rounding of
// one operation on floats.
func nearlyEqual(a, b any) bool {
	if value.EqualWithin(a, b) {
		return true
	}
	x, xIsInt := asInt(a)
	y, yIsInt := asInt(b)
	const epsilon = 0x1p-52
	if xIsInt && yIsInt {
		larger, _ := new(big.Float).SetInt(maxAbs(x, y)).Float64()
		distance := new(big.Int).Sub(x, y)
		order, ok := value.Compare(distance.Abs(distance), epsilon*larger)
		return ok && order <= 0 && !math.IsInf(larger, 0)
	}
	f, fOK := asFloat(a)
	g, gOK := asFloat(b)
	return fOK && gOK && math.Abs(f-g) <= epsilon*math.Max(math.Abs(f), math.Abs(g))
}

func asInt(v any) (*big.Int, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return big.NewInt(1), true
		}
		return new(big.Int), true
	case *big.Int:
		return v, true
	}
	return nil, false
}

// asFloat returns a number as a float, unless it is an integer that is too
// large for one.
func asFloat(v any) (float64, bool) {
	if f, ok := v.(float64); ok {
		return f, true
	}
	n, ok := asInt(v)
	if !ok {
		return 0, false
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	return f, !math.IsInf(f, 0)
}

func maxAbs(a, b *big.Int) *big.Int {
	if a.CmpAbs(b) < 0 {
		a = b
	}
	return new(big.Int).Abs(a)
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
			return nil, nil, refuse("names no task queue: %v", err)
		}
		workerType, err := value.LookupText(o, "workerType")
		if err != nil {
			return nil, nil, refuse("names no task queue: %v", err)
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
