/** Constants, bounds and choices as canonical operators. */
import type { Value } from '@gensyn/ir';
import { atLeast, atMost, isFloat, mask, unsignedZero } from './arithmetic.js';
import type { Lowering } from './canonical.js';
import type { LoweringContext } from './context.js';

function bounds(tensor: { readonly attributes: object }): { lo: number; hi: number } {
  return tensor.attributes as { lo: number; hi: number };
}

/** Not atLeast and atMost alone, which the float graph leaves out: these bounds are meant, not ones for the proof. */
function bounded(ctx: LoweringContext, x: Value, lo: number, hi: number): Value {
  if (!isFloat(ctx)) {
    const low = lo === -Infinity ? x : atLeast(ctx, x, lo);
    return hi === Infinity ? low : atMost(ctx, low, hi);
  }
  const low = lo === -Infinity ? x : ctx.builder.add('Max', [x, ctx.builder.scalar(lo)]);
  return hi === Infinity ? low : ctx.builder.add('Min', [low, ctx.builder.scalar(hi)]);
}

/** Whether every element of a mask is known to be of one kind is left to the device: Where is exact for any. */
function chosen(ctx: LoweringContext, [condition, a, b]: readonly Value[]): Value {
  return ctx.builder.add('Where', [condition!, unsignedZero(ctx, a!), unsignedZero(ctx, b!)]);
}

function extreme(op: 'Max' | 'Min'): Lowering {
  return (ctx, [a, b]) => ctx.builder.add(op, [unsignedZero(ctx, a!), unsignedZero(ctx, b!)]);
}

export const SELECTION: Readonly<Record<string, Lowering>> = {
  array(ctx, _inputs, tensor) {
    const data = tensor.attributes['data'] as Float32Array | Int32Array | Uint8Array;
    return ctx.builder.constant(data, tensor.shape);
  },
  clip: (ctx, [x], tensor) => bounded(ctx, x!, bounds(tensor).lo, bounds(tensor).hi),
  inside(ctx, [x], tensor) {
    const { lo, hi } = bounds(tensor);
    const { builder } = ctx;
    const above = lo === -Infinity ? undefined : builder.add('Less', [builder.scalar(lo), x!]);
    const below = hi === Infinity ? undefined : builder.add('Less', [x!, builder.scalar(hi)]);
    const both = above && below ? builder.add('And', [above, below]) : (above ?? below);
    return both ? mask(ctx, both) : builder.add('Expand', [builder.scalar(1)], { shape: x!.shape });
  },
  select: (ctx, inputs) => chosen(ctx, inputs),
  maximum: extreme('Max'),
  minimum: extreme('Min'),
};
