/**
 * 2^n for a tensor of integers n without a table: a rough exponential by repeated squaring, snapped to the power of two below it.
 *
 * v = ((a n + p)^2 + q)^(2^k) comes within a factor 2^(1/2) of 2^(n + 1/2); then v - v (1 - 2^-24), in binary32, is exactly 2^(n - 23),
 * because v (1 - 2^-24) rounds to v's lower neighbour. The parameters are checked on every integer of the interval when the graph is built.
 */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { GensynError } from '@gensyn/ir';
import { add, mul, sub } from './arithmetic.js';

interface Recipe {
  readonly a: number;
  readonly p: number;
  readonly q: number;
  readonly squarings: number;
}

const LN2 = 0.6931471805599453;
const HALF_LN2_ROOT = 1.4142135623730951;
const PREDECESSOR = 1 - 2 ** -24;

const known = new Map<string, Recipe>();

/** 2^(n - 23) for integers n in lo..hi, proved only to lie in about [-2^hi, 2^hi]: the caller bounds what it makes of it. */
export function scaledPowerOfTwo(b: GraphBuilder, n: Value, lo: number, hi: number): Value {
  const { a, p, q, squarings } = recipe(lo, hi);
  const base = add(b, mul(b, n, a), p);
  let v = add(b, mul(b, base, base), q);
  for (let i = 0; i < squarings; i++) v = mul(b, v, v);
  return sub(b, v, mul(b, v, PREDECESSOR));
}

/** Fewest squarings that give every power exactly. Only + - * / are used, so every machine finds the same numbers. */
function recipe(lo: number, hi: number): Recipe {
  const key = `${lo} ${hi}`;
  let found = known.get(key);
  for (let squarings = 0; !found && squarings <= 12; squarings++) {
    const candidate = parameters(lo, hi, squarings);
    if (exact(candidate, lo, hi)) found = candidate;
  }
  if (!found) throw new GensynError('G0104', `no power of two for exponents ${lo} .. ${hi}`);
  known.set(key, found);
  return found;
}

/**
 * The quadratic c0 + c1 z + c2 z^2 nearest to e^z on [-Z, Z] (its Chebyshev series cut off), completed to a square:
 * z runs over (n - middle) ln 2 / 2^k, and the factor 2^(middle + 1/2) goes into the coefficients.
 */
function parameters(lo: number, hi: number, squarings: number): Recipe {
  const parts = 2 ** squarings;
  const middle = (lo + hi) / 2;
  const half = ((Math.max(hi - lo, 1) / 2) * LN2) / parts;
  const [i0, i1, i2] = [bessel(0, half), bessel(1, half), bessel(2, half)];
  const scale = root(2, middle, squarings);
  const c0 = (i0 - 2 * i2) * scale;
  const c1 = ((2 * i1) / half) * scale;
  const c2 = ((4 * i2) / (half * half)) * scale;
  // c2 (z + c1 / 2 c2)^2 + c0 - c1^2 / 4 c2, with sqrt(c2) multiplied in.
  const leading = Math.sqrt(c2);
  const slope = (leading * LN2) / parts;
  return {
    a: Math.fround(slope),
    p: Math.fround(c1 / (2 * leading) - slope * middle),
    q: Math.fround(c0 - (c1 * c1) / (4 * c2)),
    squarings,
  };
}

/** 2^((middle + 1/2) / 2^squarings). */
function root(base: number, middle: number, squarings: number): number {
  let value = HALF_LN2_ROOT;
  let whole = Math.floor(middle);
  if (middle !== whole) value *= HALF_LN2_ROOT;
  for (; whole > 0; whole--) value *= base;
  for (; whole < 0; whole++) value /= base;
  for (let i = 0; i < squarings; i++) value = Math.sqrt(value);
  return value;
}

/** The modified Bessel function I_order(x), by its series. */
function bessel(order: number, x: number): number {
  let term = 1;
  for (let i = 1; i <= order; i++) term *= x / 2 / i;
  let sum = 0;
  for (let k = 1; k < 40; k++) {
    sum += term;
    term *= ((x / 2) * (x / 2)) / (k * (k + order));
  }
  return sum;
}

function exact({ a, p, q, squarings }: Recipe, lo: number, hi: number): boolean {
  const f = Math.fround;
  let power = 2;
  for (let n = 0; n < lo; n++) power *= 2;
  for (let n = 0; n > lo; n--) power /= 2;
  power /= 2 ** 24;
  for (let n = lo; n <= hi; n++, power *= 2) {
    const base = f(f(n * a) + p);
    let v = f(f(base * base) + q);
    for (let i = 0; i < squarings; i++) v = f(v * v);
    if (f(v - f(v * PREDECESSOR)) !== power) return false;
  }
  return true;
}
