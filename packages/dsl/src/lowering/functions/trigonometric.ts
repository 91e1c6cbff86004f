/** Sine and cosine: x = n pi + r, |r| <= pi/2, and (-1)^n sin r; for the cosine n is half an odd integer. */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { add, atLeast, clamp, mul, onGrid, polynomial, round, sub } from './arithmetic.js';

/** Angles are clamped to this; rotary positions stay below it when reduced by whole turns beforehand. */
export const ANGLE_LIMIT = 1000;

const ONE_OVER_PI = 0.3183098861837907;
/** pi in three parts: n times the first two is exact for |n| < 2^10, halves included. */
const PI = [3.140625, 0.0009675025939941406, 1.5099580252808664e-7] as const;
/** sin(r) / r in r^2, relative error 2^-27 on [-1.575, 1.575]. From scripts/minimax.mjs. */
const SIN = [1, -0.1666666, 0.008333062, -0.0001980927, 2.6050009e-6];

/** sin x within 2^-22, for |x| <= 1000. Odd; sin 0 is 0. */
export function sin(b: GraphBuilder, x: Value): Value {
  const at = clamp(b, onGrid(b, x, 2 ** -50), -ANGLE_LIMIT, ANGLE_LIMIT);
  const n = round(b, mul(b, at, ONE_OVER_PI));
  return alternating(b, at, n, n);
}

/** cos x = -sin(x - (n + 1/2) pi) (-1)^n within 2^-22, for |x| <= 1000. */
export function cos(b: GraphBuilder, x: Value): Value {
  const at = clamp(b, onGrid(b, x, 2 ** -50), -ANGLE_LIMIT, ANGLE_LIMIT);
  const n = round(b, add(b, mul(b, at, ONE_OVER_PI), 0.5));
  return alternating(b, at, sub(b, n, 0.5), n);
}

/** (-1)^n sin(x - turns pi). */
function alternating(b: GraphBuilder, x: Value, turns: Value, n: Value): Value {
  const reduced = PI.reduce((rest: Value, part) => sub(b, rest, mul(b, turns, part)), x);
  const r = clamp(b, onGrid(b, reduced, 2 ** -50), -1.575, 1.575);
  const z = atLeast(b, mul(b, r, r), 2 ** -60);
  const odd = sub(b, n, mul(b, round(b, mul(b, n, 0.5)), 2));
  const sign = sub(b, 1, mul(b, mul(b, odd, odd), 2));
  return clamp(b, mul(b, mul(b, r, sign), polynomial(b, z, SIN)), -1, 1);
}
