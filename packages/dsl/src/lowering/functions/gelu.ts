/**
 * x Phi(x), Phi the normal distribution function. Phi(-a) = R(a) e^(-a^2/2) for a >= 0 with a smooth R, and
 * gelu x = max(x, 0) - |x| Phi(-|x|): no cancellation on either side, and the derivative needs the same exponential.
 */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { abs, add, atLeast, atMost, cast, div, less, mul, onGrid, polynomial, sub } from './arithmetic.js';
import { exp, type ExpOptions } from './exp.js';

/** e^(-a^2/2) is 2^-43 here: beside it, what is left of gelu is nothing. */
const LIMIT = 7.75;

/** R(a) = P(a) / Q(a) on [0, 7.75], relative error 2^-26.9 (1 + a^2 / 2). From scripts/minimax.mjs. */
const P = [0.96849, 0.5970026, 0.17787375, 0.021354435, 2.3238601e-6];
const Q = [1.93698, 2.7394905, 1.573068, 0.4431904, 0.053714328];
const ONE_OVER_ROOT_TWO_PI = 0.3989422804014327;

type Options = Pick<ExpOptions, 'form'>;

/** The parts that the value and the derivative share: |x| clamped, R and the exponential. */
function parts(b: GraphBuilder, x: Value, options: Options) {
  const at = onGrid(b, x, 2 ** -49);
  const a = atMost(b, abs(b, at), LIMIT);
  const e = exp(b, mul(b, mul(b, a, a), -0.5), { ...options, hi: 0 });
  return { at, a, e, r: div(b, polynomial(b, a, P), polynomial(b, a, Q)) };
}

/** gelu x within 4 ulp for x >= -2 and |x| >= 2^-22; further down within 4 + x^2 ulp, as if x had been off by half a unit. Constant below -7.75. */
export function gelu(b: GraphBuilder, x: Value, options: Options = {}): Value {
  const { at, a, e, r } = parts(b, x, options);
  return sub(b, atLeast(b, at, 0), mul(b, mul(b, r, e), a));
}

/** The derivative Phi(x) + x phi(x): d for x <= 0 and 1 - d for x > 0, d = (R(a) - a / sqrt(2 pi)) e^(-a^2/2) at a = |x|. */
export function geluDerivative(b: GraphBuilder, x: Value, options: Options = {}): Value {
  const { at, a, e, r } = parts(b, x, options);
  const d = mul(b, sub(b, r, mul(b, a, ONE_OVER_ROOT_TWO_PI)), e);
  const positive = cast(b, less(b, 0, at), 'f32');
  return add(b, mul(b, add(b, mul(b, positive, -2), 1), d), positive);
}
