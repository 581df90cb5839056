package fakeservices

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	hawk "github.com/tent/hawk-go"

	"cotverify/pkg/cot"
	"cotverify/pkg/source"
)

// Stored says how an artifact is stored. The zero value is as S3 has it, and
// as a worker uploads it.
type Stored struct {
	Kind     Kind
	Encoding Encoding
	Location string // of a reference: the URL that it is at
	Reason   string // of an error
	Message  string // of an error
}

// Kind tells what an artifact is stored as.
type Kind string

// The kinds of storage.
const (
	S3        Kind = "s3"
	Object    Kind = "object"    // behind a signed URL, not encoded
	Reference Kind = "reference" // anywhere
	Error     Kind = "error"     // the worker could not upload it
	Expired   Kind = "expired"   // not a kind to the queue: it is gone
	Lost      Kind = "lost"      // nor this: listed in S3, and never uploaded
)

// Encoding is how the storage sends an artifact.
type Encoding string

// The encodings. A worker uses gzip for all but names of compressed formats.
const (
	AsWorker Encoding = ""
	Gzip     Encoding = "gzip"
	Plain    Encoding = "plain"
)

// secretSignature is in every signed URL of the storage.
const secretSignature = "SECRET-SIGNATURE"

// answerQueue plays the queue. A proxy signs what it passes on.
func (s *Server) answerQueue(w http.ResponseWriter, r *http.Request, signed bool) {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	parameters, err := url.ParseQuery(query)
	queue := strings.TrimSuffix(s.root.EscapedPath(), "/") + "/api/queue/v1/"
	parts, found := strings.CutPrefix(path, queue+"task/")
	ofGroup := false
	if !found {
		parts, ofGroup = strings.CutPrefix(path, queue+"task-group/")
	}
	if err != nil || !found && !ofGroup {
		writeJSON(w, http.StatusNotFound, map[string]any{"error": "Not found"})
		return
	}
	taskID, rest, _ := strings.Cut(parts, "/")
	if !cot.IsSlugID(taskID) {
		queueError(w, r, http.StatusBadRequest, "InvalidRequestArguments", "taskId is no slugid")
		return
	}
	allowed := []string{"bewit"}
	if rest == "artifacts" || ofGroup {
		allowed = append(allowed, "continuationToken", "limit")
	}
	for name := range parameters {
		if !slices.Contains(allowed, name) {
			queueError(w, r, http.StatusBadRequest, "InvalidRequestArguments", "unknown query parameter "+name)
			return
		}
	}
	if parameters.Has("bewit") || r.Header.Get("Authorization") != "" {
		if err := s.checkBewit(r, parameters.Get("bewit")); err != nil {
			w.Header().Set("WWW-Authenticate", "hawk")
			queueError(w, r, http.StatusUnauthorized, "AuthenticationFailed", err.Error())
			return
		}
		signed = true
	}
	if s.options.Closed && !signed && !strings.HasPrefix(rest, "artifacts/") {
		noScopes(w, r, "queue:get-task:"+taskID)
		return
	}
	run, ofRun := strings.CutPrefix(rest, "runs/")
	run, below, _ := strings.Cut(run, "/")
	if !ofRun {
		run, below = "", rest
	}
	artifact, isArtifact := strings.CutPrefix(below, "artifacts/")
	switch {
	case ofGroup && rest == "list":
		s.answerGroup(w, r, taskID, parameters)
	case ofGroup:
		writeJSON(w, http.StatusNotFound, map[string]any{"error": "Not found"})
	case rest == "":
		s.answerTask(w, r, taskID)
	case rest == "status":
		s.answerStatus(w, r, taskID)
	case rest == "artifacts":
		s.answerList(w, r, taskID, parameters)
	case isArtifact:
		name, err := url.PathUnescape(artifact)
		if err != nil {
			http.Error(w, "<html>Bad Request</html>", http.StatusBadRequest)
			return
		}
		s.answerArtifact(w, r, source.Fact{Kind: source.KindArtifact, TaskID: taskID, Name: name, Run: run}, signed)
	default:
		writeJSON(w, http.StatusNotFound, map[string]any{"error": "Not found"})
	}
}

// checkBewit verifies a signed request by an implementation of Hawk that is
// not the client's.
func (s *Server) checkBewit(r *http.Request, bewit string) error {
	if r.Header.Get("Authorization") != "" {
		return fmt.Errorf("no Authorization header is needed here")
	}
	auth, err := hawk.ParseBewit(bewit)
	if err != nil {
		return err
	}
	token, ok := s.options.AccessTokens[auth.Credentials.ID]
	if !ok {
		return fmt.Errorf("unknown client")
	}
	auth.Credentials.Key, auth.Credentials.Hash = token, sha256.New
	uri, query, _ := strings.Cut(r.RequestURI, "?")
	rest := slices.DeleteFunc(strings.Split(query, "&"), func(p string) bool { return strings.HasPrefix(p, "bewit=") })
	if len(rest) > 0 {
		uri += "?" + strings.Join(rest, "&")
	}
	auth.RequestURI, auth.Host, auth.Port = uri, s.root.Hostname(), s.root.Port()
	if auth.Port == "" {
		auth.Port = "443"
	}
	if err := auth.Valid(); err != nil {
		return err
	}
	return s.checkCertificate(auth.Ext)
}

