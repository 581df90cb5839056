package source

import (
	"context"
	"time"
)

// SetSleep replaces the wait before a further try.
func (l *Live) SetSleep(sleep func(context.Context, time.Duration) error) { l.sleep = sleep }
