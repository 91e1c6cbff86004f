/** The activation of GPT-2: x (1 + tanh z) / 2 with z = sqrt(2 / pi) (x + 0.044715 x^3), about two thirds of the work of gelu itself. */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { add, clamp, mul, onGrid, sub } from './arithmetic.js';
import { tanh } from './tanh.js';

/** tanh z is 1 in binary32 here, and z still below where tanh would cut it off itself. */
const LIMIT = 5.15;
export const LINEAR = 0.7978845608028654;
export const CUBIC = LINEAR * 0.044715;

/** x on a grid, x clamped, its square and the share s = (1 + tanh z) / 2: what the value and the derivative have in common. */
function parts(b: GraphBuilder, x: Value): { at: Value; a: Value; square: Value; share: Value } {
  const at = onGrid(b, x, 2 ** -49);
  const a = clamp(b, at, -LIMIT, LIMIT);
  const square = mul(b, a, a);
  const t = tanh(b, mul(b, a, add(b, mul(b, square, CUBIC), LINEAR)));
  return { at, a, square, share: add(b, mul(b, t, 0.5), 0.5) };
}

/** Within 2^-21 of the formula times max(1, |x|); x itself for x >= 5.15 and 0 for x <= -5.15. */
export function geluTanh(b: GraphBuilder, x: Value): Value {
  const { at, share } = parts(b, x);
  return mul(b, at, share);
}

/** The derivative s + 2 x s (1 - s) z'. */
export function geluTanhDerivative(b: GraphBuilder, x: Value): Value {
  const { a, square, share } = parts(b, x);
  const slope = add(b, mul(b, square, 6 * CUBIC), 2 * LINEAR);
  const bell = mul(b, mul(b, share, sub(b, 1, share)), mul(b, a, slope));
  return add(b, bell, share);
}
