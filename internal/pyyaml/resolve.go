package pyyaml

import (
	"regexp"
	"strconv"
	"strings"
)

// The tags that safe_load knows.
const (
	tagPrefix = "tag:yaml.org,2002:"

	nullTag      = tagPrefix + "null"
	boolTag      = tagPrefix + "bool"
	intTag       = tagPrefix + "int"
	floatTag     = tagPrefix + "float"
	strTag       = tagPrefix + "str"
	timestampTag = tagPrefix + "timestamp"
	binaryTag    = tagPrefix + "binary"
	seqTag       = tagPrefix + "seq"
	mapTag       = tagPrefix + "map"
	setTag       = tagPrefix + "set"
	omapTag      = tagPrefix + "omap"
	pairsTag     = tagPrefix + "pairs"

	// mergeTag is that of a key "<<", valueTag that of a key "=". They have no
	// meaning elsewhere.
	mergeTag = tagPrefix + "merge"
	valueTag = tagPrefix + "value"
)

// shortTag returns a tag as one writes it, for an error.
func shortTag(tag string) string {
	if name, ok := strings.CutPrefix(tag, tagPrefix); ok {
		tag = "!!" + name
	}
	return strconv.Quote(shorten(tag))
}

// What scalars without quotes and tags are, if they are not text. They are
// YAML 1.1 as PyYAML has it.
var (
	intPattern = regexp.MustCompile(`^(?:[-+]?0b[01_]+` +
		`|[-+]?0[0-7_]+` +
		`|[-+]?(?:0|[1-9][0-9_]*)` +
		`|[-+]?0x[0-9a-fA-F_]+` +
		`|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$`)
	floatPattern = regexp.MustCompile(`^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?` +
		`|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?` +
		`|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*` +
		`|[-+]?\.(?:inf|Inf|INF)` +
		`|\.(?:nan|NaN|NAN))$`)
	datePattern = regexp.MustCompile(`^(\d\d\d\d)-(\d\d)-(\d\d)$`)
	timePattern = regexp.MustCompile(`^(\d\d\d\d)-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.\d*)?` +
		`(?:[ \t]*(?:Z|[-+](\d\d?)(?::(\d\d))?))?$`)
)

const (
	// maxNumber is how long a number may be in characters. Python reads at most
	// 4,300 decimal digits; the rest of the limit is for other notations.
	maxNumber = 10_000

	numberCharacters = "0123456789abcdefABCDEFxX_:.+-"
)

// resolve returns the tag of a scalar that has neither quotes nor a tag.
func resolve(text string) string {
	switch text {
	case "", "~", "null", "Null", "NULL":
		return nullTag
	case "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
		"true", "True", "TRUE", "false", "False", "FALSE":
		return boolTag
	case "<<":
		return mergeTag
	case "=":
		return valueTag
	}
	switch {
	case !strings.ContainsRune("-+.0123456789", rune(text[0])):
		return strTag
	case len(text) > maxNumber && strings.Trim(text, numberCharacters) == "":
		return intTag // so that it is refused, and not taken for text
	case len(text) <= maxNumber && floatPattern.MatchString(text):
		return floatTag
	case len(text) <= maxNumber && intPattern.MatchString(text):
		return intTag
	case datePattern.MatchString(text), timePattern.MatchString(text):
		return timestampTag
	}
	return strTag
}
