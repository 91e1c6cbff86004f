/** Reciprocals, inverse roots and powers with a constant exponent. */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { GensynError } from '@gensyn/ir';
import { abs, atLeast, div, mul, sqrt } from './arithmetic.js';
import { exp, type ExpOptions } from './exp.js';
import { log } from './log.js';

/** Operands of a quotient or root are kept at least this large, so that the result is finite. */
export const POSITIVE_FLOOR = 2 ** -60;

/** 1 / x, rounded once, for x >= 2^-60; smaller and negative x count as 2^-60. */
export function reciprocal(b: GraphBuilder, x: Value): Value {
  return div(b, 1, atLeast(b, x, POSITIVE_FLOOR));
}

/** 1 / sqrt x, rounded twice, for x >= 2^-60; smaller and negative x count as 2^-60. */
export function rsqrt(b: GraphBuilder, x: Value): Value {
  return div(b, 1, sqrt(b, atLeast(b, x, POSITIVE_FLOOR)));
}

/** Largest integer exponent that is expanded into products. */
const PRODUCTS = 16;

/**
 * x^exponent. Multiples of 1/2 up to 16 in magnitude become products, a root and a reciprocal (one rounding each, and the caller keeps x
 * where they neither overflow nor underflow); any other exponent is e^(exponent ln x) for x >= 2^-60, whose relative error grows with the logarithm.
 */
export function power(
  b: GraphBuilder,
  x: Value,
  exponent: number,
  options: Pick<ExpOptions, 'form'> = {},
): Value {
  if (!Number.isFinite(exponent))
    throw new GensynError('G0104', `a power needs a finite exponent, not ${exponent}`);
  const size = Math.abs(exponent);
  if (!Number.isInteger(2 * size) || size > PRODUCTS) return exp(b, mul(b, log(b, x), exponent), options);
  const base = exponent < 0 || !Number.isInteger(size) ? atLeast(b, x, exponent < 0 ? POSITIVE_FLOOR : 0) : x;
  const whole = integerPower(b, base, Math.floor(size));
  const result = Number.isInteger(size) ? whole : whole ? mul(b, whole, sqrt(b, base)) : sqrt(b, base);
  if (!result) return b.constant(new Float32Array(x.shape.reduce((n, d) => n * d, 1)).fill(1), x.shape);
  return exponent < 0 ? div(b, 1, result) : result;
}

/** x^n by squaring; undefined for n = 0. An even power is declared non-negative. */
function integerPower(b: GraphBuilder, x: Value, n: number): Value | undefined {
  let result: Value | undefined;
  for (let square = x, rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result ? mul(b, result, square) : square;
    if (rest > 1) square = square.range.lo < 0 ? abs(b, mul(b, square, square)) : mul(b, square, square);
  }
  return result;
}