func (s *Server) checkCertificate(ext string) error {
	if s.options.Certificate == "" && ext == "" {
		return nil
	}
	text, err := base64.StdEncoding.DecodeString(ext)
	if err != nil {
		return fmt.Errorf("ext is no base64")
	}
	var got struct {
		Certificate json.RawMessage `json:"certificate"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		return fmt.Errorf("ext is no JSON")
	}
	var wanted bytes.Buffer
	if err := json.Compact(&wanted, []byte(s.options.Certificate)); err != nil || wanted.String() != string(got.Certificate) {
		return fmt.Errorf("ext.certificate is not that of the client")
	}
	return nil
}

func (s *Server) answerTask(w http.ResponseWriter, r *http.Request, taskID string) {
	definition, _, ok := s.fact(r.Context(), source.Task(taskID))
	if !ok {
		s.noTask(w, r, taskID)
		return
	}
	write(w, r, "application/json; charset=utf-8", definition)
}

func (s *Server) noTask(w http.ResponseWriter, r *http.Request, taskID string) {
	queueError(w, r, http.StatusNotFound, "ResourceNotFound", "`"+taskID+"` does not correspond to a task that exists.")
}

// runs returns the states of a task's runs.
func (s *Server) runs(taskID string) []string {
	if runs, ok := s.options.Runs[taskID]; ok {
		return runs
	}
	return []string{"completed"}
}

// hasArtifacts reports whether the latest run is one that left artifacts.
func (s *Server) hasArtifacts(taskID string) bool {
	runs := s.runs(taskID)
	return len(runs) > 0 && runs[len(runs)-1] == "completed"
}

func (s *Server) answerStatus(w http.ResponseWriter, r *http.Request, taskID string) {
	if _, _, ok := s.fact(r.Context(), source.Task(taskID)); !ok {
		s.noTask(w, r, taskID)
		return
	}
	runs := []map[string]any{}
	state := "unscheduled"
	for i, run := range s.runs(taskID) {
		runs = append(runs, map[string]any{"runId": i, "state": run, "reasonCreated": "scheduled"})
		state = run
	}
	writeJSON(w, http.StatusOK, map[string]any{"status": map[string]any{"taskId": taskID, "state": state, "runs": runs}})
}

// pageSize returns how many entries a page has. ok is false where the request is
// refused, which is then answered.
func (s *Server) pageSize(w http.ResponseWriter, r *http.Request, parameters url.Values) (size int, ok bool) {
	size = s.options.PageSize
	if text := parameters.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit <= 0 {
			queueError(w, r, http.StatusInternalServerError, "InternalServerError", "limit")
			return 0, false
		}
		size = min(size, limit)
	}
	if parameters.Has("continuationToken") && parameters.Get("continuationToken") == "" {
		queueError(w, r, http.StatusBadRequest, "InvalidRequestArguments", "continuationToken")
		return 0, false
	}
	return size, true
}

// answerGroup answers a page of the tasks of a task group, by their offset.
func (s *Server) answerGroup(w http.ResponseWriter, r *http.Request, group string, parameters url.Values) {
	size, ok := s.pageSize(w, r, parameters)
	if !ok {
		return
	}
	data, _, ok := s.fact(r.Context(), source.Group(group))
	if !ok {
		queueError(w, r, http.StatusNotFound, "ResourceNotFound", "No task-group with taskGroupId: `"+group+"`")
		return
	}
	var list struct {
		Sealed string            `json:"sealed"`
		Tasks  []json.RawMessage `json:"tasks"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		queueError(w, r, http.StatusInternalServerError, "InternalServerError", err.Error())
		return
	}
	from := min(pageStart(parameters.Get("continuationToken")), len(list.Tasks))
	to := min(from+size, len(list.Tasks))
	if s.options.Shifted && from > 0 {
		from--
	}
	page := map[string]any{"taskGroupId": group, "schedulerId": "-", "expires": "2027-11-25T00:00:00.000Z", "tasks": list.Tasks[from:to]}
	if list.Sealed != "" {
		page["sealed"] = list.Sealed
	}
	switch {
	case to < len(list.Tasks):
		page["continuationToken"] = pageToken(to)
	case s.options.Circle:
		page["continuationToken"] = pageToken(0)
	}
	writeJSON(w, http.StatusOK, page)
}

