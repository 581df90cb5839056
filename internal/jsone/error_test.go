package jsone

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestErrorText(t *testing.T) {
	for _, c := range []struct{ template, text, excerpt string }{
		{
			"a:\n  b: 'x ${one + two}'",
			`line 2, column 6: nothing in the context is named "two", in the expression "one + two", at a.b of the template`,
			"one + two\n      ^",
		},
		{
			"{$merge: 1}",
			`line 1, column 10: $merge is given a number; it takes a list`,
			"",
		},
		{
			"$if: |\n  one == 1\n  && one.b\n  || true",
			`line 1, column 6: a number has no properties; only an object has, in the expression "one == 1\n&& one.b\n|| true", at $if of the template`,
			"&& one.b\n      ^",
		},
		{
			`"${'\e[31m' + 1}"`,
			`line 1, column 1: the operator + between text and a number; it takes two numbers or two texts, in the expression "'\x1b[31m' + 1"`,
			"' [31m' + 1\n        ^",
		},
		{
			"$eval: " + strings.Repeat("1 + ", 30) + "'a'" + strings.Repeat(" + 1", 30),
			`line 1, column 8: the operator + between a number and text; it takes two numbers or two texts, in the expression "` +
				strings.Repeat("1 + ", 15) + `…", at $eval of the template`,
			"…+ 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 'a' + 1 + 1 + 1 + 1 + 1 + 1 + 1 + …\n" + strings.Repeat(" ", 37) + "^",
		},
		{
			"${'añ' + ü}",
			`line 1, column 1: an expression cannot have "ü" here, in the expression "'añ' + ü}"`,
			"'añ' + ü}\n       ^",
		},
	} {
		_, err := render(t, c.template, "{one: 1}")
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want an *Error", c.template, err)
			continue
		}
		if e.Error() != c.text {
			t.Errorf("error is\n%s\nwant\n%s", e, c.text)
		}
		if e.Excerpt() != c.excerpt {
			t.Errorf("excerpt is\n%s\nwant\n%s", e.Excerpt(), c.excerpt)
		}
	}
}

func TestErrorCauses(t *testing.T) {
	failure := errors.New("failure")
	vars := map[string]any{"f": Function(func([]any) (any, error) { return nil, failure })}
	if _, err := Render(context.Background(), eval("f()"), vars); !errors.Is(err, failure) {
		t.Errorf("%v, want the function's error in it", err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Render(ctx, text(""), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that of the context in it", err)
	}

	var limit *LimitError
	_, err := Render(context.Background(), eval("range(0, 100001)"), nil)
	if !errors.As(err, &limit) || limit.Max != maxRange {
		t.Errorf("%v, want a LimitError in it", err)
	}
	if _, err = Render(context.Background(), eval("1 / 0"), nil); errors.Unwrap(err) != nil {
		t.Errorf("%v has the cause %v, want none", err, errors.Unwrap(err))
	}
}

// TestCancelWhileRendering ends the context while a template is rendered.
func TestCancelWhileRendering(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	vars := map[string]any{"stop": Function(func([]any) (any, error) {
		cancel()
		return true, nil
	})}
	template := object("$if", text("stop()"), "then", hostile()["nested $map"])
	if _, err := Render(ctx, template, vars); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that of the context in it", err)
	}
}

func TestContextNames(t *testing.T) {
	for _, name := range []string{"", "a b", "1a", "é", "$x"} {
		if _, err := Render(context.Background(), text(""), map[string]any{name: nil}); err == nil {
			t.Errorf("%q is a name in the context", name)
		}
	}
	// No value of package value: it can be passed around, and is no result.
	for _, template := range []string{"x", "[x]", "{a: x}"} {
		if _, err := Render(context.Background(), eval(template), map[string]any{"x": 1}); err == nil {
			t.Errorf("%s with an int of Go is a value", template)
		}
	}
}
