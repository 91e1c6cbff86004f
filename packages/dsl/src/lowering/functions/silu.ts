/** x sigmoid(x), also called swish. */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { add, mul, onGrid, sub } from './arithmetic.js';
import type { ExpOptions } from './exp.js';
import { sigmoid } from './sigmoid.js';

/** x / (1 + e^-x) within 4 ulp for x >= -50, |x| >= 2^-28; x is first put on multiples of 2^-51. */
export function silu(b: GraphBuilder, x: Value, options: Pick<ExpOptions, 'form'> = {}): Value {
  const at = onGrid(b, x, 2 ** -52);
  return mul(b, at, sigmoid(b, at, options));
}

/** The derivative s (1 + x (1 - s)), s = sigmoid x, which is shared with the value when that is in the graph. */
export function siluDerivative(b: GraphBuilder, x: Value, options: Pick<ExpOptions, 'form'> = {}): Value {
  const at = onGrid(b, x, 2 ** -52);
  const s = sigmoid(b, at, options);
  return mul(b, s, add(b, mul(b, at, sub(b, 1, s)), 1));
}
