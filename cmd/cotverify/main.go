// Command cotverify verifies Taskcluster's Chain of Trust.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	os.Exit(run())
}

// memoryGoal is how many bytes of memory garbage may wait in to be collected.
// Only what is made to be large comes near it.
const memoryGoal = 160 << 20

// run executes the command line, and returns the exit status.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200) // most verifications end before the first collection then
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryGoal)
	}
	log.SetOutput(io.Discard)    // net/http tells of odd servers there, in words of its own
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	root := newRoot()
	if err := noHelpOfNothing(root, os.Args[1:]); err != nil {
		return conclude(root, err)
	}
	if isCompletion(os.Args[1:]) {
		plainUsages(root)
	}
	command, err := root.ExecuteContextC(ctx)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return conclude(command, err)
}
