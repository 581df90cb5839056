package jsone

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"cotverify/internal/value"
)

// originTemplate has each way that a value can come by in it.
const originTemplate = `# line 1
tasks:
  - $let:
      sha:
        $if: 'tasks_for == "push"'
        then: '${event.after}'
        else: 'none'
      level: '3'
      repo: {$eval: event.repository}
      user:
        name: ${event.user.name}
        groups: [a, "${level_of}"]
    in:
      $let:
        url: '${repo.url}/${sha}'
      in:
        plain: text
        direct: ${event.after}
        rev: ${sha}
        url: ${url}
        both: ${sha}-${event["x y"][0]}-${level}
        whole: {$eval: event.repository}
        repo: {$eval: repo}
        user: {$eval: user}
        expression:
          $eval: '{a: [sha, user], b: event.after + level}'
        condition: {$eval: 'tasks_for == "push" && event.number > 1'}
        choice:
          $if: 'sha == "abc"'
          then:
            - ${level}
          else: other
        switch:
          $switch:
            'level == "3"': three
        merged:
          $merge:
            - a: 1
              b: ${sha}
            - {$if: 'true', then: {b: '${level}'}}
            - {$eval: user}
        deep:
          $mergeDeep:
            - in:
                a: [x]
            - in:
                a: ['${sha}']
                b: y
        mapped:
          $map: {$eval: event.list}
          each(x, i):
            id: ${x.id}
            i: ${i}
        literals:
          $map:
            - one
            - two
          each(x): ${x}!
        object:
          $map: {k: '${level}'}
          each(x):
            ${x.key}: ${x.val}
        reduced:
          $reduce: [1, 2]
          initial:
            - start
          each(acc, x):
            $if: x == 1
            then: {$eval: acc}
        found:
          $find:
            - skipped
            - ${level}
          each(x): x != "skipped"
        foundObject:
          $find: {$eval: event.list}
          each(x): x.id == "second"
        sorted:
          $sort:
            - zz
            - aa
        reversed:
          $reverse: {$eval: event.list}
        flat:
          $flatten:
            - x
            - [y, '${sha}']
        matched:
          $match:
            'true': ${sha}
        json:
          $json:
            sha: ${sha}
            list: {$eval: event.list}
        joined: {$eval: 'join([sha, level], ",")'}
        length: {$eval: len(event.list)}
        slice: {$eval: 'event.list[1:]'}
        time: {$fromNow: '1 day'}
        called: {$eval: as_slugid(sha)}
        call: {$eval: fromNow("1 day")}
        default: {$eval: defined("event")}
        keyed: {$eval: 'event.map[event.key]'}
`

const originContext = `{
  tasks_for: push, level_of: g,
  event: {after: abc, number: 2, key: k, map: {k: v}, "x y": [z], user: {name: me}, repository: {url: u, names: [n]},
    list: [{id: first}, {id: second}]}
}`

