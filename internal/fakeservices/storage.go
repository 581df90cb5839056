package fakeservices

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"cotverify/pkg/cot"
	"cotverify/pkg/source"
)

// maxBuffered is the largest answer that is held in memory, so that its length
// can be said before it.
const maxBuffered = 8 << 20

// minCompressed is the smallest JSON that the services compress.
const minCompressed = 1 << 10

// answerStorage plays the bucket. It takes no credentials, and encodes
// whatever the client would like.
func (s *Server) answerStorage(w http.ResponseWriter, r *http.Request) {
	uri, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		storageError(w, http.StatusBadRequest, "InvalidURI")
		return
	}
	parts := strings.SplitN(strings.TrimPrefix(uri.Path, "/"), "/", 3)
	if len(parts) < 3 {
		storageError(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	f := source.Artifact(parts[0], parts[2])
	if parts[1] != latestRun {
		f.Run = parts[1]
	}
	stored := s.options.Stored[f]
	if r.Header.Get("Authorization") != "" || uri.Query().Has("bewit") {
		storageError(w, http.StatusBadRequest, "InvalidArgument")
		return
	}
	private := !cot.IsPublic(f.Name) || stored.Kind == Object
	if private && uri.Query().Get("X-Amz-Signature") != secretSignature || stored.Kind == Lost {
		storageError(w, http.StatusForbidden, "AccessDenied")
		return
	}
	answer, err := s.facts.Open(r.Context(), f)
	if err != nil {
		storageError(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	defer answer.Body.Close()

	w.Header().Set("Content-Type", artifactType(f.Name))
	switch {
	case stored.Kind == Object:
		w.Header().Set("Content-Encoding", "identity")
		copyBody(w, answer.Body, false)
	case stored.Encoding == Gzip, stored.Encoding == AsWorker && !isCompressed(f.Name):
		w.Header().Set("Content-Encoding", "gzip")
		copyBody(w, answer.Body, true)
	default:
		copyBody(w, answer.Body, false)
	}
}

// copyBody sends a body, with its length as far as it fits into memory.
func copyBody(w http.ResponseWriter, body io.Reader, zip bool) {
	var sent bytes.Buffer
	to := io.WriteCloser(nopCloser{&sent})
	if zip {
		to = gzip.NewWriter(&sent)
	}
	n, err := io.Copy(to, io.LimitReader(body, maxBuffered))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if n < maxBuffered {
		_ = to.Close()
		w.Header().Set("Content-Length", strconv.Itoa(sent.Len()))
		_, _ = w.Write(sent.Bytes())
		return
	}
	direct := io.WriteCloser(nopCloser{w})
	if zip {
		direct = gzip.NewWriter(w)
		_ = to.Close() // the first member of two
	}
	if _, err := w.Write(sent.Bytes()); err != nil {
		return
	}
	if _, err := io.Copy(direct, body); err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = direct.Close()
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// artifactType returns the content type that a worker gives an artifact.
func artifactType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".json":
		return "text/plain; charset=utf-8" // as chain-of-trust.json has it
	}
	return "application/octet-stream"
}

// isCompressed reports whether a name is of a compressed format.
func isCompressed(name string) bool {
	return slices.Contains([]string{".7z", ".bz2", ".deb", ".dmg", ".gz", ".xz", ".zip", ".zst", ".apk", ".aab"}, path.Ext(name))
}

func storageError(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>no</Message></Error>", code)
}

// answerGitHub plays GitHub's API and its files.
func (s *Server) answerGitHub(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("User-Agent") == "" {
		writeJSON(w, http.StatusForbidden, map[string]any{"message": "Request forbidden by administrative rules."})
		return
	}
	authorization := r.Header.Get("Authorization")
	if authorization != "" && authorization != "Bearer "+s.options.GitHubToken {
		writeJSON(w, http.StatusUnauthorized, map[string]any{"message": "Bad credentials"})
		return
	}
	for _, repository := range s.options.PrivateRepositories {
		if strings.Contains(r.RequestURI+"/", "/"+repository+"/") && authorization == "" {
			writeJSON(w, http.StatusNotFound, map[string]any{"message": "Not Found"})
			return
		}
	}
	s.answerSite(w, r)
}

// answerSite plays any other host: what the source has of its URLs.
func (s *Server) answerSite(w http.ResponseWriter, r *http.Request) {
	for _, scheme := range []string{"https://", "http://"} {
		if data, contentType, ok := s.fact(r.Context(), source.URL(scheme+r.Host+r.RequestURI)); ok {
			write(w, r, contentType, data)
			return
		}
	}
	writeJSON(w, http.StatusNotFound, map[string]any{"message": "Not Found"})
}

// write answers with a text, compressed where that is worth it and asked for.
func write(w http.ResponseWriter, r *http.Request, contentType string, data []byte) {
	w.Header().Set("Content-Type", contentType)
	zip := len(data) >= minCompressed && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
	if zip {
		w.Header().Set("Content-Encoding", "gzip")
	}
	copyBody(w, bytes.NewReader(data), zip)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // entries of lists go out as they came in
	_ = encoder.Encode(v)
}
