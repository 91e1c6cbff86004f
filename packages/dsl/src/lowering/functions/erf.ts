/** The error function as a rational function of x. */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { clamp, mul, onGrid } from './arithmetic.js';
import { exp, type ExpOptions } from './exp.js';
import { oddRational } from './odd-rational.js';

/** erf x is 1 in binary32 from here on. */
const SATURATED = 3.93;

/** erf(x) / x = P(x^2) / Q(x^2), relative error 2^-25.6 on [-3.93, 3.93]; from scripts/minimax.py. */
const P = [1.1283791065216064, 0.19081245362758636, 0.05279362201690674, 0.003780658822506666, 0.0002848030417226255, 2.0414036043803208e-6];
const Q = [1, 0.5024358508813875, 0.11426893368753675, 0.014999632888228724, 0.0011654085539127808, 3.799783522779836e-5];
const TWO_OVER_ROOT_PI = 1.1283791670955126;
const DERIVATIVE_LIMIT = 7;

/** erf x within 4 ulp for |x| >= 2^-34 (below that, x on multiples of 2^-60). Odd; erf 0 is 0; within [-1, 1]. */
export function erf(b: GraphBuilder, x: Value): Value {
  return clamp(b, oddRational(b, x, SATURATED, P, Q), -1, 1);
}

/** The derivative 2 / sqrt(pi) e^(-x^2), for |x| <= 7; constant beyond. Within 4 + x^2 ulp: rounding x^2 is amplified by the exponential. */
export function erfDerivative(b: GraphBuilder, x: Value, options: Pick<ExpOptions, 'form'> = {}): Value {
  const at = clamp(b, onGrid(b, x, 2 ** -60), -DERIVATIVE_LIMIT, DERIVATIVE_LIMIT);
  return mul(b, exp(b, mul(b, mul(b, at, at), -1), { ...options, hi: 0 }), TWO_OVER_ROOT_PI);
}
