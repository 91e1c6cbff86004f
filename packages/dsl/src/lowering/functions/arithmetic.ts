/** Short names for the canonical operators that the elementary functions are written in. */
import type { GraphBuilder, OperatorName, Value } from '@gensyn/ir';
import { containsZero } from '@gensyn/ir';

/** A tensor or an f32 scalar constant, rounded once. */
export type Operand = Value | number;

function value(b: GraphBuilder, x: Operand): Value {
  return typeof x === 'number' ? b.scalar(x) : x;
}

function binary(op: OperatorName) {
  return (b: GraphBuilder, x: Operand, y: Operand): Value => b.add(op, [value(b, x), value(b, y)]);
}

export const add = binary('Add');
export const sub = binary('Sub');
export const mul = binary('Mul');
export const div = binary('Div');
export const less = binary('Less');

export function abs(b: GraphBuilder, x: Value): Value {
  return b.add('Abs', [x]);
}

export function neg(b: GraphBuilder, x: Value): Value {
  return b.add('Neg', [x]);
}

export function sqrt(b: GraphBuilder, x: Value): Value {
  return b.add('Sqrt', [x]);
}

export function cast(b: GraphBuilder, x: Value, to: 'f32' | 'i32'): Value {
  return b.add('Cast', [x], { to });
}

/** max(x, bound), or x itself when its range already says so. A -0 is normalised where a bound of 0 could meet it. */
export function atLeast(b: GraphBuilder, x: Value, bound: number): Value {
  if (x.range.lo >= Math.fround(bound)) return x;
  return b.add('Max', [oneZero(b, x, bound), b.scalar(bound)]);
}

/** min(x, bound), or x itself when its range already says so. */
export function atMost(b: GraphBuilder, x: Value, bound: number): Value {
  if (x.range.hi <= Math.fround(bound)) return x;
  return b.add('Min', [oneZero(b, x, bound), b.scalar(bound)]);
}

export function clamp(b: GraphBuilder, x: Value, lo: number, hi: number): Value {
  return atMost(b, atLeast(b, x, lo), hi);
}

function oneZero(b: GraphBuilder, x: Value, bound: number): Value {
  return bound === 0 && x.range.negativeZero && containsZero(x.range) ? add(b, x, 0) : x;
}

/** Nearest multiple of `step` (a power of two; ties to even) of |x| < 2^22 step. Never -0. */
export function round(b: GraphBuilder, x: Value, step = 1): Value {
  return sub(b, add(b, x, 1.5 * 2 ** 23 * step), 1.5 * 2 ** 23 * step);
}

/** 8/5 with an odd last bit, so that x + c is a tie only for x of about c's own size. */
const BIAS = 13421773 * 2 ** -23;

/**
 * x as a multiple of `step` (a power of two), so that products with it cannot be subnormal: (x + c) - c with c near 2^24 step. Exact for
 * |x| >= 2^26 step; below that, rounded to a multiple of 2 step or by half a unit in the last place. Never -0. x itself when its range
 * already says that it lies on the grid.
 */
export function onGrid(b: GraphBuilder, x: Value, step: number): Value {
  if (x.range.quantum >= step) return x;
  return sub(b, add(b, x, BIAS * 2 ** 24 * step), BIAS * 2 ** 24 * step);
}

/** c[0] + c[1] x + c[2] x^2 + ... by Horner's rule. */
export function polynomial(b: GraphBuilder, x: Value, c: readonly number[]): Value {
  let sum: Operand = c.at(-1)!;
  for (let i = c.length - 2; i >= 0; i--) sum = add(b, mul(b, x, sum), c[i]!);
  return value(b, sum);
}
