package live

import (
	"context"
	"net"
	"time"
)

// SetSleep replaces the wait before a further try.
func (l *Source) SetSleep(sleep func(context.Context, time.Duration) error) { l.sleep = sleep }

// SetDial replaces what makes connections.
func (l *Source) SetDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	l.transport.DialContext = dial
}

// MaxLookups is maxLookups.
const MaxLookups = maxLookups