// origins are the values of the template with their lines, the reads and the
// lines of the definitions that they came through.
var origins = []struct {
	path  string
	line  int
	reads string
	via   []int
}{
	{"plain", 17, "", nil},
	{"direct", 18, "event.after", nil},
	{"rev", 19, "event.after", []int{6}},
	{"url", 20, "event.after event.repository.url", []int{6, 9, 15}},
	{"both", 21, `event.after event["x y"][0]`, []int{6, 8}},
	{"whole", 22, "event.repository", nil},
	{"whole/url", 22, "event.repository.url", nil},
	{"whole/names/0", 22, "event.repository.names[0]", nil},
	{"repo", 23, "event.repository", []int{9}},
	{"repo/url", 23, "event.repository.url", []int{9}},
	{"user", 24, "", []int{11}},
	{"user/name", 11, "event.user.name", nil},
	{"user/groups", 12, "", nil},
	{"user/groups/1", 12, "level_of", nil},
	{"expression", 26, "", nil},
	{"expression/a/0", 26, "event.after", []int{6}},
	{"expression/a/1", 26, "", []int{11}},
	{"expression/a/1/name", 11, "event.user.name", nil},
	{"expression/b", 26, "event.after", []int{8}},
	{"condition", 27, "event.number tasks_for", nil},
	{"choice", 31, "", nil},
	{"choice/0", 31, "", []int{8}},
	{"switch", 35, "", nil},
	{"merged", 37, "", nil},
	{"merged/a", 38, "", nil},
	{"merged/b", 40, "", []int{8}},
	{"merged/name", 11, "event.user.name", nil},
	{"deep", 43, "", nil},
	{"deep/in", 45, "", []int{47}},
	{"deep/in/a", 45, "", []int{47}},
	{"deep/in/a/0", 45, "", nil},
	{"deep/in/a/1", 47, "event.after", []int{6}},
	{"deep/in/b", 48, "", nil},
	{"mapped", 50, "", nil},
	{"mapped/1", 52, "", nil},
	{"mapped/1/id", 52, "event.list[1].id", []int{50}},
	{"mapped/1/i", 53, "", nil},
	{"literals/0", 58, "", []int{56}},
	{"literals/1", 58, "", []int{57}},
	{"object/k", 62, "", []int{8, 60}},
	{"reduced", 69, "", []int{66}},
	{"reduced/0", 66, "", nil},
	{"found", 73, "", []int{8}},
	{"foundObject", 76, "", nil},
	{"foundObject/id", 76, "event.list[1].id", nil},
	{"sorted/0", 81, "", nil},
	{"sorted/1", 80, "", nil},
	{"reversed/0", 83, "event.list[1]", nil},
	{"reversed/0/id", 83, "event.list[1].id", nil},
	{"flat/0", 86, "", nil},
	{"flat/2", 87, "event.after", []int{6}},
	{"matched/0", 90, "event.after", []int{6}},
	{"json", 92, "event.after event.list", []int{6, 93, 94}},
	{"joined", 95, "event.after", []int{6, 8}},
	{"length", 96, "event.list", nil},
	{"slice", 97, "event.list", nil},
	{"slice/0", 97, "event.list", nil},
	{"time", 98, "now", nil},
	{"called", 99, "as_slugid event.after", []int{6}},
	{"call", 100, "now", nil},
	{"default", 101, "", nil},
	{"keyed", 102, "event.key event.map.k", nil},

	// what is not there has the origin of what is around it
	{"plain/more", 17, "", nil},
	{"user/nobody", 24, "", []int{11}},
	{"mapped/7", 50, "", nil},
	{"mapped/x", 50, "", nil},
}

func TestOrigins(t *testing.T) {
	result, err := render(t, originTemplate, originContext)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range origins {
		path := append([]string{"tasks", "0"}, strings.Split(c.path, "/")...)
		o := result.Origin.At(path...)
		if o.Line != c.line || strings.Join(o.Reads, " ") != c.reads || !slices.Equal(o.Via, c.via) {
			t.Errorf("%s: line %d, reads %q, via %v, want line %d, reads %q, via %v",
				c.path, o.Line, o.Reads, o.Via, c.line, c.reads, c.via)
		}
	}
}

// TestOriginsAreWhole holds every value of a result to have an origin with a
// line of the template.
func TestOriginsAreWhole(t *testing.T) {
	result, err := render(t, originTemplate, originContext)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Count(originTemplate, "\n")
	eachPath(result.Value, nil, func(path []string) {
		if o := result.Origin.At(path...); o.Line < 2 || o.Line > lines || o.Column < 1 {
			t.Errorf("%v is from line %d, column %d", path, o.Line, o.Column)
		}
	})
}

// eachPath calls f with the path of a value and of each within.
func eachPath(v any, path []string, f func(path []string)) {
	f(path)
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			eachPath(item, append(path[:len(path):len(path)], fmt.Sprint(i)), f)
		}
	case *value.Object:
		for key, item := range v.All() {
			eachPath(item, append(path[:len(path):len(path)], key), f)
		}
	}
}

