package live

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// bewitLifetime is how long a signed URL is good for: the time that one request
// may take to arrive, and what clocks may differ by. Every try signs anew.
const bewitLifetime = 15 * time.Minute

// Credentials are Taskcluster's. The zero value is none.
type Credentials struct {
	ClientID    string
	AccessToken string
	Certificate string // of temporary credentials: a JSON object
}

func (c Credentials) given() bool { return c != Credentials{} }

// check reports what is unusable about credentials, without showing it.
func (c Credentials) check() error {
	if !c.given() {
		return nil
	}
	if c.ClientID == "" || c.AccessToken == "" {
		return errors.New("the Taskcluster credentials need a client ID and an access token; one of them is missing")
	}
	if strings.ContainsAny(c.ClientID, "\\\n") {
		return errors.New("the Taskcluster client ID holds a backslash or a line break")
	}
	if c.Certificate != "" {
		var certificate map[string]any
		if json.Unmarshal([]byte(c.Certificate), &certificate) != nil {
			return errors.New("the certificate of the Taskcluster credentials is no JSON object")
		}
	}
	return nil
}

// sign returns the URL with a Hawk bewit, by which the queue answers it as it
// would answer the client, until the bewit runs out.
func (c Credentials) sign(u *url.URL, now time.Time) *url.URL {
	ext := ""
	if c.Certificate != "" {
		ext = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"certificate":%s}`, c.Certificate))
	}
	signed := *u
	if signed.RawQuery != "" {
		signed.RawQuery += "&"
	}
	signed.RawQuery += "bewit=" + bewit(u, c.ClientID, c.AccessToken, ext, now.Add(bewitLifetime))
	return &signed
}

// bewit authorizes a GET of a URL. Its MAC binds host, port, path and query as
// they are sent.
func bewit(u *url.URL, id, key, ext string, expires time.Time) string {
	until := strconv.FormatInt(expires.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(mac, "hawk.1.bewit\n%s\n\nGET\n%s\n%s\n%s\n\n%s\n",
		until, u.RequestURI(), strings.ToLower(u.Hostname()), port(u), ext)
	text := strings.Join([]string{id, until, base64.StdEncoding.EncodeToString(mac.Sum(nil)), ext}, `\`)
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// port returns the port that a URL leads to.
func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}
