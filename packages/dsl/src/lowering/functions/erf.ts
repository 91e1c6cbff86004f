/** The error function as a rational function of x. */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { clamp, mul, onGrid } from './arithmetic.js';
import { exp, type ExpOptions } from './exp.js';
import { oddRational } from './odd-rational.js';

/** erf x is 1 in binary32 from here on. */
const SATURATED = 3.93;

/** erf x = 2 t / (1 + t^2), t = x P(x^2) / Q(x^2): relative error 2^-24.7 in erf x on [-3.93, 3.93]. From scripts/minimax.mjs. */
const P = [0.99498785, 0.26738688, 0.028891638, 0.0023088283];
const Q = [1.76357, 0.5004281, 0.086346485, 0.010945864, 0.0001801739];
const TWO_OVER_ROOT_PI = 1.1283791670955126;
const DERIVATIVE_LIMIT = 7;

/** erf x within 4 ulp for |x| >= 2^-34 (below that, x on multiples of 2^-59). Odd; erf 0 is 0; within [-1, 1]. */
export function erf(b: GraphBuilder, x: Value): Value {
  return oddRational(b, x, SATURATED, P, Q);
}

/** The derivative 2 / sqrt(pi) e^(-x^2), for |x| <= 7; constant beyond. Within 4 + x^2 ulp: rounding x^2 is amplified by the exponential. */
export function erfDerivative(b: GraphBuilder, x: Value, options: Pick<ExpOptions, 'form'> = {}): Value {
  const at = clamp(b, onGrid(b, x, 2 ** -60), -DERIVATIVE_LIMIT, DERIVATIVE_LIMIT);
  return mul(b, exp(b, mul(b, mul(b, at, at), -1), { ...options, hi: 0 }), TWO_OVER_ROOT_PI);
}
