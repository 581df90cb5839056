package jsone

import (
	"math"
	"math/big"
)

// toFloat is how Python makes a float of a number for an operation with
// another float.
func toFloat(v any) (float64, error) {
	n, ok := v.(*big.Int)
	if !ok {
		return v.(float64), nil
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	if math.IsInf(f, 0) {
		return 0, problem("an integer is too large for a calculation with floats")
	}
	return f, nil
}

// toFloats makes floats of two numbers.
func toFloats(a, b any) (x, y float64, err error) {
	if x, err = toFloat(a); err != nil {
		return 0, 0, err
	}
	y, err = toFloat(b)
	return x, y, err
}

// toInts returns two numbers as integers, if they are.
func toInts(a, b any) (x, y *big.Int, ok bool) {
	x, isInt := a.(*big.Int)
	y, areInts := b.(*big.Int)
	return x, y, isInt && areInts
}

const bitsPerWord = 64

// calculate counts the work of multiplying or dividing integers, and refuses
// results that are too large, given the bits that the result may have.
func (m *meter) calculate(x, y *big.Int, bits int) error {
	if bits > maxIntBits {
		return &LimitError{limitInt, maxIntBits}
	}
	words := (x.BitLen()/bitsPerWord + 1) * (y.BitLen()/bitsPerWord + 1)
	if err := m.step(1 + words/bitsPerWord); err != nil {
		return err
	}
	return m.make(bits / 8)
}

func (r *renderer) add(a, b any) (any, error) {
	if x, y, ok := toInts(a, b); ok {
		if err := r.calculate(x, big.NewInt(1), max(x.BitLen(), y.BitLen())+1); err != nil {
			return nil, err
		}
		return new(big.Int).Add(x, y), nil
	}
	x, y, err := toFloats(a, b)
	return x + y, err
}

func (r *renderer) subtract(a, b any) (any, error) {
	if x, y, ok := toInts(a, b); ok {
		if err := r.calculate(x, big.NewInt(1), max(x.BitLen(), y.BitLen())+1); err != nil {
			return nil, err
		}
		return new(big.Int).Sub(x, y), nil
	}
	x, y, err := toFloats(a, b)
	return x - y, err
}

func (r *renderer) multiply(a, b any) (any, error) {
	if x, y, ok := toInts(a, b); ok {
		if err := r.calculate(x, y, x.BitLen()+y.BitLen()); err != nil {
			return nil, err
		}
		return new(big.Int).Mul(x, y), nil
	}
	x, y, err := toFloats(a, b)
	return x * y, err
}

// divide always yields a float. That of two integers is the float closest to
// the exact quotient.
func (r *renderer) divide(a, b any) (any, error) {
	if x, y, ok := toInts(a, b); ok {
		if y.Sign() == 0 {
			return nil, errDivision
		}
		if err := r.calculate(x, y, 0); err != nil {
			return nil, err
		}
		f, _ := new(big.Rat).SetFrac(x, y).Float64()
		if math.IsInf(f, 0) {
			return nil, problem("a quotient is too large for a float")
		}
		if f == 0 && (x.Sign() < 0) != (y.Sign() < 0) {
			f = math.Copysign(0, -1)
		}
		return f, nil
	}
	x, y, err := toFloats(a, b)
	switch {
	case err != nil:
		return nil, err
	case y == 0:
		return nil, errDivision
	}
	return x / y, nil
}

var errDivision = problem("division by zero")

// power raises to a power. Integers give an integer unless the exponent is
// negative.
func (r *renderer) power(base, exponent any) (any, error) {
	if x, y, ok := toInts(base, exponent); ok && y.Sign() >= 0 {
		return r.intPower(x, y)
	}
	x, y, err := toFloats(base, exponent)
	if err != nil {
		return nil, err
	}
	if err := r.step(powerSteps); err != nil {
		return nil, err
	}
	return floatPower(x, y)
}

// powerSteps is the work of a power of floats.
const powerSteps = 1000

func (r *renderer) intPower(x, y *big.Int) (any, error) {
	bits := x.BitLen()
	if bits > 1 { // else it is -1, 0 or 1, and stays that
		if !y.IsInt64() || y.Int64() > maxIntBits || int(y.Int64())*(bits-1) > maxIntBits {
			return nil, &LimitError{limitInt, maxIntBits}
		}
		bits *= int(y.Int64())
		// The last multiplications are the largest.
		half := new(big.Int).Lsh(big.NewInt(1), uint(bits/2))
		if err := r.calculate(half, half, min(bits, maxIntBits)); err != nil {
			return nil, err
		}
		return new(big.Int).Exp(x, y, nil), nil
	}
	if x.Sign() < 0 && y.Bit(0) == 0 {
		return big.NewInt(1), nil
	}
	if y.Sign() == 0 {
		return big.NewInt(1), nil
	}
	return x, nil
}

// floatPower is Python's ** for floats.
func floatPower(x, y float64) (any, error) {
	odd := math.Mod(y, 2) != 0 && y == math.Trunc(y)
	switch {
	case x == 0 && y < 0:
		return nil, problem("zero cannot be raised to a negative power")
	case y == 0, x == 1, math.IsNaN(x), math.IsNaN(y), math.IsInf(x, 0), math.IsInf(y, 0), x == 0:
		return math.Pow(x, y), nil // all exact
	case x < 0 && y != math.Trunc(y):
		return nil, problem("a negative number cannot be raised to a fraction")
	}
	p := positivePower(math.Abs(x), y)
	if math.IsInf(p, 0) {
		return nil, problem("a power is too large for a float")
	}
	if x < 0 && odd {
		p = -p
	}
	return p, nil
}

// powerPrecision is how many bits powers are calculated with: enough that what
// is left of an error after 2**64 multiplications does not reach the 53 bits of
// a float.
const powerPrecision = 320

// positivePower returns the float closest to x**y, for finite x > 0 and finite
// y other than 0. The C library, which Python asks, nearly always gives the same;
// math.Pow does not.
func positivePower(x, y float64) float64 {
	switch magnitude := y * math.Log(x) * math.Log2E; {
	case magnitude > 1025:
		return math.Inf(1)
	case magnitude < -1080:
		return 0
	case math.Abs(magnitude) < 0x1p-60:
		return 1
	}
	// |y| is an odd integer times a power of two. What of that power is a
	// fraction are square roots of x, the rest is repeated multiplication.
	mantissa, exponent := math.Frexp(math.Abs(y))
	odd, exponent := uint64(mantissa*(1<<53)), exponent-53
	for odd&1 == 0 {
		odd, exponent = odd>>1, exponent+1
	}
	root := new(big.Float).SetPrec(powerPrecision).SetFloat64(x)
	for ; exponent < 0; exponent++ {
		root.Sqrt(root)
	}
	result := new(big.Float).SetPrec(powerPrecision).SetInt64(1)
	for ; odd > 0; odd >>= 1 {
		if odd&1 == 1 {
			result.Mul(result, root)
		}
		if odd > 1 {
			root.Mul(root, root)
		}
	}
	for ; exponent > 0; exponent-- {
		result.Mul(result, result)
	}
	if y < 0 {
		result.Quo(big.NewFloat(1), result)
	}
	f, _ := result.Float64()
	return f
}
