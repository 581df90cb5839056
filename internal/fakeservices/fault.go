package fakeservices

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault changes how a server answers.
type Fault func(http.Handler) http.Handler

// Both has two faults, the first outside the second.
func Both(first, second Fault) Fault {
	return func(next http.Handler) http.Handler { return first(second(next)) }
}

// Where has a fault only where a request's host and path, "HOST/PATH", hold a text.
func Where(text string, fault Fault) Fault {
	return func(next http.Handler) http.Handler {
		faulty := fault(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.Host+r.URL.Path, text) {
				faulty.ServeHTTP(w, r)
			} else {
				next.ServeHTTP(w, r)
			}
		})
	}
}

// First has a fault only in the first n requests of each host and path.
func First(n int, fault Fault) Fault {
	var mu sync.Mutex
	asked := map[string]int{}
	return func(next http.Handler) http.Handler {
		faulty := fault(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			key := r.Host + r.URL.Path
			asked[key]++
			early := asked[key] <= n
			mu.Unlock()
			if early {
				faulty.ServeHTTP(w, r)
			} else {
				next.ServeHTTP(w, r)
			}
		})
	}
}

// Latency answers later.
func Latency(d time.Duration) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(d):
				next.ServeHTTP(w, r)
			case <-r.Context().Done():
			}
		})
	}
}

// Status answers with a status, and with header fields, each a name and a value in
// turn, in place of the fact.
func Status(status int, fields ...string) Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i+1 < len(fields); i += 2 {
				w.Header().Set(fields[i], fields[i+1])
			}
			writeJSON(w, status, map[string]any{"message": "a fault for the sake of it"})
		})
	}
}

// HTML answers with a web page and status 200, as a proxy in between may.
func HTML() Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html><body>We are back soon.</body></html>")
		})
	}
}

// Loop redirects to where the request came to.
func Loop() Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://"+r.Host+r.RequestURI)
			w.WriteHeader(http.StatusFound)
		})
	}
}

// Redirect redirects to a URL.
func Redirect(location string) Fault { return Status(http.StatusFound, "Location", location) }

// Hang never answers.
func Hang() Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		})
	}
}

// Cut cuts the connection within the answer, at a byte that the seed and the
// request choose: before the header, or anywhere in the body.
func Cut(seed uint64) Fault {
	return altered(func(w http.ResponseWriter, r *http.Request, status int, body []byte) {
		at := choose(seed, r, len(body)+1)
		if at < len(body) {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			w.WriteHeader(status)
			_, _ = w.Write(body[:at])
			_ = http.NewResponseController(w).Flush()
		}
		panic(http.ErrAbortHandler)
	})
}

// Short says a Content-Length that is larger than the body.
func Short() Fault {
	return altered(func(w http.ResponseWriter, _ *http.Request, status int, body []byte) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+10))
		w.WriteHeader(status)
		_, _ = w.Write(body)
	})
}

// Wrong changes a byte of the body, which the seed and the request choose.
func Wrong(seed uint64) Fault {
	return altered(func(w http.ResponseWriter, r *http.Request, status int, body []byte) {
		if len(body) > 0 {
			body[choose(seed, r, len(body))] ^= 1
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	})
}

// Drip sends the body a byte at a time.
func Drip(every time.Duration) Fault {
	return altered(func(w http.ResponseWriter, r *http.Request, status int, body []byte) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		for i := range body {
			if _, err := w.Write(body[i : i+1]); err != nil || r.Context().Err() != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			time.Sleep(every)
		}
	})
}

// altered hands the right answer, whatever its status, to a function that
// sends it in a wrong way.
func altered(send func(w http.ResponseWriter, r *http.Request, status int, body []byte)) Fault {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			right := httptest.NewRecorder()
			next.ServeHTTP(right, r)
			for name, values := range right.Header() {
				w.Header()[name] = values
			}
			send(w, r, right.Code, right.Body.Bytes())
		})
	}
}

// choose returns a number below n.
func choose(seed uint64, r *http.Request, n int) int {
	h := seed
	for _, c := range []byte(r.Host + r.URL.Path) {
		h = h*31 + uint64(c)
	}
	return rand.New(rand.NewPCG(seed, h)).IntN(n)
}
