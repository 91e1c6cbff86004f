/**
 * e^x. The argument is clamped, split as x = n h + r (exactly), and e^r, near 1, is a polynomial.
 *
 * Small tensors pay per node, so there h = 1/64, e^(n h) is read from a table and a quadratic is enough. Large tensors pay per element,
 * where a table costs as much as twenty arithmetic passes: there h = ln 2 in two parts (Cody and Waite) and 2^n is found by squaring.
 */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { elements } from '@gensyn/ir';
import { add, atLeast, cast, clamp, mul, onGrid, polynomial, round, sub } from './arithmetic.js';
import { scaledPowerOfTwo } from './power-of-two.js';

/** Arguments are clamped to this interval: e^-50 = 1.9e-22 is nothing beside 1, and products of two results are still normal. */
export const EXP_LO = -50;
export const EXP_HI = 50;

/** Tensors of at most this many elements take the table. */
export const TABLE_ELEMENTS = 1024;

export interface ExpOptions {
  /** Interval the argument is clamped to, within [-50, 50]: the narrower, the fewer nodes and the tighter the result's range. */
  readonly lo?: number;
  readonly hi?: number;
  /** Which lowering to use; by size when absent. Results may differ in the last bit between the two. */
  readonly form?: 'table' | 'squaring';
}

/** e^x for any x, within 2 ulp for x in [lo, hi]; e^0 is 1. The result lies in [e^lo, e^hi]. */
export function exp(b: GraphBuilder, x: Value, options: ExpOptions = {}): Value {
  const lo = Math.max(options.lo ?? EXP_LO, EXP_LO, Math.min(x.range.lo, EXP_HI));
  const hi = Math.min(options.hi ?? EXP_HI, EXP_HI, Math.max(x.range.hi, lo));
  const form = options.form ?? (elements(x.shape) <= TABLE_ELEMENTS ? 'table' : 'squaring');
  // A finer grid than this changes no result, and could make products of small numbers subnormal.
  const inside = clamp(b, onGrid(b, x, form === 'table' ? 2 ** -52 : 2 ** -100), lo, hi);
  return form === 'table' ? byTable(b, inside) : bySquaring(b, inside);
}

const STEPS = 64;
/** Shares out the cubic term r^3 / 6 that the quadratic leaves, |r| <= 1/128. */
const CUBIC = 1 + 2 ** -17;

function byTable(b: GraphBuilder, x: Value): Value {
  const scaled = mul(b, x, STEPS);
  const n = round(b, scaled);
  const r = clamp(b, sub(b, scaled, n), -0.5, 0.5);
  const { lo: first, hi: last } = n.range;
  const index = cast(b, first === 0 ? n : sub(b, n, first), 'i32');
  const table = b.add('Gather', [b.constant(powers(first, last), [last - first + 1]), index]);
  // e^(r/64) - 1. Added to the table's value last, it leaves little more than two roundings.
  const q = mul(b, r, add(b, mul(b, r, 1 / (2 * STEPS * STEPS)), CUBIC / STEPS));
  return atLeast(b, add(b, mul(b, table, q), table), referenceExp(x.range.lo));
}

/** e^(n/64), n = first..last, rounded once. */
function powers(first: number, last: number): Float32Array {
  return Float32Array.from({ length: last - first + 1 }, (_, i) => referenceExp((first + i) / STEPS));
}

/** e^x in binary64 to about 1e-15, by + and * alone: Math.exp may differ between engines. */
export function referenceExp(x: number): number {
  const whole = Math.round(x);
  const rest = x - whole;
  let sum = 1;
  for (let k = 20; k >= 1; k--) sum = 1 + (sum * rest) / k;
  const e = whole < 0 ? 0.36787944117144233 : 2.718281828459045;
  for (let k = Math.abs(whole), power = e; k > 0; k = Math.floor(k / 2), power *= power)
    if (k % 2 === 1) sum *= power;
  return sum;
}

const LOG2E = 1.4426950408889634;
/** ln 2 to 16 bits: n times it is exact for |n| < 256. The rest of ln 2 is the second part. */
export const LN2_HI = 0.693145751953125;
export const LN2_LO = 1.428606820309417e-6;
/** e^r, relative error 2^-28.3 on [-ln 2 / 2, ln 2 / 2]; from scripts/minimax.mjs. */
const EXP = [1, 1, 0.49999994, 0.16666521, 0.0416684, 0.008368686, 0.0013813677];
const LARGE = 20;

function bySquaring(b: GraphBuilder, x: Value): Value {
  const { lo, hi } = x.range;
  const n = round(b, mul(b, x, LOG2E));
  let r = sub(b, sub(b, x, mul(b, n, LN2_HI)), mul(b, n, LN2_LO));
  // The analysis cannot see that r is small. It matters only where the product below could then overflow.
  if (hi > LARGE) r = clamp(b, r, -0.35, 0.35);
  const power = scaledPowerOfTwo(b, n, n.range.lo, n.range.hi);
  const e = mul(
    b,
    polynomial(
      b,
      r,
      EXP.map((c) => c * 2 ** 23),
    ),
    power,
  );
  return clamp(b, e, referenceExp(lo), referenceExp(hi));
}
