package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"cotverify/internal/visible"
	"cotverify/pkg/source"

	"golang.org/x/term"
)

const (
	// redrawEvery is how often progress is drawn: smooth to the eye, and
	// nothing to notice for a slow terminal.
	redrawEvery = 100 * time.Millisecond
	// drawAfter is how long a command may take before anything is drawn, so
	// that a fast one does not flicker.
	drawAfter = 300 * time.Millisecond
	// maxShown is how many of the requests that run are drawn.
	maxShown = 4
	// defaultWidth is of a terminal that does not tell its own.
	defaultWidth = 80
)

// progress shows on standard error what is being fetched: on a terminal, as
// lines that are gone when it stops; with verbose, as a line for each request
// that remains. It is a [source.Observer].
type progress struct {
	out     io.Writer
	width   func() int // of the terminal; nil if nothing is drawn
	verbose bool
	now     func() time.Time

	mu       sync.Mutex
	began    time.Time
	running  map[uint64]source.Event
	requests int   // that ended
	bytes    int64 // that came, of all requests
	drawn    int   // how many lines are on the terminal

	stop    chan struct{}
	stopped chan struct{}
}

// startProgress shows progress until Stop is called. Nothing is drawn with
// quiet, or if standard error is no terminal that can erase.
func startProgress(quiet, verbose bool) *progress {
	p := newProgress(os.Stderr, verbose)
	if fd := int(os.Stderr.Fd()); !quiet && term.IsTerminal(fd) && os.Getenv("TERM") != "dumb" {
		p.width = func() int {
			width, _, _ := term.GetSize(fd)
			return cmp.Or(width, defaultWidth)
		}
		go p.redraw()
	} else {
		close(p.stopped)
	}
	return p
}

func newProgress(out io.Writer, verbose bool) *progress {
	return &progress{
		out: out, verbose: verbose, now: time.Now, began: time.Now(), running: map[uint64]source.Event{},
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
}

// redraw draws until the progress is stopped.
func (p *progress) redraw() {
	defer close(p.stopped)
	tick := time.NewTicker(redrawEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			p.mu.Lock()
			if p.now().Sub(p.began) >= drawAfter {
				p.show(p.lines())
			}
			p.mu.Unlock()
		}
	}
}

// Stop erases what is drawn. It is called once.
func (p *progress) Stop() {
	close(p.stop)
	<-p.stopped
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show(nil)
}

// Observe implements [source.Observer].
func (p *progress) Observe(e source.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes += e.Bytes - p.running[e.Request].Bytes
	if e.State != source.Finished {
		p.running[e.Request] = e
		return
	}
	delete(p.running, e.Request)
	p.requests++
	if p.verbose {
		p.show(nil)
		fmt.Fprintln(p.out, logLine(e))
	}
}

// logLine tells of a request that ended: its status, size, time and URL, and
// why it failed.
func logLine(e source.Event) string {
	status := "---"
	if e.Status != 0 {
		status = fmt.Sprint(e.Status)
	}
	line := fmt.Sprintf("%s %9s %8s  %s", status, bytesText(e.Bytes), e.Elapsed.Round(time.Millisecond), e.URL)
	if e.Failure != "" {
		line += "  " + e.Failure
	}
	return visible.Clean(line)
}

// lines returns what there is to draw: a summary, and the largest of the
// requests that run.
func (p *progress) lines() []string {
	running := make([]source.Event, 0, len(p.running))
	left := int64(0)
	for _, e := range p.running {
		running = append(running, e)
		left += max(0, e.Size-e.Bytes)
	}
	slices.SortFunc(running, func(a, b source.Event) int {
		return cmp.Or(cmp.Compare(b.Size, a.Size), cmp.Compare(a.Request, b.Request))
	})
	rate := float64(p.bytes) / max(p.now().Sub(p.began).Seconds(), redrawEvery.Seconds())
	summary := fmt.Sprintf("requests: %d done, %d running, %s, %s/s", p.requests, len(running), bytesText(p.bytes), bytesText(int64(rate)))
	if left > 0 {
		summary += ", " + bytesText(left) + " left"
	}
	lines := []string{summary}
	for _, e := range running[:min(len(running), maxShown)] {
		lines = append(lines, "  "+runningLine(e))
	}
	return lines
}

// runningLine tells of a request that runs.
func runningLine(e source.Event) string {
	what := e.Fact.String()
	if e.Fact.Kind == source.KindURL {
		what = e.URL
	}
	switch {
	case e.Status == 0:
		return "asking for " + what
	case e.Size > 0:
		return fmt.Sprintf("%s of %s of %s", bytesText(e.Bytes), bytesText(e.Size), what)
	}
	return bytesText(e.Bytes) + " of " + what
}

// show draws lines in place of those that are drawn.
func (p *progress) show(lines []string) {
	if p.width == nil || p.drawn == 0 && len(lines) == 0 {
		return
	}
	var b strings.Builder
	b.WriteString("\r")
	if p.drawn > 1 {
		fmt.Fprintf(&b, "\x1b[%dA", p.drawn-1)
	}
	b.WriteString("\x1b[J") // erase from here to the end of the screen
	width := p.width()
	for i, line := range lines {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(cut(visible.Clean(line), width-1))
	}
	p.drawn = len(lines)
	_, _ = io.WriteString(p.out, b.String())
}

// cut shortens a line to a width, so that it takes no second row.
func cut(line string, width int) string {
	runes := []rune(line)
	if width < 1 || len(runes) <= width {
		return line
	}
	return string(runes[:width-1]) + "…"
}

// bytesText writes a number of bytes for a person.
func bytesText(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	value, prefixes := float64(n)/unit, "kMGT"
	for value >= unit-0.05 && len(prefixes) > 1 {
		value /= unit
		prefixes = prefixes[1:]
	}
	return fmt.Sprintf("%.1f %cB", value, prefixes[0])
}
