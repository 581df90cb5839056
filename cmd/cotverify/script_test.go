package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cotverify/internal/testgraph"
	"cotverify/internal/testreport"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the command "cotverify" of this package, for the scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cotverify": main})
}

// TestScripts runs the scripts in testdata. Each shows a command as a user
// types it, what it prints and its exit status. GRAPHS is the folder of the
// bundled graphs.
//
// Besides testscript's own, scripts have the commands
//
//	status N command…    run the command, which must end with exit status N
//	copyall from to      copy a folder
//	replace from to file replace a text wherever the file has it
//	release folder N [task=STATE|task=tampered…]
//	                     write the bundle of a task group of N signed builds
//	day N NAME           set a variable to the day that is N days ahead
func TestScripts(t *testing.T) {
	graphs, err := filepath.Abs("../../testdata/graphs")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *testreport.Update,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GRAPHS", graphs)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":  runWithStatus,
			"copyall": copyAll,
			"replace": replaceText,
			"release": writeRelease,
			"day":     setDay,
		},
	})
}

func runWithStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command [argument…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func copyAll(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: copyall from to")
	}
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0]))))
}

func setDay(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: day N NAME")
	}
	days, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Setenv(args[1], time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly))
}

func replaceText(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace from to file")
	}
	text := ts.ReadFile(args[2])
	changed := strings.ReplaceAll(text, args[0], args[1])
	if changed == text {
		ts.Fatalf("%s has no %q", args[2], args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(changed), 0o666))
}

func writeRelease(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: release folder N [task=STATE|task=tampered...]")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	g := testgraph.Large(n)
	states := map[string]string{}
	for _, arg := range args[2:] {
		task, state, _ := strings.Cut(arg, "=")
		if state != "tampered" {
			states[task] = state
			continue
		}
		for name := range g.Task(task).Artifacts {
			if strings.HasPrefix(name, "public/build/") {
				g.Task(task).Artifacts[name] = []byte("not what was built")
			}
		}
	}
	ts.Check(g.WriteGroups(ts.MkAbs(args[0]), states))
}