func TestOriginWithoutFile(t *testing.T) {
	result, err := Render(context.Background(), object("a", text("${x}")), map[string]any{"x": "v"})
	if err != nil {
		t.Fatal(err)
	}
	if o := result.Origin.At("a"); o.Line != 0 || len(o.Via) != 0 || !slices.Equal(o.Reads, []string{"x"}) {
		t.Errorf("origin is %+v", o)
	}
	var none *Origin
	if o := none.At("a"); o != nil {
		t.Errorf("no origin has a part %+v", o)
	}
}

// TestOriginBounds holds what an origin lists to its bounds, where a value was
// made of more.
func TestOriginBounds(t *testing.T) {
	vars := hostileContext()
	deep := any("v")
	key := strings.Repeat("k", maxPath/4)
	for range 10 {
		deep = value.ObjectOf(key, deep)
	}
	vars["deep"] = deep
	template := parseYAML(t, "all: '"+manyReads()+"'\ndeep: ${deep"+strings.Repeat("."+key, 10)+"}")
	result, err := Render(context.Background(), template, vars)
	if err != nil {
		t.Fatal(err)
	}
	all := result.Origin.At("all").Reads
	if len(all) != MaxReads || all[0] != "o.k0" || !slices.IsSorted(all) {
		t.Errorf("%d reads: %q", len(all), all)
	}
	if reads := result.Origin.At("deep").Reads; len(reads) != 1 || len(reads[0]) > maxPath || !strings.HasPrefix(reads[0], "deep."+key) {
		t.Errorf("reads %q", reads)
	}
}

// TestRealTemplate renders a template of Firefox CI, where it is at hand.
func TestRealTemplate(t *testing.T) {
	data, err := os.ReadFile("../../../shared/templates/mozilla+glean/.taskcluster.yml")
	if err != nil {
		t.Skip("the template is not here: ", err)
	}
	result, err := render(t, string(data), `{
  tasks_for: github-push,
  event: {after: abc, ref: refs/heads/main, pusher: {email: a@example.com},
    repository: {html_url: "https://github.com/mozilla/glean", name: glean}}
}`)
	if err != nil {
		t.Fatal(err)
	}
	o := result.Origin.At("tasks", "0", "payload", "env", "GLEAN_HEAD_REV")
	if o.Line != 210 || !slices.Equal(o.Reads, []string{"event.after"}) || !slices.Equal(o.Via, []int{68}) {
		t.Errorf("GLEAN_HEAD_REV has the origin %+v", o)
	}
}

// TestOriginOfKey shows that a value at a key that was rendered came through
// the key's parts.
func TestOriginOfKey(t *testing.T) {
	result, err := render(t, "$let:\n  level: ${tree.level}\nin:\n  level-${level}: [text]\n", "tree: {level: '3'}")
	if err != nil {
		t.Fatal(err)
	}
	o := result.Origin.At("level-3")
	if o.Line != 4 || !slices.Equal(o.Reads, []string{"tree.level"}) || !slices.Equal(o.Via, []int{2}) {
		t.Errorf("line %d, reads %q, via %v", o.Line, o.Reads, o.Via)
	}
}

// TestLineAt shows which line of a text over several lines rendered a part of
// what was made of it.
func TestLineAt(t *testing.T) {
	result, err := render(t, ">-\n  one ${x}\n  two $${y} ${x}\n\n  ${x} three\n", "x: expanded")
	if err != nil {
		t.Fatal(err)
	}
	text := result.Value.(string)
	for part, line := range map[string]int{"one": 2, "two": 3, "${y}": 3, "three": 5} {
		if got := result.Origin.LineAt(strings.Index(text, part)); got != line {
			t.Errorf("%q in %q is of line %d, expected %d", part, text, got, line)
		}
	}
}
