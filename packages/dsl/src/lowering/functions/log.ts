/**
 * ln x = n ln 2 + ln m with x = m 2^n, m in about [2^-1/2, 2^1/2]. The exponent cannot be read from the bits here: a small tensor is compared with
 * the powers of two and the hits are counted (an exact product with ones); a large one takes square roots until a short series can tell n.
 */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { elements, exponentOf } from '@gensyn/ir';
import { add, cast, clamp, div, less, mul, polynomial, round, sqrt, sub } from './arithmetic.js';
import { LN2_HI, LN2_LO } from './exp.js';
import { scaledPowerOfTwo } from './power-of-two.js';

/** Arguments are clamped to this interval. */
export const LOG_LO = 2 ** -60;
export const LOG_HI = 2 ** 60;

const LN2 = 0.6931471805599453;

export interface LogOptions {
  /** How the exponent is found; by size when absent. The result is the same except near m = 2^1/2, within the stated error. */
  readonly form?: 'count' | 'roots';
}

/** Comparisons that counting may cost, for the whole tensor. */
const COUNT_BUDGET = 2 ** 13;

/** ln x for x in [2^-60, 2^60], within 4 ulp; ln 1 is 0. Smaller and larger x are clamped. */
export function log(b: GraphBuilder, x: Value, options: LogOptions = {}): Value {
  const inside = clamp(b, x, LOG_LO, LOG_HI);
  const lo = exponentOf(inside.range.lo);
  const hi = exponentOf(inside.range.hi) + 1;
  const form = options.form ?? (elements(x.shape) * (hi - lo) <= COUNT_BUDGET ? 'count' : 'roots');
  const n = form === 'count' ? byCount(b, inside, lo, hi) : byRoots(b, inside, lo, hi);
  const m = clamp(
    b,
    mul(b, inside, form === 'count' ? inverseByTable(b, n, lo, hi) : inverseBySquaring(b, n, lo, hi)),
    0.625,
    1.625,
  );
  const f = sub(b, m, 1);
  const s = div(b, f, add(b, m, 1));
  // ln(1 + f) = f - s (f - R(s^2)), s = f / (2 + f): the leading term is exact.
  const rest = mul(b, s, sub(b, f, atanhTail(b, mul(b, s, s))));
  const ln = add(b, sub(b, f, sub(b, rest, mul(b, n, LN2_LO))), mul(b, n, LN2_HI));
  return clamp(b, ln, lo * LN2, hi * LN2);
}

/** 2^-n for n in lo..hi. */
function inverseByTable(b: GraphBuilder, n: Value, lo: number, hi: number): Value {
  const scales = Float32Array.from({ length: hi - lo + 1 }, (_, i) => 2 ** -(lo + i));
  return b.add('Gather', [b.constant(scales, [scales.length]), cast(b, lo === 0 ? n : sub(b, n, lo), 'i32')]);
}

function inverseBySquaring(b: GraphBuilder, n: Value, lo: number, hi: number): Value {
  return mul(
    b,
    clamp(b, scaledPowerOfTwo(b, mul(b, n, -1), -hi, -lo), 2 ** (-hi - 23), 2 ** (-lo - 23)),
    2 ** 23,
  );
}

/** 2 (atanh s - s) / s for z = s^2 <= 0.0475, relative to 2: 2^-26.4; from scripts/minimax.mjs. */
function atanhTail(b: GraphBuilder, z: Value): Value {
  return mul(b, z, polynomial(b, z, [0.66667145, 0.39939806, 0.30714867]));
}

/** lo + how many of the thresholds 2^(j + 1/2) lie below x. */
function byCount(b: GraphBuilder, x: Value, lo: number, hi: number): Value {
  const steps = hi - lo;
  const thresholds = b.constant(
    Float32Array.from({ length: steps }, (_, i) => 2 ** (lo + i) * Math.SQRT2),
    [steps],
  );
  const column = b.add('Reshape', [x], { shape: [elements(x.shape), 1] });
  const hits = cast(b, less(b, thresholds, column), 'f32');
  const counts = b.add('Dot', [hits, b.constant(new Float32Array(steps).fill(1), [steps, 1])]);
  const n = b.add('Reshape', [counts], { shape: [...x.shape] });
  return lo === 0 ? n : add(b, n, lo);
}

/** log2 w = q (2.86 + 1.28 q^2) within 0.0036 for q = (w - 1) / (w + 1), w in [2^-1.88, 2^1.88]. */
const LOG2 = [2.8556743, 1.2826476];
const ROOT_LIMIT = 1.88;

/** Takes the 2^k-th root w of x, and n = round(2^k log2 w): wrong by less than 1/8 before rounding for |n| <= 60. */
function byRoots(b: GraphBuilder, x: Value, lo: number, hi: number): Value {
  let w = x;
  let parts = 1;
  for (; Math.max(-lo, hi - 1) > ROOT_LIMIT * parts; parts *= 2) w = sqrt(b, w);
  const q = div(b, sub(b, w, 1), add(b, w, 1));
  const crude = mul(
    b,
    q,
    polynomial(
      b,
      mul(b, q, q),
      LOG2.map((c) => c * parts),
    ),
  );
  return clamp(b, round(b, crude), lo, hi);
}
