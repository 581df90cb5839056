package value

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// MaxDigits is how many decimal digits an integer may have where it is read
// from text or written as text. Python refuses longer ones, because turning
// them takes more than linear time.
const MaxDigits = 4300

// FormatFloat writes a float as Python's repr does: the shortest text that
// reads back as the same float, with a fraction or an exponent ("1.0",
// "1e+16", "0.30000000000000004"), and "inf", "-inf" and "nan".
func FormatFloat(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	text := strconv.FormatFloat(f, 'e', -1, 64)
	_, exponent, _ := strings.Cut(text, "e")
	// strconv writes an exponent as Python does: a sign and at least two digits.
	if e, _ := strconv.Atoi(exponent); e < -4 || e >= 16 {
		return text
	}
	text = strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// FormatInt writes an integer in decimal. More than [MaxDigits] digits are an
// error, as in Python.
func FormatInt(n *big.Int) (string, error) {
	// A number of so many digits has at least 3.32 bits for each but one. The
	// test comes first since writing a huge number is what it is there to avoid.
	if n.BitLen() <= 4*MaxDigits {
		text := n.String()
		if len(strings.TrimPrefix(text, "-")) <= MaxDigits {
			return text, nil
		}
	}
	return "", fmt.Errorf("an integer has more than %d digits, too many to be written as text", MaxDigits)
}
