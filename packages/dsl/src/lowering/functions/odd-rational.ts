/** x P(x^2) / Q(x^2): the form of tanh and erf. */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { abs, clamp, div, mul, onGrid, polynomial } from './arithmetic.js';

/** Clamps x to [-limit, limit] first. Both polynomials must be positive there. Exactly odd, because only x itself carries the sign. */
export function oddRational(b: GraphBuilder, x: Value, limit: number, p: readonly number[], q: readonly number[]): Value {
  const inside = clamp(b, onGrid(b, x, 2 ** -60), -limit, limit);
  // The analysis does not know that a square is not negative: Abs says so.
  const z = abs(b, mul(b, inside, inside));
  return div(b, mul(b, inside, polynomial(b, z, p)), polynomial(b, z, q));
}
