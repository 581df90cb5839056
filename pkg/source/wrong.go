package source

import (
	"fmt"
	"strings"
)

// WrongAnswerError says that what was answered cannot be the fact, as where a
// proxy answers in the place of a service. To who does not know of these it is
// an [*UnavailableError].
type WrongAnswerError struct {
	Fact   Fact
	Reason string // what it is instead, to be read after "the answer is"
}

func (e *WrongAnswerError) Error() string {
	return fmt.Sprintf("%s could not be had: the answer is %s", e.Fact, e.Reason)
}

// Unwrap returns the error as an *UnavailableError.
func (e *WrongAnswerError) Unwrap() error {
	return &UnavailableError{Fact: e.Fact, Reason: "the answer is " + e.Reason}
}

// maxFirstLine is how many bytes of a wrong answer's first line are shown.
const maxFirstLine = 120

// WrongAnswer returns the error of an answer that cannot be the fact: what it is
// instead, with its size and its first line, which tells who answered.
func WrongAnswer(f Fact, what string, body []byte) *WrongAnswerError {
	text := strings.TrimSpace(string(body))
	if text == "" {
		return &WrongAnswerError{Fact: f, Reason: "empty"}
	}
	line, _, _ := strings.Cut(text, "\n")
	if len(line) > maxFirstLine {
		line = strings.ToValidUTF8(line[:maxFirstLine], "") + "…"
	}
	return &WrongAnswerError{Fact: f, Reason: fmt.Sprintf("%s of %d bytes, which begins with %q", what, len(body), strings.TrimSpace(line))}
}

// RefusePage returns a *WrongAnswerError where an answer that is to be JSON or
// YAML is empty or a web page, as proxies give in place of a service that they do
// not reach; nil for all else.
func RefusePage(f Fact, body []byte) error {
	if text := strings.TrimSpace(string(body)); text == "" || strings.HasPrefix(text, "<") {
		return WrongAnswer(f, "a web page", body)
	}
	return nil
}
