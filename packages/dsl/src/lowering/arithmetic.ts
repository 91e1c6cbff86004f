/** Float arithmetic that is always provable: operands are put on a coarser grid or clamped only where the proof needs it. */
import { RuleError, type Value } from '@gensyn/ir';
import { F32_MAX, F32_TINY, magnitude } from '@gensyn/ir';
import type { Numerics } from './context.js';
import { FloatBuilder } from './float/float-builder.js';
import { sumOver, type SumMethod } from './sum.js';

/** Largest magnitude that a clamped operand keeps. */
const LARGE = 2 ** 60;
/** Grids tried for operands of a product or quotient that could be subnormal, finest first. */
const GRIDS = [-100, -80, -62, -50, -40];

/** Whether an ordinary float graph is built, for comparison: nothing is proved, so nothing is clamped or put on a grid. */
export function isFloat(ctx: Numerics): boolean {
  return ctx.builder instanceof FloatBuilder;
}

/** x rounded to multiples of 2^exponent; also turns -0 into +0. Values above 2^(exponent + 47) are unchanged. */
export function onGrid(ctx: Numerics, x: Value, exponent: number): Value {
  if (isFloat(ctx) || x.range.quantum >= 2 ** exponent) return x;
  // x + c lies where neighbours are 2^exponent apart unless x is itself that coarse (see sumRange in ir).
  const c = ctx.builder.scalar(1.5 * 2 ** (exponent + 24));
  return ctx.builder.add('Sub', [ctx.builder.add('Add', [x, c]), c]);
}

/** x with -0 turned into +0. */
export function unsignedZero(ctx: Numerics, x: Value): Value {
  return x.range.negativeZero ? add(ctx, x, ctx.builder.scalar(0)) : x;
}

export function atLeast(ctx: Numerics, x: Value, bound: number): Value {
  if (isFloat(ctx) || x.range.lo >= Math.fround(bound)) return x;
  return ctx.builder.add('Max', [bound === 0 ? unsignedZero(ctx, x) : x, ctx.builder.scalar(bound)]);
}

export function atMost(ctx: Numerics, x: Value, bound: number): Value {
  if (isFloat(ctx) || x.range.hi <= Math.fround(bound)) return x;
  return ctx.builder.add('Min', [bound === 0 ? unsignedZero(ctx, x) : x, ctx.builder.scalar(bound)]);
}

function clamped(ctx: Numerics, x: Value): Value {
  return magnitude(x.range) <= LARGE ? x : atMost(ctx, atLeast(ctx, x, -LARGE), LARGE);
}

/** A positive divisor, kept away from zero: a quotient by less is beyond all bounds anyway. */
function away(ctx: Numerics, x: Value): Value {
  return x.range.lo > 0 ? atLeast(ctx, clamped(ctx, x), 1 / LARGE) : clamped(ctx, x);
}

function attempt(build: () => Value): Value | RuleError {
  try {
    return build();
  } catch (error) {
    if (error instanceof RuleError && (error.rule === 'underflow' || error.rule === 'finite')) return error;
    throw error;
  }
}

/** Adds `op` on f32 operands; where the result could overflow or be subnormal, clamps or coarsens the operands first. */
function provable(ctx: Numerics, op: 'Add' | 'Sub' | 'Mul' | 'Div', a: Value, b: Value): Value {
  let clamps = false;
  let grids = 0;
  // Coarsen the finer operand first: the other may be a constant that needs no help.
  const coarse = (x: Value): Value =>
    grids === 0 || isConstant(ctx, x) ? x : onGrid(ctx, x, GRIDS[grids - 1]!);
  for (;;) {
    const [p, q] = clamps ? [clamped(ctx, a), op === 'Div' ? away(ctx, b) : clamped(ctx, b)] : [a, b];
    const result = attempt(() => ctx.builder.add(op, [coarse(p), op === 'Div' ? q : coarse(q)]));
    if (!(result instanceof RuleError)) return result;
    if (result.rule === 'finite' && !clamps) clamps = true;
    else if (result.rule === 'underflow' && grids < GRIDS.length) grids++;
    else throw result;
  }
}

export function isConstant(ctx: Numerics, x: Value): boolean {
  return ctx.builder.node(x).op === 'Constant';
}

export const add = (ctx: Numerics, a: Value, b: Value): Value => provable(ctx, 'Add', a, b);
export const sub = (ctx: Numerics, a: Value, b: Value): Value => provable(ctx, 'Sub', a, b);
export const mul = (ctx: Numerics, a: Value, b: Value): Value => provable(ctx, 'Mul', a, b);

/** a / b, where b must be positive or negative throughout (see `atLeast`). */
export function div(ctx: Numerics, a: Value, b: Value): Value {
  // A quotient of the smallest and the largest must stay normal.
  const limit = Math.max(a.range.tiny, 2 ** -40) / F32_TINY;
  return provable(ctx, 'Div', a, magnitude(b.range) > limit ? clamped(ctx, b) : b);
}

/** 1 where the condition holds, else 0. */
export function mask(ctx: Numerics, condition: Value): Value {
  return ctx.builder.add('Cast', [condition], { to: 'f32' });
}

/** Grid that a sum's terms are put on when they are too fine to be added. */
const SUM_GRID = -100;

/** Sum along one axis in the order of a fixed tree; terms finer than any normal number are coarsened first. */
export function total(ctx: Numerics, x: Value, axis: number, keepdims: boolean, method?: SumMethod): Value {
  // What a proof cannot bound any better is cut off far beyond any value that matters.
  const inside = magnitude(x.range) * x.shape[axis]! > F32_MAX ? clamped(ctx, x) : x;
  return sumOver(
    ctx,
    inside.range.quantum < F32_TINY ? onGrid(ctx, inside, SUM_GRID) : inside,
    axis,
    keepdims,
    method,
  );
}
