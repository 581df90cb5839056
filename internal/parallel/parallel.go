// Package parallel runs functions side by side.
package parallel

import (
	"cmp"
	"sync"
)

// Run runs functions at the same time, all of them to their end, and returns
// the first error in their order, not in time: the same facts give the same
// error.
func Run(run ...func() error) error {
	errs := make([]error, len(run))
	var running sync.WaitGroup
	for i, f := range run {
		running.Go(func() { errs[i] = f() })
	}
	running.Wait()
	return cmp.Or(errs...)
}
