/** The hyperbolic tangent without an exponential: tanh x = 2 t / (1 + t^2), t = tanh(x/2) a rational function of x. */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { mul, sub } from './arithmetic.js';
import { oddRational } from './odd-rational.js';

/** tanh x is 1 in binary32 from here on. */
const SATURATED = 9.02;

/** tanh(x/2) = x P(x^2) / Q(x^2): the error it makes in tanh x is 2^-26.7 relative. From scripts/minimax.mjs. */
const P = [0.93346, 0.02775767, 0.00010590453];
const Q = [1.86692, 0.21109189, 0.002245229, 2.26354e-6];

/** tanh x within 4 ulp for |x| >= 2^-36 (below that, x rounded to a multiple of 2^-59). Odd; tanh 0 is 0; within [-1, 1]. */
export function tanh(b: GraphBuilder, x: Value): Value {
  return oddRational(b, x, SATURATED, P, Q);
}

/** The derivative, from the value y = tanh x: 1 - y^2. */
export function tanhDerivative(b: GraphBuilder, y: Value): Value {
  return sub(b, 1, mul(b, y, y));
}
