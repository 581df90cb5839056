package source

import "time"

// Observer is told of every request that a live source makes. It is called
// by many goroutines at once and must return soon.
type Observer interface {
	Observe(Event)
}

// Event is what there is to tell of one request. A fact may take several: a
// redirect, a page of a list and another try are requests of their own.
type Event struct {
	Request uint64 // the same in all events of a request, and in no other's
	State   State
	Fact    Fact
	URL     string        // without what is secret in it
	Status  int           // the HTTP status, 0 while or where there is none
	Bytes   int64         // that came of the body so far, as they were encoded
	Size    int64         // of the whole body, or -1 where it is not known
	Elapsed time.Duration // since the request began
	Failure string        // why a finished request failed, or ""
}

// State is how far a request got.
type State int

// The states of a request, in their order. Receiving is told again and again.
const (
	Started State = iota
	Receiving
	Finished
)
