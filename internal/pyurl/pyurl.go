// Package pyurl splits URLs as Python's urllib.parse.urlparse does, which is
// what the reference compares hosts and paths with. Go's net/url refuses and
// decodes where Python does not, so the two would disagree on hostile URLs.
package pyurl

import (
	"errors"
	"strings"
	"unicode/utf8"

	"cotverify/internal/pytext"

	"golang.org/x/text/unicode/norm"
)

// URL is a URL in parts, none of them decoded.
type URL struct {
	Scheme string // lower case
	Netloc string // user, host and port as written
	Path   string // without the parameters of the last segment
}

// ErrInvalid says that Python refuses to split the URL.
var ErrInvalid = errors.New("it is no URL that can be split")

// paramSchemes are those whose last path segment ends at a semicolon. So does
// that of a URL without a scheme.
const paramSchemes = " ftp hdl prospero http https shttp rtsp rtspu sip sips mms sftp tel "

// Parse splits a URL. The error is ErrInvalid.
func Parse(s string) (URL, error) {
	s = strings.TrimLeft(s, controlAndSpace)
	s = lineBreaks.Replace(s)
	var u URL
	u.Scheme, s = splitScheme(s)
	if strings.HasPrefix(s, "//") {
		s = s[2:]
		end := strings.IndexAny(s, "/?#")
		if end < 0 {
			end = len(s)
		}
		u.Netloc, s = s[:end], s[end:]
		if err := checkNetloc(u.Netloc); err != nil {
			return URL{}, err
		}
	}
	s, _, _ = strings.Cut(s, "#")
	s, _, _ = strings.Cut(s, "?")
	if u.Scheme == "" || strings.Contains(paramSchemes, " "+u.Scheme+" ") {
		start := strings.LastIndexByte(s, '/') + 1
		if i := strings.IndexByte(s[start:], ';'); i >= 0 {
			s = s[:start+i]
		}
	}
	u.Path = s
	return u, nil
}

const controlAndSpace = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f" +
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f "

// What Python takes out of URLs, and of hosts before it compares them.
var (
	lineBreaks = strings.NewReplacer("\t", "", "\r", "", "\n", "")
	delimiters = strings.NewReplacer("@", "", ":", "", "#", "", "?", "")
)

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func splitScheme(s string) (scheme, rest string) {
	i := strings.IndexByte(s, ':')
	if i <= 0 || !isLetter(s[0]) {
		return "", s
	}
	for j := range i {
		c := s[j]
		if !isLetter(c) && (c < '0' || c > '9') && c != '+' && c != '-' && c != '.' {
			return "", s
		}
	}
	return strings.ToLower(s[:i]), s[i+1:]
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// checkNetloc refuses what Python refuses: unmatched brackets, and characters
// that become delimiters by Unicode normalization. A host in brackets is
// refused altogether, as no code host of a policy has one.
func checkNetloc(netloc string) error {
	if strings.ContainsAny(netloc, "[]") {
		return ErrInvalid
	}
	if isASCII(netloc) {
		return nil
	}
	bare := delimiters.Replace(netloc)
	if !utf8.ValidString(bare) {
		return ErrInvalid
	}
	if folded := norm.NFKC.String(bare); folded != bare && strings.ContainsAny(folded, "/?#@:") {
		return ErrInvalid
	}
	return nil
}

// Host returns the host in lower case, without user and port. The zone of an
// IPv6 address keeps its case: so does what follows a percent sign in any host.
func (u URL) Host() string {
	host := u.Netloc[strings.LastIndexByte(u.Netloc, '@')+1:]
	host, _, _ = strings.Cut(host, ":")
	zone := len(host)
	if i := strings.IndexByte(host, '%'); i >= 0 {
		zone = i
	}
	return pytext.Lower(host[:zone]) + host[zone:]
}

// Segments returns the parts of the decoded path between its slashes; those
// that it begins with do not count.
func (u URL) Segments() []string {
	return strings.Split(strings.TrimLeft(Unquote(u.Path), "/"), "/")
}

// Unquote decodes the percent escapes of a text. Bad ones stay as they are,
// bytes that are no UTF-8 become U+FFFD.
func Unquote(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '%' {
			out.WriteByte(s[i])
			i++
			continue
		}
		run := []byte{}
		for i+2 < len(s) && s[i] == '%' && isHex(s[i+1]) && isHex(s[i+2]) {
			run = append(run, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 3
		}
		if len(run) == 0 {
			out.WriteByte('%')
			i++
			continue
		}
		writeUTF8(&out, run)
	}
	return out.String()
}

// writeUTF8 writes what Python decodes bytes to: the longest start of a
// character that lacks its end becomes one U+FFFD.
func writeUTF8(out *strings.Builder, b []byte) {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			for size < len(b) && !utf8.FullRune(b[:size+1]) {
				size++
			}
		}
		out.WriteRune(r)
		b = b[size:]
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// IsPlainPath reports whether a text can stand in a URL's path and mean itself
// there: nothing in it ends the path or climbs out of it.
func IsPlainPath(s string) bool {
	for _, r := range s {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`?#%\`, r) {
			return false
		}
	}
	for segment := range strings.SplitSeq(s, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return false
		}
	}
	return true
}
