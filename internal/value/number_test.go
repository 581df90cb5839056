package value

import (
	"math"
	"math/big"
	"strings"
	"testing"
)

func TestFormatFloat(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{
		{0, "0.0"},
		{math.Copysign(0, -1), "-0.0"},
		{1, "1.0"},
		{-2.5, "-2.5"},
		{0.1 + math.Nextafter(0.2, 1), "0.30000000000000004"},
		{0.0001, "0.0001"},
		{0.00001, "1e-05"},
		{123456789012345.6, "123456789012345.6"},
		{1e15, "1000000000000000.0"},
		{9999999999999998, "9999999999999998.0"},
		{1e16, "1e+16"},
		{12345678901234567, "1.2345678901234568e+16"},
		{1.5e300, "1.5e+300"},
		{5e-324, "5e-324"},
		{math.MaxFloat64, "1.7976931348623157e+308"},
		{math.Inf(1), "inf"},
		{math.Inf(-1), "-inf"},
		{math.NaN(), "nan"},
	} {
		if got := FormatFloat(c.f); got != c.want {
			t.Errorf("FormatFloat(%v) = %s, want %s", c.f, got, c.want)
		}
	}
}

func TestFormatInt(t *testing.T) {
	power := func(digits int64) *big.Int { // the smallest number of so many digits
		return new(big.Int).Exp(big.NewInt(10), big.NewInt(digits-1), nil)
	}
	for _, n := range []*big.Int{
		power(MaxDigits),
		new(big.Int).Neg(power(MaxDigits)),
		new(big.Int).Sub(power(MaxDigits+1), big.NewInt(1)),
	} {
		text, err := FormatInt(n)
		if err != nil || len(strings.TrimPrefix(text, "-")) != MaxDigits {
			t.Errorf("FormatInt of %d digits = %d bytes, %v", MaxDigits, len(text), err)
		}
	}
	for _, n := range []*big.Int{power(MaxDigits + 1), new(big.Int).Neg(power(MaxDigits + 1)), power(100_000)} {
		if text, err := FormatInt(n); err == nil {
			t.Errorf("FormatInt of a number of %d bits = %d bytes, want an error", n.BitLen(), len(text))
		}
	}
}
