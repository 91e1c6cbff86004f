/** The hyperbolic tangent as a rational function of x, without an exponential. */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { clamp, mul, sub } from './arithmetic.js';
import { oddRational } from './odd-rational.js';

/** tanh x is 1 in binary32 from here on. */
const SATURATED = 9.02;

/** tanh(x) / x = P(x^2) / Q(x^2), relative error 2^-25.5 on [-9.02, 9.02]; from scripts/minimax.py. */
const P = [1, 0.13379134237766266, 0.003493356052786112, 2.0572948415065184e-5, 1.330567300783514e-8];
const Q = [1, 0.4671244813075297, 0.0258684511356591, 0.00032820103880400674, 7.75628205066425e-7];

/** tanh x within 4 ulp for |x| >= 2^-36 (below that, x rounded to a multiple of 2^-60). Odd; tanh 0 is 0; within [-1, 1]. */
export function tanh(b: GraphBuilder, x: Value): Value {
  return clamp(b, oddRational(b, x, SATURATED, P, Q), -1, 1);
}

/** The derivative, from the value y = tanh x: 1 - y^2. */
export function tanhDerivative(b: GraphBuilder, y: Value): Value {
  return sub(b, 1, mul(b, y, y));
}
