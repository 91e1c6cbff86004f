/** The logistic function. */
import type { GraphBuilder, Value } from '@gensyn/ir';
import { add, div, mul, neg, sub } from './arithmetic.js';
import { exp, type ExpOptions } from './exp.js';

/** 1 / (1 + e^-x) within 4 ulp for x >= -50; constant below that. Within (0, 1]. */
export function sigmoid(b: GraphBuilder, x: Value, options: Pick<ExpOptions, 'form'> = {}): Value {
  return div(b, 1, add(b, exp(b, neg(b, x), options), 1));
}

/** The derivative, from the value y = sigmoid x: y (1 - y). */
export function sigmoidDerivative(b: GraphBuilder, y: Value): Value {
  return mul(b, y, sub(b, 1, y));
}
