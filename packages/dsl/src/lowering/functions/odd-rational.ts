/**
 * Odd functions that run from -1 to 1: y = 2 t / (1 + t^2) with t = x P(x^2) / Q(x^2), the form of tanh and erf. An error of t hardly
 * shows in y where t is near 1, so low degrees do, and roundings do not add up there.
 */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { add, atLeast, clamp, div, mul, onGrid, polynomial } from './arithmetic.js';

/** y for x clamped to [-limit, limit]. P and Q are positive there. Exactly odd: only x itself carries the sign. */
export function oddRational(
  b: GraphBuilder,
  x: Value,
  limit: number,
  p: readonly number[],
  q: readonly number[],
): Value {
  const inside = clamp(b, onGrid(b, x, 2 ** -60), -limit, limit);
  // The analysis does not know that a square is not negative. Below this bound z no longer tells.
  const z = atLeast(b, mul(b, inside, inside), 2 ** -60);
  const n = mul(b, inside, polynomial(b, z, p));
  const d = polynomial(b, z, q);
  // Q is at least 1, so the bound is only for the analysis.
  const squares = atLeast(b, add(b, mul(b, d, d), mul(b, n, n)), 1);
  const y = div(b, mul(b, mul(b, n, d), 2), squares);
  return clamp(b, y, -1, 1);
}
