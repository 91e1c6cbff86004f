/** ln(1 + e^x), the smooth max(x, 0). */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { abs, add, atLeast, div, mul, neg, onGrid, polynomial } from './arithmetic.js';
import { exp, type ExpOptions } from './exp.js';

/** 2 atanh(s) / s for z = s^2 <= 1/9, relative error 2^-27; from scripts/minimax.mjs. */
const ATANH = [2, 0.6666641, 0.4002168, 0.27999532, 0.2802237];

const SOFTPLUS_LO = -40;

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|), within 4 ulp for x >= -40, constant below. Positive. */
export function softplus(b: GraphBuilder, x: Value, options: Pick<ExpOptions, 'form'> = {}): Value {
  const at = onGrid(b, x, 2 ** -100);
  const u = exp(b, neg(b, abs(b, at)), { ...options, lo: SOFTPLUS_LO, hi: 0 });
  const s = div(b, u, add(b, u, 2));
  // ln(1 + u) = 2 atanh s, s = u / (2 + u).
  const z = mul(b, s, s);
  const ln = mul(b, s, polynomial(b, z, ATANH));
  return add(b, atLeast(b, at, 0), ln);
}