// answerList answers a page. A token that did not arrive whole starts over.
func (s *Server) answerList(w http.ResponseWriter, r *http.Request, taskID string, parameters url.Values) {
	size, ok := s.pageSize(w, r, parameters)
	if !ok {
		return
	}
	var list struct {
		Artifacts []json.RawMessage `json:"artifacts"`
	}
	if data, _, ok := s.fact(r.Context(), source.Artifacts(taskID)); ok && s.hasArtifacts(taskID) {
		if err := json.Unmarshal(data, &list); err != nil {
			queueError(w, r, http.StatusInternalServerError, "InternalServerError", err.Error())
			return
		}
	} else if _, _, ok := s.fact(r.Context(), source.Task(taskID)); !ok {
		s.noTask(w, r, taskID)
		return
	}
	from := min(pageStart(parameters.Get("continuationToken")), len(list.Artifacts))
	to := min(from+size, len(list.Artifacts))
	page := map[string]any{"artifacts": append([]json.RawMessage{}, list.Artifacts[from:to]...)}
	if to < len(list.Artifacts) {
		page["continuationToken"] = pageToken(to)
	}
	writeJSON(w, http.StatusOK, page)
}

// tokenMark makes the base64 of a token hold a plus sign, which a client that
// does not escape it loses.
const tokenMark = "\xfb\xef\xbe"

func pageToken(start int) string {
	return base64.StdEncoding.EncodeToString([]byte(tokenMark + strconv.Itoa(start)))
}

func pageStart(token string) int {
	text, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return 0
	}
	start, err := strconv.Atoi(strings.TrimPrefix(string(text), tokenMark))
	if err != nil || start < 0 {
		return 0
	}
	return start
}

// answerArtifact answers with where an artifact is.
func (s *Server) answerArtifact(w http.ResponseWriter, r *http.Request, f source.Fact, signed bool) {
	private := !cot.IsPublic(f.Name)
	if private && !signed {
		noScopes(w, r, append([]string{"queue:get-artifact:" + f.Name}, s.options.LinkScopes...)...)
		return
	}
	stored := s.options.Stored[f]
	switch {
	case f.Run == "" && !s.hasArtifacts(f.TaskID), !s.isListed(r, f):
		queueError(w, r, http.StatusNotFound, "ResourceNotFound", "Artifact not found")
		return
	case stored.Kind == Expired:
		queueError(w, r, http.StatusGone, "ResourceExpired", "Artifact has expired")
		return
	case stored.Kind == Error:
		w.Header().Set("X-Taskcluster-Artifact-Storage-Type", "error")
		writeJSON(w, http.StatusFailedDependency, map[string]any{"reason": stored.Reason, "message": stored.Message})
		return
	}
	kind := S3
	if stored.Kind == Object || stored.Kind == Reference {
		kind = stored.Kind
	}
	location := "https://" + StorageHost + "/" + f.TaskID + "/" + cmp.Or(f.Run, latestRun) + "/" + url.PathEscape(f.Name)
	switch {
	case kind == Reference && stored.Location != "":
		location = stored.Location
	case private, kind == Object:
		location += "?X-Amz-Expires=1800&X-Amz-Signature=" + secretSignature
	}
	w.Header().Set("Location", location)
	w.Header().Set("X-Taskcluster-Artifact-Storage-Type", string(kind))
	writeJSON(w, http.StatusSeeOther, map[string]any{"storageType": string(kind), "url": location})
}

// latestRun is the folder of the storage that has the artifacts of latest runs.
const latestRun = "latest"

// noScopes answers as the services do whose client lacks scopes: one as it is,
// several as an expression.
func noScopes(w http.ResponseWriter, r *http.Request, scopes ...string) {
	missing := scopes[0]
	if len(scopes) > 1 {
		expression, _ := json.MarshalIndent(map[string][]string{"AllOf": scopes}, "", "  ")
		missing = string(expression)
	}
	queueError(w, r, http.StatusForbidden, "InsufficientScopes",
		"Client ID anonymous does not have sufficient scopes and is missing the following scopes:\n\n```\n"+missing+"\n```\n\n"+
			"This request requires the client to satisfy the following scope expression:\n\n```\n"+missing+"\n```")
}

// isListed reports whether the queue knows an artifact.
func (s *Server) isListed(r *http.Request, f source.Fact) bool {
	if _, ok := s.options.Stored[f]; ok {
		return true
	}
	answer, err := s.facts.Open(r.Context(), f)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return true
}

// queueError answers with an error as Taskcluster's services have it.
func queueError(w http.ResponseWriter, r *http.Request, status int, code, words string) {
	writeJSON(w, status, map[string]any{
		"code":        code,
		"message":     words + "\n\n---\n\n* method: " + r.RequestURI + "\n* errorCode: " + code,
		"requestInfo": map[string]any{"url": r.RequestURI},
	})
}
